"""What the vision encoders of all families share: doors, rotary angles, linear layers, attention.

pixel_values float32 [patches, channels·2·patch·patch] in merge-block order (the patches of a token are neighbours,
tokens in rows), the grid int64 [1, 3] in patches -> image_features float32 [tokens, row]. One picture of any size.
"""

from onnx import TensorProto

from .checkpoint import Checkpoint
from .graph import Graph
from .layout import Layout
from .rope import cos_sin, frequencies
from .spec import ModelSpec

EPS = 1e-6  # fixed in the reference implementations
_SIDE_LIMIT = 4096  # patches per side; 16384 tokens at the allowed aspect ratio of 200 need 3620


class Encoder:
    """Opens the graph's doors; a family adds blocks and merger in `build`."""

    def __init__(self, g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None, layout: Layout):
        self.g, self.v, self.row, self.checkpoint, self.bits = g, spec.vision, spec.row, checkpoint, bits
        self._half_features = layout.half_features and g.half
        v = self.v
        pixels = g.input("pixel_values", TensorProto.FLOAT, ["patches", v.patch_values])
        grid = g.input(layout.grid_input or v.grid_input, TensorProto.INT64, [1, 3])
        self.height, self.width = (
            g.op("Reshape", g.op("Slice", grid, g.const([i]), g.const([i + 1]), g.const([1])), g.const([]))
            for i in (1, 2)
        )
        self.rows, self.cols = (g.op("Div", s, g.const(v.merge)) for s in (self.height, self.width))
        self.cos, self.sin = self._rotary()
        self.pixels = g.cast(pixels, g.float) if g.half else pixels

    def build(self) -> None:
        raise NotImplementedError

    def finish(self, features: str) -> None:
        kind = TensorProto.FLOAT16 if self._half_features else TensorProto.FLOAT
        self.g.op("Cast", features, out="image_features", to=kind)
        self.g.output("image_features", kind, ["tokens", self.row])

    def vector(self, name: str) -> str:
        return self.g.vector(name, self.checkpoint.vector(f"model.visual.{name}").numpy())

    def linear(self, x: str, name: str, bias: bool = True) -> str:
        full = f"model.visual.{name}"
        added = self.checkpoint.vector(f"{full}.bias").numpy() if bias else None
        return self.g.linear(x, name, self.checkpoint.matrix(f"{full}.weight"), self.bits, added)

    def range(self, end: str, offset: int = 0) -> str:
        values = self.g.op("Range", self.g.const(0), end, self.g.const(1))
        return self.g.op("Add", values, self.g.const(offset)) if offset else values

    def grid(self, rows: str, cols: str, axes: tuple[list[int], list[int]]) -> str:
        """Sum of a row part and a column part, broadcast over the grid given by the two reshapes."""
        g = self.g
        return g.op("Add", g.op("Reshape", rows, g.const(axes[0])), g.op("Reshape", cols, g.const(axes[1])))

    def everywhere(self, rows: str, cols: str, axes: tuple[list[int], list[int]]) -> list[str]:
        """The row and the column value of every grid cell, flat."""
        g, none = self.g, self.g.const(0)
        parts = (
            self.grid(rows, g.op("Mul", cols, none), axes),
            self.grid(g.op("Mul", rows, none), cols, axes),
        )
        return [g.op("Reshape", p, g.const([-1])) for p in parts]

    def patches(self, rows: str, cols: str) -> list[str]:
        """The row and the column value of every patch, in merge-block order."""
        merge = self.v.merge
        return self.everywhere(rows, cols, ([-1, 1, merge, 1], [1, -1, 1, merge]))

    def _rotary(self) -> tuple[str, str]:
        """cos and sin [patches, head / 2]: the first half turns with the patch's row, the second with its column."""
        g, v = self.g, self.v
        both = self.patches(self.range(self.height), self.range(self.width))
        positions = g.op("Concat", *(g.op("Reshape", p, g.const([-1, 1])) for p in both), axis=1)
        pair = cos_sin(g, "rope", positions, frequencies(v.rope_theta, v.head_dim // 2), _SIDE_LIMIT)
        flat = [g.op("Reshape", t, g.const([-1, v.head_dim // 2])) for t in pair]
        return tuple(g.cast(t, g.float) if g.half else t for t in flat)

    def attend(self, qkv: str, cos: str, sin: str, length: int, bias: str = "") -> str:
        """qkv [rows, 3 · hidden], cos and sin [rows, head / 2] -> [batches, length, hidden]; length 0: all rows."""
        g, v, d = self.g, self.v, self.v.hidden
        qk, value = g.op("Split", qkv, g.const([2 * d, d]), out=2, axis=-1)
        line = g.op("Reshape", qk, g.const([1, -1, 2 * d]))
        turned = g.contrib(
            "RotaryEmbedding", line, g.const([0]), cos, sin, num_heads=2 * v.heads, rotary_embedding_dim=0
        )
        qk = g.op("Reshape", turned, g.const([-1, length, 2 * d] if length > 0 else [1, -1, 2 * d]))
        q, k = g.op("Split", qk, g.const([d, d]), out=2, axis=-1)
        value = g.op("Reshape", value, g.const([-1, length, d] if length > 0 else [1, -1, d]))
        operands = [q, k, value, "", "", bias] if bias else [q, k, value]
        return g.contrib("MultiHeadAttention", *operands, num_heads=v.heads)

    def attend_everywhere(self, qkv: str) -> str:
        """Every patch to every patch: [patches, hidden]."""
        attended = self.attend(qkv, self.cos, self.sin, 0)
        return self.g.op("Reshape", attended, self.g.const([-1, self.v.hidden]))
