"""What can be told of a picture and a question without a model: are they of the world that ours was taught?

Same arithmetic as src/imaging/statistics.ts and src/core/world/words.ts; src/core/world/cases.json holds both to it.
"""

import re

import numpy as np

EDGE, VIVID, HUES, ENOUGH, PIXELS = 60, 100, 12, 20, 80_000
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def picture_statistics(pixels: np.ndarray) -> dict[str, float]:
    """uint8 [height, width, 3] -> vividEdges, the share of saturated pixels on edges, and edgeHues, the entropy of
    their hues in nats (0 where there are too few of them to tell)."""
    values = _averaged(pixels)
    steps = [
        np.abs(values[1:-1, 2:] - values[1:-1, :-2]).max(-1),
        np.abs(values[2:, 1:-1] - values[:-2, 1:-1]).max(-1),
    ]
    inner = values[1:-1, 1:-1]
    most, least = inner.max(-1), inner.min(-1)
    chosen = (np.maximum(*steps) > EDGE) & (most - least > VIVID)
    total = int(chosen.sum())
    share = total / max(1, chosen.size)
    if total <= ENOUGH:
        return {"vividEdges": share, "edgeHues": 0.0}
    (r, g, b), most, span = inner[chosen].T, most[chosen], (most - least)[chosen]
    hue = np.where(
        most == r, ((g - b) / span + 6) % 6, np.where(most == g, (b - r) / span + 2, (r - g) / span + 4)
    )
    counts = np.bincount(np.floor(hue * (HUES / 6)).astype(int) % HUES, minlength=HUES)
    part = counts[counts > 0] / total
    return {"vividEdges": share, "edgeHues": float(-(part * np.log(part)).sum())}


def _averaged(pixels: np.ndarray) -> np.ndarray:
    """Means of whole blocks, so that edges mean the same at every size."""
    height, width = pixels.shape[:2]
    block = max(1, int(np.floor((width * height / PIXELS) ** 0.5 + 0.5)))
    rows, columns = max(1, height // block), max(1, width // block)
    whole = pixels[: rows * block, : columns * block].astype(np.float64)
    return whole.reshape(rows, block, columns, block, 3).mean((1, 3))


def words_of(text: str) -> list[str]:
    """The words of a question in lower case, once each and in order: codes (capitals, digits) and the letters of
    options are none, and a possessive counts as its word."""
    plain = (w[:-2] if w.endswith("'s") else w for w in _WORD.findall(text.replace("’", "'")))
    found = (w.lower() for w in plain if len(w) > 1 and not w.isupper() or w in ("a", "I"))
    return list(dict.fromkeys(found))
