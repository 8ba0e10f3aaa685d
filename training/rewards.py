"""Rewards for where to look (ERGO, arXiv 2509.21991) and for whether to look (AwaRes, arXiv 2603.16932).

Every function here is a reward function of Hugging Face TRL's GRPOTrainer: it takes `completions` and columns of the
same length by name, ignores the columns it does not know, and returns one number a completion, or None where it has
nothing to say. `training.grpo` and `training.ergo` use them alike.

A completion is the model's text, or a list of chat messages; what matters are its assistant turns: the first look,
then (where the run has a second one) the answer. Columns: `label`, `options` (empty for free answers), `view` and
`picture` (width, height in pixels of the coarse view and of the original), `boxes` (evidence, x1 y1 x2 y2 in the
original, empty where unknown), `needed` (does the question need a crop?).
"""

import re
from collections.abc import Callable, Sequence

from .runtime.policies import named_region
from .runtime.protocol import CROPS, Box, is_correct, parse_answer, parse_crops
from .runtime.scoring import area_fraction, contains

GAMMA = 0.6  # ERGO's largest area of a region, a fraction of the picture
ALPHA, BETA = 1.0, 0.5  # ERGO's weights of r_region and r_box
ASKED, PER_AREA, MISSED = 0.25, 0.01, 2.0  # AwaRes' costs: of asking, of the area asked for, of not asking

Completion = str | Sequence[dict]
Reward = Callable[..., list[float | None]]

_NUMBER = r"\d+(?:\.\d+)?"
_LOOK = re.compile(
    rf"<think>[^<>]+</think>\s*<zoom>\s*\[{_NUMBER}, ?{_NUMBER}, ?{_NUMBER}, ?{_NUMBER}\]\s*</zoom>"
)
_ANSWER = re.compile(r"<think>[^<>]+</think>\s*<answer>[^<>]+</answer>")


def read_weights(pairs: Sequence[str]) -> dict[str, float]:
    """{"r_box": 0.5} of ["r_box=0.5"]; a name alone weighs 1."""
    split = [pair.partition("=") for pair in pairs]
    return {name: float(weight or 1) for name, _, weight in split}


def turns(completion: Completion) -> list[str]:
    """Texts of the model's own turns, at least one. Pictures in a message's content are passed over."""
    if isinstance(completion, str):
        return [completion]
    own = [message["content"] or "" for message in completion if message["role"] == "assistant"]
    return [c if isinstance(c, str) else "".join(part.get("text", "") for part in c) for c in own] or [""]


def r_format(completions: Sequence[Completion], **_) -> list[float]:
    """1 where every turn has ERGO's form: a thought and a box, then a thought and an answer."""

    def fits(said: list[str]) -> bool:
        forms = (_LOOK, _ANSWER)
        return len(said) <= 2 and all(
            form.fullmatch(text.strip()) for form, text in zip(forms, said, strict=False)
        )

    return [float(fits(turns(c))) for c in completions]


def r_acc(completions: Sequence[Completion], label, options, **_) -> list[float]:
    """1 where the last turn answers rightly, by the rule of the evaluation."""
    return [
        float(is_correct(parse_answer(turns(c)[-1]), right, choices))
        for c, right, choices in zip(completions, label, options, strict=True)
    ]


def make_ergo(
    rules: dict[str, float], gamma: float = GAMMA, judge: Callable[[list[dict]], list[str]] | None = None
) -> dict[str, Reward]:
    """ERGO's rewards of a region, by name, after the repairs of `rules` (a manifest's `region`).

    `r_box`: 1 where the region's area is at most `gamma` of the picture. `contained`: 1 where it holds the known
    evidence; None where none is known. `r_region`: 1 where `judge`, a frozen copy of the start weights, answers
    rightly from the crop alone; it gets the rows whose region is usable (the columns, singular, and `region`) and
    gives their answers. Missing without a judge.
    """

    def regions(completions, view, picture) -> list[Box | None]:
        found = [
            named_region(turns(c)[0], tuple(v), tuple(p), rules)
            for c, v, p in zip(completions, view, picture, strict=True)
        ]
        return [f[0] if f else None for f in found]

    def r_box(completions, view, picture, **_) -> list[float]:
        return [
            float(box is not None and area_fraction([box], *size) <= gamma)
            for box, size in zip(regions(completions, view, picture), picture, strict=True)
        ]

    def contained(completions, view, picture, boxes, **_) -> list[float | None]:
        found = regions(completions, view, picture)
        return [
            (float(box is not None and contains([box], known, *size)) if known else None)
            for box, known, size in zip(found, boxes, picture, strict=True)
        ]

    def r_region(completions, view, picture, label, options, **columns) -> list[float]:
        found = regions(completions, view, picture)
        per_row = {
            key: values
            for key, values in columns.items()
            if isinstance(values, (list, tuple)) and len(values) == len(found)
        }
        usable = [i for i, box in enumerate(found) if box is not None]
        rows = [
            {
                "region": found[i],
                "label": label[i],
                "options": options[i],
                **{k: v[i] for k, v in per_row.items()},
            }
            for i in usable
        ]
        right = [0.0] * len(found)
        for i, answer in zip(usable, judge(rows) if rows else [], strict=True):
            right[i] = float(is_correct(parse_answer(answer), label[i], options[i]))
        return right

    return {"r_box": r_box, "contained": contained} | ({"r_region": r_region} if judge else {})


def r_tce(region: float, box: float, alpha: float = ALPHA, beta: float = BETA) -> float:
    """ERGO's reward of task-driven contextual exploration: α · r_region + β · r_box."""
    return alpha * region + beta * box


def crop_needed(low: str, high: str, label: str, options: list[str]) -> bool:
    """AwaRes' label of a question: the answer from the small view is wrong, the one at full resolution is right."""
    return not is_correct(low, label, options) and is_correct(high, label, options)


def asked_area(text: str) -> float | None:
    """Sum of the areas of the crops a turn asks for, as fractions of the picture; None where it asks for none."""
    names = parse_crops(text)
    return area_fraction([CROPS[name] for name in names], 1, 1) if names else None


def r_cost(completions: Sequence[Completion], needed, **_) -> list[float]:
    """AwaRes' cost, negative: 2 where a crop was needed and none was asked for; 0.25 + 0.01 · area where one was."""

    def cost(text: str, was_needed: bool) -> float:
        area = asked_area(text)
        if area is None:
            return MISSED if was_needed else 0.0
        return ASKED + PER_AREA * area

    return [-cost(turns(c)[0], n) for c, n in zip(completions, needed, strict=True)]


def awares(completions: Sequence[Completion], label, options, needed, **_) -> list[float]:
    """AwaRes' reward: right or not, less the cost of asking or of not asking."""
    right = r_acc(completions, label, options)
    return [a + c for a, c in zip(right, r_cost(completions, needed), strict=True)]
