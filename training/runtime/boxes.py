"""Every way in which a model writes the region that it wants to see. Twin of src/core/protocol/boxes.ts."""

import re
from dataclasses import dataclass

Box = tuple[float, float, float, float]  # x1, y1, x2, y2

_NUMBER = r"[\"']?([-+]?(?:\d+\.?\d*|\.\d+))[\"']?"
_COMMA = r"(?:\s*,\s*|\s+)"
_BETWEEN = r"(?:\s*,\s*|\s+|\s*[\])]\s*,?\s*[\[(]\s*)"  # between two points: "(1,2),(3,4)"
# A number at the very end may lack digits: text that was cut off there holds no box.
_END = r"(?:\s*[\])}<\"'\\]|\s+\Z)"
_FOUR = _NUMBER + _COMMA + _NUMBER + _BETWEEN + _NUMBER + _COMMA + _NUMBER + _END
_BRACKETED = re.compile(rf"[\[(]\s*{_FOUR}", re.ASCII)
_BARE = re.compile(rf"\s*{_FOUR}", re.ASCII)
# What stands behind `bbox_2d`, as far as it could be numbers.
_KEYED = re.compile(
    r"(?:bbox_2d\\?[\"']?\s*[:=]|<parameter=bbox_2d>)([\[\](){}\d\s,.+\-\"'\\]*)", re.IGNORECASE | re.ASCII
)
_MARKED = re.compile(r"(?:<\|box_start\|>|<box>)([^<]*<?)", re.IGNORECASE)


@dataclass(frozen=True)
class Boxes:
    """`box` is the region, not yet repaired; `count` the different boxes where it was written.

    `places` are those that stand for themselves: the first of each <zoom>, each `bbox_2d`, each marked one.
    """

    box: Box
    count: int
    places: tuple[Box, ...] = ()


def parse_boxes(text: str) -> Boxes | None:
    """The region in a reply.

    In order: the first box in or after <zoom>; after the thought, then anywhere: the union of all `bbox_2d`, the
    union of all marked boxes, the last box in brackets.
    """
    _, *tags = text.split("<zoom>")
    if found := _numbers(" ".join(tags)):
        places = _different([box for tag in tags for box in _numbers(tag)[:1]])
        return Boxes(found[0], len(set(found)), places or (found[0],))
    thought = text.rfind("</think>")
    return (_boxes(text[thought:]) if thought >= 0 else None) or _boxes(text)


def in_view(box: Box, convention: str, width: float, height: float) -> Box | None:
    """Corners of a family's convention in pixels of the view; None where they are written in other units."""
    largest = max(abs(v) for v in box)
    if largest > 1.5 if convention == "relative-1" else largest <= 1:
        return None
    unit = {"absolute-coarse-pixels": None, "relative-1000": 1000, "relative-1": 1}[convention]
    if unit is None:
        return box
    x1, y1, x2, y2 = box
    return x1 * width / unit, y1 * height / unit, x2 * width / unit, y2 * height / unit


def _boxes(text: str) -> Boxes | None:
    keyed = [
        box
        for found in _KEYED.finditer(text)
        # Behind the value stands what is no number, unless the text was cut off in it.
        for box in _numbers(found.group(1) + ("]" if found.end() < len(text) else ""))
    ]
    marked = [box for found in _MARKED.finditer(text) for box in _numbers(found.group(1))]
    if union := keyed or marked:
        return Boxes(_union(union), len(set(union)), _different(union))
    plain = _floats(_BRACKETED.findall(text))
    return Boxes(plain[-1], len(set(plain)), (plain[-1],)) if plain else None


def _different(boxes: list[Box]) -> tuple[Box, ...]:
    return tuple(dict.fromkeys(boxes))


def _numbers(text: str) -> list[Box]:
    """All boxes in brackets, or one that begins at once without any."""
    bare = _BARE.match(text)
    return _floats(([bare.groups()] if bare else []) + _BRACKETED.findall(text))


def _floats(found: list[tuple[str, ...]]) -> list[Box]:
    return [tuple(float(v) for v in box) for box in found]


def _union(boxes: list[Box]) -> Box:
    """One box stays as it was written, inverted or not."""
    if len(set(boxes)) == 1:
        return boxes[0]
    xs = [x for b in boxes for x in b[::2]]
    ys = [y for b in boxes for y in b[1::2]]
    return min(xs), min(ys), max(xs), max(ys)
