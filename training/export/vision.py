"""vision_encoder: one picture of any size.

pixel_values float32 [patches, channels·2·14·14] in merge-block order (the four patches of a token are neighbours,
tokens in rows), image_grid_thw int64 [1, 3] in patches -> image_features float32 [tokens, out_hidden].

Tokens keep their order throughout. A windowed block gathers its queries, keys and values into padded windows by
indices that the graph computes from the grid, attends there with a bias that hides the padding, and gathers back:
exact for grids that are no multiple of the window, and linear in the number of patches.
"""

from dataclasses import dataclass

from onnx import TensorProto

from .checkpoint import Checkpoint
from .graph import Graph
from .rope import cos_sin, frequencies
from .spec import ModelSpec

_EPS = 1e-6  # fixed in the reference implementation
_HIDDEN = -1e4  # bias on padding: exp underflows to 0, and float16 can hold it
_SIDE_LIMIT = 4096  # patches per side; 16384 tokens at the allowed aspect ratio of 200 need 3620


@dataclass
class _Windows:
    """What the blocks of one kind share: source and target token indices, padding bias, cos and sin per slot."""

    source: str
    target: str
    bias: str
    cos: str
    sin: str


class _Encoder:
    def __init__(self, g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None):
        self.g, self.v, self.checkpoint, self.bits = g, spec.vision, checkpoint, bits

    def build(self) -> None:
        g, v = self.g, self.v
        pixels = g.input("pixel_values", TensorProto.FLOAT, ["patches", v.patch_values])
        grid = g.input("image_grid_thw", TensorProto.INT64, [1, 3])
        sides = [g.op("Reshape", g.op("Slice", grid, g.const([i]), g.const([i + 1]), g.const([1])), g.const([]))
                 for i in (1, 2)]  # fmt: skip
        self.rows, self.cols = (g.op("Div", s, g.const(v.merge)) for s in sides)
        self.cos, self.sin = self._rotary(*sides)
        shifts = {
            i: v.window // 2 if i in v.shifted_blocks else 0 for i in range(v.depth) if i not in v.full_blocks
        }
        windows = {s: self._windows(s) for s in sorted(set(shifts.values()))}
        x = g.cast(pixels, g.float) if g.half else pixels
        residual = self._linear(x, "patch_embed.proj", bias=False)
        h = g.op(
            "SimplifiedLayerNormalization",
            residual,
            self._weight("blocks.0.norm1"),
            axis=-1,
            epsilon=_EPS,
            stash_type=1,
        )
        for i in range(v.depth):
            h, residual = self._block(i, h, residual, windows[shifts[i]] if i in shifts else None)
        self._merge(h)

    def _weight(self, name: str) -> str:
        return self.g.vector(f"{name}.weight", self.checkpoint.vector(f"model.visual.{name}.weight").numpy())

    def _linear(self, x: str, name: str, bias: bool = True) -> str:
        full = f"model.visual.{name}"
        added = self.checkpoint.vector(f"{full}.bias").numpy() if bias else None
        return self.g.linear(x, name, self.checkpoint.matrix(f"{full}.weight"), self.bits, added)

    def _range(self, end: str, offset: int = 0) -> str:
        values = self.g.op("Range", self.g.const(0), end, self.g.const(1))
        return self.g.op("Add", values, self.g.const(offset)) if offset else values

    def _grid(self, rows: str, cols: str, axes: tuple[list[int], list[int]]) -> str:
        """Sum of a row part and a column part, broadcast over the grid given by the two reshapes."""
        g = self.g
        return g.op("Add", g.op("Reshape", rows, g.const(axes[0])), g.op("Reshape", cols, g.const(axes[1])))

    def _everywhere(self, rows: str, cols: str, axes: tuple[list[int], list[int]]) -> list[str]:
        """The row and the column value of every grid cell, flat."""
        g, none = self.g, self.g.const(0)
        parts = (
            self._grid(rows, g.op("Mul", cols, none), axes),
            self._grid(g.op("Mul", rows, none), cols, axes),
        )
        return [g.op("Reshape", p, g.const([-1])) for p in parts]

    def _rotary(self, height: str, width: str) -> tuple[str, str]:
        """cos and sin [patches, head / 2]: the first half turns with the patch's row, the second with its column."""
        g, v = self.g, self.v
        axes = [-1, 1, v.merge, 1], [1, -1, 1, v.merge]
        both = self._everywhere(self._range(height), self._range(width), axes)
        positions = g.op("Concat", *(g.op("Reshape", p, g.const([-1, 1])) for p in both), axis=1)
        pair = cos_sin(g, "rope", positions, frequencies(v.rope_theta, v.head_dim // 2), _SIDE_LIMIT)
        flat = [g.op("Reshape", t, g.const([-1, v.head_dim // 2])) for t in pair]
        return tuple(g.cast(t, g.float) if g.half else t for t in flat)

    def _windows(self, shift: int) -> _Windows:
        """Windows of `window`² tokens whose lines lie at multiples of the window, minus `shift`."""
        g, side = self.g, self.v.window
        group = self.v.merge**2
        count, slots, clipped, outside = [], [], [], []
        for length in (self.rows, self.cols):
            count.append(g.op("Div", g.op("Add", length, g.const(shift + side - 1)), g.const(side)))
            slots.append(self._range(g.op("Mul", count[-1], g.const(side)), -shift))
            clipped.append(g.op("Clip", slots[-1], g.const(0), g.op("Sub", length, g.const(1))))
            # Integer arithmetic instead of comparisons: each boolean node would cost a copy between GPU and CPU.
            away = g.op("Sub", slots[-1], clipped[-1])
            outside.append(g.op("Clip", g.op("Mul", away, away), g.const(0), g.const(1)))

        axes = [-1, 1], [1, -1]
        high, wide = (g.op("Reshape", n, g.const([1])) for n in count)
        split = g.op("Concat", high, g.const([side]), wide, g.const([side]), axis=0)

        def by_window(table: str) -> str:
            cut = g.op("Transpose", g.op("Reshape", table, split), perm=[0, 2, 1, 3])
            return g.op("Reshape", cut, g.const([-1]))

        source = by_window(self._grid(g.op("Mul", clipped[0], self.cols), clipped[1], axes))
        padding = g.op("Clip", by_window(self._grid(*outside, axes)), g.const(0), g.const(1))
        return _Windows(source, self._targets(shift, count[1]), self._bias(padding, group),
                        self._slots(self.cos, source), self._slots(self.sin, source))  # fmt: skip

    def _targets(self, shift: int, windows_wide: str) -> str:
        """The slot in which each token finds its result, [tokens]."""
        g, side = self.g, self.v.window
        parts = []
        for length, window_step, inner_step in (
            (self.rows, g.op("Mul", windows_wide, g.const(side * side)), g.const(side)),
            (self.cols, g.const(side * side), g.const(1)),
        ):
            place = self._range(length, shift)
            window = g.op("Div", place, g.const(side))
            inner = g.op("Sub", place, g.op("Mul", window, g.const(side)))
            parts.append(g.op("Add", g.op("Mul", window, window_step), g.op("Mul", inner, inner_step)))
        return g.op("Reshape", self._grid(*parts, ([-1, 1], [1, -1])), g.const([-1]))

    def _bias(self, padding: str, group: int) -> str:
        """[windows, 1, patches, patches]: the same row for every query of a window."""
        g, tokens = self.g, self.v.window**2
        row = g.op("Mul", g.cast(padding, g.float), g.const(_HIDDEN, g.dtype))
        row = g.op("Reshape", row, g.const([-1, 1, 1, tokens, 1]))
        row = g.op("Expand", row, g.const([1, 1, tokens * group, 1, group]))
        return g.op("Reshape", row, g.const([-1, 1, tokens * group, tokens * group]))

    def _slots(self, table: str, index: str) -> str:
        """Gathers whole tokens (`merge`² patches each) of a [patches, width] table: [slots · merge², width]."""
        g, width = self.g, self.v.head_dim // 2
        tokens = g.op("Reshape", table, g.const([-1, self.v.merge**2 * width]))
        return g.op("Reshape", g.op("Gather", tokens, index, axis=0), g.const([-1, width]))

    def _block(self, i: int, h: str, residual: str, windows: _Windows | None) -> tuple[str, str]:
        g, at = self.g, f"blocks.{i}"
        qkv = self._linear(h, f"{at}.attn.qkv")
        attended = self._windowed(qkv, windows) if windows else self._full(qkv)
        h = self._linear(attended, f"{at}.attn.proj")
        h, residual = self._add_norm(h, residual, f"{at}.norm2")
        gate, up = (self._linear(h, f"{at}.mlp.{n}") for n in ("gate_proj", "up_proj"))
        gated = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up)
        following = f"blocks.{i + 1}.norm1" if i + 1 < self.v.depth else "merger.ln_q"
        return self._add_norm(self._linear(gated, f"{at}.mlp.down_proj"), residual, following)

    def _add_norm(self, x: str, residual: str, norm: str) -> tuple[str, str]:
        outs = [f"{norm}.out", "", "", f"{norm}.sum"]
        self.g.contrib(
            "SkipSimplifiedLayerNormalization", x, residual, self._weight(norm), out=outs, epsilon=_EPS
        )
        return outs[0], outs[3]

    def _attend(self, qkv: str, cos: str, sin: str, length: int, bias: str = "") -> str:
        """qkv [rows, 3 · hidden], cos and sin [rows, head / 2] -> [batches, length, hidden]."""
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

    def _full(self, qkv: str) -> str:
        return self.g.op(
            "Reshape", self._attend(qkv, self.cos, self.sin, 0), self.g.const([-1, self.v.hidden])
        )

    def _windowed(self, qkv: str, w: _Windows) -> str:
        g, d, group = self.g, self.v.hidden, self.v.merge**2
        tokens = g.op("Gather", g.op("Reshape", qkv, g.const([-1, group * 3 * d])), w.source, axis=0)
        slots = g.op("Reshape", tokens, g.const([-1, 3 * d]))
        attended = self._attend(slots, w.cos, w.sin, self.v.window**2 * group, w.bias)
        back = g.op("Gather", g.op("Reshape", attended, g.const([-1, group * d])), w.target, axis=0)
        return g.op("Reshape", back, g.const([-1, d]))

    def _merge(self, h: str) -> None:
        g, v = self.g, self.v
        x = self._linear(g.op("Reshape", h, g.const([-1, v.merge**2 * v.hidden])), "merger.mlp.0")
        x = self._linear(g.contrib("Gelu", x), "merger.mlp.2")
        if v.position_rows:
            values = self.checkpoint.vector("model.visual.position_table").numpy()
            table, end = g.vector("position_table", values), g.const(len(values) - 1)
            axes = [-1, 1], [1, -1]
            places = (g.op("Clip", p, g.const(0), end)
                      for p in self._everywhere(self._range(self.rows), self._range(self.cols), axes))  # fmt: skip
            x = g.op("Add", x, g.op("Concat", *(g.op("Gather", table, p, axis=0) for p in places), axis=-1))
        g.op("Cast", x, out="image_features", to=TensorProto.FLOAT)
        g.output("image_features", TensorProto.FLOAT, ["tokens", v.out_hidden])


def build_vision(g: Graph, spec: ModelSpec, checkpoint: Checkpoint, bits: int | None) -> None:
    """`bits` of every matrix: 8, 4, or None for plain ones."""
    _Encoder(g, spec, checkpoint, bits).build()
