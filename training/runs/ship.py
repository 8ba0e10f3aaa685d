"""Export a run into the shipped folder, with its measured metrics, if it beats what is shipped.

    python -m training.runs.ship RUN_DIR SHIP_DIR [--force]

RUN_DIR holds a checkpoint and level1-q8.json, as training/runs/tiny.sh leaves them. The checkpoint goes to
training/checkpoints in half precision, so that a training can go on from what is shipped.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from safetensors.torch import load_file, save_file

from ..export.convert import convert
from .average import SAME, WEIGHTS

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"


def metrics(run: Path) -> dict:
    """{"level1": {policy: {...}}, ...} from the evaluation reports of a run."""
    found = {}
    for report in sorted(run.glob("level*-q8.json")):
        data = json.loads(report.read_text())
        keep = ("n", "accuracy", "ci95", "region_recall", "vision_tokens_mean", "rtr")
        found[report.stem.removesuffix("-q8")] = {"dataset": data["dataset"]} | {
            policy: {key: row[key] for key in keep if key in row} for policy, row in data["summary"].items()
        }
    return found


def score(values: dict) -> float:
    return values.get("level1", {}).get("coarse-to-fine", {}).get("accuracy", -1.0)


def same_items(new: dict, old: dict) -> bool:
    """Were both measured on equally many items of one dataset?"""

    def items(values: dict) -> tuple:
        level = values.get("level1", {})
        return level.get("dataset"), level.get("coarse-to-fine", {}).get("n")

    return items(new) == items(old)


def keep_checkpoint(run: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in SAME:
        shutil.copy(run / name, folder)
    for name in WEIGHTS:
        state = {key: value.half() for key, value in load_file(run / name).items()}
        save_file(state, folder / name, {"format": "pt"})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("ship", type=Path)
    parser.add_argument("--force", action="store_true", help="ship even if it is not better")
    args = parser.parse_args()
    new, manifest = metrics(args.run), args.ship / "manifest.json"
    old = json.loads(manifest.read_text()).get("metrics", {}) if manifest.exists() else {}
    if old and not same_items(new, old) and not args.force:
        print("kept the shipped weights: they were measured on other items; --force ships these all the same")
        return 0
    if score(new) <= score(old) and not args.force:
        print(f"kept the shipped weights: {score(old):.3f} against {score(new):.3f}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / args.ship.name
        convert(args.run, out, ["q8"], id=args.ship.name, name="ERGO tiny", licence="Apache-2.0",
                source="trained from nothing by training/, see docs/results/ergo-tiny.md", metrics=new)  # fmt: skip
        shutil.rmtree(args.ship, ignore_errors=True)
        shutil.copytree(out, args.ship)
    keep_checkpoint(args.run, CHECKPOINTS / args.ship.name)
    print(f"shipped {args.ship}: {score(new):.3f} (before: {score(old):.3f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
