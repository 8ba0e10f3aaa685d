"""Ways to answer a question about a large picture, each a function of a model, a picture and a question.

Pictures are cut from the original and resized once. A second turn extends the first turn's KV cache: what the
model has seen is never computed again.
"""

import math
from dataclasses import dataclass, field

from PIL import Image

from . import chat, protocol
from .boxes import Box, in_view, parse_boxes
from .chat import ChatRules, fill
from .imaging import fill_budget, native_tokens, resize, smart_resize
from .vlm import Context, Encoded, OnnxVLM

_CHAT = ChatRules()  # a manifest of ours tells no others


@dataclass
class Outcome:
    """What one run gave. Boxes are in pixels of the original; `vision_tokens` counts every encoded token once."""

    answer: str
    texts: list[str]
    vision_tokens: int
    regions: list[Box] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    fallback: bool = False  # no usable region was given; the answer comes from the coarse view alone
    log_probability: float = 0.0  # of the text that answers, all its tokens


class Session:
    """One chat with one model about one picture."""

    def __init__(self, model: OnnxVLM, picture: Image.Image, system: str):
        self.model, self.picture = model, picture
        self.vision_tokens, self.texts, self.sure = 0, [], [[]]
        self._context: Context = model.start()
        self._system, self._begun = system, False

    def look(self, tokens: int, box: Box | None = None, fill: bool = False) -> Encoded:
        """Encodes the picture, or `box` of it (whole pixels), at no more than `tokens`; `fill` enlarges up to that."""
        image = self.model.manifest["image"]
        x1, y1, x2, y2 = box or (0, 0, *self.picture.size)
        if fill:
            size = fill_budget(x2 - x1, y2 - y1, tokens, image["pixelsPerToken"])
        else:
            size = smart_resize(x2 - x1, y2 - y1, tokens, image["pixelsPerToken"], image["minTokens"])
        encoded = self.model.encode(resize(self.picture, *size, box=box))
        self.vision_tokens += encoded.tokens
        return encoded

    def ask(self, pictures: list[Encoded], words: list[str]) -> str:
        """One user turn (pictures first) and the model's reply, with the reply kept in the history."""
        if self._begun:
            parts = chat.asking_again(_CHAT, pictures, words)
        else:
            parts = chat.opening(_CHAT, self._system, pictures) + chat.asking(_CHAT, words)
        reply = self.model.generate(self.model.extend(self._context, parts))
        self._context, self._begun = reply.context, True
        self.texts.append(reply.text)
        self.sure.append(reply.log_probabilities)
        return reply.text

    def outcome(self, **more) -> Outcome:
        answer = protocol.parse_answer(self.texts[-1])
        return Outcome(answer, self.texts, self.vision_tokens, log_probability=sum(self.sure[-1]), **more)


def whole_pixels(box: Box, width: int, height: int) -> Box:
    """The smallest whole-pixel box around `box`, inside the picture."""
    x1, y1 = (max(0, math.floor(v + 1e-6)) for v in box[:2])
    x2, y2 = min(width, math.ceil(box[2] - 1e-6)), min(height, math.ceil(box[3] - 1e-6))
    return min(x1, width - 1), min(y1, height - 1), max(x2, x1 + 1), max(y2, y1 + 1)


def named_region(
    reply: str,
    view: tuple[int, int],
    picture: tuple[int, int],
    rules: dict[str, float],
    convention: str = "absolute-coarse-pixels",
) -> tuple[Box, list[str]] | None:
    """The region a first look names, whole pixels of the original, and its repairs; None where it names none.

    `view` and `picture` are widths and heights in pixels, `rules` the manifest's `region`, `convention` its `coordinates`.
    """
    found = parse_boxes(reply)
    region = _repaired(found.box, view, rules, convention) if found else None
    return (in_original(region.box, view, picture), list(region.repairs)) if region else None


def named_places(
    reply: str,
    whole: Box,
    view: tuple[int, int],
    picture: tuple[int, int],
    rules: dict[str, float],
    convention: str,
    budget: int,
) -> list[Box]:
    """The regions to be cut, whole pixels of the original, which share `budget` tokens: `whole`, or several places.

    These are cut each by itself where even the largest is then seen in more detail (tokens a pixel) than
    in the region that holds them all. Twin of src/core/policies/places.ts.
    """
    found = parse_boxes(reply)
    named = found.places if found else ()
    places = [r.box for r in (_repaired(p, view, rules, convention) for p in named) if r]
    share = budget // max(1, len(places))
    if not 1 < len(places) <= 4 or share < 64:
        return [whole]
    x1, y1, x2, y2 = zip(*places, strict=True)
    hull = (max(x2) - min(x1)) * (max(y2) - min(y1))
    largest = max((c - a) * (d - b) for a, b, c, d in places)
    return [in_original(p, view, picture) for p in places] if share * hull > budget * largest else [whole]


def _repaired(
    box: Box, view: tuple[int, int], rules: dict[str, float], convention: str
) -> protocol.Region | None:
    seen = in_view(box, convention, *view)
    return protocol.repair_region(seen, *view, rules["minSide"], rules.get("margin", 0)) if seen else None


