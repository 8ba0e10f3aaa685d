"""Training batches: scenes rendered at the views a run needs, tokens, and what attention and features should find.

Kinds: `sheet` (views without questions, for what sees), `looks` (coarse views, each with branches that look
twice, look once for a region, or answer at once), `read` (crops as pictures of their own, answered at once), `full`
(pictures at native resolution: the baseline's share). `looks` with both looks is what a run needs; first looks alone
and `read` teach its halves for a fraction of the arithmetic.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .aims import CHECK_LAYER, NOUN_LAYER, READ_LAYER, ZOOM_LAYER, Aims
from .chat import Chat, positions
from .model.config import TOKEN
from .model.text import Pointer
from .runtime.imaging import fill_budget, smart_resize
from .runtime.protocol import CROPS, asked_box
from .scenes.layout import (
    COARSE_TOKENS,
    CROP_TOKENS,
    DEMAND_MARGIN,
    DEMAND_TOKENS,
    SCENE_TOKENS,
    Box,
    Scene,
    make_scene,
    union,
)
from .scenes.questions import (
    COLOUR,
    LARGER,
    NEEDS_CROP,
    READ,
    SAME,
    SIDE,
    Question,
    ask,
    draw_question,
    target_region,
)
from .scenes.sheet import tag_sheet
from .views import View, Views, collate, look

# Shares of questions.KINDS in practice. The first look has to find what a question does not name more often than
# the benchmark asks for it; the second has to read.
LOCATING = (0.14, 0.05, 0.08, 0.08, 0.09, 0.08, 0.36, 0.12)
READING = (0.32, 0.1, 0.06, 0.08, 0.18, 0.14, 0.06, 0.06)

WIDEST = 1.7  # of the crops that are read, against a region's least side: letters of 15 px
QUARTERS = tuple(name for name, (x1, y1, x2, y2) in CROPS.items() if (x2 - x1) * (y2 - y1) == 0.25)


@dataclass
class Group:
    """Branches of one kind, [n * b, length], padded at the end."""

    ids: Tensor
    learn: Tensor
    positions: Tensor  # [3, n * b, length]
    crops: list[
        tuple[int, int, int]
    ]  # per branch (first position, which of `views`, index in it); empty without crops
    pointers: list[Pointer]
    kinds: list[str]  # question kind per branch
    answer_from: Tensor  # first position of the thought that reads


@dataclass
class Batch:
    prefix: Views
    prefix_ids: Tensor  # [p] ids before the picture
    views: list[Views]  # crops by grid
    groups: list[Group]
    names: list[str]  # of the groups: two, first, one, told, read, fetched, full; sheet without any


def original_size(aspect: float, unit: float) -> tuple[int, int]:
    """Width and height of a picture of `unit` pixels per pixel of its coarse view."""
    across, down = (TOKEN * math.sqrt(COARSE_TOKENS * a) for a in (aspect, 1 / aspect))
    return round(across * unit), round(down * unit)


def draw_unit(rng: np.random.Generator) -> float:
    """Pixels of a picture per pixel of its coarse view: pictures of 2.4 to 18 megapixels."""
    least, most = (math.sqrt(megapixels * 1e6 / COARSE_TOKENS) / TOKEN for megapixels in (2.4, 18))
    return float(np.exp(rng.uniform(math.log(least), math.log(most))))


def coarse_grid(aspect: float) -> tuple[int, int]:
    """Width and height of the coarse view of large pictures of one shape."""
    return smart_resize(*original_size(aspect, 10), COARSE_TOKENS)


class Builder:
    def __init__(self, chat: Chat, rng: np.random.Generator, unnamed: bool = True):
        """`unnamed`: teach attention where to go before it names what a question only describes."""
        self.chat, self.rng, self.aims = chat, rng, Aims(chat, unnamed)

    def group(self, branches, per_picture_start: int, pad_to: int = 4) -> Group:
        """`branches`: list of (Branch, question, prefix view, crop view or None, (views, index) or None)."""
        length = max(len(b.ids) for b, *_ in branches)
        length = -(-length // pad_to) * pad_to
        ids, learn = np.zeros((len(branches), length), np.int64), np.zeros((len(branches), length), bool)
        place = np.zeros((3, len(branches), length), np.int64)
        crops, wanted = [], {layer: [] for layer in (NOUN_LAYER, ZOOM_LAYER, READ_LAYER, CHECK_LAYER)}
        rows, cols = branches[0][2].grid
        head = len(self.chat.prefix)
        total = head + rows * cols
        for i, (b, question, prefix, crop, where) in enumerate(branches):
            ids[i, : len(b.ids)], learn[i, : len(b.ids)] = b.ids, b.learn
            place[:, i, : len(b.ids)] = positions(len(b.ids), per_picture_start, b.crop)
            if where is not None:
                crops.append((b.crop[0], *where))
            for aim in self.aims(b, question, prefix, crop):
                if aim.positions or aim.cells is None or aim.cells.any():
                    wanted[aim.layer].append((i, aim))
        pointers = []
        for layer, found in wanted.items():
            keys = np.zeros((len(found), total + length), np.float32)
            for k, (_, aim) in enumerate(found):
                if aim.positions:
                    keys[k, total + np.asarray(aim.positions)] = 1
                elif aim.cells is not None:
                    keys[k, head:total] = aim.cells
                else:
                    keys[k, 0] = 1
            pointers.append(Pointer(layer, torch.tensor([i for i, _ in found], dtype=torch.long),
                                    torch.tensor([aim.at for _, aim in found], dtype=torch.long), torch.from_numpy(keys),
                                    torch.tensor([aim.place or [math.nan] * 4 for _, aim in found]).view(-1, 4),
                                    torch.tensor([aim.written for _, aim in found], dtype=torch.long)))  # fmt: skip
        return Group(torch.from_numpy(ids), torch.from_numpy(learn), torch.from_numpy(place), crops, pointers,
                     [q.kind for _, q, *_ in branches], torch.tensor([b.thought[0] for b, *_ in branches]))  # fmt: skip

    def scene(self, level: int, width: int, height: int, tokens: int = SCENE_TOKENS) -> Scene:
        """A scene of at least four objects, sized for a coarse view of `tokens`, or of more where they are too large."""
        while True:
            scene = make_scene(self.rng, "train", level, width, height, tokens)
            if len(scene.objects) >= 4:
                return scene
            tokens = min(tokens + 4, SCENE_TOKENS)  # four this large may not fit at all

    def question(self, scene: Scene, weights=READING) -> Question:
        return draw_question(scene, self.rng, weights=weights)

    def looks(
        self, level: int, aspect: float, count: int = 8, twice: int = 4, once: int = 4, first: int = 0
    ) -> Batch:
        """Coarse views of `count` pictures that share an aspect ratio (width over height), sized as a run sizes them:
        sides are rounded to whole tokens, so views and crops are a little stretched."""
        size = coarse_grid(aspect)
        prefixes, two, located, one, told, crops = [], [], [], [], [], {}
        for _ in range(count):
            picture = original_size(aspect, draw_unit(self.rng))
            scene = self.scene(level, *picture)
            units = (picture[0] / size[0], picture[1] / size[1])
            prefix = look(scene, (0, 0, scene.width, scene.height), size)
            prefixes.append(prefix)
            for _ in range(twice):
                question = self.question(scene)
                box = target_region(scene, question, units)
                region = target_region(scene, question, units, self.rng)
                crop = look(scene, region, fill_budget(round(region[2]), round(region[3]), CROP_TOKENS))
                same = crops.setdefault(crop.grid, [])
                same.append(crop)
                branch = self.chat.two_looks(question, self.chat.box_text(box, picture, size), *crop.grid)
                two.append((branch, question, prefix, crop, (crop.grid, len(same) - 1)))
            for _ in range(first):
                question = self.question(scene, LOCATING)
                box = self.chat.box_text(target_region(scene, question, units), picture, size)
                located.append((self.chat.first_look(question, box), question, prefix, None, None))
            for _ in range(once):
                one.append(self._at_once(scene, prefix))
            for kind in (SAME, LARGER):
                # Every picture needs as many branches, and tags always have colours.
                question = ask(scene, kind, self.rng) or ask(scene, SAME, self.rng)
                told.append((self.chat.conclude(question), question, prefix, None, None))
        grids = list(crops)
        two = [(b, q, p, c, (grids.index(w[0]), w[1])) for b, q, p, c, w in two]
        start = len(self.chat.prefix) + max(prefixes[0].grid)
        named = {
            name: self.group(x, start)
            for name, x in (("two", two), ("first", located), ("one", one), ("told", told))
            if x
        }
        seconds = [collate(crops[g]) for g in grids]
        return Batch(collate(prefixes), torch.tensor(self.chat.prefix), seconds, [*named.values()], [*named])

    def _at_once(self, scene: Scene, prefix: View):
        """A branch that answers from the coarse view, or asks for one of AwaRes' crops where that is not enough."""
        on_demand = bool(self.rng.random() < 0.4)
        question = self.question(scene, LOCATING)
        # Few guesses: the code can't be read there.
        while question.kind in NEEDS_CROP and not on_demand and self.rng.random() < 0.7:
            question = self.question(scene, LOCATING)
        crops = smallest_crop(scene, question) if on_demand and question.kind in NEEDS_CROP else None
        return self.chat.direct(question, crops, on_demand), question, prefix, None, None

    def read(self, level: int, count: int = 12, each: int = 2) -> Batch:
        """Crops of one evidence each, square and of about a crop's tokens, with questions that only a crop answers."""
        views, branches, side = [], [], math.isqrt(CROP_TOKENS) + int(self.rng.integers(-2, 4))
        for i in range(count):
            if i % level == 0:  # level 2 is slow to draw: two crops of each scene
                unit = draw_unit(self.rng)
                scene = self.scene(level, *original_size(1, unit))
            question = draw_question(scene, self.rng, (READ, LARGER), (3, 2))
            # Half of them wider: letters as small, and neighbours as many, as a quarter of the picture shows.
            least = SIDE * (math.exp(self.rng.uniform(0, math.log(WIDEST))) if i % 4 > 1 else 1)
            view = look(scene, target_region(scene, question, unit, self.rng, least), (side * TOKEN,) * 2)
            views.append(view)
            asked = [question]
            while len(asked) < each:
                again = ask(scene, COLOUR if self.rng.random() < 0.3 else question.kind, self.rng)
                if again and {o.category for o in again.evidence} <= {o.category for o in question.evidence}:
                    asked.append(again)
            branches += [(self.chat.direct(q), q, view, None, None) for q in asked]
        start = len(self.chat.prefix) + side
        return Batch(
            collate(views), torch.tensor(self.chat.prefix), [], [self.group(branches, start)], ["read"]
        )

    def fetched(self, level: int, aspect: float, count: int = 2, each: int = 4) -> Batch:
        """Coarse views, each with a quarter of the picture that questions ask for (AwaRes), at the budget of a run.

        Halves and the whole follow from it: they are the same at another size, which `capped` practises.
        """
        picture = original_size(aspect, draw_unit(self.rng))
        prefixes, crops, branches = [], [], []
        while len(prefixes) < count:
            scene = self.scene(level, *picture)
            drawn = [draw_question(scene, self.rng, NEEDS_CROP, (3, 1)) for _ in range(5 * each)]
            asked = {name: [q for q in drawn if smallest_crop(scene, q) == name] for name in QUARTERS}
            name = max(asked, key=lambda quarter: len(asked[quarter]))
            if len(asked[name]) < each:
                continue
            x, y, w, h = box = crop_box(scene, name)
            crop = look(scene, box, fill_budget(round(w), round(h), DEMAND_TOKENS))
            prefixes.append(look(scene, (0, 0, *picture), coarse_grid(aspect)))
            for q in asked[name][:each]:
                branch = self.chat.fetched(q, name, *crop.grid)
                branches.append((branch, q, prefixes[-1], crop, (0, len(crops))))
            crops.append(crop)
        start = len(self.chat.prefix) + max(prefixes[0].grid)
        return Batch(collate(prefixes), torch.tensor(self.chat.prefix), [collate(crops)],
                     [self.group(branches, start)], ["fetched"])  # fmt: skip

    def full(self, level: int, size: tuple[int, int], count: int, once: int) -> Batch:
        """Pictures at native resolution, answered at once: the baseline's practice."""
        return self._baseline(
            [self.scene(level, *size, tokens=int(self.rng.integers(16, 101))) for _ in range(count)],
            size,
            once,
        )

    def capped(self, level: int, aspect: float, tokens: int, count: int, once: int) -> Batch:
        """Large pictures reduced to at most `tokens` vision tokens, answered at once: the baseline under a cap."""
        scenes = [self.scene(level, *original_size(aspect, draw_unit(self.rng))) for _ in range(count)]
        return self._baseline(scenes, smart_resize(*original_size(aspect, 15), tokens), once)

    def _baseline(self, scenes: list[Scene], size: tuple[int, int], once: int) -> Batch:
        prefixes, one = [], []
        for scene in scenes:
            prefix = look(scene, (0, 0, scene.width, scene.height), size)
            prefixes.append(prefix)
            one += [
                (self.chat.direct(q), q, prefix, None, None)
                for q in (self.question(scene) for _ in range(once))
            ]
        start = len(self.chat.prefix) + max(prefixes[0].grid)
        return Batch(
            collate(prefixes), torch.tensor(self.chat.prefix), [], [self.group(one, start)], ["full"]
        )

    def sheet(self, count: int = 16) -> Batch:
        """Square coarse views crowded with objects, and as many of legible tags: many labels per pixel."""
        views, (side, _) = [], coarse_grid(1)
        for i in range(count):
            if i % 2:
                picture = original_size(1, draw_unit(self.rng))
                views.append(look(self.scene(1, *picture), (0, 0, *picture), (side, side)))
            else:
                views.append(look(tag_sheet(self.rng, side), (0, 0, side, side), (side, side)))
        return Batch(collate(views), torch.tensor(self.chat.prefix), [], [], ["sheet"])


def crop_box(scene: Scene, name: str) -> Box:
    """One of AwaRes' crops as a run cuts it, original pixels."""
    x1, y1, x2, y2 = asked_box(name, scene.width, scene.height, DEMAND_MARGIN)
    return x1, y1, x2 - x1, y2 - y1


def smallest_crop(scene: Scene, question) -> str:
    """Name of the first of AwaRes' crops, quarters before halves, that holds the evidence (arXiv 2603.16932)."""
    x0, y0, w, h = union(*question.boxes)
    for name in CROPS:
        x, y, cw, ch = crop_box(scene, name)
        if x <= x0 and y <= y0 and x0 + w <= x + cw and y0 + h <= y + ch:
            return name
    return "all"
