"""Questions about training scenes, and what a model says to them in one or two looks: what reinforcement learns from.

A rollout's region goes through the same function as in the evaluation (`runtime.policies.named_region`), its crop is
rendered from the scene at the size a run would give it.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from .batches import LOCATING, READING, Builder, coarse_grid, crop_box, draw_unit, original_size
from .chat import ASSISTANT, NEXT_USER, Branch, Chat, positions
from .export.manifest import DEMAND_TOKENS, TINY
from .model.model import Model, prefix_positions
from .model.text import Text
from .runtime.imaging import fill_budget, native_tokens
from .runtime.policies import named_region
from .runtime.protocol import Box, is_correct, parse_answer, parse_crops
from .runtime.scoring import area_fraction
from .sampling import extend, lay_out, prefill, sample
from .scenes.layout import CROP_TOKENS, Scene
from .scenes.questions import Question, draw_question
from .tokenizer import ANSWER, DIRECT, LOCATE, ON_DEMAND
from .views import View, look, pixels

FIRST, BOTH, DEMAND = "first", "both", "on-demand"
FIRST_LIMIT, SECOND_LIMIT = 72, 64  # tokens of a turn


@dataclass
class Shown:
    """A scene, its coarse view and the questions asked about it."""

    scene: Scene
    view: View
    questions: list[Question]


@dataclass
class Rollout:
    """One sampled conversation. `picture` and `asked` say which question it belongs to; `branch` is what it is
    learned from, `messages` what rewards read; `region` in whole pixels of the original (None: none was cut)."""

    picture: int
    asked: int
    question: Question
    branch: Branch
    messages: list[dict]
    region: Box | None = None
    crop: Tensor | None = field(default=None, repr=False)  # features [tokens, hidden]


class Draws(Dataset):
    """Batches of pictures that share one coarse grid; the same index gives the same batch."""

    def __init__(
        self, chat: Chat, seed: int, level2: float, pictures: int, questions: int, looks: str, steps: int
    ):
        self.chat, self.seed, self.level2, self.steps = chat, seed, level2, steps
        self.pictures, self.questions, self.looks = pictures, questions, looks

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> list[Shown]:
        torch.set_default_device("cpu")  # the parent may have chosen a GPU
        rng = np.random.default_rng([self.seed, index])
        random.seed(self.seed * 1_000_003 + index)  # filters of views
        builder = Builder(self.chat, rng)
        level = 2 if rng.random() < self.level2 else 1
        aspect = float(np.exp(rng.uniform(np.log(0.5), np.log(2))))
        size, shown = coarse_grid(aspect), []
        for _ in range(self.pictures):
            scene = builder.scene(level, *original_size(aspect, draw_unit(rng)))
            weights = READING if self.looks == DEMAND else LOCATING
            asked = [draw_question(scene, rng, weights=weights) for _ in range(self.questions)]
            shown.append(Shown(scene, look(scene, (0, 0, scene.width, scene.height), size), asked))
        return shown


class Roller:
    """Rolls out a model's looks. The vision tower and the embeddings are the model's and are never trained here."""

    def __init__(
        self,
        model: Model,
        chat: Chat,
        looks: str,
        asked_tokens: int = DEMAND_TOKENS,
        see: Callable[[Tensor], Tensor] | None = None,
    ):
        """`asked_tokens`: the most of a crop that is asked for on demand. `see`: features [n, tokens, hidden] of
        pixels [n, 3, height, width], of the model's own tower if not given."""
        self.see = see or (lambda pictures: model.visual(pictures)[2].flatten(1, 2))
        self.model, self.chat, self.looks, self.asked_tokens = model, chat, looks, asked_tokens
        self.stop = chat.tokenizer.token_to_id("<|im_end|>")
        self.head = torch.tensor(chat.prefix)
        self.render = ThreadPoolExecutor()

    @torch.no_grad()
    def prefix(self, shown: list[Shown]) -> tuple[Tensor, Tensor, int]:
        """Embeddings [n, length, hidden] and positions [3, n, length] of the coarse views, and the next position."""
        features = self.see(pixels([s.view for s in shown]).to(self.head.device))
        n, (rows, cols) = len(shown), shown[0].view.grid
        head = self.model.language_model.embed_tokens(self.head).expand(n, -1, -1)
        place = prefix_positions(len(self.head), rows, cols)[:, None].expand(-1, n, -1)
        return torch.cat((head, features.to(head.dtype)), 1), place, len(self.head) + max(rows, cols)

    @torch.no_grad()
    def __call__(self, shown: list[Shown], group: int, temperature: float = 1.0) -> list[Rollout]:
        """`group` rollouts of every question, neighbours in the list."""
        text = self.model.language_model
        prompt = ON_DEMAND if self.looks == DEMAND else LOCATE
        rollouts = []
        for i, one in enumerate(shown):
            for j, question in enumerate(one.questions):
                says = question.prompt if self.looks == DEMAND else question.text
                ids = [self.chat.vision_end, *self.chat.encode(prompt.format(question=says) + ASSISTANT)]
                for _ in range(group):
                    branch = Branch()
                    branch.add(ids, False)
                    rollouts.append(Rollout(i, j, question, branch, []))
        x, place, start = self.prefix(shown)
        owner = torch.tensor([r.picture for r in rollouts])
        longest = max(len(r.branch.ids) for r in rollouts)
        room = longest + FIRST_LIMIT + (0 if self.looks == FIRST else self._second_room(shown))
        cache = prefill(text, x, place).fork(owner, room)
        fed = self._turn(text, cache, rollouts, [0] * len(rollouts), start, FIRST_LIMIT, temperature)
        self._note_regions(shown, rollouts)
        more = [i for i, r in enumerate(rollouts) if r.region and self.looks != FIRST]
        if more:
            again = [rollouts[i] for i in more]
            self._second_prompts(shown, again)
            cache = cache.fork(torch.tensor(more))
            self._turn(text, cache, again, [fed[i] for i in more], start, SECOND_LIMIT, temperature)
        return rollouts

    def _turn(self, text, cache, rollouts, fed, start, limit, temperature) -> list[int]:
        """Feeds what each branch has beyond `fed`, samples a reply onto it; returns how much is in the cache now."""
        branches = [r.branch for r in rollouts]
        x, place, count = lay_out(text, branches, fed, start, [r.crop for r in rollouts])
        last = extend(text, cache, x, place, count)[torch.arange(len(count)), count - 1]
        following = torch.tensor([int(positions(len(b.ids) + 1, start, b.crop)[0, -1]) for b in branches])
        for r, ids in zip(rollouts, sample(text, cache, last, following, self.stop, limit, temperature)):
            r.branch.add(ids, True)
            said = ids[:-1] if ids[-1] == self.stop else ids
            words = self.chat.tokenizer.decode(said, skip_special_tokens=False)
            r.messages.append({"role": "assistant", "content": words})
        return [len(b.ids) - 1 for b in branches]  # the last token was not fed yet

    def _second_room(self, shown: list[Shown]) -> int:
        tokens = self.asked_tokens if self.looks == DEMAND else CROP_TOKENS
        longest = max(len(self.chat.encode(q.prompt)) for s in shown for q in s.questions)
        return len(self.chat.encode(NEXT_USER + ASSISTANT)) + tokens + longest + SECOND_LIMIT + 4

    def _note_regions(self, shown: list[Shown], rollouts: list[Rollout]) -> None:
        """The region that each first look names, or (on demand) the first crop that it asks for."""
        for r in rollouts:
            one, reply = shown[r.picture], r.messages[0]["content"]
            picture = one.scene.width, one.scene.height
            if self.looks == DEMAND:
                names = parse_crops(reply)
                if names:
                    x, y, w, h = (round(v) for v in crop_box(one.scene, names[0]))
                    r.region = x, y, x + w, y + h
            else:
                found = named_region(reply, one.view.image.shape[1::-1], picture, TINY.region)
                r.region = found[0] if found else None

    def _second_prompts(self, shown: list[Shown], rollouts: list[Rollout]) -> None:
        """Appends the crop and the question to branches that look again. Equal regions share one crop."""
        crops = self.crops([(shown[r.picture].scene, r.region) for r in rollouts])
        for r, (features, (rows, cols)) in zip(rollouts, crops):
            b = r.branch
            b.add([] if b.ids[-1] == self.stop else [self.stop], False)
            b.add(self.chat.encode(NEXT_USER), False)
            b.crop = (b.add([self.chat.image] * len(features), False)[0], rows, cols)
            said = ANSWER.format(question=r.question.prompt)
            b.add([self.chat.vision_end, *self.chat.encode(said + ASSISTANT)], False)
            r.crop = features
            r.messages.append({"role": "user", "content": said})

    def crops(self, wanted: list[tuple[Scene, Box]]) -> list[tuple[Tensor, tuple[int, int]]]:
        """Features [tokens, hidden] and grid of regions, those of one grid encoded together."""

        def draw(key: tuple) -> View:
            scene, (x1, y1, x2, y2) = scenes[key[0]], key[1]
            w, h = x2 - x1, y2 - y1
            budget = min(native_tokens(w, h), self.asked_tokens) if self.looks == DEMAND else CROP_TOKENS
            return look(scene, (x1, y1, w, h), fill_budget(w, h, budget), Image.LANCZOS)  # the page's filter

        scenes = {id(scene): scene for scene, _ in wanted}
        keys = list(dict.fromkeys((id(scene), box) for scene, box in wanted))
        views = dict(zip(keys, self.render.map(draw, keys)))
        by_grid: dict[tuple[int, int], list] = {}
        for key in keys:
            by_grid.setdefault(views[key].grid, []).append(key)
        features = {}
        for grid, same in by_grid.items():
            seen = self.see(pixels([views[k] for k in same]).to(self.head.device))
            features |= {k: (f, grid) for k, f in zip(same, seen.float())}
        return [features[id(scene), box] for scene, box in wanted]

    @torch.no_grad()
    def answers(
        self, text: Text, pictures: list[tuple[Tensor, tuple[int, int]]], prompts: list[str]
    ) -> list[str]:
        """What `text` answers at once from one picture each (features and grid), greedily."""
        branches = []
        for (features, grid), prompt in zip(pictures, prompts):
            b = Branch()
            b.crop = (b.add([self.chat.image] * len(features), False)[0], *grid)
            ids = self.chat.encode(DIRECT.format(question=prompt) + ASSISTANT)
            b.add([self.chat.vision_end, *ids], False)
            branches.append(b)
        start = len(self.head)
        head = text.embed_tokens(self.head)[None]
        place = torch.arange(start).expand(3, 1, -1)
        x, positions_, count = lay_out(text, branches, [0] * len(branches), start, [f for f, _ in pictures])
        cache = prefill(text, head, place)
        cache = cache.fork(torch.zeros(len(branches), dtype=torch.long), x.shape[1] + SECOND_LIMIT)
        last = extend(text, cache, x, positions_, count)[torch.arange(len(count)), count - 1]
        following = torch.tensor([int(positions(len(b.ids) + 1, start, b.crop)[0, -1]) for b in branches])
        ids = sample(text, cache, last, following, self.stop, SECOND_LIMIT, 0.0)
        return [parse_answer(self.chat.tokenizer.decode([t for t in i if t != self.stop], skip_special_tokens=False))
                for i in ids]  # fmt: skip

    def judge(self, text: Text, shown: list[Shown]) -> Callable[[list[dict]], list[str]]:
        """ERGO's judge of regions: the frozen `text` answers from each row's crop alone. Rows need `shown`."""

        def ask(rows: list[dict]) -> list[str]:
            crops = self.crops([(shown[row["shown"]].scene, row["region"]) for row in rows])
            return self.answers(text, crops, [row["prompt"] for row in rows])

        return ask

    def needed(self, text: Text, shown: list[Shown]) -> list[list[bool]]:
        """Which questions need a crop: those that `text` answers wrongly from the coarse view. At full resolution
        every question about a scene can be answered."""
        x, _, _ = self.prefix(shown)
        features = x[:, len(self.head) :]
        asked = [(i, q) for i, s in enumerate(shown) for q in s.questions]
        said = self.answers(
            text, [(features[i], shown[i].view.grid) for i, _ in asked], [q.prompt for _, q in asked]
        )
        wrong = [not is_correct(a, q.label, q.options) for a, (_, q) in zip(said, asked)]
        by_picture: list[list[bool]] = [[] for _ in shown]
        for (i, _), w in zip(asked, wrong):
            by_picture[i].append(w)
        return by_picture


def columns(shown: list[Shown], rollouts: list[Rollout], needed: list[list[bool]] | None = None) -> dict:
    """The columns that rewards read (see `rewards`), one entry a rollout."""
    scenes = [shown[r.picture].scene for r in rollouts]
    found = {
        "label": [r.question.label for r in rollouts],
        "options": [r.question.options for r in rollouts],
        "prompt": [r.question.prompt for r in rollouts],
        "shown": [r.picture for r in rollouts],
        "view": [shown[r.picture].view.image.shape[1::-1] for r in rollouts],
        "picture": [(s.width, s.height) for s in scenes],
        "boxes": [[(x, y, x + w, y + h) for x, y, w, h in r.question.boxes] for r in rollouts],
    }
    return found | ({"needed": [needed[r.picture][r.asked] for r in rollouts]} if needed else {})


def area(shown: list[Shown], rollout: Rollout) -> float:
    """Of the region, a fraction of the picture; 0 where none was cut."""
    scene = shown[rollout.picture].scene
    return area_fraction([rollout.region], scene.width, scene.height) if rollout.region else 0.0
