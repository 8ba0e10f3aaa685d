"""Runs exported ONNX files over a dataset in V* Bench layout and writes what each policy got right.

    training/.venv/bin/python -m training.evaluate MODEL_DIR DATASET_DIR --dtype q8 \
        --policies coarse-to-fine,full-resolution,coarse-only [--limit N] [--threads N] --json FILE

Progress goes to stderr. A run that raises counts as a wrong answer.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from PIL import Image, ImageDraw

from .runtime import protocol
from .runtime.dataset import Item, is_unfit, read_dataset
from .runtime.imaging import as_seen
from .runtime.policies import POLICIES, Outcome, full_tokens
from .runtime.scoring import Record, area_fraction, contains, summarise
from .runtime.vlm import OnnxVLM

Image.MAX_IMAGE_PIXELS = None  # benchmark pictures are large on purpose


class Pictures:
    """The last picture decoded: consecutive items that share one decode it once."""

    def __init__(self):
        self._path, self._image = None, None

    def open(self, path: Path) -> Image.Image:
        if path != self._path:
            with Image.open(path) as file:
                self._image = as_seen(file)
            self._path = path
        return self._image


def run_item(model: OnnxVLM, policy: str, item: Item, pictures: Pictures) -> Record:
    """One item under one policy, scored."""
    started = time.perf_counter()
    outcome, error, size, whole = None, None, (1, 1), None
    try:
        picture = pictures.open(item.image)
        size, whole = picture.size, full_tokens(model, picture)
        outcome = POLICIES[policy](model, picture, item.question, item.prompt)
    except Exception as failure:  # whatever went wrong, the item stays in the denominator
        error = f"{type(failure).__name__}: {failure}"
    outcome_or_empty = outcome or Outcome("", [], 0)
    regions = outcome_or_empty.regions
    recalled = None
    missed = outcome is None or outcome.fallback  # of a small picture all was seen
    if item.boxes and (regions or (policy == "coarse-to-fine" and missed)):
        recalled = bool(regions) and not outcome_or_empty.fallback and contains(regions, item.boxes, *size)
    return Record(
        id=item.id, category=item.category, label=item.label, answer=outcome.answer if outcome else None,
        correct=bool(outcome) and protocol.is_correct(outcome.answer, item.label, item.options),
        vision_tokens=outcome.vision_tokens if outcome else None, full_tokens=whole,
        recalled=recalled, region_area=area_fraction(regions, *size) if regions else None,
        fallback=outcome_or_empty.fallback, regions=regions, repairs=outcome_or_empty.repairs,
        texts=outcome_or_empty.texts, seconds=round(time.perf_counter() - started, 3), error=error,
    )  # fmt: skip


def save_failure(folder: Path, policy: str, item: Item, record: Record, picture: Image.Image) -> None:
    """A sheet with the picture (evidence green, region red), the first region and a line of text beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    small = picture.copy()
    small.thumbnail((900, 700))
    scale, draw = small.width / picture.width, ImageDraw.Draw(small)
    for colour, boxes in (("lime", item.boxes), ("red", record.regions)):
        for box in boxes:
            draw.rectangle([v * scale for v in box], outline=colour, width=3)
    sheet = Image.new("RGB", (small.width + 460, max(small.height, 460)), "white")
    sheet.paste(small, (0, 0))
    if record.regions:
        crop = picture.crop(tuple(record.regions[0]))
        crop.thumbnail((440, 440))
        sheet.paste(crop, (small.width + 10, 0))
    name = f"{policy}-{item.id}".replace("/", "_")
    sheet.save(folder / f"{name}.jpg", quality=85)
    note = {"prompt": item.prompt, **asdict(record)}
    (folder / f"{name}.json").write_text(
        json.dumps(note, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def comparability(model: OnnxVLM) -> dict:
    """The four facts without which two V* figures cannot be compared."""
    budgets, factor = model.manifest["budgets"], model.manifest["image"]["pixelsPerToken"]
    return {
        "pixel_cap": {name: tokens * factor * factor for name, tokens in budgets.items()},
        "options_shown_in_stage_1": False,
        "scoring": "options: the letter chosen, or the very text of an option; free answers: equal after trimming, case folding, final period",
        "failed_items": "count as wrong",
    }


def evaluate(model: OnnxVLM, items: list[Item], policies: list[str], failures: Path | None = None) -> dict:
    """Every policy on every item; returns {"summary": {policy: …}, "items": {policy: [record, …]}}."""
    records: dict[str, list[Record]] = {p: [] for p in policies}
    pictures, started = Pictures(), time.perf_counter()
    for number, item in enumerate(items, 1):
        for policy in policies:
            record = run_item(model, policy, item, pictures)
            records[policy].append(record)
            if failures and not record.correct and record.full_tokens:
                save_failure(failures, policy, item, record, pictures.open(item.image))
        scores = "  ".join(f"{p} {sum(r.correct for r in records[p])}/{number}" for p in policies)
        print(
            f"{number}/{len(items)}  {time.perf_counter() - started:.0f} s  {scores}",
            file=sys.stderr,
            flush=True,
        )
    return {"summary": {p: summarise(records[p]) for p in policies},
            "items": {p: [asdict(r) for r in records[p]] for p in policies}}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.split("\n\n")[0])
    parser.add_argument("model", type=Path, help="model folder written by training.export")
    parser.add_argument("dataset", type=Path, help="folder with test_questions.jsonl")
    parser.add_argument("--dtype", default="q8", help="fp32, fp16, q8, q4, q4f16 (default %(default)s)")
    parser.add_argument(
        "--policies", default="coarse-to-fine,full-resolution,coarse-only", help=f"of {','.join(POLICIES)}"
    )
    parser.add_argument("--limit", type=int, help="only the first N items")
    parser.add_argument("--threads", type=int, default=2, help="onnxruntime threads (default %(default)s)")
    parser.add_argument(
        "--unpacked", action="store_true", help="the graphs for wasm: the same numbers, decoding is several times faster"
    )  # fmt: skip
    parser.add_argument("--json", type=Path, required=True, help="file to write")
    parser.add_argument(
        "--save-failures", type=Path, help="folder for a picture and the texts of every wrong item"
    )
    args = parser.parse_args()
    if args.limit is not None and args.limit < 1:
        parser.error("--limit: at least 1")
    policies = [p.strip() for p in args.policies.split(",") if p.strip()]
    if unknown := set(policies) - set(POLICIES):
        parser.error(f"unknown policies {sorted(unknown)}; known are {list(POLICIES)}")
    model = OnnxVLM(args.model, args.dtype, args.threads, args.unpacked)
    read = read_dataset(args.dataset, args.limit)
    items = [item for item in read if not is_unfit(item)]
    refused = [f'{i.id}: the label "{i.label}" is none of the options' for i in read if is_unfit(i)]
    for one in refused:
        print(f"Not asked: {one}", file=sys.stderr)
    result = evaluate(model, items, policies, args.save_failures)
    report = {"model": model.manifest["id"], "dtype": args.dtype, "dataset": args.dataset.name,
              "refused": refused, "comparability": comparability(model), **result}  # fmt: skip
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for policy, s in result["summary"].items():
        low, high = s["ci95"] or (0, 0)
        print(
            f"{policy}: {s['accuracy']:.1%} ({low:.1%}-{high:.1%}) of {s['n']}, recall {s['region_recall']}, rtr {s['rtr']}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
