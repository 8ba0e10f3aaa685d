"""On a GPU nothing but what is asked for comes down to the CPU: what a graph computes there must not steer it.

onnxruntime's WebGPU provider keeps shapes and 64-bit integers on the CPU and floats on the GPU, and copies a tensor
down (MemcpyToHost) where a node on one side wants what a node on the other side made. That these graphs read nothing
else is counted in the browser too (e2e/engine.e2e.ts); here it is seen without a GPU, for two checkpoints' shapes, and in
test_fixtures.py for every family's small model.
"""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto

from ..fixtures.shapes import build

# Operands whose values the provider has to know on the CPU.
SIZES = {"Reshape": (1,), "Expand": (1,), "Tile": (1,), "Slice": (1, 2, 3, 4), "Pad": (1,), "Split": (1,),
         "Squeeze": (1,), "Unsqueeze": (1,), "ConstantOfShape": (0,), "Range": (0, 1, 2)}  # fmt: skip
# What is no float any more.
ORDER = {"ArgMax", "ArgMin", "TopK", "NonZero", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal", "And",
         "Or", "Not", "IsNaN", "IsInf", "Where"}  # fmt: skip
FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16}


def copied_down(graph: onnx.GraphProto) -> list[str]:
    """Nodes that need on the CPU what was computed from floats."""
    computed = {i.name for i in graph.input if i.type.tensor_type.elem_type in FLOATS}
    constants = {t.name for t in graph.initializer}
    whole = {t.name: t.data_type not in FLOATS for t in graph.initializer}
    found = []
    for node in graph.node:
        operands = [name for name in node.input if name]
        from_floats = any(name in computed for name in operands)
        cast = next((a.i for a in node.attribute if a.name == "to"), None) if node.op_type == "Cast" else None
        steers = any(node.input[i] in computed for i in SIZES.get(node.op_type, ()) if i < len(node.input))
        turned = from_floats and (node.op_type in ORDER or (cast is not None and cast not in FLOATS))
        if steers or turned:
            found.append(f"{node.name}({', '.join(operands)})")
        # Sizes are known without the values; a table of floats makes floats of the indices into it.
        tables = any(name in constants and not whole[name] for name in operands)
        if node.op_type != "Shape" and (from_floats or tables or cast in FLOATS):
            computed |= set(node.output)
    return found


@pytest.mark.parametrize("name", ["qwen3.5-0.8b", "qwen2.5-vl-3b"])
def test_no_graph_waits_for_what_the_gpu_computed(name: str, tmp_path: Path):
    told = build(name, tmp_path, layers=4)
    for path in told["sessions"].values():
        assert copied_down(onnx.load(tmp_path / path, load_external_data=False).graph) == []


def test_the_rule_sees_a_copy():
    x = onnx.helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])
    y = onnx.helper.make_tensor_value_info("y", TensorProto.INT64, [1])
    nodes = [onnx.helper.make_node("Exp", ["x"], ["e"]), onnx.helper.make_node("ArgMax", ["e"], ["y"])]
    assert len(copied_down(onnx.helper.make_graph(nodes, "g", [x], [y]))) == 1
