"""A second form of a graph for onnxruntime's wasm backend, whose kernels for two of our operators are slow.

- MatMulNBits there unpacks all of its weights in every call. Here plain operators on constants unpack them, which the
  session folds once while it is opened: 4 bytes a weight in memory, and the same products.
- GroupQueryAttention there takes tiles of one row, because it does not know the size of a cache
  (microsoft/onnxruntime#33202). It takes its plain way when the softmax has a sink; one of -inf adds nothing.

The new file holds no weights: its tensors point into the file that it was made from.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from .quantize import BLOCK

_SINK = 11  # index of GroupQueryAttention's input head_sink


def write_wasm(source: Path) -> Path | None:
    """Writes `source` (x.onnx, its weights inside) as x_wasm.onnx beside it, and returns that path.

    None without writing anything where `source` has none of the two operators.
    """
    model = onnx.load(str(source))
    if not any(node.op_type in ("MatMulNBits", "GroupQueryAttention") for node in model.graph.node):
        return None
    rewriter = _Rewriter(model.graph)
    nodes = [new for node in model.graph.node for new in rewriter.rewrite(node)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    stored = source.read_bytes()
    for tensor in model.graph.initializer:
        if len(tensor.raw_data) >= 1024:
            _point_into(tensor, source.name, stored)
    path = source.with_name(f"{source.stem}_wasm.onnx")
    path.write_bytes(model.SerializeToString())
    return path


def _point_into(tensor: TensorProto, name: str, stored: bytes) -> None:
    offset, length = stored.find(tensor.raw_data), len(tensor.raw_data)
    if offset < 0:
        raise ValueError(f"{tensor.name} does not lie in {name} as it was loaded")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", name), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))


class _Rewriter:
    def __init__(self, graph: GraphProto):
        self._tensors = graph.initializer
        self._shapes = {t.name: tuple(t.dims) for t in graph.initializer}

    def rewrite(self, node: NodeProto) -> list[NodeProto]:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "MatMulNBits" and attributes["bits"] == 8 and len(node.input) == 3:
            return self._unpacked(node, attributes["N"], attributes["K"])
        if node.op_type == "GroupQueryAttention":
            node.input.extend([""] * (_SINK - len(node.input)))
            node.input.append(self._const("no_sink", np.full(attributes["num_heads"], -np.inf, np.float32)))
        return [node]

    def _unpacked(self, node: NodeProto, n: int, k: int) -> list[NodeProto]:
        x, data, scales = node.input
        padded = self._shapes[data][1] * BLOCK
        steps: list[NodeProto] = []

        def then(kind: str, *inputs: str, **attributes) -> str:
            out = f"{node.name}.{len(steps)}"
            steps.append(helper.make_node(kind, list(inputs), [out], out, **attributes))
            return out

        centred = then(
            "Sub", then("Cast", data, to=TensorProto.FLOAT), self._const("zero_point", np.float32(128))
        )
        factors = then(
            "Reshape", scales, self._const(f"shape_{n}_{padded // BLOCK}_1", [n, padded // BLOCK, 1])
        )
        weight = then("Mul", centred, factors)
        weight = then("Reshape", weight, self._const(f"shape_{n}_{padded}", [n, padded]))
        if padded != k:
            end = self._const(f"columns_{k}", [k])
            weight = then("Slice", weight, self._const("first", [0]), end, self._const("axis", [1]))
        weight = then("Transpose", weight, perm=[1, 0])
        return [*steps, helper.make_node("MatMul", [x, weight], list(node.output), node.name)]

    def _const(self, name: str, values) -> str:
        name = f"wasm.{name}"
        if name not in self._shapes:
            array = values if isinstance(values, np.generic | np.ndarray) else np.array(values, np.int64)
            self._tensors.append(numpy_helper.from_array(np.asarray(array), name))
            self._shapes[name] = np.shape(array)
        return name
