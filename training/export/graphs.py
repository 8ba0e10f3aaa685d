"""Which graph is written in which precision."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .checkpoint import Checkpoint
from .decoder import build_decoder
from .embed import build_embed
from .graph import Graph
from .layout import OURS, Layout
from .spec import ModelSpec
from .vision import build_vision
from .wasm import write_wasm

VISION, EMBED, DECODER = "vision_encoder", "embed_tokens", "decoder_model_merged"


@dataclass(frozen=True)
class Recipe:
    """Bits per graph (None: plain matrices), bits of the output head, and whether activations are float16."""

    suffix: str
    vision: int | None
    embed: int | None
    decoder: int | None
    head: int | None
    half: bool


# Suffixes are those transformers.js derives from its dtype names: its "q8" is the file suffix `_quantized`.
# Four bits cost vision and the output head most, so both stay at eight.
RECIPES = {
    "fp32": Recipe("", None, None, None, None, False),
    "fp16": Recipe("_fp16", None, None, None, None, True),
    "q8": Recipe("_quantized", 8, 8, 8, 8, False),
    "q4": Recipe("_q4", 8, 8, 4, 8, False),
    "q4f16": Recipe("_q4f16", 8, 8, 4, 8, True),
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write_graphs(
    out: Path, spec: ModelSpec, checkpoint: Checkpoint, dtypes: list[str], layout: Layout = OURS, twins: bool = True
) -> dict[str, dict]:  # fmt: skip
    """Writes every graph the dtypes need, each precision once: dtypes that agree on a graph share its file.

    `twins` writes the forms for wasm too. Returns the manifest's {dtype: {"sessions": {session: path}, "wasm": {session: path}, "files": [path, ...]}}.
    """
    written: dict[tuple, list[str]] = {}
    wasm_forms: dict[tuple, str] = {}
    inline = {"inline_bytes": 0} if layout.external else {}
    result = {}
    for dtype in [d for d in RECIPES if d in dtypes]:
        recipe = RECIPES[dtype]
        builds: dict[str, tuple[tuple, Callable[[Graph], None]]] = {
            VISION: ((recipe.vision,), lambda g, r=recipe: build_vision(g, spec, checkpoint, r.vision, layout)),
            EMBED: ((recipe.embed,), lambda g, r=recipe: build_embed(g, spec, checkpoint, r.embed, layout)),
            DECODER: ((recipe.decoder, recipe.head),
                      lambda g, r=recipe: build_decoder(g, spec, checkpoint, r.decoder, r.head, layout)),
        }  # fmt: skip
        sessions, wasm, files = {}, {}, []
        for session, (bits, build) in builds.items():
            key = (session, recipe.half, *bits)
            if key not in written:
                graph = Graph(out / "onnx" / f"{session}{recipe.suffix}.onnx", recipe.half, **inline)
                say(f"{dtype}: {graph.path.name}")
                build(graph)
                saved = graph.save()
                # What does not fit into one file does not fit into wasm's memory either, once it is unpacked.
                twin = write_wasm(saved[0]) if twins and len(saved) == 1 and not recipe.half else None
                if twin:
                    saved.append(twin)
                    wasm_forms[key] = twin.relative_to(out).as_posix()
                written[key] = [p.relative_to(out).as_posix() for p in saved]
            sessions[session] = written[key][0]
            if key in wasm_forms:
                wasm[session] = wasm_forms[key]
            files += written[key]
        result[dtype] = {"sessions": sessions, **({"wasm": wasm} if wasm else {}), "files": files}
    return result


def browser_dtype(dtypes: dict[str, dict]):
    """transformers.js' default: per session the dtype whose suffix the chosen files carry."""
    chosen = next(d for d in ("q8", "q4", "q4f16", "fp16", "fp32") if d in dtypes)
    by_suffix = sorted(((r.suffix, d) for d, r in RECIPES.items()), key=lambda pair: -len(pair[0]))
    return {
        session: next(d for suffix, d in by_suffix if Path(path).stem.endswith(session + suffix))
        for session, path in dtypes[chosen]["sessions"].items()
    }
