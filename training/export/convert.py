"""Checkpoint folder -> model folder: which graph in which precision, and the files around them."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import folder, manifest, prompts
from .checkpoint import Checkpoint
from .decoder import build_decoder
from .embed import build_embed
from .families import read_spec
from .graph import Graph
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


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write_graphs(out: Path, spec: ModelSpec, checkpoint: Checkpoint, dtypes: list[str]) -> dict[str, dict]:
    """Writes every graph the dtypes need, each precision once: dtypes that agree on a graph share its file.

    Returns the manifest's {dtype: {"sessions": {session: path}, "wasm": {session: path}, "files": [path, ...]}}.
    """
    written: dict[tuple, list[str]] = {}
    twins: dict[tuple, str] = {}
    result = {}
    for dtype in [d for d in RECIPES if d in dtypes]:
        recipe = RECIPES[dtype]
        builds: dict[str, tuple[tuple, Callable[[Graph], None]]] = {
            VISION: ((recipe.vision,), lambda g, r=recipe: build_vision(g, spec, checkpoint, r.vision)),
            EMBED: ((recipe.embed,), lambda g, r=recipe: build_embed(g, spec, checkpoint, r.embed)),
            DECODER: ((recipe.decoder, recipe.head),
                      lambda g, r=recipe: build_decoder(g, spec, checkpoint, r.decoder, r.head)),
        }  # fmt: skip
        sessions, wasm, files = {}, {}, []
        for session, (bits, build) in builds.items():
            key = (session, recipe.half, *bits)
            if key not in written:
                graph = Graph(out / "onnx" / f"{session}{recipe.suffix}.onnx", recipe.half)
                _say(f"{dtype}: {graph.path.name}")
                build(graph)
                saved = graph.save()
                # What does not fit into one file does not fit into wasm's memory either, once it is unpacked.
                twin = write_wasm(saved[0]) if len(saved) == 1 and not recipe.half else None
                if twin:
                    saved.append(twin)
                    twins[key] = twin.relative_to(out).as_posix()
                written[key] = [p.relative_to(out).as_posix() for p in saved]
            sessions[session] = written[key][0]
            if key in twins:
                wasm[session] = twins[key]
            files += written[key]
        result[dtype] = {"sessions": sessions, **({"wasm": wasm} if wasm else {}), "files": files}
    return result


def _browser_dtype(dtypes: dict[str, dict]):
    """transformers.js' default: per session the dtype whose suffix the chosen files carry."""
    chosen = next(d for d in ("q8", "q4", "q4f16", "fp16", "fp32") if d in dtypes)
    by_suffix = sorted(((r.suffix, d) for d, r in RECIPES.items()), key=lambda pair: -len(pair[0]))
    return {
        session: next(d for suffix, d in by_suffix if Path(path).stem.endswith(session + suffix))
        for session, path in dtypes[chosen]["sessions"].items()
    }


def convert(
    checkpoint_dir: Path, out: Path, dtypes: list[str], *, id: str | None = None, name: str | None = None,
    licence: str | None = None, source: str = "", metrics: dict | None = None, ergo_repo: Path | None = None,
    golden: bool = True,
) -> None:  # fmt: skip
    """Writes the whole model folder. `golden` needs a tokenizer in the checkpoint.

    Raises ValueError for unsupported checkpoints or dtypes, KeyError for a missing tensor.
    """
    unknown = set(dtypes) - set(RECIPES)
    if unknown:
        raise ValueError(f"unknown dtypes {sorted(unknown)}; known are {list(RECIPES)}")
    spec, checkpoint = read_spec(checkpoint_dir), Checkpoint(checkpoint_dir)
    tiny = spec.vision.position_rows > 0
    stages = (
        prompts.read_ergo_prompts(ergo_repo)
        if ergo_repo
        else prompts.our_models()
        if tiny
        else prompts.GENERIC
    )
    out.mkdir(parents=True, exist_ok=True)
    for old in [
        *out.glob("onnx/*.onnx*"),
        *out.glob("golden/*"),
    ]:  # an earlier export's would be listed as ours
        old.unlink()
    written = write_graphs(out, spec, checkpoint, dtypes)
    external = {Path(d["sessions"][s]).name: sum(f.startswith(d["sessions"][s] + "_data") for f in d["files"])
                for d in written.values() for s in d["sessions"]}  # fmt: skip
    external = {k: n for k, n in external.items() if n}
    folder.write_config(out, spec, _browser_dtype(written), external, [d for d in written if RECIPES[d].half])
    folder.write_generation_config(out, checkpoint_dir, spec)
    image = folder.write_preprocessor(out, checkpoint_dir, spec, manifest.MAX_TOKENS)
    has_tokenizer = folder.write_tokenizer(out, checkpoint_dir)
    if golden and not has_tokenizer:
        _say("no tokenizer.json in the checkpoint: golden fixtures are left out")
    golden = golden and has_tokenizer
    id = id or out.resolve().name

    def describe(with_golden: bool) -> None:
        manifest.write_manifest(
            out, spec, manifest.TINY if tiny else manifest.GENERAL, id=id, name=name or id, prompts=stages,
            image=image, dtypes=written, parameters=checkpoint.count(), source=source, licence=licence,
            metrics=metrics or {}, golden=with_golden,
        )  # fmt: skip

    describe(False)
    if golden:
        from .golden import write_golden

        _say("golden fixtures")
        write_golden(out)
        describe(True)
    _say(f"wrote {out}: {sum(p.stat().st_size for p in out.rglob('*') if p.is_file()) / 1e6:.1f} MB")
