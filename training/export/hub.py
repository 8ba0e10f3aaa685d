"""A model folder as the repositories of the hub have it: graphs and the checkpoint's own files, no manifest."""

import shutil
from pathlib import Path

from .checkpoint import Checkpoint
from .folder import external_parts, read_json, write_json
from .graphs import RECIPES, browser_dtype, write_graphs
from .layout import OURS, Layout
from .spec import ModelSpec

# What may lie beside the weights; a repository has some of them.
SMALL_FILES = ("generation_config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json",
               "tokenizer_config.json", "chat_template.json", "chat_template.jinja")  # fmt: skip


def write_hub(
    checkpoint_dir: Path, out: Path, spec: ModelSpec, dtypes: list[str], layout: Layout = OURS
) -> dict[str, dict[str, str]]:
    """Writes `out` and returns {dtype: {session: path}}."""
    out.mkdir(parents=True, exist_ok=True)
    written = write_graphs(out, spec, Checkpoint(checkpoint_dir), dtypes, layout, twins=False)
    for name in SMALL_FILES:
        if (checkpoint_dir / name).exists():
            shutil.copyfile(checkpoint_dir / name, out / name)
    settings = {"dtype": browser_dtype(written)}
    if parts := external_parts(written):
        settings["use_external_data_format"] = parts
    if half := [d for d in written if RECIPES[d].half]:
        settings["kv_cache_dtype"] = dict.fromkeys(half, "float16")
    config = {**read_json(checkpoint_dir / "config.json"), "transformers.js_config": settings}
    write_json(out / "config.json", config)
    return {dtype: entry["sessions"] for dtype, entry in written.items()}
