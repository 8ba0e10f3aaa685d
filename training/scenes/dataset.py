"""Writes scenes as a folder in exactly the V* Bench layout (craigwu/vstar_bench).

`test_questions.jsonl` has one item a line; beside each picture a JSON of the same stem holds the ground truth:
target objects, their boxes as x, y, width, height in original pixels, the question and the options, the right
one first. A free answer has no options: its `text` is the question alone and its `label` the answer.
"""

import io
import json
from pathlib import Path
from zlib import crc32

import numpy as np
from PIL import Image

from .layout import Scene, make_scene
from .questions import Question, draw_question
from .render import render

SUFFIX = "Answer with the option's letter from the given choices directly."
SPLITS = {"train": 1, "bench": 2, "sample": 3}


def generator(split: str, level: int, seed: int, index: int) -> np.random.Generator:
    """The random stream of one item: splits never share one, whatever the seeds are."""
    return np.random.default_rng([SPLITS[split], level, seed, index])


def draw_size(rng: np.random.Generator, least: float, most: float) -> tuple[int, int]:
    """Width and height for a picture of `least` to `most` megapixels (log-uniform), aspect 1:2 to 2:1."""
    pixels = np.exp(rng.uniform(np.log(least), np.log(most))) * 1e6
    aspect = 2 ** rng.uniform(-1, 1)
    return round((pixels * aspect) ** 0.5), round((pixels / aspect) ** 0.5)


def make_item(
    split: str, level: int, seed: int, index: int, megapixels: tuple[float, float]
) -> tuple[Scene, Question]:
    """A scene with its question; the same arguments give the same item."""
    rng = generator(split, level, seed, index)
    look = "train" if split == "train" else "bench"  # which fonts, backgrounds and codes
    size = draw_size(rng, *megapixels)
    while True:
        scene = make_scene(rng, look, level, *size)
        if len(scene.objects) >= 5:
            return scene, draw_question(scene, rng)


def encode_jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=2 if quality < 85 else 0)
    return buffer.getvalue()


def write_dataset(
    out: Path,
    split: str,
    level: int,
    seed: int,
    count: int,
    megapixels: tuple[float, float],
    quality: int = 88,
) -> None:
    """Write `count` items below `out`; level 2 pictures carry visible JPEG artefacts."""
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for index in range(count):
        scene, question = make_item(split, level, seed, index, megapixels)
        name = f"{question.kind}/{crc32(f'{split}/{level}/{seed}'.encode()):08x}_{index:04d}"
        picture = out / f"{name}.jpg"
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(encode_jpeg(render(scene), quality if level == 1 else min(quality, 60)))
        lines.append(json.dumps(record(question, f"{name}.jpg", index)))
        picture.with_suffix(".json").write_text(json.dumps(truth(question), indent=1))
    (out / "test_questions.jsonl").write_text("\n".join(lines) + "\n")


def record(question: Question, image: str, index: int) -> dict:
    """A line of test_questions.jsonl."""
    text = f"{question.prompt}\n{SUFFIX}" if question.options else question.text
    return {
        "image": image,
        "text": text,
        "category": question.kind,
        "label": question.label,
        "question_id": index,
    }


def truth(question: Question) -> dict:
    """The JSON beside a picture."""
    first = [question.answer] + [o for o in question.options if o != question.answer]
    return {
        "target_object": [o.category for o in question.evidence],
        "bbox": [[round(v, 1) for v in box] for box in question.boxes],
        "question": question.text,
        "options": first,
    }
