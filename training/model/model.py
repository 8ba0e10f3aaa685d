"""Vision and text together, with the auxiliary heads that training needs and the export drops."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ..aims import NOUN_LAYER, READ_LAYER, ZOOM_LAYER
from ..batches import Batch
from ..scenes.vocabulary import COLOURS, LONGEST
from ..views import Views
from .config import Config
from .text import Text
from .vision import Vision

HARD = 3.0


class Auxiliary(nn.Module):
    """Dense labels from features: category, offsets and tag colour per token, symbol per patch and quarter token,
    and which letter of its code that is: attention that has to find the third letter can then look for it, and a
    token that shows two letters tells which is the third."""

    def __init__(self, c: Config, categories: int, symbols: int):
        super().__init__()
        d = c.text.hidden_size
        self.turn = nn.Parameter(torch.linalg.qr(torch.randn(d, d))[0], requires_grad=False)
        self.scale, self.none = nn.Parameter(torch.tensor(4.0)), nn.Parameter(torch.tensor(0.0))
        self.offsets = nn.Linear(d, 4)
        self.patch_symbols = nn.Linear(c.vision.hidden_size, symbols + 1)
        self.token_symbols = nn.Linear(d, 4 * (symbols + 1))
        self.token_orders = nn.Linear(d, 4 * (LONGEST + 1))
        self.token_letters = nn.Linear(d, LONGEST * (symbols + 1))
        self.state_letters = nn.Linear(d, LONGEST * (symbols + 1))
        self.written = nn.Linear(d, LONGEST + 1)
        self.colours = nn.Linear(d, len(COLOURS) + 1)
        self.places = nn.ModuleDict({str(layer): nn.Linear(d, 4) for layer in (NOUN_LAYER, ZOOM_LAYER)})

    def forward(self, patches: Tensor, tokens: Tensor, views: Views, words: Tensor) -> dict[str, Tensor]:
        """Losses. `words` [categories, hidden]: embeddings of the category names. A token's feature should be its
        category's word turned by a fixed rotation: the language model's first heads start as that comparison."""
        logits = (
            F.normalize(tokens, dim=-1)
            @ F.normalize(words @ self.turn, dim=-1).T
            * self.scale.exp().clamp(max=30)
        )
        logits = torch.cat((self.none.expand(*logits.shape[:-1], 1), logits), -1)
        seen = views.categories > 0
        flat, target = logits.flatten(0, -2), views.categories.flatten()
        weight = torch.ones(flat.shape[-1])
        weight[0] = 0.3
        losses = {"category": F.cross_entropy(flat, target, weight)}
        shares = torch.ones(len(COLOURS) + 1)
        shares[0] = 0.2
        losses["colour"] = F.cross_entropy(
            self.colours(tokens).flatten(0, -2), views.colours.flatten(), shares
        )
        if seen.any():
            losses["offset"] = F.smooth_l1_loss(self.offsets(tokens)[seen], views.offsets[seen], beta=0.2)
        if (views.symbols > 0).any():
            balance = torch.ones(self.patch_symbols.out_features)
            balance[0] = 0.15
            losses["symbol"] = F.cross_entropy(
                self.patch_symbols(patches).flatten(0, -2), views.symbols.flatten(), balance
            )
            symbols, orders = quarters(views.symbols), quarters(views.orders)
            # The third letter, say, of whatever code a token shows a part of.
            letters = torch.zeros(len(symbols), LONGEST + 1, dtype=torch.long).scatter(1, orders, symbols)[
                :, 1:
            ]
            for name, head, labels in (
                ("token_symbol", self.token_symbols, symbols),
                ("token_order", self.token_orders, orders),
                ("token_letter", self.token_letters, letters),
            ):
                guess = head(tokens).view(labels.numel(), -1)
                losses[name] = F.cross_entropy(guess, labels.flatten(), balance[: guess.shape[-1]])
            found = views.symbols.flatten() > 0
            hit = (
                self.patch_symbols(patches).flatten(0, -2)[found].argmax(-1) == views.symbols.flatten()[found]
            )
            losses["~symbol_accuracy"] = hit.float().mean().detach()
        right = logits.argmax(-1)[seen] == views.categories[seen]
        losses["~category_accuracy"] = right.float().mean().detach() if seen.any() else torch.zeros(())
        return losses

    def read(self, states: list[Tensor], labels: list[Tensor]) -> Tensor:
        """Loss of the letters that pictures' tokens show, from states [tokens, hidden] of the language model before
        the layer that looks for them: it sees what stands to the left of a letter, as windows of the tower do not."""
        found = [(seen, shown) for seen, shown in zip(states, labels) if shown.any()]
        if not found:
            return torch.zeros(())
        seen, target = (torch.cat(parts) for parts in zip(*found))
        guess = self.state_letters(F.rms_norm(seen.float(), seen.shape[-1:])).view(target.numel(), -1)
        balance = torch.ones(guess.shape[-1])
        balance[0] = 0.15
        return F.cross_entropy(guess, target.flatten(), balance)


def quarters(labels: Tensor) -> Tensor:
    """Labels of patches [n, 2 rows, 2 cols] as those of each token's four [n * rows * cols, 4]."""
    n, rows, cols = labels.shape
    return labels.view(n, rows // 2, 2, cols // 2, 2).transpose(2, 3).reshape(-1, 4)


def letters(views: Views) -> Tensor:
    """What each token shows of each place in a code: the third letter, say, of whatever code it shows a part of.
    [n * rows * cols, LONGEST], 0 = none, 1 + symbol."""
    symbols, orders = quarters(views.symbols), quarters(views.orders)
    return torch.zeros(len(symbols), LONGEST + 1, dtype=torch.long).scatter(1, orders, symbols)[:, 1:]


class Model(nn.Module):
    def __init__(self, config: Config, categories: list[int], symbols: int, hard: Sequence[int] = ()):
        """`categories`: the token id of each category's name, in the order of the labels. `hard`: ids that count
        HARD times in the loss of words: digits of boxes and symbols of codes, which only seeing can tell."""
        super().__init__()
        self.config = config
        weights = torch.ones(config.text.vocab_size)
        weights[list(hard)] = HARD
        self.register_buffer("weights", weights, persistent=False)
        self.register_buffer("categories", torch.tensor(categories), persistent=False)
        self.visual, self.language_model = Vision(config.vision, config.text.hidden_size), Text(config.text)
        self.auxiliary = Auxiliary(config, len(categories), symbols)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.6 * module.in_features**-0.5)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.normal_(self.language_model.embed_tokens.weight, std=0.1)
        for block in [*self.visual.blocks, *self.language_model.layers]:
            attention = block.attn["proj"] if hasattr(block, "attn") else block.self_attn["o_proj"]
            attention.weight.data *= 0.4
            block.mlp["down_proj"].weight.data *= 0.4

    def match_words(self) -> None:
        """Let the heads that share the first KV head of layers 0 and 1 begin as "which token shows what this word
        names": feature = word · turn (see Auxiliary), so W_q = W_k · turn^T compares a word with a feature."""
        d, hd = self.config.text.hidden_size, self.config.text.head_dim
        share = self.config.text.num_attention_heads // self.config.text.num_key_value_heads
        for layer in self.language_model.layers[:2]:
            key = torch.linalg.qr(torch.randn(d, hd))[0].T * 1.75
            layer.self_attn["k_proj"].weight.data[:hd] = key
            for head in range(share):
                layer.self_attn["q_proj"].weight.data[head * hd : (head + 1) * hd] = (
                    key @ self.auxiliary.turn.T
                )

    def dense(self, views: Views) -> tuple[Tensor, dict[str, Tensor]]:
        """Token features with the position table [n, rows * cols, hidden], and auxiliary losses."""
        patches, tokens, placed = self.visual(views.pixels)
        words = self.language_model.embed_tokens(self.categories)
        return placed.flatten(1, 2), self.auxiliary(patches, tokens, views, words)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """All losses of a batch by name; names that begin with ~ are measures, not losses."""
        features, losses = self.dense(batch.prefix)
        parts = [self.dense(v) for v in batch.views]
        for key in {k for _, part in parts for k in part}:
            mean = torch.stack([part[key] for _, part in parts if key in part]).mean()
            losses["crop_" + key if key[0] != "~" else "~crop_" + key[1:]] = mean
        n, embed = len(features), self.language_model.embed_tokens
        prefix = torch.cat((embed(batch.prefix_ids).expand(n, -1, -1), features), 1)
        rows, cols = batch.prefix.categories.shape[1:]
        place = prefix_positions(len(batch.prefix_ids), rows, cols).unsqueeze(1).expand(-1, n, -1)
        groups = []
        for group in batch.groups:
            x = embed(group.ids)
            if group.crops:
                x = insert(x, group.crops, [f for f, _ in parts])
            groups.append(x)
        hidden, told, (before, befores) = self.language_model(
            prefix,
            place,
            groups,
            [g.positions for g in batch.groups],
            [g.pointers for g in batch.groups],
            self.auxiliary.places,
            self.auxiliary.written,
            READ_LAYER,
        )
        states = list(before[:, len(batch.prefix_ids) :])
        labels = list(letters(batch.prefix).view(n, rows * cols, -1))
        views = [letters(v).view(len(v.pixels), -1, LONGEST) for v in batch.views]
        for group, x in zip(batch.groups, befores):
            for row, (first, which, index) in zip(x, group.crops):
                labels.append(views[which][index])
                states.append(row[first : first + len(labels[-1])])
        losses |= told | {"state_letter": self.auxiliary.read(states, labels)}
        for name, group, h in zip(batch.names, batch.groups, hidden):
            learn = group.learn[:, 1:]
            logits = F.linear(h[:, :-1][learn], embed.weight)
            target = group.ids[:, 1:][learn]
            each = F.cross_entropy(logits, target, reduction="none")
            weight = self.weights[target]
            losses[name] = (weight * each).sum() / weight.sum()
            right = torch.ones(learn.shape, dtype=torch.bool)
            right[learn] = logits.argmax(-1) == target
            after = torch.arange(learn.shape[1]) >= (group.answer_from[:, None] - 1)
            told = (right | ~after).all(1).float()
            for kind in set(group.kinds):
                losses[f"~{name}/{kind}"] = told[torch.tensor([k == kind for k in group.kinds])].mean()
        return losses

    def save(self, folder: Path, special: dict[str, int]) -> None:
        """A checkpoint in Hugging Face's layout; auxiliary heads go beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            f"model.{k}": v.cpu().contiguous()
            for k, v in self.state_dict().items()
            if not k.startswith("auxiliary.")
        }
        save_file(state, folder / "model.safetensors", {"format": "pt"})
        save_file(
            {k: v.cpu().contiguous() for k, v in self.auxiliary.state_dict().items()},
            folder / "auxiliary.safetensors",
        )
        (folder / "config.json").write_text(json.dumps(self.config.to_json(special), indent=2))

    def load(self, folder: Path, sight: bool = False) -> None:
        """Weights of a checkpoint; `sight`: all but the layers of the language model, and what reads their states."""
        state = {k.removeprefix("model."): v for k, v in load_file(folder / "model.safetensors").items()}
        if (folder / "auxiliary.safetensors").exists():
            state |= {f"auxiliary.{k}": v for k, v in load_file(folder / "auxiliary.safetensors").items()}
        thinking = ("language_model.layers.", "language_model.norm.", "auxiliary.places.") if sight else ()
        state = {k: v for k, v in state.items() if not k.startswith(thinking)}
        missing, unexpected = self.load_state_dict(state, strict=False)
        assert not unexpected and all(m.startswith(("auxiliary.", *thinking)) for m in missing), (
            missing,
            unexpected,
        )


def prefix_positions(head: int, rows: int, cols: int) -> Tensor:
    """M-RoPE positions [3, head + rows * cols] of text followed by one picture."""
    text = torch.arange(head).expand(3, -1)
    r, c = torch.arange(rows).repeat_interleave(cols), torch.arange(cols).repeat(rows)
    return torch.cat((text, head + torch.stack((torch.zeros_like(r), r, c))), 1)


def insert(x: Tensor, crops: list[tuple[int, int, int]], features: list[Tensor]) -> Tensor:
    """Put each branch's crop features where its picture stands."""
    rows = []
    for row, (first, which, index) in zip(x, crops):
        f = features[which][index]
        rows.append(torch.cat((row[:first], f, row[first + len(f) :])))
    return torch.stack(rows)
