"""Muon (Keller Jordan, 2024, kellerjordan.github.io/posts/muon): momentum made orthogonal by Newton-Schulz steps.

torch.optim.Muon iterates in bfloat16, which CPUs without AMX emulate three times slower than float32; this one
iterates in the dtype it is told, and batches matrices of one shape.
"""

from collections import defaultdict

import torch
from torch import Tensor


def orthogonalise(m: Tensor, steps: int = 5) -> Tensor:
    """Nearest semi-orthogonal matrices of [n, rows, cols], roughly: singular values end in 0.7 .. 1.2."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = m / (m.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    if flip := x.shape[-2] > x.shape[-1]:
        x = x.transpose(-2, -1)
    for _ in range(steps):
        g = x @ x.transpose(-2, -1)
        x = a * x + (b * g + c * g @ g) @ x
    return x.transpose(-2, -1) if flip else x


class Muon(torch.optim.Optimizer):
    """For 2-D weights only. The update has the root mean square of AdamW's (0.2), so one learning rate fits both."""

    def __init__(self, params, lr: float = 1e-3, momentum: float = 0.95, dtype: torch.dtype = torch.float32):
        super().__init__(params, {"lr": lr, "momentum": momentum})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            shapes = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    shapes[p.shape].append(p)
            for shape, params in shapes.items():
                updates = []
                for p in params:
                    buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    buffer.lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(buffer, group["momentum"]))
                scale = 0.2 * max(shape) ** 0.5 * group["lr"]
                for p, u in zip(params, orthogonalise(torch.stack(updates).to(self.dtype)).float()):
                    p.sub_(u, alpha=scale)
