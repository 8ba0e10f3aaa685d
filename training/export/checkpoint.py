"""Tensor-by-tensor access to a safetensors checkpoint: nothing larger than one slice is ever held."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import safe_open

_BLOCK_VALUES = 1 << 24  # values converted to float32 at a time (64 MB)


class Checkpoint:
    """A folder with model.safetensors, or with shards and model.safetensors.index.json.

    Names are asked for in the new style (`model.visual.*`, `model.language_model.*`, `lm_head.weight`); files
    with the older `visual.*` and `model.*` names are found too.
    """

    def __init__(self, folder: Path):
        self._files: dict[str, Path] = {}
        index, single = folder / "model.safetensors.index.json", folder / "model.safetensors"
        if index.exists():
            for name, shard in json.loads(index.read_text())["weight_map"].items():
                self._files[name] = folder / shard
        elif single.exists():
            with safe_open(single, "pt") as file:
                self._files = dict.fromkeys(file.keys(), single)
        else:
            raise FileNotFoundError(f"{folder}: neither model.safetensors nor its index was found")

    def _resolve(self, name: str) -> str | None:
        old = name.replace("model.visual.", "visual.").replace("model.language_model.", "model.")
        return next((n for n in (name, old) if n in self._files), None)

    def has(self, name: str) -> bool:
        return self._resolve(name) is not None

    def _slice(self, name: str):
        found = self._resolve(name)
        if found is None:
            raise KeyError(f"the checkpoint has no tensor {name}")
        # Opened anew each time: a mapping kept open would count every page read towards our memory.
        return safe_open(self._files[found], "pt"), found

    def shape(self, name: str) -> tuple[int, ...]:
        file, found = self._slice(name)
        with file as f:
            return tuple(f.get_slice(found).get_shape())

    def vector(self, name: str) -> torch.Tensor:
        """A small tensor in float32."""
        file, found = self._slice(name)
        with file as f:
            return f.get_tensor(found).float()

    def count(self) -> int:
        """Number of parameters, shared ones counted once."""
        total = 0
        for name in self._files:
            size = 1
            for n in self.shape(name):
                size *= n
            total += size
        return total

    def matrix(self, *names: str) -> "Matrix":
        return Matrix(self, names)


class Matrix:
    """[N, K]: one linear weight, or several stacked along N (fused projections). Trailing axes are flattened."""

    def __init__(self, checkpoint: Checkpoint, names: tuple[str, ...]):
        self._checkpoint, self._names = checkpoint, names
        shapes = [checkpoint.shape(n) for n in names]
        self._rows = [s[0] for s in shapes]
        columns = {int(torch.Size(s[1:]).numel()) for s in shapes}
        if len(columns) != 1:
            raise ValueError(f"{names} differ in their input size: {shapes}")
        self.shape = (sum(self._rows), columns.pop())

    def blocks(self) -> Iterator[tuple[int, torch.Tensor]]:
        """(first row, float32 [rows, K]) in order."""
        step, base = max(1, _BLOCK_VALUES // self.shape[1]), 0
        for name, rows in zip(self._names, self._rows, strict=True):
            for start in range(0, rows, step):
                file, found = self._checkpoint._slice(name)
                with file as f:
                    part = f.get_slice(found)[start : min(start + step, rows)].float().flatten(1)
                yield base + start, part
            base += rows
