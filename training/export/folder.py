"""The small files beside the graphs, in the form transformers.js and our own engine read."""

import json
import shutil
from pathlib import Path

from .spec import ModelSpec

CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
# Top-level keys that describe the whole model; the rest of a flat config belongs to the text model.
_OUTER = {"architectures", "model_type", "vision_config", "text_config", "image_token_id", "video_token_id",
          "vision_start_token_id", "vision_end_token_id", "vision_token_id", "tie_word_embeddings", "torch_dtype",
          "dtype", "transformers_version", "transformers.js_config"}  # fmt: skip


def read_json(path: Path, default=None):
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default


def write_json(path: Path, data) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def external_parts(dtypes: dict[str, dict]) -> dict[str, int]:
    """Number of external data files by the name of their graph, for the graphs that have any."""
    parts = {Path(path).name: sum(f.startswith(path + "_data") for f in entry["files"])
             for entry in dtypes.values() for path in entry["sessions"].values()}  # fmt: skip
    return {name: count for name, count in parts.items() if count}


def write_config(
    out: Path, spec: ModelSpec, default_dtype, external: dict[str, int], half: list[str]
) -> None:
    """config.json with `text_config` nested (transformers.js looks for the cache sizes there).

    `external` maps file names to their number of external data files, `half` lists the dtypes with a float16 cache.
    """
    config = dict(spec.raw)
    if "text_config" not in config:
        inner = {k: v for k, v in config.items() if k not in _OUTER}
        config = {k: v for k, v in config.items() if k in _OUTER}
        config["text_config"] = {"model_type": "qwen2_5_vl_text", **inner}
    settings = {"dtype": default_dtype, "use_external_data_format": external}
    if half:
        settings["kv_cache_dtype"] = dict.fromkeys(half, "float16")
    config["transformers.js_config"] = settings
    write_json(out / "config.json", config)


def _chat_template(checkpoint: Path) -> str | None:
    jinja = checkpoint / "chat_template.jinja"
    if jinja.exists():
        return jinja.read_text(encoding="utf-8")
    return (read_json(checkpoint / "chat_template.json") or {}).get("chat_template")


def write_tokenizer(out: Path, checkpoint: Path) -> bool:
    """Copies the tokenizer, its chat template inlined (the browser reads it from nowhere else). False when absent."""
    if not (checkpoint / "tokenizer.json").exists():
        return False
    shutil.copyfile(checkpoint / "tokenizer.json", out / "tokenizer.json")
    config = read_json(checkpoint / "tokenizer_config.json", {})
    template = config.get("chat_template") or _chat_template(checkpoint)
    if template:
        config["chat_template"] = template
    config.setdefault("tokenizer_class", "Qwen2Tokenizer")
    write_json(out / "tokenizer_config.json", config)
    return True


def write_generation_config(out: Path, checkpoint: Path, spec: ModelSpec) -> None:
    found = read_json(checkpoint / "generation_config.json")
    if found is None:
        text = spec.text_raw
        found = {
            k: text[k] for k in ("bos_token_id", "eos_token_id", "pad_token_id") if text.get(k) is not None
        }
    write_json(out / "generation_config.json", found)


def write_preprocessor(out: Path, checkpoint: Path, spec: ModelSpec, max_tokens: int) -> dict:
    """preprocessor_config.json under the two class names transformers.js knows; returns {mean, std}."""
    found, v = read_json(checkpoint / "preprocessor_config.json", {}), spec.vision
    side = v.patch * v.merge
    config = {
        "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_mean": found.get("image_mean", CLIP_MEAN), "image_std": found.get("image_std", CLIP_STD),
        "rescale_factor": 1 / 255, "resample": 3, "patch_size": v.patch, "merge_size": v.merge,
        "temporal_patch_size": v.temporal, "min_pixels": 4 * side * side, "max_pixels": max_tokens * side * side,
        "size": {"shortest_edge": 4 * side * side, "longest_edge": max_tokens * side * side},
        "image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2_5_VLProcessor",
    }  # fmt: skip
    write_json(out / "preprocessor_config.json", config)
    return {"mean": config["image_mean"], "std": config["image_std"]}
