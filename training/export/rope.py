"""Rotary angles as table look-ups.

Cos and Sin of some GPU backends are off by 2e-4, so nothing is computed there: a position p = a·step + b is split
and cos(p·f), sin(p·f) come from two small float64-accurate tables by the angle addition theorem. 32768 positions
take (128 + 256) rows instead of 32768.
"""

import numpy as np

from .graph import Graph

STEP = 256


def frequencies(theta: float, dim: int) -> np.ndarray:
    """[dim / 2] inverse frequencies, rounded to float32 where the reference implementation rounds."""
    exponent = np.arange(0, dim, 2, dtype=np.float32) / np.float32(dim)
    return (np.float32(1) / np.float32(theta) ** exponent).astype(np.float64)


def cos_sin(g: Graph, name: str, positions: str, frequency: np.ndarray, limit: int) -> tuple[str, str]:
    """Nodes for float32 cos and sin [..., len(frequency)] of int64 `positions` [...] in 0 … limit - 1."""
    coarse = np.arange(-(-limit // STEP))[:, None] * STEP * frequency
    fine = np.arange(min(STEP, limit))[:, None] * frequency
    tables = {
        key: g.weight(f"{name}.{key}", fn(angle).astype(np.float32))
        for key, fn, angle in (("cos_a", np.cos, coarse), ("sin_a", np.sin, coarse),
                               ("cos_b", np.cos, fine), ("sin_b", np.sin, fine))
    }  # fmt: skip
    high = g.op("Div", positions, g.const(STEP))
    low = g.op("Sub", positions, g.op("Mul", high, g.const(STEP)))
    cos_a, sin_a = (g.op("Gather", tables[k], high, axis=0) for k in ("cos_a", "sin_a"))
    cos_b, sin_b = (g.op("Gather", tables[k], low, axis=0) for k in ("cos_b", "sin_b"))
    cos = g.op("Sub", g.op("Mul", cos_a, cos_b), g.op("Mul", sin_a, sin_b))
    sin = g.op("Add", g.op("Mul", sin_a, cos_b), g.op("Mul", cos_a, sin_b))
    return cos, sin
