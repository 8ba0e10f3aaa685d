"""What a model is told: ours for our model, ours or the authors' for other checkpoints.

The authors' stage prompts stay in their repository (github.com/nota-github/ERGO, Apache-2.0); they are read from a
clone that the user points to. A prompt is recognised by its content, so a moved or renamed constant is still found.
"""

import ast
import json
import re
from pathlib import Path


def our_models() -> dict:
    """The prompts our model is trained with."""
    from ..tokenizer import PROMPTS  # here, because it brings the whole data generator along

    return PROMPTS


_SHARED = Path(__file__).parents[2] / "src/models/families/prompts.json"

# As the page asks checkpoints that were taught tags (src/models/families/taught.ts).
GENERIC: dict = json.loads(_SHARED.read_text(encoding="utf-8"))["tags"]


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
