"""config.json of the four families -> ModelSpec.

Three layouts are in circulation and all are accepted: text keys at the top level (Qwen2-VL's and Qwen2.5-VL's
original files), in `text_config` with `rope_scaling` (transformers 4.5x), in `text_config` with `rope_parameters`
(transformers 5). Another family is one function here and, where its blocks differ, a builder.
"""

import json
from pathlib import Path

from .spec import LinearSpec, ModelSpec, TextSpec, VisionSpec


def read_spec(checkpoint: Path) -> ModelSpec:
    """Reads `checkpoint`/config.json. Raises ValueError for another architecture or an unsupported variant."""
    raw = json.loads((checkpoint / "config.json").read_text())
    kind = raw.get("model_type")
    if kind not in _FAMILIES:
        raise ValueError(f"{checkpoint}: model_type is {kind!r}, expected one of {', '.join(_FAMILIES)}")
    family, read_vision, read_text = _FAMILIES[kind]
    text = raw.get("text_config") or raw
    if text.get("hidden_act", "silu") != "silu":
        raise ValueError("only hidden_act 'silu' is supported in the language model")
    if text.get("use_sliding_window"):
        raise ValueError("sliding-window text attention is not supported")
    return ModelSpec(family, read_vision(raw["vision_config"]), read_text(text, raw), raw)


def _sizes(c: dict) -> dict:
    """What all vision towers have."""
    return dict(
        depth=c["depth"], heads=c.get("num_heads", 16), merge=c.get("spatial_merge_size", 2),
        temporal=c.get("temporal_patch_size", 2), channels=c.get("in_channels", c.get("in_chans", 3)),
        rope_theta=float((c.get("rope_parameters") or {}).get("rope_theta", 10000.0)),
    )  # fmt: skip


def _qwen2_vision(c: dict) -> VisionSpec:
    return VisionSpec(
        hidden=c["embed_dim"], intermediate=int(c["embed_dim"] * c.get("mlp_ratio", 4)), out_hidden=c["hidden_size"],
        patch=c.get("patch_size", 14), grid_input="grid_thw", activation=c.get("hidden_act", "quick_gelu"), **_sizes(c),
    )  # fmt: skip


def _qwen25_vision(c: dict) -> VisionSpec:
    if c.get("hidden_act", "silu") != "silu":
        raise ValueError("only hidden_act 'silu' is supported in this vision tower")
    patch, merge = c.get("patch_size", 14), c.get("spatial_merge_size", 2)
    return VisionSpec(
        hidden=c["hidden_size"], intermediate=c["intermediate_size"], out_hidden=c["out_hidden_size"], patch=patch,
        window=c.get("window_size", 112) // patch // merge,
        full_blocks=tuple(c.get("fullatt_block_indexes", (7, 15, 23, 31))),
        shifted_blocks=tuple(c.get("shifted_block_indexes") or ()),
        position_rows=(c.get("position_table") or {}).get("size", 0), **_sizes(c),
    )  # fmt: skip


def _qwen3_vision(c: dict) -> VisionSpec:
    return VisionSpec(
        hidden=c["hidden_size"], intermediate=c["intermediate_size"], out_hidden=c["out_hidden_size"],
        patch=c.get("patch_size", 16), activation=c.get("hidden_act", "gelu_pytorch_tanh"),
        position_side=int(c.get("num_position_embeddings", 2304) ** 0.5),
        deepstack=tuple(c.get("deepstack_visual_indexes") or ()), **_sizes(c),
    )  # fmt: skip


def _text(
    c: dict, raw: dict, *, sections: tuple[int, ...], theta: float, partial: float = 1.0, **conventions
) -> TextSpec:
    """`sections`, `theta` and `partial` are the family's defaults for what config.json leaves out."""
    rope = {**(c.get("rope_scaling") or {}), **(c.get("rope_parameters") or {})}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind not in ("default", "mrope"):
        raise ValueError(f"text rope_type {kind!r} is not supported")
    heads = c["num_attention_heads"]
    head_dim = c.get("head_dim") or c["hidden_size"] // heads
    rotary = int(head_dim * rope.get("partial_rotary_factor", c.get("partial_rotary_factor", partial)))
    sections = tuple(rope.get("mrope_section", sections))
    if 2 * sum(sections) != rotary:
        raise ValueError(f"mrope_section {sections} does not fill the {rotary} turning values of a head")
    return TextSpec(
        vocab=c["vocab_size"], hidden=c["hidden_size"], layers=c["num_hidden_layers"], heads=heads,
        kv_heads=c.get("num_key_value_heads") or heads, head_dim=head_dim, intermediate=c["intermediate_size"],
        eps=c.get("rms_norm_eps", 1e-6), rope_theta=float(rope.get("rope_theta") or c.get("rope_theta") or theta),
        rotary=rotary, sections=sections, max_positions=c.get("max_position_embeddings", 32768),
        tied=bool(raw.get("tie_word_embeddings", False) or c.get("tie_word_embeddings", False)), **conventions,
    )  # fmt: skip


def _qwen2_text(c: dict, raw: dict) -> TextSpec:
    return _text(c, raw, sections=(16, 24, 24), theta=1000000.0)


def _qwen3_text(c: dict, raw: dict) -> TextSpec:
    bias = bool(c.get("attention_bias", False))
    return _text(c, raw, sections=(24, 20, 20), theta=500000.0, interleaved=True, qkv_bias=bias, qk_norm=True)


def _qwen35_text(c: dict, raw: dict) -> TextSpec:
    every = c.get("full_attention_interval", 4)
    kinds = c.get("layer_types") or [
        "full_attention" if (i + 1) % every == 0 else "linear_attention"
        for i in range(c["num_hidden_layers"])
    ]
    linear = LinearSpec(
        c.get("linear_num_key_heads", 16), c.get("linear_num_value_heads", 32), c.get("linear_key_head_dim", 128),
        c.get("linear_value_head_dim", 128), c.get("linear_conv_kernel_dim", 4),
    )  # fmt: skip
    return _text(
        c, raw, sections=(11, 11, 10), theta=10000.0, partial=0.25, interleaved=True,
        qkv_bias=bool(c.get("attention_bias", False)), qk_norm=True, gated=True, norm_offset=1, linear=linear,
        linear_layers=frozenset(i for i, kind in enumerate(kinds) if kind == "linear_attention"),
    )  # fmt: skip


_FAMILIES = {
    "qwen2_vl": ("qwen2-vl", _qwen2_vision, _qwen2_text),
    "qwen2_5_vl": ("qwen2.5-vl", _qwen25_vision, _qwen2_text),
    "qwen3_vl": ("qwen3-vl", _qwen3_vision, _qwen3_text),
    "qwen3_5": ("qwen3.5", _qwen3_vision, _qwen35_text),
}
