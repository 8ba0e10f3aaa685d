"""Multimodal rotary positions of Qwen2.5-VL (arXiv 2409.12191 section 2.1), for histories that mix text and pictures."""

from collections.abc import Sequence

import numpy as np

TextRun = int  # number of text tokens
PictureRun = tuple[int, int]  # rows and columns of merged tokens


def mrope_positions(runs: Sequence[TextRun | PictureRun], start: int = 0) -> tuple[np.ndarray, int]:
    """Positions of consecutive runs of text and pictures, the first at position `start`.

    A text token has one position on all three axes. A picture's tokens share the temporal position and count rows
    and columns from there; what follows starts after the picture's longer side, not after its number of tokens.

    Returns (int64 [3, tokens], the position of whatever comes next).
    """
    parts = []
    for run in runs:
        if isinstance(run, tuple):
            rows, cols = run
            grid = np.zeros((3, rows, cols), np.int64)
            grid[1] = np.arange(rows)[:, None]
            grid[2] = np.arange(cols)[None]
            parts.append(grid.reshape(3, -1) + start)
            start += max(rows, cols)
        else:
            parts.append(np.broadcast_to(np.arange(run) + start, (3, run)))
            start += run
    positions = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), np.int64)
    return positions.astype(np.int64), start
