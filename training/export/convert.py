"""Checkpoint folder -> model folder: graphs and the files around them."""

from pathlib import Path

from . import folder, manifest, prompts
from .checkpoint import Checkpoint
from .families import read_spec
from .graphs import RECIPES, browser_dtype, say, write_graphs
from .hub import write_hub


def convert(
    checkpoint_dir: Path, out: Path, dtypes: list[str], *, id: str | None = None, name: str | None = None,
    licence: str | None = None, source: str = "", metrics: dict | None = None, ergo_repo: Path | None = None,
    golden: bool = True,
) -> None:  # fmt: skip
    """Writes the whole model folder. `golden` needs a tokenizer in the checkpoint.

    Qwen2.5-VL gets a manifest, which is what carries ERGO's prompts. The other families get the layout of the hub's
    repositories, which the app reads by itself: everything but the checkpoint and the dtypes is then left aside.

    Raises ValueError for unsupported checkpoints or dtypes, KeyError for a missing tensor.
    """
    unknown = set(dtypes) - set(RECIPES)
    if unknown:
        raise ValueError(f"unknown dtypes {sorted(unknown)}; known are {list(RECIPES)}")
    spec, checkpoint = read_spec(checkpoint_dir), Checkpoint(checkpoint_dir)
    for pattern in ("onnx/*.onnx*", "golden/*"):  # an earlier export's would be taken for ours
        for old in out.glob(pattern):
            old.unlink()
    out.mkdir(parents=True, exist_ok=True)
    if spec.family != "qwen2.5-vl":
        write_hub(checkpoint_dir, out, spec, dtypes)
        return _done(out)
    tiny = spec.vision.position_rows > 0
    stages = (
        prompts.read_ergo_prompts(ergo_repo)
        if ergo_repo
        else prompts.our_models()
        if tiny
        else prompts.GENERIC
    )
    written = write_graphs(out, spec, checkpoint, dtypes)
    half = [d for d in written if RECIPES[d].half]
    folder.write_config(out, spec, browser_dtype(written), folder.external_parts(written), half)
    folder.write_generation_config(out, checkpoint_dir, spec)
    image = folder.write_preprocessor(out, checkpoint_dir, spec, manifest.MAX_TOKENS)
    has_tokenizer = folder.write_tokenizer(out, checkpoint_dir)
    if golden and not has_tokenizer:
        say("no tokenizer.json in the checkpoint: golden fixtures are left out")
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

        say("golden fixtures")
        write_golden(out)
        describe(True)
    _done(out)


def _done(out: Path) -> None:
    say(f"wrote {out}: {sum(p.stat().st_size for p in out.rglob('*') if p.is_file()) / 1e6:.1f} MB")
