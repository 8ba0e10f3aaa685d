"""Measures where the small model's world ends and writes it into its manifest, as `world`.

    training/.venv/bin/python -m training.world public/models/ergo-tiny [--seed 1] [--pictures 300] [--answers 120]

Words: those of the training questions. Picture: the range of each statistic from its 1st to its 99th percentile
over coarse views of the training split, both levels. Confidence: a logistic curve from the logarithm of an
answer's probability to whether it was right, fitted on answers to both levels of the training split, so that a
chance of 80 % is right in 80 % of such answers. Nothing of the benchmark's split is looked at.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from .export.folder import write_json
from .runtime import protocol
from .runtime.imaging import smart_resize
from .runtime.policies import coarse_to_fine
from .runtime.vlm import OnnxVLM
from .runtime.world import picture_statistics, words_of
from .scenes.dataset import make_item
from .scenes.questions import CORNERS, PHRASES
from .scenes.render import render
from .scenes.vocabulary import COLOURS, NAMES

ABOUT = "drawn scenes of objects with small printed tags"
LEVELS = (1, 2)
SEED = 51_000  # far from those of training and evaluation


def taught_words() -> list[str]:
    """Every word that a question or an option of the training scenes can have."""
    slots = {slot: "" for slot in "xyab"}
    texts = [phrase.format(**slots) for phrases in PHRASES.values() for phrase in phrases]
    texts += [*NAMES, *COLOURS, *CORNERS, "yes no a an left of right above below"]
    return sorted({word for text in texts for word in words_of(text)})


def picture_ranges(model: OnnxVLM, seed: int, count: int) -> dict[str, list[float]]:
    """{statistic: [1st percentile, 99th percentile]} over `count` coarse views of each level."""
    image, budget = model.manifest["image"], model.manifest["budgets"]["coarse"]
    rows = []
    for level in LEVELS:
        for index in range(count):
            scene, _ = make_item("train", level, SEED + seed, index, (4, 12))
            size = smart_resize(
                scene.width, scene.height, budget, image["pixelsPerToken"], image["minTokens"]
            )
            rows.append(picture_statistics(np.asarray(render(scene, size=size))))
    return {
        name: [round(float(v), 4) for v in np.percentile([row[name] for row in rows], [1, 99])]
        for name in rows[0]
    }


def answers(model: OnnxVLM, seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(log-probabilities of the answering texts, whether they were right), `count` of each level."""
    sure, right = [], []
    for level in LEVELS:
        for index in range(count):
            scene, q = make_item("train", level, SEED + 1000 + seed, index, (4, 8))
            outcome = coarse_to_fine(model, render(scene), q.text, q.prompt)
            sure.append(outcome.log_probability)
            right.append(protocol.is_correct(outcome.answer, q.label, q.options))
            if len(right) % 20 == 0:
                print(f"{len(right)} answers, {np.mean(right):.0%} right", file=sys.stderr, flush=True)
    return np.array(sure), np.array(right, float)


def logistic(x: np.ndarray, y: np.ndarray, steps: int = 50) -> tuple[float, float]:
    """Maximum likelihood (intercept, slope) by Newton's method, with a weak prior so that it always exists."""
    design, weight = np.stack([np.ones_like(x), x], 1), np.zeros(2)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-design @ weight))
        gradient = design.T @ (y - p) - 1e-3 * weight
        curvature = (design * (p * (1 - p))[:, None]).T @ design + 1e-3 * np.eye(2)
        weight = weight + np.linalg.solve(curvature, gradient)
    return float(weight[0]), float(weight[1])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training.world", description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path, help="model folder written by training.export")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=300, help="coarse views of each level (default 300)")
    parser.add_argument("--answers", type=int, default=120, help="answers of each level (default 120)")
    parser.add_argument("--threads", type=int, default=2, help="onnxruntime threads (default 2)")
    args = parser.parse_args()
    model = OnnxVLM(args.model, "q8", args.threads)
    intercept, slope = logistic(*answers(model, args.seed, args.answers))
    world = {
        "about": ABOUT,
        "words": taught_words(),
        "picture": picture_ranges(model, args.seed, args.pictures),
        "confidence": {"intercept": round(intercept, 4), "slope": round(slope, 4)},
    }
    write_json(args.model / "manifest.json", {**model.manifest, "world": world})
    print(json.dumps({**world, "words": len(world["words"])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
