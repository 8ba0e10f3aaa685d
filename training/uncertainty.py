"""How large a region has to be, from what the model was unsure of: the rules that decision 12 compares. Pure.

Boxes are (x1, y1, x2, y2) in one frame. A written token is its text and its alternatives, likeliest first and itself
among them: [(text, natural logarithm of the probability)].
"""

import math
from collections.abc import Sequence

from .runtime.boxes import Box

Written = tuple[str, Sequence[tuple[str, float]]]
SAME, NEAR = 0.5, 0.2  # intersection over union: the same place; one that the hull may take in


def edge_spreads(tokens: Sequence[Written]) -> list[float] | None:
    """Standard deviation of each of the four numbers behind <zoom> about what was written, from the probabilities of
    their digits, each digit by itself. None where there are not four numbers of single digits."""
    texts = [text for text, _ in tokens]
    if "<zoom>" not in texts:
        return None
    numbers: list[list[Written]] = [[]]
    for token in tokens[texts.index("<zoom>") + 1 :]:
        if token[0].isdecimal() and len(token[0]) == 1:
            numbers[-1].append(token)
        elif numbers[-1]:
            numbers.append([])
    whole = [number for number in numbers if number]
    return [_spread(number) for number in whole] if len(whole) == 4 else None


def _spread(digits: list[Written]) -> float:
    variance = 0.0
    for place, (text, alternatives) in enumerate(reversed(digits)):
        weights = {int(t): math.exp(p) for t, p in alternatives if t.isdecimal() and len(t) == 1}
        off = sum(w * (digit - int(text)) ** 2 for digit, w in weights.items()) / sum(weights.values())
        variance += off * 100**place
    return math.sqrt(variance)


def grown(box: Box, spreads: Sequence[float], factor: float, most: float = math.inf) -> Box:
    """Each edge of an ordered box moved outwards by `factor` of its own spread, which counts up to `most`."""
    x1, y1, x2, y2 = (factor * min(s, most) for s in spreads)
    return box[0] - x1, box[1] - y1, box[2] + x2, box[3] + y2


def hull(boxes: Sequence[Box]) -> Box:
    x1, y1, x2, y2 = zip(*boxes, strict=True)
    return min(x1), min(y1), max(x2), max(y2)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, width) * max(0.0, height)
    union = _area(a) + _area(b) - both
    return both / union if union > 0 else 0.0


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def agreed(named: Box, sampled: Sequence[Box]) -> Box:
    """What holds the named box and all sampled ones that are near it."""
    return hull([named, *(box for box in sampled if overlap(named, box) > NEAR)])


def rival(named: Box, sampled: Sequence[Box]) -> tuple[int, int] | None:
    """Index of the sampled box away from the named one that most others are at (the first of equals), and how many
    they are with itself. None if all are near."""
    away = [i for i, box in enumerate(sampled) if overlap(named, box) <= NEAR]
    votes = {i: sum(overlap(sampled[i], sampled[j]) > SAME for j in away) for i in away}
    best = max(votes, key=lambda i: votes[i], default=None)
    return None if best is None else (best, max(1, votes[best]))
