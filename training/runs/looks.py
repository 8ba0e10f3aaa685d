"""Greedy looks of several checkpoints at the same fresh bench scenes, in PyTorch: a table for comparing runs.

    python -m training.runs.looks --level 1 --seed 20401 20402 --count 300 [--both] start=CHECKPOINT run=OUT ... --json FILE

Quicker than `training.evaluate` by batching and by drawing views straight from the scenes (full precision, no JPEG),
so its figures are for comparing checkpoints with each other. `--both` takes the second look too. Regions count as in
the evaluation; the paired columns say how many questions one checkpoint gets that the first does not, and loses.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..batches import coarse_grid
from ..model.model import Model
from ..rewards import r_acc
from ..rollouts import BOTH, FIRST, Roller, Shown, area, columns
from ..runtime.scoring import contains, wilson
from ..scenes.dataset import make_item
from ..sft import fast_path, make_model
from ..views import look

MEGAPIXELS = (4.0, 16.0)
AT_ONCE = 150  # scenes in memory


class Tower:
    """A vision tower that remembers: checkpoints that share it (reinforcement leaves it as it is) see alike."""

    def __init__(self, model: Model):
        self.model, self.seen = model, {}

    def serves(self, other: Model) -> bool:
        ours, theirs = self.model.visual.state_dict(), other.visual.state_dict()
        return all(torch.equal(value, theirs[name]) for name, value in ours.items())

    @torch.no_grad()
    def __call__(self, pictures: Tensor) -> Tensor:
        """Features [n, tokens, hidden] of pixels [n, 3, height, width]."""
        keys = [picture.cpu().numpy().tobytes() for picture in pictures]
        fresh = [i for i, key in enumerate(keys) if key not in self.seen]
        if fresh:
            features = self.model.visual(pictures[fresh])[2].flatten(1, 2)
            self.seen |= {keys[i]: seen for i, seen in zip(fresh, features)}
        return torch.stack([self.seen[key] for key in keys])


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


def table(runs: dict[str, dict]) -> str:
    """A line per checkpoint: how often its region holds the evidence and its answer is right, and what changed."""

    def cell(field: dict | None) -> str:
        if field is None:
            return "- | -"
        low, high = field["ci95"] or (0, 0)
        return f"{field['share']:.1%} ({low:.1%} to {high:.1%}) | +{field['gained']} -{field['lost']}"

    lines = ["| run | region holds the evidence | against the first | mean area | right | against the first |",
             "| --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for name, run in runs.items():
        lines.append(f"| {name} | {cell(run['found'])} | {run['area']:.1%} | {cell(run.get('right'))} |")
    return "\n".join(lines)


def by_kind(runs: dict[str, dict]) -> str:
    """A line per kind of question: of how many, each checkpoint's share, of answers or else of regions."""
    field = "right" if "right" in next(iter(runs.values())) else "found"
    kinds = {name: run[field]["by_kind"] for name, run in runs.items()}
    lines = [f"| kind, {field} | n | {' | '.join(runs)} |", "| --- " * (2 + len(runs)) + "|"]
    for kind, first in next(iter(kinds.values())).items():
        if first["n"]:
            shares = " | ".join(f"{of[kind]['share']:.1%}" for of in kinds.values())
            lines.append(f"| {kind} | {first['n']} | {shares} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "runs",
        nargs="+",
        metavar="NAME=FOLDER",
        help="checkpoints; the first is what others are compared with",
    )
    parser.add_argument("--level", type=int, default=1)
    parser.add_argument("--seed", type=int, nargs="+", required=True)
    parser.add_argument("--count", type=int, default=600, help="items of each seed (default %(default)s)")
    parser.add_argument("--both", action="store_true", help="the second look too")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--json", type=Path, required=True, help="file to write; kept up to date while it runs"
    )
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_default_device(fast_path()[0])
    rollers, towers = {}, []
    for text in args.runs:
        name, _, folder = text.partition("=")
        model, chat, _ = make_model(Path(folder))
        model.load(Path(folder))
        tower = next((t for t in towers if t.serves(model)), None)
        if tower is None:
            towers.append(tower := Tower(model))
        rollers[name] = Roller(model, chat, BOTH if args.both else FIRST, see=tower)
    rows: dict[str, list[dict]] = {name: [] for name in rollers}
    items = [(seed, index) for seed in args.seed for index in range(args.count)]
    for at in range(0, len(items), AT_ONCE):
        by_grid: dict[tuple, list[Shown]] = {}
        for item in items[at : at + AT_ONCE]:
            shown = draw(args.level, *item)
            by_grid.setdefault(shown.view.grid, []).append(shown)
        for alike in by_grid.values():
            for name, roller in rollers.items():
                rows[name] += grade(roller, alike)
            for tower in towers:
                tower.seen.clear()
        start = next(iter(rows.values()))
        report = {
            "level": args.level,
            "seeds": args.seed,
            "runs": {n: summary(r, start) for n, r in rows.items()},
        }
        args.json.write_text(json.dumps(report, indent=1) + "\n")
        print(f"{len(start)} of {len(items)}", flush=True)
    print(table(report["runs"]), by_kind(report["runs"]), sep="\n\n")


if __name__ == "__main__":
    main()
