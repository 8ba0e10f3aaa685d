"""Asks about a scene and says what a good two-look answer is.

Every question carries the region of the original that answers it and the short reasoning for both looks, so
that the same record serves training (targets), the benchmark (labels, boxes) and the gallery.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from .layout import Box, Scene, SceneObject, centre, draw_code, union
from .vocabulary import COLOURS, LEVEL_CATEGORIES

READ, COLOUR, RELATION, EXISTS = "read_tag", "tag_colour", "relation", "exists"
LARGER, SAME, NEAREST, CORNER = "larger_number", "same_colour", "nearest", "corner"
KINDS = (READ, COLOUR, RELATION, EXISTS, LARGER, SAME, NEAREST, CORNER)
SIDE = 54.0  # coarse pixels: least side of a region
LATTICE = 5  # predicted boxes stand on a lattice of so many coarse pixels
WEIGHTS = (0.36, 0.12, 0.12, 0.08, 0.1, 0.08, 0.07, 0.07)
# What the coarse view cannot answer: the code itself.
NEEDS_CROP = (READ, LARGER)

PHRASES = {
    READ: ("What does the tag of the {x} say?", "Read the tag of the {x}.", "What is written on the tag of the {x}?",
           "Which code is on the tag next to the {x}?", "What is the code of the {x}?"),
    COLOUR: ("What colour is the tag of the {x}?", "Which colour has the tag next to the {x}?", "Name the colour of the {x}'s tag."),
    RELATION: ("Is the {x} {a} or {b} the {y}?", "Where is the {x} seen from the {y}: {a} or {b}?"),
    EXISTS: ("Is there {x} in the picture?", "Does the picture show {x}?", "Can you see {x}?"),
    LARGER: ("Which has the larger number on its tag, the {x} or the {y}?", "Whose tag shows the larger number: {x} or {y}?"),
    SAME: ("Do the tags of the {x} and the {y} have the same colour?", "Do the {x} and the {y} have tags of one colour?"),
    NEAREST: ("Which object is nearest to the {x}?", "What stands closest to the {x}?"),
    CORNER: ("Which object is closest to the {x} corner?", "What is in the {x} corner?"),
}  # fmt: skip
CORNERS = {"upper left": (0, 0), "upper right": (1, 0), "lower left": (0, 1), "lower right": (1, 1)}


@dataclass
class Question:
    kind: str
    text: str  # the question without its options
    answer: str  # the answer in words
    first_thought: str  # reasoning of the first look: where to look and why
    second_thought: str  # reasoning of the second look: what was read
    evidence: list[SceneObject] = field(default_factory=list)  # what the region has to contain
    options: list[str] = field(default_factory=list)  # in the order shown; empty for a free answer

    @property
    def label(self) -> str:
        """What is scored: the option's letter, or the answer itself."""
        return "ABCDEFGH"[self.options.index(self.answer)] if self.options else self.answer

    @property
    def prompt(self) -> str:
        """The question with its options, one a line."""
        lines = [f"({letter}) {option}" for letter, option in zip("ABCDEFGH", self.options)]
        return "\n".join([self.text, *lines])

    @property
    def boxes(self) -> list[Box]:
        """Ground-truth boxes: the tag where it is read or its colour seen, else the object with its tag."""
        if self.kind in (READ, COLOUR, LARGER, SAME):
            return [o.tag.box for o in self.evidence]
        return [o.box for o in self.evidence]


def zone(scene: Scene, item: SceneObject) -> str:
    """One of nine names for where an object is."""
    x, y = centre(item.box)
    column = ("left", "", "right")[min(2, int(3 * x / scene.width))]
    row = ("upper", "", "lower")[min(2, int(3 * y / scene.height))]
    if row and column:
        return f"in the {row} {column}"
    if row:
        return "at the top" if row == "upper" else "at the bottom"
    return f"at the {column}" if column else "in the centre"