def in_original(box: Box, view: tuple[int, int], picture: tuple[int, int]) -> Box:
    """A box in pixels of the view as whole pixels of the picture."""
    sx, sy = picture[0] / view[0], picture[1] / view[1]
    x1, y1, x2, y2 = box
    return whole_pixels((x1 * sx, y1 * sy, x2 * sx, y2 * sy), *picture)


def coarse_to_fine(model: OnnxVLM, picture: Image.Image, question: str, prompt: str) -> Outcome:
    """ERGO (arXiv 2509.21991): look at all of it small, name a region, look there, answer.

    Without a usable region the coarse view answers alone. src/core/policies/coarse-to-fine.ts is the same policy,
    also in that a picture which costs no more at its own resolution than two looks do is looked at once.
    """
    if is_small(model, picture):
        return full_resolution(model, picture, question, prompt)
    prompts, budgets = model.manifest["prompts"]["coarseToFine"], model.manifest["budgets"]
    session = Session(model, picture, prompts["system"])
    coarse = session.look(budgets["coarse"])
    reply = session.ask([coarse], fill(prompts["locate"], question))
    factor = model.manifest["image"]["pixelsPerToken"]
    view = coarse.cols * factor, coarse.rows * factor
    found = named_region(reply, view, picture.size, model.manifest["region"], model.manifest["coordinates"])
    if found is None:
        direct = model.manifest["prompts"]["direct"]
        again = Session(model, picture, direct["system"])
        again.vision_tokens, again.texts = session.vision_tokens, session.texts
        again.ask([coarse], fill(direct["answer"], prompt))
        return again.outcome(fallback=True)
    whole, repairs = found
    rules, convention = model.manifest["region"], model.manifest["coordinates"]
    regions = named_places(reply, whole, view, picture.size, rules, convention, budgets["crop"])
    crops = [session.look(budgets["crop"] // len(regions), region, fill=True) for region in regions]
    session.ask(crops, fill(prompts["answer"], prompt))
    return session.outcome(regions=regions, repairs=repairs)


def is_small(model: OnnxVLM, picture: Image.Image) -> bool:
    """Does one look at every pixel cost no more tokens than a coarse view and a crop that fills its budget?"""
    image, budgets = model.manifest["image"], model.manifest["budgets"]
    factor = image["pixelsPerToken"]
    whole = full_tokens(model, picture)
    w, h = smart_resize(*picture.size, budgets["coarse"], factor, image["minTokens"])
    is_whole = native_tokens(*picture.size, factor) <= budgets["fullResolution"]
    return is_whole and whole <= w * h // factor**2 + budgets["crop"]


def _direct(model: OnnxVLM, picture: Image.Image, prompt: str, budget: str) -> Outcome:
    prompts = model.manifest["prompts"]["direct"]
    session = Session(model, picture, prompts["system"])
    session.ask([session.look(model.manifest["budgets"][budget])], fill(prompts["answer"], prompt))
    return session.outcome()


def full_resolution(model: OnnxVLM, picture: Image.Image, question: str, prompt: str) -> Outcome:
    """The baseline: everything at its own resolution, capped at the manifest's budget."""
    return _direct(model, picture, prompt, "fullResolution")


def coarse_only(model: OnnxVLM, picture: Image.Image, question: str, prompt: str) -> Outcome:
    """The other baseline: the small view and nothing else."""
    return _direct(model, picture, prompt, "coarse")


def on_demand(model: OnnxVLM, picture: Image.Image, question: str, prompt: str) -> Outcome:
    """AwaRes (arXiv 2603.16932): answer from the coarse view, or ask once for named crops.

    Each is cut with the manifest's `demandMargin` and comes at its own resolution, or at `demandCrop` tokens if that is less.
    """
    prompts, budgets = model.manifest["prompts"]["onDemand"], model.manifest["budgets"]
    session = Session(model, picture, prompts["system"])
    names = protocol.parse_crops(
        session.ask([session.look(budgets["coarse"])], fill(prompts["first"], prompt))
    )
    if names is None:
        return session.outcome()
    w, h = picture.size
    margin = model.manifest["region"].get("demandMargin", 0)
    boxes = [whole_pixels(protocol.asked_box(name, w, h, margin), w, h) for name in names]
    factor = model.manifest["image"]["pixelsPerToken"]
    cap = budgets.get("demandCrop", budgets["fullResolution"])
    native = [native_tokens(x2 - x1, y2 - y1, factor) for x1, y1, x2, y2 in boxes]
    crops = [session.look(min(n, cap), box, fill=True) for n, box in zip(native, boxes, strict=True)]
    session.ask(crops, fill(prompts["second"], prompt))
    return session.outcome(regions=boxes)


POLICIES = {
    "coarse-to-fine": coarse_to_fine,
    "full-resolution": full_resolution,
    "coarse-only": coarse_only,
    "on-demand": on_demand,
}


def full_tokens(model: OnnxVLM, picture: Image.Image) -> int:
    """Vision tokens of the full-resolution pass on this picture, without running it."""
    image = model.manifest["image"]
    budget = model.manifest["budgets"]["fullResolution"]
    width, height = smart_resize(*picture.size, budget, image["pixelsPerToken"], image["minTokens"])
    return width * height // image["pixelsPerToken"] ** 2
