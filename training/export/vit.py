"""The vision encoders of Qwen2-VL, Qwen3-VL and Qwen3.5: layer norms, two-layer feed-forward, attention everywhere.

Qwen3-VL and Qwen3.5 add a learned square table of positions, interpolated bilinearly to the picture's grid. Qwen3-VL
also takes the output of some blocks for the decoder's first layers (DeepStack, arXiv 2406.04334): each token's row is
then its features followed by one such vector per layer.
"""

import numpy as np

from .encoder import EPS, Encoder

_ACTIVATIONS = {
    "quick_gelu": ("QuickGelu", {"alpha": 1.702}),
    "gelu_pytorch_tanh": ("FastGelu", {}),
    "gelu": ("Gelu", {}),
}
# Names of the same layers in the two generations: (feed-forward 1, 2, merger's norm, merger's feed-forward 1, 2).
_QWEN2 = ("mlp.fc1", "mlp.fc2", "ln_q", "mlp.0", "mlp.2")
_QWEN3 = ("mlp.linear_fc1", "mlp.linear_fc2", "norm", "linear_fc1", "linear_fc2")


class VitEncoder(Encoder):
    def build(self) -> None:
        g, v = self.g, self.v
        if v.activation not in _ACTIVATIONS:
            raise ValueError(
                f"vision hidden_act {v.activation!r} is not supported; known are {list(_ACTIVATIONS)}"
            )
        self.names = _QWEN3 if v.position_side else _QWEN2
        residual = self.linear(self.pixels, "patch_embed.proj", bias=v.position_side > 0)
        if v.position_side:
            residual = g.op("Add", residual, self._positions())
        h = self._norm(residual, "blocks.0.norm1")
        taken = []
        for i in range(v.depth):
            h, residual = self._block(i, h, residual)
            if i in v.deepstack:
                at = f"deepstack_merger_list.{v.deepstack.index(i)}"
                taken.append(self._merge(residual, at, norm_after=True))
        features = self._merge(h, "merger")
        self.finish(g.op("Concat", features, *taken, axis=-1) if taken else features)

    def _norm(self, x: str, name: str) -> str:
        weights = self.vector(f"{name}.weight"), self.vector(f"{name}.bias")
        return self.g.op("LayerNormalization", x, *weights, axis=-1, epsilon=EPS)

    def _positions(self) -> str:
        """The table at every patch, [patches, hidden]: its corners fall on the picture's corner patches.

        Taps and weights are worked out in integers: floats of a GPU may round a whole number down.
        """
        g, side = self.g, self.v.position_side
        table = self.vector("pos_embed.weight")
        taps = []
        for length in (self.height, self.width):
            steps = g.op("Clip", g.op("Sub", length, g.const(1)), g.const(1), g.const(np.iinfo(np.int64).max))
            scaled = g.op("Mul", self.range(length), g.const(side - 1))
            low = g.op("Div", scaled, steps)
            rest = g.op("Sub", scaled, g.op("Mul", low, steps))
            share = g.op("Div", g.cast(rest, g.float), g.cast(steps, g.float))
            high = g.op("Clip", g.op("Add", low, g.const(1)), g.const(0), g.const(side - 1))
            other = g.op("Sub", g.const(1, g.dtype), share)
            taps.append(((low, other), (high, share)))
        places = self.patches(self.range(self.height), self.range(self.width))
        total = None
        for row, row_weight in taps[0]:
            for col, col_weight in taps[1]:
                at = [g.op("Gather", t, p, axis=0) for t, p in zip((row, col), places)]
                index = g.op("Add", g.op("Mul", at[0], g.const(side)), at[1])
                weight = g.op(
                    "Mul", *(g.op("Gather", w, p, axis=0) for w, p in zip((row_weight, col_weight), places))
                )
                part = g.op(
                    "Mul", g.op("Gather", table, index, axis=0), g.op("Reshape", weight, g.const([-1, 1]))
                )
                total = g.op("Add", total, part) if total else part
        return total

    def _block(self, i: int, h: str, residual: str) -> tuple[str, str]:
        g, at = self.g, f"blocks.{i}"
        attended = self.attend_everywhere(self.linear(h, f"{at}.attn.qkv"))
        residual = g.op("Add", residual, self.linear(attended, f"{at}.attn.proj"))
        h = self.linear(self._norm(residual, f"{at}.norm2"), f"{at}.{self.names[0]}")
        kind, attributes = _ACTIVATIONS[self.v.activation]
        h = self.linear(g.contrib(kind, h, **attributes), f"{at}.{self.names[1]}")
        residual = g.op("Add", residual, h)
        following = f"blocks.{i + 1}.norm1" if i + 1 < self.v.depth else f"merger.{self.names[2]}"
        return self._norm(residual, following), residual

    def _merge(self, x: str, at: str, norm_after: bool = False) -> str:
        """[patches, hidden] -> [tokens, out]. The main merger's input is already normed, patch by patch."""
        g, v = self.g, self.v
        x = g.op("Reshape", x, g.const([-1, v.merge**2 * v.hidden]))
        if norm_after:
            x = self._norm(x, f"{at}.{self.names[2]}")
        return self.linear(
            g.contrib("Gelu", self.linear(x, f"{at}.{self.names[3]}")), f"{at}.{self.names[4]}"
        )
