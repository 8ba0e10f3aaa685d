"""manifest.json: everything an engine must know about a model folder (schema 1). The app validates the same shape."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ..scenes.layout import COARSE_TOKENS, CROP_TOKENS, DEMAND_MARGIN, DEMAND_TOKENS
from .folder import write_json
from .spec import ModelSpec

SCHEMA, MAX_TOKENS, MIN_TOKENS = 1, 16384, 4


@dataclass(frozen=True)
class Profile:
    """What differs between our small model and a general one."""

    budgets: dict[str, int]
    # Least side in pixels of the coarse picture; margins on every side, a fraction of the box's own: of boxes, and of
    # crops that are asked for by name.
    region: dict[str, float]
    max_new_tokens: int
    licence: str
    description: str


TINY = Profile(
    {"coarse": COARSE_TOKENS, "crop": CROP_TOKENS, "demandCrop": DEMAND_TOKENS, "fullResolution": MAX_TOKENS},
    {"minSide": 48, "margin": 0.05, "demandMargin": DEMAND_MARGIN}, 96, "Apache-2.0",
    "Small vision-language model that looks twice; knows emoji scenes with printed tags, not the world.",
)  # fmt: skip
GENERAL = Profile(
    {"coarse": 640, "crop": 640, "fullResolution": MAX_TOKENS},
    {"minSide": 84, "margin": 0}, 1024, "see the checkpoint's own licence",
    "Qwen2.5-VL checkpoint converted for coarse-to-fine use.",
)  # fmt: skip


def file_entry(out: Path, path: Path) -> dict:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return {
        "path": path.relative_to(out).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": digest.hexdigest(),
    }


def write_manifest(
    out: Path, spec: ModelSpec, profile: Profile, *, id: str, name: str, prompts: dict, image: dict, dtypes: dict,
    parameters: int, source: str, licence: str | None, metrics: dict, golden: bool,
) -> None:  # fmt: skip
    """Lists and hashes everything in `out`. `dtypes` is {dtype: {"sessions": {...}, "files": [...]}}."""
    v = spec.vision
    paths = sorted(p for p in out.rglob("*") if p.is_file() and p.name != "manifest.json")
    write_json(
        out / "manifest.json",
        {
            "schema": SCHEMA, "id": id, "name": name, "family": "qwen2.5-vl", "description": profile.description,
            "licence": licence or profile.licence, "source": source,
            "architecture": {"vision": spec.raw["vision_config"], "text": _text(spec), "parameters": parameters},
            "image": {"patchSize": v.patch, "mergeSize": v.merge, "temporalPatchSize": v.temporal,
                      "pixelsPerToken": v.patch * v.merge, **image, "minTokens": MIN_TOKENS, "maxTokens": MAX_TOKENS},
            "coordinates": "absolute-coarse-pixels", "budgets": profile.budgets,
            "region": profile.region, "prompts": prompts, "stop": ["<|im_end|>", "<|endoftext|>"],
            "maxNewTokens": profile.max_new_tokens, "dtypes": dtypes, "files": [file_entry(out, p) for p in paths],
            "metrics": metrics, "golden": "golden/golden.json" if golden else None,
        },
    )  # fmt: skip


def _text(spec: ModelSpec) -> dict:
    """The text sizes under one set of names, whichever layout config.json had."""
    t = spec.text
    return {
        "vocab_size": t.vocab, "hidden_size": t.hidden, "num_hidden_layers": t.layers,
        "num_attention_heads": t.heads, "num_key_value_heads": t.kv_heads, "head_dim": t.head_dim,
        "intermediate_size": t.intermediate, "rms_norm_eps": t.eps, "rope_theta": t.rope_theta,
        "mrope_section": list(t.sections), "max_position_embeddings": t.max_positions,
        "tie_word_embeddings": t.tied,
    }  # fmt: skip