def _some(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _where(scene: Scene, item: SceneObject, tag: bool) -> str:
    place = f"the {item.category} is {zone(scene, item)}"
    side = item.tag.side + (" of" if item.tag.side in ("left", "right") else "")
    return f"{place}, its tag is {side} it" if tag else place


def _options(rng, answer: str, others: list[str], count: int = 4) -> list[str]:
    pool = [o for o in dict.fromkeys(others) if o != answer]
    picked = [str(o) for o in rng.permutation(pool)[: count - 1]] + [answer]
    return [str(o) for o in rng.permutation(picked)]


def _both(scene: Scene, x: SceneObject, y: SceneObject) -> str:
    return f"{_where(scene, x, False)}, {_where(scene, y, False)}"


def _to_point(point: np.ndarray, item: SceneObject) -> float:
    return float(np.hypot(*(point - centre(item.box))))


def _distance(a: SceneObject, b: SceneObject) -> float:
    return _to_point(np.array(centre(a.box)), b)


def _clearly_first(objects: list[SceneObject], far) -> SceneObject | None:
    """The object with the least distance, or None where the first two are too close to call."""
    first, second = sorted(objects, key=far)[:2]
    return first if far(second) >= 1.3 * far(first) else None


# One function a kind: (scene, objects in random order, rng) -> (words of the phrase, question, wrong options),
# or None where the scene does not allow it. The question's text is filled in by `ask`.
def _read(scene, order, rng):
    x = order[0]
    q = Question(READ, "", x.tag.code, _where(scene, x, True), f"its tag reads {x.tag.code}", [x])
    fresh = [draw_code(rng, scene.split, len(x.tag.code)) for _ in range(3)]
    return {"x": x.category}, q, [o.tag.code for o in order[1:]] + fresh


def _colour(scene, order, rng):
    x = order[0]
    q = Question(COLOUR, "", x.tag.colour, _where(scene, x, True), f"its tag is {x.tag.colour}", [x])
    return {"x": x.category}, q, list(COLOURS)


def _relation(scene, order, rng):
    x, y = order[:2]
    (ax, ay), (bx, by) = centre(x.box), centre(y.box)
    dx, dy = abs(ax - bx) / scene.width, abs(ay - by) / scene.height
    if max(dx, dy) < 0.12:
        return None
    names = ("left of", "right of") if dx > dy else ("above", "below")
    says = names[0] if (ax < bx if dx > dy else ay < by) else names[1]
    q = Question(
        RELATION, "", says, _both(scene, x, y), f"the {x.category} is {says} the {y.category}", [x, y]
    )
    return {"x": x.category, "y": y.category, "a": names[0], "b": names[1]}, q, list(names)


def _exists(scene, order, rng):
    x = order[0]
    absent = [c for c in LEVEL_CATEGORIES[scene.level] if all(o.category != c for o in scene.objects)]
    if absent and rng.random() < 0.5:
        name = str(rng.choice(absent))
        q = Question(EXISTS, "", "no", f"there is no {name}", f"there is no {name}")
    else:
        name = x.category
        q = Question(EXISTS, "", "yes", _where(scene, x, False), f"there is {_some(name)}", [x])
    return {"x": _some(name)}, q, ["yes", "no"]


def _larger(scene, order, rng):
    numbers = [o for o in order if o.tag.code.isdigit()]
    pairs = [(a, b) for a in numbers for b in numbers
             if a is not b and len(a.tag.code) == len(b.tag.code) and a.tag.code != b.tag.code]  # fmt: skip
    if not pairs:
        return None

    def spread(pair) -> float:
        return max(union(pair[0].tag.box, pair[1].tag.box)[2:])

    x, y = min(pairs, key=spread)
    if spread((x, y)) > 0.3 * max(scene.width, scene.height):
        return None  # too far apart for one legible crop
    winner = x if int(x.tag.code) > int(y.tag.code) else y
    thought = f"the {x.category} has {x.tag.code}, the {y.category} has {y.tag.code}"
    q = Question(LARGER, "", winner.category, _both(scene, x, y), thought, [x, y])
    return {"x": x.category, "y": y.category}, q, [x.category, y.category]


def _same(scene, order, rng):
    x, y = order[:2]
    twins = [(a, b) for a in order for b in order if a is not b and a.tag.colour == b.tag.colour]
    if twins and rng.random() < 0.5:
        x, y = twins[0]
    answer = "yes" if x.tag.colour == y.tag.colour else "no"
    thought = f"the {x.category} has {x.tag.colour}, the {y.category} has {y.tag.colour}"
    return (
        {"x": x.category, "y": y.category},
        Question(SAME, "", answer, _both(scene, x, y), thought, [x, y]),
        ["yes", "no"],
    )


def _nearest(scene, order, rng):
    for x in order:
        y = _clearly_first([o for o in order if o is not x], partial(_distance, x))
        if y:
            first = f"{_where(scene, x, False)}, the {y.category} is nearest"
            q = Question(NEAREST, "", y.category, first, f"the {y.category} is nearest", [x, y])
            return {"x": x.category}, q, [o.category for o in order if o is not x]
    return None


def _corner(scene, order, rng):
    for name in rng.permutation(list(CORNERS)):
        corner = np.array(CORNERS[str(name)]) * (scene.width, scene.height)
        y = _clearly_first(order, partial(_to_point, corner))
        if y:
            q = Question(
                CORNER,
                "",
                y.category,
                f"the {y.category} is {zone(scene, y)}",
                f"it is the {y.category}",
                [y],
            )
            return {"x": str(name)}, q, [o.category for o in order]
    return None


MAKERS = {READ: _read, COLOUR: _colour, RELATION: _relation, EXISTS: _exists, LARGER: _larger, SAME: _same,
          NEAREST: _nearest, CORNER: _corner}  # fmt: skip


def ask(scene: Scene, kind: str, rng: np.random.Generator, choice: bool | None = None) -> Question | None:
    """One question of a kind about a scene, or None where the scene does not allow it.

    `choice`: multiple choice or free answer; None draws one.
    """
    if len(scene.objects) < 4:
        return None
    choice = bool(rng.random() < 0.4) if choice is None else choice
    phrase = str(rng.choice(PHRASES[kind]))
    made = MAKERS[kind](scene, [scene.objects[i] for i in rng.permutation(len(scene.objects))], rng)
    if made is None:
        return None
    words, question, others = made
    question.text = phrase.format(**words)
    if choice:
        question.options = _options(rng, question.answer, others)
    return question


def draw_question(scene: Scene, rng: np.random.Generator, kinds=KINDS, weights=WEIGHTS) -> Question:
    """One question of a random kind that the scene allows."""
    p = np.asarray(weights) / np.sum(weights)
    while True:
        question = ask(scene, str(rng.choice(kinds, p=p)), rng)
        if question:
            return question


def target_region(
    scene: Scene, question: Question, unit: float | tuple[float, float], jitter=None, least: float = SIDE
) -> Box:
    """The region the first look should predict, original pixels: in the coarse view a square around the evidence
    with a margin of a few pixels (more where nothing small has to be read), at least `least` pixels wide, shifted
    inside the picture.

    `unit` is original pixels per coarse pixel, one number or one for each side; `jitter` a generator that moves,
    grows and stretches the region by the error a trained first look makes. Without evidence (the object is not
    there) it is the whole picture.
    """
    if not question.evidence:
        return (0, 0, scene.width, scene.height)
    ux, uy = unit if isinstance(unit, tuple) else (unit, unit)
    x, y, w, h = union(*question.boxes)
    x, y, w, h = x / ux, y / uy, w / ux, h / uy
    side = max(max(w, h) + (16 if question.kind == LARGER else 28), least)
    cx, cy = x + w / 2, y + h / 2
    across = down = 1.0
    if jitter is not None:
        side *= jitter.uniform(1.0, 1.3)
        across, down = jitter.uniform(0.93, 1.1, 2)
        slack = (side - max(w, h)) / 2
        cx, cy = cx + jitter.uniform(-0.7, 0.7) * slack, cy + jitter.uniform(-0.7, 0.7) * slack
    columns, rows = scene.width / ux, scene.height / uy
    wide, high = min(side * across, columns), min(side * down, rows)
    return (
        min(max(0, cx - wide / 2), columns - wide) * ux,
        min(max(0, cy - high / 2), rows - high) * uy,
        wide * ux,
        high * uy,
    )
