"""The layout of a conversation: what a family's chat template would write. Twin of src/core/protocol/chat.ts."""

from collections.abc import Sequence
from dataclasses import dataclass


class Words(str):
    """Text of a person or a dataset: never special tokens, whatever it spells."""


@dataclass(frozen=True)
class ChatRules:
    """What a template does beside the turns themselves; the defaults are ChatML with nothing added."""

    default_system: str | None = None
    reply_prefix: str = ""
    later_look: str = "user"  # or "tool-response"


def opening(chat: ChatRules, system: str, pictures: Sequence) -> list:
    """The system turn, if there is one, and the first user turn up to and including its pictures."""
    told = system or chat.default_system
    turn = f"<|im_start|>system\n{told}<|im_end|>\n" if told is not None else ""
    return [f"{turn}<|im_start|>user\n", *_pictured(pictures)]


def asking(chat: ChatRules, words: Sequence) -> list:
    """The user's words and the start of the model's turn."""
    return [*words, f"<|im_end|>\n<|im_start|>assistant\n{chat.reply_prefix}"]


def asking_again(chat: ChatRules, pictures: Sequence, words: Sequence) -> list:
    """Ends the model's turn, and asks again with further pictures."""
    tool = chat.later_look == "tool-response"
    begin = "<|im_end|>\n<|im_start|>user\n" + ("<tool_response>\n" if tool else "")
    return [begin, *_pictured(pictures), *asking(chat, [*words, "\n</tool_response>"] if tool else words)]


def _pictured(pictures: Sequence) -> list:
    return [part for p in pictures for part in ("<|vision_start|>", p, "<|vision_end|>")]


def fill(template: str, question: str) -> list[str]:
    """A question in a template: the template is ours, the question somebody's words."""
    head, *rest = template.split("{question}")
    parts = [head] + [part for text in rest for part in (Words(question), text)]
    return [part for part in parts if part]


def cut_words(pieces: Sequence[str], specials: Sequence[str]) -> list[str]:
    """The pieces joined, and cut after the first character of every special token that holds any of `Words`.

    A tokenizer finds special tokens in all of a text, so the result is tokenised piece by piece. Text without such
    words stays whole, as models saw it in training. Twin of src/core/protocol/literal.ts.
    """
    text = "".join(pieces)
    ours = [not isinstance(piece, Words) for piece in pieces for _ in piece]
    longest_first = sorted((s for s in specials if len(s) > 1), key=len, reverse=True)
    cuts, at = [0], 0
    while at < len(text):
        found = next((s for s in longest_first if text.startswith(s, at)), None)
        if found and not all(ours[at : at + len(found)]):
            cuts.append(at + 1)
        at += len(found) if found and cuts[-1] != at + 1 else 1
    return [text[a:b] for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True) if a < b]
