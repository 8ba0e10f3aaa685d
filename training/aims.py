"""What attention and states are taught: where the attention of a branch should fall, position by position.

A word finds what it names, the digits of a box ask the word where that was, a character of a code finds its letter.
"""

import math
from typing import NamedTuple

import numpy as np

from .chat import Branch, Chat
from .model.config import TOKEN
from .scenes.layout import COARSE_TOKENS, Box, SceneObject, centre, union
from .scenes.questions import COLOUR, CORNER, CORNERS, LARGER, NEAREST, READ, SAME, Question
from .scenes.vocabulary import NAMES
from .views import LEGIBLE, View

NOUN_LAYER, ZOOM_LAYER, READ_LAYER, CHECK_LAYER = 1, 2, 3, 4  # layers whose head 0 is taught to point


class Aim(NamedTuple):
    """What the attention of one layer at one position of a branch should fall on, and what the state there should tell.
    Neither cells nor positions: the very first token, where attention goes that finds nothing."""

    layer: int
    at: int
    cells: np.ndarray | None = None  # mask of the prefix's picture
    positions: list[int] | None = None  # of the branch
    place: list[float] | None = None
    written: int = -1  # letters of a code that stand there when the next is looked for; -1: no code


def find(ids: list[int], part: list[int], start: int, stop: int) -> int:
    """Position of `part` in ids[start:stop], or -1."""
    return next((i for i in range(start, stop - len(part) + 1) if ids[i : i + len(part)] == part), -1)


class Aims:
    def __init__(self, chat: Chat, unnamed: bool = True):
        """`unnamed`: teach attention where to go before it names what a question only describes."""
        self.chat, self.unnamed = chat, unnamed
        self.nouns = {chat.encode(" " + name)[0]: name for name in NAMES}

    def __call__(self, branch: Branch, question: Question, prefix: View, crop: View | None) -> list[Aim]:
        """Of one branch that continues a picture's `prefix` and may hold a crop of it."""
        rows, nouns = [], []

        def place(first: Box, second: Box, view: View = prefix) -> list[float] | None:
            """Centres of two boxes in a view, in tokens from its corner. At native size they would be far from
            what the same heads tell of a coarse view."""
            if max(view.grid) > 2 * math.isqrt(COARSE_TOKENS):
                return None
            return [v / TOKEN for box in (first, second) for v in centre(view.place(box))]

        def shown(item: SceneObject, t: int) -> Aim:
            """A word finds what it names: in the crop once that is there, and shows it, else in the picture."""
            found = crop.cells(item.box) if crop and t > branch.crop[0] else np.zeros(0, bool)
            if not found.any():
                return Aim(NOUN_LAYER, t, prefix.cells(item.box), place=place(item.box, item.tag.box))
            at = list(branch.crop[0] + np.flatnonzero(found))
            return Aim(NOUN_LAYER, t, None, at, place(item.box, item.tag.box, crop))

        by_name = {o.category: o for o in prefix.scene.objects}
        for t, token in enumerate(branch.ids):
            item = by_name.get(self.nouns.get(token, ""))
            if item:
                rows.append(shown(item, t))
                if item in question.evidence and t < branch.zoom[0]:
                    nouns.append(t)
            elif token in self.nouns:
                rows.append(Aim(NOUN_LAYER, t))
        rows += self._unnamed(branch, question, prefix, place)
        if nouns:  # the digits of the box, or the name of a crop, ask the word where that was
            around = union(*question.boxes)
            told = place(around, around)
            rows += [Aim(ZOOM_LAYER, t - 1, None, nouns, told) for t in range(*branch.zoom)]
        if question.evidence and question.kind in (READ, COLOUR):
            seen = np.any([prefix.cells(b, shrink=0.05) for b in question.boxes], 0)
            rows += [Aim(CHECK_LAYER, t - 1, seen) for t in range(*branch.zoom)]
        view = crop or prefix

        def cells(box: Box, shrink: float):
            found = view.cells(box, shrink=shrink)
            return (found, None) if crop is None else (None, list(branch.crop[0] + np.flatnonzero(found)))

        for item in question.evidence:
            if question.kind in (READ, LARGER) and view.place(item.tag.letters[0])[3] >= LEGIBLE:
                at = find(branch.ids, self.chat.encode(item.tag.code), *branch.thought)
                letters = list(enumerate(item.tag.letters)) if at >= 0 else []
                rows += [Aim(READ_LAYER, at + i - 1, *cells(box, 0.1), written=i) for i, box in letters]
                if letters:  # after the last there is none to be found
                    rows.append(Aim(READ_LAYER, at + len(letters) - 1, written=len(letters)))
            elif question.kind in (COLOUR, SAME):
                at = find(branch.ids, self.chat.encode(" " + item.tag.colour), *branch.thought)
                if at >= 0:
                    rows.append(Aim(READ_LAYER, at - 1, *cells(item.tag.box, 0.05)))
        return rows

    def _unnamed(self, branch: Branch, question: Question, prefix: View, place) -> list[Aim]:
        """Pointers of what a question asks for without naming it: before the thought names it, attention goes to the
        words that say where to look (the state then tells that place), and a layer later to what stands there."""
        if not self.unnamed or question.kind not in (CORNER, NEAREST):
            return []
        named = question.evidence[-1]
        start, stop = branch.looking if branch.looking[1] else branch.thought
        at = [t for t in range(start, stop) if self.nouns.get(branch.ids[t]) == named.category]
        if not at:  # asks for crops at once
            return []
        if question.kind == NEAREST:
            words = [
                t for t in range(at[-1]) if self.nouns.get(branch.ids[t]) == question.evidence[0].category
            ]
            spot = place(question.evidence[0].box, question.evidence[0].box)
        else:
            corner = next(name for name in CORNERS if name in question.text)
            ids = self.chat.encode(f" {corner}")
            first = find(branch.ids, ids, 0, at[-1])
            words = list(range(first, first + len(ids)))
            x, y = (c * side for c, side in zip(CORNERS[corner], (prefix.box[2], prefix.box[3])))
            spot = place((x, y, 0, 0), (x, y, 0, 0))
        seen = prefix.cells(named.box)
        return [
            Aim(ZOOM_LAYER, at[-1] - 1, None, words, spot),
            # The second look at the candidates is the sharper one.
            Aim(READ_LAYER, at[-1] - 1, seen),
            Aim(CHECK_LAYER, at[-1] - 1, seen),
        ]
