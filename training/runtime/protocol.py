"""What a model says back: crop requests, answers; and the stated rule that makes a box (boxes.py) a usable region."""

import math
import re
from dataclasses import dataclass

from .boxes import Box

_CROPS = re.compile(r"GET_CROPS\s*:?\s*[\[(]?([^\])\n<]*)", re.IGNORECASE)

# AwaRes (arXiv 2603.16932): fractions of the picture's width and height.
CROPS: dict[str, Box] = {
    "0": (0, 0, 0.5, 0.5), "1": (0.5, 0, 1, 0.5), "2": (0, 0.5, 0.5, 1), "3": (0.5, 0.5, 1, 1),
    "4": (0.25, 0.25, 0.75, 0.75), "5": (0, 0, 1, 0.5), "6": (0, 0.5, 1, 1), "7": (0, 0, 0.5, 1),
    "8": (0.5, 0, 1, 1), "all": (0, 0, 1, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Region:
    """A box inside the picture and what had to be done to it: of 'inverted', 'clipped', 'grown'."""

    box: Box
    repairs: tuple[str, ...]


def repair_region(
    box: Box, width: float, height: float, min_side: float, margin: float = 0.0
) -> Region | None:
    """Orders the corners, clips to the picture, adds `margin` on every side (a fraction of the box's own), grows each
    side to `min_side` about its centre, shifts inside.

    None when the box lies outside the picture or holds no numbers. All in pixels of one frame; `min_side` is never
    more than the picture's side. src/core/geometry/region.ts is the same rule.
    """
    if not all(math.isfinite(v) for v in box):
        return None
    repairs = []
    x1, x2 = sorted((box[0], box[2]))
    y1, y2 = sorted((box[1], box[3]))
    if (x1, y1, x2, y2) != tuple(box):
        repairs.append("inverted")
    spans = [_clip(x1, x2, width), _clip(y1, y2, height)]
    if None in spans:
        return None
    if spans != [(x1, x2), (y1, y2)]:
        repairs.append("clipped")
    limits = (width, height)
    roomy = [
        _grow(*s, limit, (s[1] - s[0]) * (1 + 2 * margin)) for s, limit in zip(spans, limits, strict=True)
    ]
    grown = [_grow(*s, limit, min_side) for s, limit in zip(roomy, limits, strict=True)]
    if grown != roomy:
        repairs.append("grown")
    return Region((grown[0][0], grown[1][0], grown[0][1], grown[1][1]), tuple(repairs))


def asked_box(name: str, width: float, height: float, margin: float = 0.0) -> Box:
    """One of AwaRes' crops in pixels of a picture, a region like any other: with the margin, inside the picture."""
    x1, y1, x2, y2 = CROPS[name]
    return repair_region((x1 * width, y1 * height, x2 * width, y2 * height), width, height, 0, margin).box


def _clip(low: float, high: float, limit: float) -> tuple[float, float] | None:
    a, b = max(low, 0), min(high, limit)
    if a > b or a >= limit or (a == b and high > low):  # outside, or only touching the border
        return None
    return a, b


def _grow(low: float, high: float, limit: float, least: float) -> tuple[float, float]:
    if least <= high - low <= limit:
        return low, high
    side = min(max(high - low, least), limit)
    start = min(max((low + high) / 2 - side / 2, 0), limit - side)
    return start, start + side


def parse_crops(text: str) -> list[str] | None:
    """Names of the crops asked for (in order, once each), None when the text asks for none.

    `GET_CROPS: ['3']`, `GET_CROPS:["0","5"]`, `get_crops 0, 5` and `GET_CROPS: ['all']` are all understood.
    """
    found = _CROPS.search(text)
    if not found:
        return None
    names = [n.lower() for n in re.findall(r"all|\d+", found.group(1), re.IGNORECASE)]
    return list(dict.fromkeys(n for n in names if n in CROPS)) or None


def parse_answer(text: str) -> str:
    """The text between the last <answer> and its end; without tags, what follows the thought."""
    start = text.rfind("<answer>")
    if start >= 0:
        return text[start + len("<answer>") :].split("</answer>")[0].strip()
    return re.split(r"</?think>", text)[-1].strip()


def normalise(answer: str) -> str:
    """Trimmed, case-folded, inner white space single, a final period dropped."""
    text = " ".join(answer.casefold().split())
    return text[:-1].rstrip() if text.endswith(".") else text


def chosen_option(answer: str, options: list[str]) -> str | None:
    """The letter an answer stands for: 'B', '(B)', 'B.', 'B. red', '(B) red', 'B: red', or an option's very text."""
    text = answer.strip()
    letters = "".join(chr(ord("A") + i) for i in range(len(options)))
    if letters:
        # A bare letter must end there: "A cat" is no choice of A, "A. cat" is.
        found = re.match(rf"^(?:\(([{letters}{letters.lower()}])\)|([{letters}])(?=$|[\s]*[.:)\n]))", text)
        if found:
            return (found.group(1) or found.group(2)).upper()
        if len(text) == 1 and text.upper() in letters:
            return text.upper()
    matches = [
        letter
        for letter, option in zip(letters, options, strict=True)
        if normalise(option) == normalise(text)
    ]
    return matches[0] if len(matches) == 1 else None


def is_correct(answer: str, label: str, options: list[str]) -> bool:
    """Multiple choice: the chosen letter is the label's, a letter or an option's text. Free answers: equal."""
    if options:
        right = chosen_option(label, options)
        return right is not None and chosen_option(answer, options) == right
    return normalise(answer) == normalise(label)
