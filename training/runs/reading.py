"""What a model reads from the right region: codes by their length, apart from whether the region is found.

    python -m training.runs.reading public/models/ergo-tiny --level 2 --seed 71 --count 60

Fresh scenes as JPEG files would hold them; the crop is the region that training wants, at the budget of a run.
Says per length of a code how many were read to the letter, and how many replies had another length than the tag.
"""

import argparse
from pathlib import Path

from ..runtime import chat, protocol
from ..runtime.chat import ChatRules, fill
from ..runtime.policies import whole_pixels
from ..runtime.protocol import Box
from ..runtime.scoring import wilson
from ..runtime.vlm import OnnxVLM
from ..scenes.dataset import SPLITS, draw_size, generator
from ..scenes.layout import coarse_size, make_scene
from ..scenes.questions import READ, ask, target_region
from .regions import MEGAPIXELS, QUALITY, Asked, as_file, write


def draw(model: OnnxVLM, split: str, level: int, seed: int, index: int) -> tuple[Asked, Box]:
    """A scene's picture with a question for a code, and where it can be read, in pixels of the file."""
    rng = generator(split, level, seed, index)
    size = draw_size(rng, *MEGAPIXELS)
    question = None
    while question is None:
        scene = make_scene(rng, split, level, *size)
        question = ask(scene, READ, rng, choice=False)
    width, height = coarse_size(*size, model.manifest["budgets"]["coarse"])
    x, y, w, h = target_region(scene, question, (size[0] / width, size[1] / height))
    return Asked(model, as_file(scene), question), whole_pixels((x, y, x + w, y + h), *size)


def read(asked: Asked, box: Box) -> str:
    """The code that is read when the box is all there is to see."""
    model, prompts = asked.model, asked.model.manifest["prompts"]
    seen = asked.encode(model.manifest["budgets"]["crop"], box)
    parts = chat.opening(ChatRules(), prompts["direct"]["system"], [seen])
    parts += chat.asking(ChatRules(), fill(prompts["direct"]["answer"], asked.question.prompt))
    return protocol.parse_answer(write(model, model.extend(model.start(), parts)).text)


def table(rows: list[tuple[str, str]]) -> str:
    """Of (code, what was read), a line per length of the code."""
    lines = ["| characters | n | read right | of another length |", "| --- | --- | --- | --- |"]
    for length in sorted({len(code) for code, _ in rows}):
        some = [(code, answer) for code, answer in rows if len(code) == length]
        right = sum(answer == code for code, answer in some)
        low, high = wilson(right, len(some)) or (0, 0)
        share = f"{right / len(some):.1%} ({low:.1%} to {high:.1%})"
        lines.append(f"| {length} | {len(some)} | {share} | {sum(len(a) != length for _, a in some)} |")
    return "\n".join(lines)


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
    rows = []
    for index in range(args.count):
        asked, box = draw(model, args.split, args.level, args.seed, index)
        rows.append((asked.question.answer, read(asked, box)))
    print(table(rows))


if __name__ == "__main__":
    main()
