"""Datasets in the V* Bench layout (craigwu/vstar_bench): test_questions.jsonl, pictures, a JSON beside each picture.

Our own free-answer items keep the layout: `text` is the question alone and `label` the answer's text.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from .protocol import Box, chosen_option

_OPTION = re.compile(r"^\(([A-Z])\)\s*(.*)$")
# "Answer with the option's letter from the given choices directly." and its like.
_INSTRUCTION = re.compile(
    r"\b(?:answer|select|choose|respond|reply)\b.*\b(?:letter|option|choice)s?\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Item:
    """`prompt` is the question with its options; `boxes` hold the evidence in original pixels, empty if unknown."""

    id: str
    image: Path
    question: str
    options: list[str]
    prompt: str
    label: str
    category: str
    boxes: list[Box] = field(default_factory=list)


def split_text(text: str) -> tuple[str, list[str]]:
    """Question and options of a V* text. Same rule as `splitQuestion` of src/core/protocol/question.ts.

    Lines of a question, "(A) …" lines in any order, and a closing instruction, which is dropped. Letters that leave
    one out or come twice are no options: the text is a free question then, and stays whole.
    """
    lines = re.split(r"\r\n|\r|\n", text.strip())
    found, rest = [], []
    for line in lines:
        if option := _OPTION.match(line.strip()):
            found.append((option.group(1), option.group(2).strip()))
        elif not found or not _INSTRUCTION.search(line):
            rest.append(line)
    options = dict(found)
    letters = [chr(ord("A") + i) for i in range(len(found))]
    if not found or sorted(options) != letters:
        return "\n".join(lines).strip(), []
    return "\n".join(rest).strip(), [options[letter] for letter in letters]


def read_dataset(folder: Path, limit: int | None = None) -> list[Item]:
    """Items in file order. Raises FileNotFoundError without test_questions.jsonl."""
    lines = (folder / "test_questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()][:limit]
    return [_item(folder, row) for row in rows]


def _item(folder: Path, row: dict) -> Item:
    image = folder / row["image"]
    question, options = split_text(row["text"])
    lettered = [f"({chr(ord('A') + i)}) {option}" for i, option in enumerate(options)]
    return Item(str(row["question_id"]), image, question, options, "\n".join([question, *lettered]),
                _label(row["label"], options), row["category"], _boxes(image.with_suffix(".json")))  # fmt: skip


def _label(label: str | int, options: list[str]) -> str:
    """A number counts the options from 0, unless it is the text of one."""
    text = str(label)
    if isinstance(label, int) and chosen_option(text, options) is None and 0 <= label < len(options):
        return chr(ord("A") + label)
    return text


def is_unfit(item: Item) -> bool:
    """Its label is none of its options: every answer would count as wrong."""
    return bool(item.options) and chosen_option(item.label, item.options) is None


def _boxes(path: Path) -> list[Box]:
    if not path.exists():
        return []
    found = json.loads(path.read_text(encoding="utf-8")).get("bbox") or []
    return [(x, y, x + w, y + h) for x, y, w, h in found]
