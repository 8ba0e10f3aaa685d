"""Export a run into the shipped folder, with its measured metrics, if it beats what is shipped.

    python -m training.runs.ship RUN_DIR SHIP_DIR [--force]

RUN_DIR holds a checkpoint and level1-q8.json, as training/runs/tiny.sh leaves them.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from ..export.convert import convert


def metrics(run: Path) -> dict:
    """{"level1": {policy: {...}}, ...} from the evaluation reports of a run."""
    found = {}
    for report in sorted(run.glob("level*-q8.json")):
        data = json.loads(report.read_text())
        keep = ("n", "accuracy", "ci95", "region_recall", "vision_tokens_mean", "rtr")
        found[report.stem.removesuffix("-q8")] = {
            policy: {key: row[key] for key in keep if key in row} for policy, row in data["summary"].items()
        }
    return found


def score(values: dict) -> float:
    return values.get("level1", {}).get("coarse-to-fine", {}).get("accuracy", -1.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("ship", type=Path)
    parser.add_argument("--force", action="store_true", help="ship even if it is not better")
    args = parser.parse_args()
    new, manifest = metrics(args.run), args.ship / "manifest.json"
    old = json.loads(manifest.read_text()).get("metrics", {}) if manifest.exists() else {}
    if score(new) <= score(old) and not args.force:
        print(f"kept the shipped weights: {score(old):.3f} against {score(new):.3f}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / args.ship.name
        convert(args.run, out, ["q8"], id=args.ship.name, name="ERGO tiny", licence="Apache-2.0",
                source="trained from nothing by training/runs/tiny.sh", metrics=new)  # fmt: skip
        shutil.rmtree(args.ship, ignore_errors=True)
        shutil.copytree(out, args.ship)
    print(f"shipped {args.ship}: {score(new):.3f} (before: {score(old):.3f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
