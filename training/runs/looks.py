"""Greedy looks of several checkpoints at the same fresh bench scenes, in PyTorch: a table for comparing runs.

    python -m training.runs.looks --level 1 --seed 20401 --count 600 [--both] start=CHECKPOINT run=OUT ... --json FILE

Quicker than `training.evaluate` by batching and by drawing views straight from the scenes (full precision, no JPEG),
so its figures are for comparing checkpoints with each other. `--both` takes the second look too. Regions count as in
the evaluation; the paired column says how many questions one checkpoint gets that the first does not, and loses.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..batches import coarse_grid
from ..rewards import r_acc
from ..rollouts import BOTH, FIRST, Roller, Shown, area, columns
from ..runtime.scoring import contains, wilson
from ..scenes.dataset import make_item
from ..sft import fast_path, make_model
from ..views import look

MEGAPIXELS = (4.0, 16.0)


def draw(level: int, seed: int, index: int) -> Shown:
    """Item `index` of the benchmark's split, as a run shows it first."""
    scene, question = make_item("bench", level, seed, index, MEGAPIXELS)
    size = coarse_grid(scene.width / scene.height)
    return Shown(scene, look(scene, (0, 0, scene.width, scene.height), size, Image.LANCZOS), [question])


def grade(roller: Roller, shown: list[Shown]) -> list[dict]:
    """What a checkpoint does with pictures of one grid: kind, found (None without evidence), right, area."""
    rollouts = roller(shown, group=1, temperature=0)
    known = columns(shown, rollouts)
    right = r_acc([r.messages for r in rollouts], **known) if roller.looks == BOTH else [None] * len(rollouts)
    rows = []
    for r, boxes, size, correct in zip(rollouts, known["boxes"], known["picture"], right):
        found = bool(r.region) and contains([r.region], boxes, *size) if boxes else None
        rows.append({"kind": r.question.kind, "found": found, "right": correct, "area": area(shown, r)})
    return rows


def share(values: list) -> dict:
    """Share of the values that are known, with its interval."""
    known = [bool(v) for v in values if v is not None]
    return {"n": len(known), "share": round(float(np.mean(known)), 4) if known else None,
            "ci95": wilson(sum(known), len(known))}  # fmt: skip


def summary(rows: list[dict], first: list[dict]) -> dict:
    """Found, right and area over all questions and by kind, and what changed against the first checkpoint."""
    kinds = sorted({row["kind"] for row in rows})
    fields = [f for f in ("found", "right") if any(row[f] is not None for row in rows)]
    out = {"area": round(float(np.mean([row["area"] for row in rows])), 4)}
    for field in fields:
        pairs = [(bool(a[field]), bool(b[field])) for a, b in zip(first, rows) if b[field] is not None]
        out[field] = share([row[field] for row in rows]) | {
            "gained": sum(not a and b for a, b in pairs),
            "lost": sum(a and not b for a, b in pairs),
            "by_kind": {k: share([row[field] for row in rows if row["kind"] == k]) for k in kinds},
        }
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "runs",
        nargs="+",
        metavar="NAME=FOLDER",
        help="checkpoints; the first is what others are compared with",
    )
    parser.add_argument("--level", type=int, default=1)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--both", action="store_true", help="the second look too")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--json", type=Path, required=True, help="file to write; kept up to date while it runs"
    )
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_default_device(fast_path()[0])
    rollers = {}
    for text in args.runs:
        name, _, folder = text.partition("=")
        model, chat, _ = make_model(Path(folder))
        model.load(Path(folder))
        rollers[name] = Roller(model, chat, BOTH if args.both else FIRST)
    rows: dict[str, list[dict]] = {name: [] for name in rollers}
    for at in range(0, args.count, 50):
        drawn = [draw(args.level, args.seed, i) for i in range(at, min(at + 50, args.count))]
        by_grid: dict[tuple, list[Shown]] = {}
        for shown in drawn:
            by_grid.setdefault(shown.view.grid, []).append(shown)
        for shown in by_grid.values():
            for name, roller in rollers.items():
                rows[name] += grade(roller, shown)
        start = next(iter(rows.values()))
        report = {
            "level": args.level,
            "seed": args.seed,
            "runs": {n: summary(r, start) for n, r in rows.items()},
        }
        args.json.write_text(json.dumps(report, indent=1) + "\n")
        found = {n: r["found"]["share"] for n, r in report["runs"].items()}
        print(len(start), json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
