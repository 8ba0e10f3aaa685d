"""Shapes without weights: every byte of the data files is told, where the graphs look for it."""

import base64
from pathlib import Path

import numpy as np
import onnx
import pytest

from ..fixtures.shapes import build


@pytest.mark.parametrize("name", ["qwen3.5-0.8b", "qwen2.5-vl-3b"])
def test_every_weight_is_told_once_and_where_the_graph_looks_for_it(name: str, tmp_path: Path):
    told = build(name, tmp_path, layers=4)
    pieces = {(p["file"], p["offset"]): p["length"] for p in told["parts"]}
    small = {(file, at): len(base64.b64decode(data)) for file, at, data in told["small"]}
    assert not pieces.keys() & small.keys()
    pieces |= small
    wanted = {}
    for path in told["sessions"].values():
        for tensor in onnx.load(tmp_path / path, load_external_data=False).graph.initializer:
            where = {e.key: e.value for e in tensor.external_data}
            if where:
                wanted[f"onnx/{where['location']}", int(where["offset"])] = int(where["length"])
    assert pieces == wanted
    ends: dict[str, int] = {}
    for (file, at), length in sorted(pieces.items()):
        assert 0 <= at - ends.get(file, 0) < 64
        ends[file] = at + length
    assert ends == told["sizes"]
    assert not [*tmp_path.rglob("*_data*")]


@pytest.mark.parametrize("tiny", [True, False])
@pytest.mark.parametrize("name", ["qwen3.5-0.8b", "qwen2.5-vl-3b"])
def test_what_travels_as_it_is_was_written(name: str, tiny: bool, tmp_path: Path):
    """Memory that was only kept for a matrix has any bits: numbers that are none, and enormous ones."""
    told = build(name, tmp_path, None if tiny else 4, tiny)
    small = {(file, at): base64.b64decode(data) for file, at, data in told["small"]}
    floats = {onnx.TensorProto.FLOAT16: np.float16, onnx.TensorProto.FLOAT: np.float32}
    seen = 0
    for path in told["sessions"].values():
        for tensor in onnx.load(tmp_path / path, load_external_data=False).graph.initializer:
            where = {e.key: e.value for e in tensor.external_data}
            key = (f"onnx/{where['location']}", int(where["offset"])) if where else None
            data = small.get(key) if key else tensor.raw_data
            if not data or tensor.data_type not in floats or "constant" in tensor.name:
                continue
            values = np.abs(np.frombuffer(data, floats[tensor.data_type]).astype(np.float64))
            assert values.max() < 16, tensor.name
            seen += 1
    assert seen > 10
