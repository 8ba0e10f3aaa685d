"""What a model is told: ours for our model, ours or the authors' for other checkpoints.

The authors' stage prompts stay in their repository (github.com/nota-github/ERGO, Apache-2.0); they are read from a
clone that the user points to. A prompt is recognised by its content, so a moved or renamed constant is still found.
"""

import ast
import re
from pathlib import Path


def our_models() -> dict:
    """The prompts our model is trained with."""
    from ..tokenizer import PROMPTS  # here, because it brings the whole data generator along

    return PROMPTS


_ANSWER = (
    "Reason step by step inside <think> </think>, then give only the final answer inside <answer> </answer>. "
    "Where options are given, the answer is the letter of one of them."
)

GENERIC = {
    "coarseToFine": {
        "system": "You answer questions about large pictures. You first see the whole picture at low resolution and "
        "name the region to look at; then you see that region in detail and answer.",
        "locate": "{question}\nWhich part of the picture must be seen in detail to answer this? Reason inside <think> "
        "</think>, then write the region as integer pixel coordinates of this picture: "
        "<zoom>[x1, y1, x2, y2]</zoom>.",
        "answer": "This is the region in detail.\n{question}\nUse the whole picture and the region. "
        + _ANSWER,
    },
    "direct": {"system": "You answer questions about pictures.", "answer": "{question}\n" + _ANSWER},
    "onDemand": {
        "system": "You answer questions about large pictures, which you first see at low resolution.",
        "first": "{question}\nIf the picture is clear enough, answer: "
        + _ANSWER
        + " Otherwise ask for detail with "
        "one line GET_CROPS: ['n'], listing one or more of: 0 top left, 1 top right, 2 bottom left, 3 bottom right, "
        "4 centre, 5 top half, 6 bottom half, 7 left half, 8 right half, all.",
        "second": "These are the crops you asked for.\n{question}\n" + _ANSWER,
    },
}


def _strings(tree: ast.Module) -> dict[str, str]:
    """String constants assigned at the top level; parenthesised and added pieces are joined."""

    def value(node: ast.AST) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = value(node.left), value(node.right)
            return None if left is None or right is None else left + right
        return None

    found = {}
    for node in tree.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        text = value(node.value) if targets and node.value else None
        if text is not None:
            found.update({t.id: text for t in targets if isinstance(t, ast.Name)})
    return found


_SLOT = re.compile(r"\{\s*question\s*\}", re.IGNORECASE)


def _pick(constants: dict[str, str]) -> dict[str, str]:
    """The system, locate and answer prompt among a module's constants; whichever are there."""
    found = {}
    for name, text in constants.items():
        if _SLOT.search(text):
            kind = "locate" if "<zoom>" in text else "answer" if "<answer>" in text else None
        else:
            kind = "system" if "SYSTEM" in name.upper() else None
        if kind:
            found.setdefault(kind, _SLOT.sub("{question}", text))
    return found


def read_ergo_prompts(repository: Path) -> dict:
    """The manifest's `prompts` with the authors' two stages.

    Raises FileNotFoundError when `repository` is no folder, ValueError (naming what is missing and what was seen)
    when no single Python module of it holds the three prompts.
    """
    if not repository.is_dir():
        raise FileNotFoundError(f"--ergo-repo: {repository} is not a folder")
    seen = {}
    # The evaluated prompts come before a demonstration's, which are worded a little differently.
    paths = sorted(repository.rglob("*.py"), key=lambda p: ("demo" in p.relative_to(repository).parts, p))
    for path in paths:
        try:
            found = _pick(_strings(ast.parse(path.read_text(encoding="utf-8"))))
        except (SyntaxError, UnicodeDecodeError):
            continue
        if len(found) == 3:
            return {**GENERIC, "coarseToFine": {k: found[k] for k in ("system", "locate", "answer")}}
        if found:
            seen[str(path.relative_to(repository))] = sorted(found)
    raise ValueError(
        f"--ergo-repo: no Python module below {repository} defines all of: a constant named *SYSTEM*, a template with "
        f"{{Question}} and <zoom>, a template with {{Question}} and <answer>. Seen: {seen or 'nothing'}"
    )
