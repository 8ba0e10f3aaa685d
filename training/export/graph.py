"""A small writer of ONNX graphs: nodes by hand, weights streamed to disk as they come.

Graphs are written directly rather than traced: the operators the browser's GPU backend has fused kernels for are
then in place from the start, and a 7B checkpoint never has to be loaded.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from .checkpoint import Matrix
from .quantize import BLOCK, quantize_matrix

OPSET, MICROSOFT = 21, "com.microsoft"
CHUNK_BYTES = 1_400_000_000  # a browser's ArrayBuffer ends near 2 GB; fetches and caches prefer less
INLINE_BYTES = 256_000_000  # a model below this is one file
_TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.float16): TensorProto.FLOAT16,
          np.dtype(np.uint8): TensorProto.UINT8, np.dtype(np.int64): TensorProto.INT64,
          np.dtype(np.int32): TensorProto.INT32}  # fmt: skip


class Graph:
    """Builds one graph and writes it to `path` (.onnx), external data to `path`_data, `path`_data_1, …

    `half` makes activations and float weights float16. Node methods return the name(s) of their outputs.
    """

    def __init__(
        self, path: Path, half: bool, chunk_bytes: int = CHUNK_BYTES, inline_bytes: int = INLINE_BYTES
    ):
        self.path, self.half = path, half
        self.float = TensorProto.FLOAT16 if half else TensorProto.FLOAT
        self.dtype = np.float16 if half else np.float32
        self._chunk_bytes, self._inline_bytes = chunk_bytes, inline_bytes
        self._nodes, self._inputs, self._outputs, self._tensors = [], [], [], []
        self._constants: dict[tuple, str] = {}
        self._counter, self._chunks, self._total, self._break = 0, [], 0, False
        path.parent.mkdir(parents=True, exist_ok=True)
        for stale in path.parent.glob(path.name + "_data*"):
            stale.unlink()

    def input(self, name: str, kind: int, shape: list) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, kind: int, shape: list) -> None:
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def op(self, kind: str, *inputs: str, out: int | str | list[str] = 1, domain: str = "", **attributes):
        """Adds a node. `out` is a count, a name, or names ('' leaves an optional output away)."""
        self._counter += 1
        label = f"{kind}_{self._counter}"
        if isinstance(out, int):
            outs = [f"{label}_{i}" for i in range(out)] if out > 1 else [f"{label}_out"]
        else:
            outs = [out] if isinstance(out, str) else out
        self._nodes.append(
            helper.make_node(kind, list(inputs), outs, name=label, domain=domain, **attributes)
        )
        return outs[0] if len(outs) == 1 else outs

    def contrib(self, kind: str, *inputs: str, out: int | str | list[str] = 1, **attributes):
        return self.op(kind, *inputs, out=out, domain=MICROSOFT, **attributes)

    def const(self, values, dtype=np.int64) -> str:
        """A small constant, stored inline and once."""
        array = np.asarray(values, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self.weight(f"constant_{len(self._constants)}", array)
        return self._constants[key]

    def cast(self, x: str, kind: int) -> str:
        return self.op("Cast", x, to=kind)

    def weight(self, name: str, array: np.ndarray) -> str:
        """Stores an initializer: on disk at once, unless it is tiny."""
        tensor = TensorProto(name=name, data_type=_TYPES[array.dtype], dims=array.shape)
        if array.nbytes < 1024:
            tensor.raw_data = array.tobytes()
        else:
            self._store(tensor, np.ascontiguousarray(array))
        self._tensors.append(tensor)
        return name

    def vector(self, name: str, values: np.ndarray) -> str:
        return self.weight(name, np.asarray(values).astype(self.dtype))

    def start_part(self) -> None:
        """The next stored weight begins a new file of external data."""
        self._break = True

    def _store(self, tensor: TensorProto, array: np.ndarray) -> None:
        full = self._chunks and self._chunks[-1][1] and self._chunks[-1][1] + array.nbytes > self._chunk_bytes
        if not self._chunks or self._break or full:
            self._break = False
            suffix = f"_{len(self._chunks)}" if self._chunks else ""
            self._chunks.append([self.path.with_name(f"{self.path.name}_data{suffix}"), 0])
        chunk = self._chunks[-1]
        with open(chunk[0], "ab") as file:
            file.write(bytes(-chunk[1] % 64))
            offset = chunk[1] + (-chunk[1] % 64)
            array.tofile(file)
        chunk[1] = offset + array.nbytes
        self._refer(tensor, chunk[0].name, offset, array.nbytes)

    def _refer(self, tensor: TensorProto, file: str, offset: int, length: int) -> None:
        self._total += length
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", file), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))

    def linear(
        self, x: str, name: str, matrix: Matrix, bits: int | None, bias: np.ndarray | None = None
    ) -> str:
        """x [..., K] -> [..., N]. `bits` 8 or 4 store MatMulNBits blocks, None a plain matrix."""
        n, k = matrix.shape
        if bits is None:
            table = np.empty((k, n), self.dtype)
            for start, rows in matrix.blocks():
                table[:, start : start + rows.shape[0]] = rows.numpy().T
            y = self.op("MatMul", x, self.weight(f"{name}.weight", table))
        else:
            packed = quantize_matrix(matrix, bits)
            operands = [x, self.weight(f"{name}.weight_q{bits}", packed.data)]
            operands.append(self.weight(f"{name}.scales", packed.scales.astype(self.dtype)))
            if packed.zero_points is not None:
                operands.append(self.weight(f"{name}.zero_points", packed.zero_points))
            y = self.contrib(
                "MatMulNBits", *operands, K=k, N=n, bits=bits, block_size=BLOCK, accuracy_level=0
            )
        return y if bias is None else self.op("Add", y, self.vector(f"{name}.bias", bias))

    def save(self) -> list[Path]:
        """Writes the graph; returns its files, the .onnx first."""
        graph = helper.make_graph(self._nodes, self.path.stem, self._inputs, self._outputs)
        graph.initializer.extend(self._tensors)
        if self._total < self._inline_bytes:
            self._inline(graph.initializer)
        imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=10), str(self.path))
        return [self.path, *(chunk for chunk, _ in self._chunks)]

    def _inline(self, tensors) -> None:
        for tensor in tensors:
            if tensor.data_location == TensorProto.EXTERNAL:
                where = {e.key: e.value for e in tensor.external_data}
                with open(self.path.with_name(where["location"]), "rb") as file:
                    file.seek(int(where["offset"]))
                    tensor.raw_data = file.read(int(where["length"]))
                tensor.ClearField("external_data")
                tensor.data_location = TensorProto.DEFAULT
        for chunk, _ in self._chunks:
            chunk.unlink()
        self._chunks = []
