"""What a model reads from the right region: codes by their length, apart from whether the region is found.

    python -m training.runs.reading public/models/ergo-tiny --level 2 --seed 71 --count 60

Fresh scenes as JPEG files would hold them; the crop is the region that training wants, at the budget of a run.
Says per length of a code how many were read to the letter, and how many replies had another length than the tag.
"""

import argparse
import io
from pathlib import Path

from PIL import Image

from ..runtime import chat, protocol
from ..runtime.chat import ChatRules, fill
from ..runtime.imaging import fill_budget, resize
from ..runtime.policies import whole_pixels
from ..runtime.scoring import wilson
from ..runtime.vlm import OnnxVLM
from ..scenes.dataset import SPLITS, draw_size, encode_jpeg, generator
from ..scenes.layout import coarse_size, make_scene
from ..scenes.questions import READ, Question, ask, target_region
from ..scenes.render import render
from .regions import MEGAPIXELS, QUALITY, write


def draw(split: str, level: int, seed: int, index: int, coarse: int) -> tuple[Image.Image, Question]:
    """The crop of a scene in which its question's tag can be read, in pixels of the file."""
    rng = generator(split, level, seed, index)
    size = draw_size(rng, *MEGAPIXELS)
    question = None
    while question is None:
        scene = make_scene(rng, split, level, *size)
        question = ask(scene, READ, rng, choice=False)
    width, height = coarse_size(*size, coarse)
    x, y, w, h = target_region(scene, question, (size[0] / width, size[1] / height))
    box = whole_pixels((x, y, x + w, y + h), *size)
    with Image.open(io.BytesIO(encode_jpeg(render(scene), QUALITY[level]))) as file:
        return file.convert("RGB").crop(box), question


def read(model: OnnxVLM, crop: Image.Image, question: Question) -> str:
    prompts, factor = model.manifest["prompts"], model.manifest["image"]["pixelsPerToken"]
    seen = model.encode(resize(crop, *fill_budget(*crop.size, model.manifest["budgets"]["crop"], factor)))
    parts = chat.opening(ChatRules(), prompts["direct"]["system"], [seen])
    parts += chat.asking(ChatRules(), fill(prompts["direct"]["answer"], question.prompt))
    return protocol.parse_answer(write(model, model.extend(model.start(), parts)).text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path, help="model folder written by training.export")
    parser.add_argument("--level", type=int, default=2, choices=QUALITY)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--split", default="bench", choices=SPLITS)
    parser.add_argument("--dtype", default="q8")
    args = parser.parse_args()
    model = OnnxVLM(args.model, args.dtype, 1, unpacked=True)
    found: dict[int, list[tuple[bool, bool]]] = {}
    for index in range(args.count):
        crop, question = draw(args.split, args.level, args.seed, index, model.manifest["budgets"]["coarse"])
        answer, code = read(model, crop, question), question.answer
        found.setdefault(len(code), []).append((answer == code, len(answer) != len(code)))
    print("| characters | n | read right | of another length |\n| --- | --- | --- | --- |")
    for length, rows in sorted(found.items()):
        right = sum(r for r, _ in rows)
        low, high = wilson(right, len(rows)) or (0, 0)
        share = f"{right / len(rows):.1%} ({low:.1%} to {high:.1%})"
        print(f"| {length} | {len(rows)} | {share} | {sum(other for _, other in rows)} |")


if __name__ == "__main__":
    main()
