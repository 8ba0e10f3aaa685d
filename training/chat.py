"""Turns questions into token sequences: one prefix per picture, branches that continue it.

The layout is Qwen's chat template spelled out, so that a branch can be cut where the prefix ends.
"""

from dataclasses import dataclass, field

import numpy as np
from tokenizers import Tokenizer

from .scenes.layout import Box
from .scenes.questions import LATTICE
from .tokenizer import ANSWER, DIRECT, LOCATE, ON_DEMAND, SYSTEM

END = "<|im_end|>"
PREFIX = f"<|im_start|>system\n{SYSTEM}{END}\n<|im_start|>user\n<|vision_start|>"
ASSISTANT = f"{END}\n<|im_start|>assistant\n"
NEXT_USER = "\n<|im_start|>user\n<|vision_start|>"


@dataclass
class Branch:
    """Token ids of one continuation; `learn` marks the targets, `crop` says where a second picture stands."""

    ids: list[int] = field(default_factory=list)
    learn: list[bool] = field(default_factory=list)
    crop: tuple[int, int, int] | None = None  # first position, rows, columns (in vision tokens)
    zoom: tuple[int, int] = (0, 0)  # positions of the digits of the box, or of the crop's name
    looking: tuple[int, int] = (0, 0)  # positions of the thought that looks for the region
    thought: tuple[int, int] = (0, 0)  # positions of the thought that reads

    def add(self, ids: list[int], learn: bool) -> tuple[int, int]:
        start = len(self.ids)
        self.ids += ids
        self.learn += [learn] * len(ids)
        return start, len(self.ids)


class Chat:
    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.image = tokenizer.token_to_id("<|image_pad|>")
        self.vision_end = tokenizer.token_to_id("<|vision_end|>")
        self.prefix = self.encode(PREFIX)

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids

    def box_text(self, box: Box, picture: tuple[int, int], size: tuple[int, int]) -> str:
        """`[x1, y1, x2, y2]` in coarse pixels on the lattice; `size` is the coarse view's width and height."""
        x, y, w, h = (v * size[i % 2] / picture[i % 2] for i, v in enumerate(box))
        corners = (x, y, x + w, y + h)
        bounds = (*size, *size)
        return (
            "[" + ", ".join(str(min(LATTICE * round(c / LATTICE), b)) for c, b in zip(corners, bounds)) + "]"
        )

    def _say(self, branch: Branch, thought: str, answer: str) -> None:
        branch.add(self.encode("<think>"), True)
        branch.thought = branch.add(self.encode(thought), True)
        branch.add(self.encode(f"</think><answer>{answer}</answer>{END}"), True)

    def first_look(self, question, box: str) -> Branch:
        """The question without its options, where to look and why."""
        b = Branch()
        b.add([self.vision_end] + self.encode(LOCATE.format(question=question.text) + ASSISTANT), False)
        b.add(self.encode("<think>"), True)
        b.looking = b.add(self.encode(question.first_thought), True)
        b.add(self.encode("</think><zoom>"), True)
        b.zoom = b.add(self.encode(box), True)
        b.add(self.encode(f"</zoom>{END}"), True)
        return b

    def two_looks(self, question, box: str, rows: int, cols: int) -> Branch:
        """First look, box, crop of rows × cols vision tokens, answer."""
        return self._second_look(self.first_look(question, box), question, rows, cols)

    def _second_look(self, b: Branch, question, rows: int, cols: int) -> Branch:
        b.add(self.encode(NEXT_USER), False)
        b.crop = (b.add([self.image] * (rows * cols), False)[0], rows, cols)
        b.add([self.vision_end] + self.encode(ANSWER.format(question=question.prompt) + ASSISTANT), False)
        self._say(b, question.second_thought, question.answer)
        return b

    def fetched(self, question, crops: str, rows: int, cols: int) -> Branch:
        """AwaRes: asks for a crop, gets it as rows × cols vision tokens, answers."""
        return self._second_look(self.direct(question, crops, True), question, rows, cols)

    def direct(self, question, crops: str | None = None, on_demand: bool = False) -> Branch:
        """An answer at once, or on demand; `crops` is what to ask for where the view is not enough."""
        b = Branch()
        text = (ON_DEMAND if on_demand else DIRECT).format(question=question.prompt)
        b.add([self.vision_end] + self.encode(text + ASSISTANT), False)
        if crops is None:
            self._say(b, question.second_thought, question.answer)
        else:
            b.add(self.encode("GET_CROPS: ['"), True)
            b.zoom = b.add(self.encode(crops), True)
            b.add(self.encode(f"']{END}"), True)
        return b

    def conclude(self, question) -> Branch:
        """The answer that follows from a thought which is given: comparing is learned from words alone."""
        b = self.direct(question)
        b.learn = [t >= b.thought[1] for t in range(len(b.ids))]
        return b


def image_positions(start: int, rows: int, cols: int) -> np.ndarray:
    """M-RoPE positions [3, rows * cols] of a still picture that begins at `start`."""
    r, c = np.divmod(np.arange(rows * cols), cols)
    return np.stack((np.full(rows * cols, start), start + r, start + c))


def positions(length: int, start: int, picture: tuple[int, int, int] | None) -> np.ndarray:
    """M-RoPE positions [3, length] of text that begins at `start` and may hold one picture (first, rows, cols).

    After a picture the count goes on at its start plus its longer side (Qwen2-VL, arXiv 2409.12191, section 2).
    """
    if picture is None:
        return np.tile(np.arange(start, start + length), (3, 1))
    first, rows, cols = picture
    after = start + first + max(rows, cols)
    rest = length - first - rows * cols
    return np.concatenate((
        np.tile(np.arange(start, start + first), (3, 1)),
        image_positions(start + first, rows, cols),
        np.tile(np.arange(after, after + rest), (3, 1)),
    ), 1)  # fmt: skip
