"""What lies outside the small model's world; src/core/world and src/imaging/statistics.ts are held to the same cases."""

import json
from pathlib import Path

import numpy as np
import pytest

from training.runtime.world import picture_statistics, words_of
from training.scenes.dataset import make_item
from training.scenes.questions import KINDS, ask
from training.world import logistic, taught_words

CASES = json.loads((Path(__file__).parents[2] / "src/core/world/cases.json").read_text(encoding="utf-8"))


def pattern_pixels(pattern: str, width: int, height: int) -> np.ndarray:
    """src/core/world/testing.ts draws the same."""
    y, x = np.mgrid[0:height, 0:width]
    side = width // 12
    tile = (x // side + 3 * (y // side))[..., None]
    if pattern == "plain":
        return np.broadcast_to(np.uint8([200, 30, 30]), (height, width, 3))
    if pattern == "grey":
        return np.where(tile % 2 == 0, np.uint8(20), np.uint8(230)).repeat(3, -1)
    return np.concatenate([tile * 97 % 256, (tile * 53 + 80) % 256, (tile * 29 + 160) % 256], -1).astype(
        np.uint8
    )


@pytest.mark.parametrize("text,words", CASES["words"])
def test_words_are_those_of_the_page(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize("case", CASES["statistics"])
def test_statistics_are_those_of_the_page(case):
    found = picture_statistics(pattern_pixels(case["pattern"], case["width"], case["height"]))
    assert found == pytest.approx({k: case[k] for k in ("vividEdges", "edgeHues")}, abs=1e-6)


def test_every_training_question_is_made_of_taught_words():
    known, rng = set(taught_words()), np.random.default_rng(3)
    for index in range(6):
        scene, _ = make_item("train", 1 + index % 2, 5, index, (1, 2))
        for kind in KINDS:
            question = ask(scene, kind, rng, choice=index % 2 == 0)
            assert question is None or set(words_of(question.prompt)) <= known


def test_logistic_recovers_the_curve_that_made_the_data():
    rng = np.random.default_rng(0)
    x = rng.uniform(-6, 0, 20_000)
    y = (rng.random(x.size) < 1 / (1 + np.exp(-(2.5 + 0.8 * x)))).astype(float)
    assert logistic(x, y) == pytest.approx((2.5, 0.8), abs=0.1)
