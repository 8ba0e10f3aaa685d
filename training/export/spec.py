"""Sizes of a Qwen2.5-VL checkpoint, read from its config.json.

Three layouts are in circulation and all are accepted: text keys at the top level (the Hub's original files), in
`text_config` with `rope_scaling` (transformers 4.5x), in `text_config` with `rope_parameters` (transformers 5).
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class VisionSpec:
    depth: int
    hidden: int
    heads: int
    intermediate: int
    out_hidden: int
    patch: int
    merge: int
    temporal: int
    channels: int
    window: int  # side of an attention window, in merged tokens
    full_blocks: tuple[int, ...]
    shifted_blocks: tuple[int, ...]  # departure D1: these blocks' windows are shifted by half a window
    position_rows: int  # departure D2: rows of the table added after the merger, 0 when absent
    rope_theta: float

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads

    @property
    def patch_values(self) -> int:
        return self.channels * self.temporal * self.patch * self.patch


@dataclass(frozen=True)
class TextSpec:
    vocab: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    intermediate: int
    eps: float
    rope_theta: float
    sections: tuple[int, int, int]  # pairs of the head turned by the temporal, row and column position
    max_positions: int
    tied: bool

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads


@dataclass(frozen=True)
class ModelSpec:
    vision: VisionSpec
    text: TextSpec
    raw: dict  # config.json as it was

    @property
    def text_raw(self) -> dict:
        return self.raw.get("text_config") or self.raw


def read_spec(checkpoint: Path) -> ModelSpec:
    """Reads `checkpoint`/config.json. Raises ValueError for another architecture or an unsupported variant."""
    raw = json.loads((checkpoint / "config.json").read_text())
    if raw.get("model_type") != "qwen2_5_vl":
        raise ValueError(f"{checkpoint}: model_type is {raw.get('model_type')!r}, expected 'qwen2_5_vl'")
    vision, text = raw["vision_config"], raw.get("text_config") or raw
    if vision.get("hidden_act", "silu") != "silu" or text.get("hidden_act", "silu") != "silu":
        raise ValueError("only hidden_act 'silu' is supported")
    if text.get("use_sliding_window"):
        raise ValueError("sliding-window text attention is not supported")
    return ModelSpec(_vision(vision), _text(text, raw), raw)


def _vision(c: dict) -> VisionSpec:
    patch, merge = c.get("patch_size", 14), c.get("spatial_merge_size", 2)
    return VisionSpec(
        depth=c["depth"], hidden=c["hidden_size"], heads=c.get("num_heads", 16),
        intermediate=c["intermediate_size"], out_hidden=c["out_hidden_size"], patch=patch, merge=merge,
        temporal=c.get("temporal_patch_size", 2), channels=c.get("in_channels", c.get("in_chans", 3)),
        window=c.get("window_size", 112) // patch // merge,
        full_blocks=tuple(c.get("fullatt_block_indexes", (7, 15, 23, 31))),
        shifted_blocks=tuple(c.get("shifted_block_indexes") or ()),
        position_rows=(c.get("position_table") or {}).get("size", 0),
        rope_theta=float((c.get("rope_parameters") or {}).get("rope_theta", 10000.0)),
    )  # fmt: skip


def _text(c: dict, raw: dict) -> TextSpec:
    rope = {**(c.get("rope_scaling") or {}), **(c.get("rope_parameters") or {})}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind not in ("default", "mrope"):
        raise ValueError(f"text rope_type {kind!r} is not supported")
    heads = c["num_attention_heads"]
    sections = tuple(rope.get("mrope_section", (16, 24, 24)))
    if 2 * sum(sections) != c["hidden_size"] // heads:
        raise ValueError(f"mrope_section {sections} does not fill a head of {c['hidden_size'] // heads}")
    return TextSpec(
        vocab=c["vocab_size"], hidden=c["hidden_size"], layers=c["num_hidden_layers"], heads=heads,
        kv_heads=c.get("num_key_value_heads") or heads, intermediate=c["intermediate_size"],
        eps=c.get("rms_norm_eps", 1e-6),
        rope_theta=float(rope.get("rope_theta") or c.get("rope_theta") or 1000000.0),
        sections=sections, max_positions=c.get("max_position_embeddings", 32768),
        tied=bool(raw.get("tie_word_embeddings", False) or c.get("tie_word_embeddings", False)),
    )  # fmt: skip
