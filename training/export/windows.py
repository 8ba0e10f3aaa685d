"""The vision encoder of Qwen2.5-VL: RMS norms, gated feed-forward layers, attention in windows.

Tokens keep their order throughout. A windowed block gathers its queries, keys and values into padded windows by
indices that the graph computes from the grid, attends there with a bias that hides the padding, and gathers back:
exact for grids that are no multiple of the window, and linear in the number of patches.
"""

from dataclasses import dataclass

from .encoder import EPS, Encoder

_HIDDEN = -1e4  # bias on padding: exp underflows to 0, and float16 can hold it


@dataclass
class _Windows:
    """What the blocks of one kind share: source and target token indices, padding bias, cos and sin per slot."""

    source: str
    target: str
    bias: str
    cos: str
    sin: str


class WindowEncoder(Encoder):
    def build(self) -> None:
        g, v = self.g, self.v
        shifts = {
            i: v.window // 2 if i in v.shifted_blocks else 0 for i in range(v.depth) if i not in v.full_blocks
        }
        windows = {s: self._windows(s) for s in sorted(set(shifts.values()))}
        residual = self.linear(self.pixels, "patch_embed.proj", bias=False)
        norm = self.vector("blocks.0.norm1.weight")
        h = g.op("SimplifiedLayerNormalization", residual, norm, axis=-1, epsilon=EPS, stash_type=1)
        for i in range(v.depth):
            h, residual = self._block(i, h, residual, windows[shifts[i]] if i in shifts else None)
        self._merge(h)

    def _windows(self, shift: int) -> _Windows:
        """Windows of `window`² tokens whose lines lie at multiples of the window, minus `shift`."""
        g, side = self.g, self.v.window
        group = self.v.merge**2
        count, slots, clipped, outside = [], [], [], []
        for length in (self.rows, self.cols):
            count.append(g.op("Div", g.op("Add", length, g.const(shift + side - 1)), g.const(side)))
            slots.append(self.range(g.op("Mul", count[-1], g.const(side)), -shift))
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

        source = by_window(self.grid(g.op("Mul", clipped[0], self.cols), clipped[1], axes))
        padding = g.op("Clip", by_window(self.grid(*outside, axes)), g.const(0), g.const(1))
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
            place = self.range(length, shift)
            window = g.op("Div", place, g.const(side))
            inner = g.op("Sub", place, g.op("Mul", window, g.const(side)))
            parts.append(g.op("Add", g.op("Mul", window, window_step), g.op("Mul", inner, inner_step)))
        return g.op("Reshape", self.grid(*parts, ([-1, 1], [1, -1])), g.const([-1]))

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
        qkv = self.linear(h, f"{at}.attn.qkv")
        attended = self._windowed(qkv, windows) if windows else self.attend_everywhere(qkv)
        h = self.linear(attended, f"{at}.attn.proj")
        h, residual = self._add_norm(h, residual, f"{at}.norm2")
        gate, up = (self.linear(h, f"{at}.mlp.{n}") for n in ("gate_proj", "up_proj"))
        gated = g.op("Mul", g.op("Mul", gate, g.op("Sigmoid", gate)), up)
        following = f"blocks.{i + 1}.norm1" if i + 1 < self.v.depth else "merger.ln_q"
        return self._add_norm(self.linear(gated, f"{at}.mlp.down_proj"), residual, following)

    def _add_norm(self, x: str, residual: str, norm: str) -> tuple[str, str]:
        outs, weight = [f"{norm}.out", "", "", f"{norm}.sum"], self.vector(f"{norm}.weight")
        self.g.contrib("SkipSimplifiedLayerNormalization", x, residual, weight, out=outs, epsilon=EPS)
        return outs[0], outs[3]

    def _windowed(self, qkv: str, w: _Windows) -> str:
        g, d, group = self.g, self.v.hidden, self.v.merge**2
        tokens = g.op("Gather", g.op("Reshape", qkv, g.const([-1, group * 3 * d])), w.source, axis=0)
        slots = g.op("Reshape", tokens, g.const([-1, 3 * d]))
        attended = self.attend(slots, w.cos, w.sin, self.v.window**2 * group, w.bias)
        back = g.op("Gather", g.op("Reshape", attended, g.const([-1, group * d])), w.target, axis=0)
        return g.op("Reshape", back, g.const([-1, d]))

    def _merge(self, h: str) -> None:
        g, v = self.g, self.v
        x = self.linear(g.op("Reshape", h, g.const([-1, v.merge**2 * v.hidden])), "merger.mlp.0")
        x = self.linear(g.contrib("Gelu", x), "merger.mlp.2")
        if v.position_rows:
            values = self.checkpoint.vector("model.visual.position_table").numpy()
            table, end = g.vector("position_table", values), g.const(len(values) - 1)
            axes = [-1, 1], [1, -1]
            places = (g.op("Clip", p, g.const(0), end)
                      for p in self.everywhere(self.range(self.rows), self.range(self.cols), axes))  # fmt: skip
            x = g.op("Add", x, g.op("Concat", *(g.op("Gather", table, p, axis=0) for p in places), axis=-1))
        self.finish(x)
