"""Language model of Qwen2.5-VL over one shared prefix per picture and many branches that continue it.

A branch sees its picture's prefix and itself, causally; one pass of the prefix serves all its branches.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .config import TextConfig
from .vision import RMSNorm, rotate

BLOCK = 2048  # queries at once


def mrope(positions: Tensor, c: TextConfig) -> tuple[Tensor, Tensor]:
    """cos and sin [..., length, head_dim / 2] of M-RoPE positions [3, ..., length] (Qwen2-VL, arXiv 2409.12191)."""
    frequency = c.rope_theta ** (-torch.arange(0, c.head_dim, 2).float() / c.head_dim)
    axis = torch.repeat_interleave(torch.arange(3), torch.tensor(c.mrope_section))
    angle = positions.float().movedim(0, -1)[..., axis] * frequency
    return angle.cos(), angle.sin()


@dataclass
class Pointer:
    """Attention supervision: rows (branch, position) of one group whose attention should fall on marked keys."""

    layer: int
    branch: Tensor  # [rows]
    position: Tensor  # [rows]
    keys: Tensor  # [rows, prefix + branch length], 1 on the wanted keys
    places: Tensor  # [rows, 4] what the state after that layer should tell, in tokens (see batches); NaN for nothing
    written: Tensor  # [rows] what the state before it should tell: how many letters of a code stand there; -1 for nothing


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention of scaled queries, all [n, heads, length, head_dim].

    Plain products: the backward of scaled_dot_product_attention is several times slower on CPUs. Long prefixes (a
    picture at native resolution) go in blocks whose weights are not kept but worked out again in the backward, so
    that memory grows with the length and not with its square.
    """

    def block(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        size, length = q.shape[2], k.shape[2]
        future = torch.full((size, length), -1e4, dtype=q.dtype).triu(1 + length - size)
        return torch.softmax(q @ k.transpose(-1, -2) + future, -1) @ v

    length = q.shape[2]
    if length <= BLOCK:
        return block(q, k, v)
    stops = [*range(BLOCK, length, BLOCK), length]
    parts = zip(q.split(BLOCK, 2), stops)
    done = [
        checkpoint(block, part, k[:, :, :stop], v[:, :, :stop], use_reentrant=False) for part, stop in parts
    ]
    return torch.cat(done, 2)


class Layer(nn.Module):
    def __init__(self, c: TextConfig):
        super().__init__()
        d, kv = c.hidden_size, c.num_key_value_heads * c.head_dim
        self.heads, self.kv_heads, self.head_dim = c.num_attention_heads, c.num_key_value_heads, c.head_dim
        self.input_layernorm, self.post_attention_layernorm = (
            RMSNorm(d, c.rms_norm_eps),
            RMSNorm(d, c.rms_norm_eps),
        )
        self.self_attn = nn.ModuleDict({
            "q_proj": nn.Linear(d, d), "k_proj": nn.Linear(d, kv), "v_proj": nn.Linear(d, kv), "o_proj": nn.Linear(d, d, bias=False),
        })  # fmt: skip
        self.mlp = nn.ModuleDict({
            "gate_proj": nn.Linear(d, c.intermediate_size, bias=False), "up_proj": nn.Linear(d, c.intermediate_size, bias=False),
            "down_proj": nn.Linear(c.intermediate_size, d, bias=False),
        })  # fmt: skip

    def _qkv(self, x: Tensor, rope) -> tuple[Tensor, Tensor, Tensor]:
        """[n, length, hidden] -> q, k, v, each [n, heads, length, head_dim]."""
        a, y = self.self_attn, self.input_layernorm(x)
        q, k, v = (a[p](y).view(*y.shape[:2], -1, self.head_dim) for p in ("q_proj", "k_proj", "v_proj"))
        cos, sin = (t[:, :, None] for t in rope)
        q, k = rotate(q, cos, sin) * self.head_dim**-0.5, rotate(k, cos, sin)
        group = self.heads // self.kv_heads
        k, v = k.repeat_interleave(group, 2), v.repeat_interleave(group, 2)
        return q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)

    def _out(self, x: Tensor, attended: Tensor) -> Tensor:
        x = x + self.self_attn["o_proj"](attended.transpose(1, 2).reshape(x.shape))
        y = self.post_attention_layernorm(x)
        return x + self.mlp["down_proj"](F.silu(self.mlp["gate_proj"](y)) * self.mlp["up_proj"](y))

    def forward(self, prefix: Tensor, prefix_rope, groups: list[Tensor], ropes: list):
        """Returns the new prefix, the new groups, and per group the attention of head 0 [branches, length, keys]."""
        q, k, v = self._qkv(prefix, prefix_rope)
        n, length = prefix.shape[:2]
        own = attend(q, k, v)
        done, heads0 = [], []
        for x, rope in zip(groups, ropes):
            bq, bk, bv = self._qkv(x, rope)
            total, h, size, d = bq.shape
            each = total // n
            shared = bq.view(n, each, h, size, d).transpose(1, 2).reshape(n, h, each * size, d) @ k.transpose(
                -1, -2
            )
            shared = shared.view(n, h, each, size, length).transpose(1, 2).reshape(total, h, size, length)
            causal = torch.full((size, size), -1e4, dtype=q.dtype).triu(1)
            weights = torch.softmax(torch.cat((shared, bq @ bk.transpose(-1, -2) + causal), -1), -1)
            heads0.append(weights[:, 0])
            to_prefix, to_own = weights.split((length, size), -1)
            left = (
                to_prefix.reshape(n, each, h, size, length).transpose(1, 2).reshape(n, h, each * size, length)
                @ v
            )
            left = left.view(n, h, each, size, d).transpose(1, 2).reshape(total, h, size, d)
            done.append(self._out(x, left + to_own @ bv))
        return self._out(prefix, own), done, heads0


