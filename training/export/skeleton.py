"""Graphs of a checkpoint that is not there: its shapes alone, and how to draw its large weights elsewhere.

A model costs the same whatever its weights are, so a machine that is to be measured can make them itself: what
travels is a graph of some kilobytes and a list of parts of its data files, each to be filled by chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .checkpoint import Matrix
from .graph import CHUNK_BYTES, Graph

SMALL_BYTES = 64_000  # weights up to this travel as they are, but for what is quantized


class Shapes:
    """Stands in for a Checkpoint: the tensors' names and shapes; vectors drawn, matrices without values."""

    def __init__(self, shapes: dict[str, tuple[int, ...]], seed: int = 1):
        self._shapes, self._seed = shapes, seed

    def has(self, name: str) -> bool:
        return name in self._shapes

    def shape(self, name: str) -> tuple[int, ...]:
        return self._shapes[name]

    def vector(self, name: str) -> torch.Tensor:
        """Norms about 1, so that no layer loses or multiplies what goes through it; the rest about 0."""
        generator = torch.Generator().manual_seed(self._seed + len(name))
        values = 0.02 * torch.randn(self._shapes[name], generator=generator)
        return values + 1 if "norm" in name and name.endswith("weight") else values

    def matrix(self, *names: str) -> Matrix:
        return _Blank(self, names)


class _Blank(Matrix):
    def blocks(self) -> Iterator[tuple[int, torch.Tensor]]:
        """What may travel as it is: else the memory that was kept for it would, whatever is in there (NaN).
        Of larger ones nothing, because all of it is drawn elsewhere."""
        rows, columns = self.shape
        if rows * columns <= SMALL_BYTES:
            generator = torch.Generator().manual_seed(rows * columns)
            yield 0, torch.randn((rows, columns), generator=generator) * columns**-0.5


@dataclass(frozen=True)
class Part:
    """`length` bytes of a data file from `offset`. `kind`: bytes of any value, or float16 or float32 of that spread."""

    file: str
    offset: int
    length: int
    kind: str
    spread: float


class Skeleton(Graph):
    """A graph whose data files are described in `parts` and `small` instead of being written."""

    def __init__(self, path: Path, half: bool):
        super().__init__(path, half, inline_bytes=0)
        self.parts: list[Part] = []
        self.small: list[tuple[str, int, bytes]] = []  # file, offset, bytes
        self.sizes: dict[str, int] = {}

    def _store(self, tensor, array: np.ndarray) -> None:
        chunk = self._place(array.nbytes)
        file, offset = chunk[0].name, chunk[1] - array.nbytes
        self.sizes[file] = chunk[1]
        is_quantized = array.dtype == np.uint8 or tensor.name.endswith("scales")
        is_small = array.nbytes <= SMALL_BYTES and not is_quantized
        if is_small or array.dtype in (np.int64, np.int32) or "constant" in tensor.name:
            self.small.append((file, offset, array.tobytes()))
        else:
            kind, spread = _drawn(tensor.name, array)
            self.parts.append(Part(file, offset, array.nbytes, kind, spread))
        self._refer(tensor, file, offset, array.nbytes)

    def _place(self, length: int) -> list:
        full = self._chunks and self._chunks[-1][1] and self._chunks[-1][1] + length > CHUNK_BYTES
        if not self._chunks or self._break or full:
            self._break = False
            suffix = f"_{len(self._chunks)}" if self._chunks else ""
            self._chunks.append([self.path.with_name(f"{self.path.name}_data{suffix}"), 0])
        chunk = self._chunks[-1]
        chunk[1] += -chunk[1] % 64 + length
        return chunk


def _drawn(name: str, array: np.ndarray) -> tuple[str, float]:
    """Values of a layer that keeps the size of what goes through it: a spread of 1 / sqrt(inputs)."""
    if array.dtype == np.uint8:
        return "bytes", 0.0
    kind = "float16" if array.dtype == np.float16 else "float32"
    # Scales stand before whole numbers of a spread of about 40 (of eight bits) or 4 (of four).
    if name.endswith("scales"):
        return kind, 0.0005
    return kind, float(array.shape[0]) ** -0.5
