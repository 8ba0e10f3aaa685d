"""Counts per policy: accuracy with Wilson intervals, region recall, vision tokens."""

import math
from dataclasses import dataclass

from .protocol import Box

_TOLERANCE = 0.01  # of the picture's side, by which evidence may stick out of a region


@dataclass
class Record:
    """One item under one policy. `error` is set when the run failed, which counts as wrong."""

    id: str
    category: str
    label: str
    answer: str | None
    correct: bool
    vision_tokens: int | None
    full_tokens: int | None  # None where the picture could not be read
    recalled: bool | None  # None where the item has no boxes or the policy cut no region
    region_area: float | None  # fraction of the picture
    fallback: bool
    regions: list[Box]
    repairs: list[str]
    texts: list[str]
    seconds: float
    error: str | None = None


def wilson(hits: int, n: int, z: float = 1.959964) -> list[float] | None:
    """95 % interval of a proportion (Wilson 1927); None for no items."""
    if n == 0:
        return None
    p, zz = hits / n, z * z
    centre, spread = p + zz / (2 * n), z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return [
        round(max(0.0, (centre - spread) / (1 + zz / n)), 4),
        round(min(1.0, (centre + spread) / (1 + zz / n)), 4),
    ]


def contains(regions: list[Box], boxes: list[Box], width: int, height: int) -> bool:
    """Every evidence box lies in one of the regions, but for 1 % of the picture's sides."""
    dx, dy = _TOLERANCE * width, _TOLERANCE * height
    return all(
        any(
            r[0] <= b[0] + dx and r[1] <= b[1] + dy and r[2] >= b[2] - dx and r[3] >= b[3] - dy
            for r in regions
        )
        for b in boxes
    )


def area_fraction(regions: list[Box], width: int, height: int) -> float:
    """Sum of the regions' areas over the picture's."""
    return sum((x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in regions) / (width * height)


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _accuracy(records: list[Record]) -> dict:
    hits = sum(r.correct for r in records)
    recalled = [float(r.recalled) for r in records if r.recalled is not None]
    return {"n": len(records), "accuracy": _mean([float(r.correct) for r in records]), "ci95": wilson(hits, len(records)),
            "region_recall": _mean(recalled)}  # fmt: skip


def summarise(records: list[Record]) -> dict:
    """The summary of one policy; `rtr` averages each item's tokens over those of its full-resolution pass."""
    recalled = [r.recalled for r in records if r.recalled is not None]
    tokens = [r for r in records if r.vision_tokens is not None]
    categories = sorted({r.category for r in records})
    return {
        **_accuracy(records),
        "region_recall_ci95": wilson(sum(recalled), len(recalled)),
        "region_area": _mean([r.region_area for r in records if r.region_area is not None]),
        "vision_tokens_mean": _mean([r.vision_tokens for r in tokens]),
        "rtr": _mean([r.vision_tokens / r.full_tokens for r in tokens]),
        "failed": sum(r.error is not None for r in records),
        "fallback_regions": sum(r.fallback for r in records),
        "seconds_mean": _mean([r.seconds for r in records]),
        "by_category": {c: _accuracy([r for r in records if r.category == c]) for c in categories},
    }