class Text(nn.Module):
    def __init__(self, c: TextConfig):
        super().__init__()
        self.config = c
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList([Layer(c) for _ in range(c.num_hidden_layers)])
        self.norm = RMSNorm(c.hidden_size, c.rms_norm_eps)

    def forward(
        self,
        prefix: Tensor,
        positions: Tensor,
        groups: list[Tensor],
        group_positions: list[Tensor],
        pointers: list[list[Pointer]],
        tell: nn.ModuleDict | None = None,
        count: nn.Module | None = None,
        keep: int = 0,
    ) -> tuple[list[Tensor], dict[str, Tensor], tuple[Tensor, list[Tensor]]]:
        """Hidden states of every group [branches, length, hidden] (normed), the losses of pointers, places and counts,
        and the states of the prefix and the groups before layer `keep`, where it stops if there are no groups.

        prefix [n, p, hidden], positions [3, n, p]; group i [n * b, l, hidden] with positions [3, n * b, l], its
        branches ordered by picture. `tell` maps a layer to the head that reads places from its states, `count` reads
        how many letters are written.
        """
        if torch.is_autocast_enabled(prefix.device.type):  # the residual stream too: half the traffic
            half = torch.get_autocast_dtype(prefix.device.type)
            prefix, groups = prefix.to(half), [x.to(half) for x in groups]
        rope, ropes = mrope(positions, self.config), [mrope(p, self.config) for p in group_positions]
        pointed, told, counted = [], [], []
        for i, layer in enumerate(self.layers):
            if i == keep:
                kept = prefix, groups
                if not groups:
                    break
            for x, wanted in zip(groups, pointers):
                for p in wanted:
                    known = p.written >= 0
                    if p.layer == i and count is not None and known.any():
                        guess = count(state(x, p, known))
                        counted.append(F.cross_entropy(guess, p.written[known]))
            prefix, groups, heads0 = layer(prefix, rope, groups, ropes)
            for weights, x, wanted in zip(heads0, groups, pointers):
                for p in wanted:
                    if p.layer == i and len(p.branch):
                        mass = (weights[p.branch, p.position].float() * p.keys).sum(-1)
                        pointed.append(-(mass + 1e-6).log().mean())
                        known = ~p.places[:, 0].isnan()
                        if tell is not None and str(i) in tell and known.any():
                            guess = tell[str(i)](state(x, p, known))
                            told.append(F.smooth_l1_loss(guess, p.places[known], beta=0.5))
        losses = {"pointer": mean(pointed), "place": mean(told), "written": mean(counted)}
        return [self.norm(x) for x in groups], losses, kept


def state(x: Tensor, pointer: Pointer, rows: Tensor) -> Tensor:
    """Normed states [rows, hidden] at some rows of a pointer, of the states [branches, length, hidden]."""
    return F.rms_norm(x[pointer.branch[rows], pointer.position[rows]].float(), x.shape[-1:])


def mean(losses: list[Tensor]) -> Tensor:
    return torch.stack(losses).mean() if losses else torch.zeros(())
