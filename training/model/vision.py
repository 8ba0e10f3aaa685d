"""Vision tower of Qwen2.5-VL with windows only; see `config` for the two departures.

Pictures of one batch share a grid, so windows are cut by padding and reshaping instead of by index lists; the
exported graph does the same with indices for any grid.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import MERGE, PATCH, TEMPORAL, VisionConfig


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float = 1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight.to(x.dtype), self.eps)


class Rotate(torch.autograd.Function):
    """Written out, because autograd's version of the four products and the concatenation copies everything twice."""

    @staticmethod
    def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        out, half = torch.empty_like(x), x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        torch.mul(a, cos, out=out[..., :half]).addcmul_(b, sin, value=-1)
        torch.mul(b, cos, out=out[..., half:]).addcmul_(a, sin)
        return out

    @staticmethod
    def forward(ctx, x, cos, sin):
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        ctx.save_for_backward(cos, sin)
        return Rotate.turn(x, cos, sin)

    @staticmethod
    def backward(ctx, gradient):
        cos, sin = ctx.saved_tensors
        return Rotate.turn(gradient.to(cos.dtype), cos, -sin), None, None


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding of [..., length, dim] with cos/sin [..., length, dim / 2]."""
    return Rotate.apply(x, cos, sin)


def rotary_2d(rows: int, cols: int, head_dim: int) -> tuple[Tensor, Tensor]:
    """cos and sin, [rows, cols, head_dim / 2]: first half turns with the row, second with the column."""
    frequency = 10000.0 ** (-torch.arange(0, head_dim // 2, 2).float() / (head_dim // 2))
    r = (torch.arange(rows)[:, None] * frequency)[:, None].expand(rows, cols, -1)
    c = (torch.arange(cols)[:, None] * frequency)[None].expand(rows, cols, -1)
    angle = torch.cat((r, c), -1)
    return angle.cos(), angle.sin()


class Block(nn.Module):
    def __init__(self, c: VisionConfig, shift: int):
        super().__init__()
        d = c.hidden_size
        self.heads, self.window, self.shift = c.num_heads, c.window_size // PATCH, shift
        self.norm1, self.norm2 = RMSNorm(d), RMSNorm(d)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(d, 3 * d), "proj": nn.Linear(d, d)})
        self.mlp = nn.ModuleDict({
            "gate_proj": nn.Linear(d, c.intermediate_size), "up_proj": nn.Linear(d, c.intermediate_size),
            "down_proj": nn.Linear(c.intermediate_size, d),
        })  # fmt: skip

    def _windows(self, x: Tensor) -> Tensor:
        """[n, rows, cols, channels] -> [n * windows, window², channels], zero-padded at the borders."""
        n, rows, cols, d = x.shape
        w, s = self.window, self.shift
        x = F.pad(x, (0, 0, s, -(cols + s) % w, s, -(rows + s) % w))
        x = x.view(n, x.shape[1] // w, w, x.shape[2] // w, w, d)
        return x.transpose(2, 3).reshape(-1, w * w, d)

    def _attend(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        n, rows, cols, d = x.shape
        w, s, h = self.window, self.shift, self.heads
        qk, v = self.attn["qkv"](x).split((2 * d, d), -1)
        qk = rotate(qk.view(n, rows, cols, 2 * h, d // h), cos, sin).flatten(3)
        q, k, v = (self._windows(t).view(-1, w * w, h, d // h).transpose(1, 2)
                   for t in (*qk.split(d, -1), v))  # fmt: skip
        real = self._windows(torch.ones(1, rows, cols, 1))  # [windows, window², 1], 0 where padded
        bias = ((real - 1) * 1e4).to(q.dtype).transpose(1, 2).repeat(n, 1, 1)[:, None]
        weights = torch.softmax(q * (d // h) ** -0.5 @ k.transpose(-1, -2) + bias, -1)
        out = (weights @ v).transpose(1, 2)
        high, wide = -(-(rows + s) // w), -(-(cols + s) // w)
        out = out.reshape(n, high, wide, w, w, d).transpose(2, 3).reshape(n, high * w, wide * w, d)
        return self.attn["proj"](out[:, s : s + rows, s : s + cols])

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self._attend(self.norm1(x), cos, sin)
        y = self.norm2(x)
        return x + self.mlp["down_proj"](F.silu(self.mlp["gate_proj"](y)) * self.mlp["up_proj"](y))


class Vision(nn.Module):
    """Pixels [n, 3, height, width] (normalised, sides multiples of 28) to features of patches and tokens."""

    def __init__(self, c: VisionConfig, out: int):
        super().__init__()
        self.config, d = c, c.hidden_size
        half = c.window_size // PATCH // 2
        self.patch_embed = nn.ModuleDict(
            {"proj": nn.Conv3d(3, d, (TEMPORAL, PATCH, PATCH), (TEMPORAL, PATCH, PATCH), bias=False)}
        )
        self.blocks = nn.ModuleList(
            [Block(c, half if i in c.shifted_block_indexes else 0) for i in range(c.depth)]
        )
        wide = d * MERGE * MERGE
        self.merger = nn.ModuleDict({
            "ln_q": RMSNorm(d), "mlp": nn.Sequential(nn.Linear(wide, wide), nn.GELU(), nn.Linear(wide, out)),
        })  # fmt: skip
        frequency = 100.0 ** (-torch.arange(out // 4) / (out // 4))
        angle = torch.arange(c.position_rows)[:, None] * frequency
        self.register_buffer("position_table", 0.5 * torch.cat((angle.sin(), angle.cos()), -1))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Returns (patches [n, rows, cols, hidden], tokens [n, rows / 2, cols / 2, out] before the position
        table, the same after it)."""
        n, _, height, width = pixels.shape
        rows, cols = height // PATCH, width // PATCH
        weight = self.patch_embed["proj"].weight.sum(2).flatten(1)  # a still picture is the same frame twice
        x = pixels.view(n, 3, rows, PATCH, cols, PATCH).permute(0, 2, 4, 1, 3, 5).reshape(n, rows, cols, -1)
        x = F.linear(x, weight)
        cos, sin = (
            t[:, :, None] for t in rotary_2d(rows, cols, self.config.hidden_size // self.config.num_heads)
        )
        for block in self.blocks:
            x = block(x, cos, sin)
        r, c = rows // MERGE, cols // MERGE
        y = self.merger["ln_q"](x).view(n, r, MERGE, c, MERGE, -1).transpose(2, 3).reshape(n, r, c, -1)
        y = self.merger["mlp"](y)
        table = self.position_table
        place = torch.cat((table[:r, None].expand(r, c, -1), table[None, :c].expand(r, c, -1)), -1)
        return x, y, y + place
