"""Batched sampling of the training form of the model: prefixes shared by many branches, keys and values kept.

The same `extend` serves the update, where a whole branch is fed at once and gradients flow into the prefix too.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .chat import Branch, positions
from .model.text import Text, mrope


@dataclass
class Cache:
    """What was fed: keys and values of every layer [rows, heads, slots, head_dim], and how many slots are in use."""

    keys: list[Tensor]
    values: list[Tensor]
    filled: Tensor  # [rows]

    def fork(self, owner: Tensor, room: int = 0) -> "Cache":
        """Rows `owner` [rows of the fork], each with `room` free slots. Without room it can be extended once."""

        def copy(kept: Tensor) -> Tensor:
            return F.pad(kept[owner], (0, 0, 0, room)) if room else kept[owner]

        return Cache([copy(k) for k in self.keys], [copy(v) for v in self.values], self.filled[owner])

    def put(self, layer: int, keys: Tensor, values: Tensor, slots: Tensor) -> tuple[Tensor, Tensor]:
        """Everything to attend to in a layer, the new keys and values [rows, heads, length, head_dim] in `slots`."""
        kept = self.keys[layer], self.values[layer]
        if int(self.filled.max()) == kept[0].shape[2]:
            return torch.cat((kept[0], keys), 2), torch.cat((kept[1], values), 2)
        rows, used = torch.arange(len(slots))[:, None], int(slots.max()) + 1
        for old, new in zip(kept, (keys, values)):
            old[rows, :, slots] = new.transpose(1, 2).to(old.dtype)
        return kept[0][:, :, :used], kept[1][:, :, :used]


def _half(x: Tensor) -> Tensor:
    """In the precision of autocast where it is on, the residual stream too: half the traffic."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else x


def prefill(text: Text, x: Tensor, place: Tensor) -> Cache:
    """The cache of prefixes x [n, length, hidden] at M-RoPE positions [3, n, length]."""
    n, x = len(x), _half(x)
    shape = (n, text.layers[0].heads, 0, text.layers[0].head_dim)
    cache = Cache([x.new_zeros(shape) for _ in text.layers], [x.new_zeros(shape) for _ in text.layers],
                  torch.zeros(n, dtype=torch.long))  # fmt: skip
    _, keys, values = _layers(text, cache, x, place)
    return Cache(keys, values, torch.full((n,), x.shape[1]))


def extend(text: Text, cache: Cache, x: Tensor, place: Tensor, count: Tensor) -> Tensor:
    """Normed states [rows, length, hidden] of new tokens x, of which the first `count` [rows] of each row are real
    and stay in the cache; what is after them is padding and leaves no trace."""
    hidden, _, _ = _layers(text, cache, x, place)
    cache.filled = cache.filled + count
    return text.norm(hidden)


def _layers(text: Text, cache: Cache, x: Tensor, place: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    x, rope = _half(x), mrope(place, text.config)
    slots = cache.filled[:, None] + torch.arange(x.shape[1])
    seen = torch.arange(int(slots.max()) + 1) <= slots[..., None]
    mask = torch.where(seen, 0.0, -1e4)[:, None].to(x.dtype)
    kept: tuple[list, list] = ([], [])
    for i, layer in enumerate(text.layers):
        q, k, v = layer._qkv(x, rope)
        keys, values = cache.put(i, k, v, slots)
        x = layer._out(x, torch.softmax(q @ keys.transpose(-1, -2) + mask, -1) @ values)
        kept[0].append(keys)
        kept[1].append(values)
    return x, *kept


def lay_out(
    text: Text, branches: list[Branch], since: list[int], start: int, crops: list[Tensor | None]
) -> tuple[Tensor, Tensor, Tensor]:
    """What follows position `since` of each branch: embeddings [rows, length, hidden], positions [3, rows, length],
    lengths [rows]. `start` is the first position after the prefix, `crops` each branch's features [tokens, hidden]."""
    count = [len(b.ids) - s for b, s in zip(branches, since)]
    ids = torch.zeros((len(branches), max(count)), dtype=torch.long)
    place = torch.zeros((3, *ids.shape), dtype=torch.long)
    for i, (b, s, n) in enumerate(zip(branches, since, count)):
        ids[i, :n] = torch.tensor(b.ids[s:])
        place[:, i, :n] = torch.as_tensor(positions(len(b.ids), start, b.crop)[:, s:], device=place.device)
    rows = list(text.embed_tokens(ids))
    for i, (b, s, features) in enumerate(zip(branches, since, crops)):
        if features is not None and b.crop[0] >= s:
            first = b.crop[0] - s
            rows[i] = torch.cat((rows[i][:first], features, rows[i][first + len(features) :]))
    return torch.stack(rows), place, torch.tensor(count)


@torch.no_grad()
def sample(
    text: Text, cache: Cache, hidden: Tensor, following: Tensor, stop: int, limit: int, temperature: float
) -> list[list[int]]:
    """Up to `limit` token ids of every row, the stop token included where it was drawn.

    `hidden` [rows, hidden] is the state before the first of them, `following` [rows] its M-RoPE position; a
    temperature of 0 takes the likeliest token. The cache holds all but the last token of every row afterwards.
    """
    ids: list[list[int]] = [[] for _ in hidden]
    alive = torch.ones(len(hidden), dtype=torch.bool)
    for step in range(limit):
        logits = F.linear(hidden, text.embed_tokens.weight).float()
        if temperature:
            token = torch.multinomial(torch.softmax(logits / temperature, -1), 1)[:, 0]
        else:
            token = logits.argmax(-1)
        for i in alive.nonzero()[:, 0].tolist():
            ids[i].append(int(token[i]))
        alive = alive & (token != stop)
        if not alive.any() or step == limit - 1:
            break
        place = (following + step).expand(3, -1)[..., None]
        hidden = extend(text, cache, text.embed_tokens(token)[:, None], place, alive.long())[:, 0]
    return ids
