"""Supervised training of ergo-tiny, from nothing, in one process that can be stopped and resumed.

    training/.venv/bin/python -m training.sft OUT [--minutes 120] [--sheets 0.12] [--resume] [--init training/checkpoints/ergo-tiny]

Deviates from Qwen2.5-VL's recipe: no pretraining; dense auxiliary losses teach the vision tower (what covers each
token, which symbol each patch shows), attention of one head in two layers is taught where to point, and many
questions share one picture's prefix. The schedule follows the clock: the first part of the time goes to sheets
(vision only), the second to the two looks apart, the last to both together; learning rates fall linearly to zero.
"""

import argparse
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TextIO

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, IterableDataset

from . import tokenizer as tok
from .batches import Builder
from .chat import Chat
from .model.config import Config
from .model.model import Model
from .muon import Muon
from .scenes.vocabulary import NAMES, SYMBOLS
from .schedule import Schedule

ASPECTS = (0.5, 2.0)  # width over height of the pictures that are looked at twice
FULL_SIZES = (  # pictures of 0.6 to 12 megapixels for the baseline at native resolution, and how many fit a batch
    *(((784, 784), 3), ((896, 672), 3), ((672, 896), 3), ((1008, 784), 2), ((784, 1120), 2)),
    *(((1568, 1176), 1), ((1176, 1568), 1), ((2240, 1120), 1), ((1120, 2240), 1), ((2016, 1512), 1)),
    *(((2464, 1848), 1), ((1848, 2464), 1), ((2800, 1400), 1), ((1400, 2800), 1)),
    *(((2800, 2100), 1), ((2520, 3360), 1), ((4032, 2016), 1), ((4032, 3024), 1)),
)
KINDS = ("sheet", "first", "read", "two", "fetched", "full")
MIXTURES = (  # shares of the kinds in the three phases of a run: see, find and read apart, then together
    (1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.08, 0.40, 0.40, 0.06, 0.0, 0.06),
    (0.08, 0.17, 0.25, 0.21, 0.24, 0.05),
)
WORDS = {
    "two": 1.5,
    "first": 1.5,
    "read": 1.0,
    "fetched": 0.7,
    "full": 0.7,
    "one": 0.5,
    "told": 0.3,
    "pointer": 1.0,
    "place": 1.0,
    "written": 0.5,
    "state_letter": 0.5,
}
DENSE = {  # labels of tokens and patches
    "category": 0.6,
    "colour": 0.4,
    "offset": 0.5,
    "symbol": 0.5,
    "token_symbol": 0.4,
    "token_order": 0.4,
    "token_letter": 0.4,
}
# What --without takes away, for an ablation: weights of losses; "unnamed" and "match" are asked for elsewhere.
PARTS = {
    "pointers": ("pointer", "place", "written"),  # attention is taught where to point, states to tell places
    "dense": (*DENSE, "state_letter"),
    "told": ("told",),  # branches that conclude from a given thought
    "unnamed": (),  # pointers of what a question only describes
    "match": (),  # heads that start as "which token shows what this word names"
}


CAPS = (100, 3000)  # vision tokens of one look at a reduced picture, the range of their practice


def shares_of(only: Sequence[str]) -> np.ndarray:
    """MIXTURES [phases, kinds] with nothing but the kinds of `only`."""
    return np.array(MIXTURES) * [kind in only for kind in KINDS]


class Stream(IterableDataset):
    """Endless batches, in `shares` of the kinds [phases, kinds]; `phase` is shared with the workers."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        phase,
        level2,
        count: int,
        shares: np.ndarray,
        unnamed: bool,
        native: float,
    ):
        self.folder, self.seed, self.phase, self.level2, self.count = folder, seed, phase, level2, count
        self.shares, self.unnamed = shares, unnamed
        self.sizes = [(size, fit) for size, fit in FULL_SIZES if size[0] * size[1] <= native * 1e6]

    def __iter__(self):
        torch.set_num_threads(1)
        torch.set_default_device("cpu")  # the parent may have chosen a GPU
        info = torch.utils.data.get_worker_info()
        rng = np.random.default_rng([self.seed, info.id if info else 0])
        builder = Builder(Chat(Tokenizer.from_file(str(self.folder / "tokenizer.json"))), rng, self.unnamed)
        while True:
            level = 2 if rng.random() < self.level2.value else 1
            aspect = float(np.exp(rng.uniform(*np.log(ASPECTS))))
            shares = self.shares[self.phase.value]
            kind = rng.choice(KINDS, p=shares / shares.sum())
            if kind == "sheet":
                sheet = builder.sheet()
                yield from (sheet, sheet)  # drawing one costs more than learning from it
            elif kind == "first":
                # Level 2 is slow to draw: fewer pictures, more questions about each.
                yield builder.looks(level, aspect, 2 * self.count // level, twice=0, once=1, first=8 * level)
            elif kind == "read":
                yield builder.read(level, 3 * self.count)
            elif kind == "two":
                yield builder.looks(level, aspect, self.count, twice=4, once=1)
            elif kind == "fetched":
                yield builder.fetched(level, aspect)
            elif rng.random() < 0.5:
                tokens = round(np.exp(rng.uniform(*np.log(CAPS))))
                fit = max(1, min(4, 1600 // tokens))
                yield builder.capped(level, aspect, tokens, fit, 24 // fit)
            else:
                size, fit = self.sizes[rng.integers(len(self.sizes))]
                yield builder.full(level, size, fit, 24 // fit)


def make_model(folder: Path, init: Path | None = None) -> tuple[Model, Chat, dict[str, int]]:
    """The model with the tokenizer of a run folder (made there, or copied from `init`, if it is missing)."""
    folder.mkdir(parents=True, exist_ok=True)
    if init and not (folder / "tokenizer.json").exists():
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(init / name, folder)
    if not (folder / "tokenizer.json").exists():
        tok.save(tok.build(), folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    chat = Chat(tokenizer)
    categories = [chat.encode(" " + name)[0] for name in NAMES]
    special = {t: tokenizer.token_to_id(t) for t in tok.SPECIAL}
    assert tokenizer.get_vocab_size() <= Config().text.vocab_size
    hard = [chat.encode(symbol)[0] for symbol in SYMBOLS + "0123456789"]
    model = Model(Config(), categories, len(SYMBOLS), hard)
    return model.to(torch.get_default_device()), chat, special


def make_optimizers(model: Model, lr: float, half: bool = False):
    """Muon for the matrices of the blocks, AdamW for everything else."""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    blocks = [p for n, p in named if p.ndim == 2 and (".blocks." in n or ".layers." in n or "merger" in n)]
    chosen = {id(p) for p in blocks}
    rest = [p for _, p in named if id(p) not in chosen]
    return [
        Muon(blocks, lr=lr, dtype=torch.bfloat16 if half else torch.float32),
        torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--steps", type=int, help="instead of minutes: runs to compare on a busy machine")
    parser.add_argument("--sheets", type=float, default=0.12, help="share of the time for sheets")
    parser.add_argument("--level2", type=float, default=0.0, help="share of level 2, at the end of the run")
    parser.add_argument(
        "--level2-from", type=float, default=0.6, help="share of the time after which level 2 is practised"
    )
    parser.add_argument(
        "--together",
        type=float,
        default=0.55,
        help="share of the time after which both looks are trained together",
    )
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--pictures", type=int, default=4, help="pictures per batch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--init", type=Path, help="checkpoint folder to start from, with fresh moments")
    parser.add_argument(
        "--sight", action="store_true", help="of --init, only what sees: a fresh language model"
    )
    parser.add_argument("--only", nargs="*", choices=KINDS, default=KINDS, help="kinds of batches")
    parser.add_argument(
        "--native",
        type=float,
        default=12.2,
        help="megapixels of the baseline's largest pictures (13 GB at 12)",
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument(
        "--without", nargs="*", choices=PARTS, default=[], help="parts to leave out, for an ablation"
    )
    args = parser.parse_args()
    starts = (0.0, args.sheets, args.together, 1.0)
    for shares, since, until in zip(shares_of(args.only), starts, starts[1:]):
        if since < until and not shares.any():
            parser.error(f"--only {' '.join(args.only)} leaves a phase of the run without batches")
    return args


def main() -> None:
    args = arguments()
    weights = WORDS | DENSE | {loss: 0.0 for part in args.without for loss in PARTS[part]}
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    device, half = fast_path()
    torch.set_default_device(device)
    model, chat, special = make_model(args.out, args.init)
    if args.init:
        model.load(args.init, args.sight)
    if (args.sight or not args.init) and "match" not in args.without:
        model.match_words()
    optimizers = make_optimizers(model, args.lr, half)
    plan = Schedule(
        args.minutes, args.steps, args.sheets, args.together, args.level2, args.level2_from, args.lr
    )
    state_file = args.out / "state.pt"
    if args.resume and state_file.exists():
        state = torch.load(state_file, weights_only=True, map_location=device)
        model.load_state_dict(state["model"], strict=False)
        for o, s in zip(optimizers, state["optimizers"]):
            if len(s["param_groups"][0]["params"]) == len(o.param_groups[0]["params"]):
                o.load_state_dict(s)  # else heads were added since: moments start anew
        plan.spent, plan.step = state["spent"], state["step"]
    context = torch.multiprocessing.get_context("fork")
    phase, level2 = context.Value("i", plan.phase), context.Value("d", plan.level2_share)
    unnamed = "unnamed" not in args.without
    shares = shares_of(args.only)
    stream = Stream(
        args.out, args.seed * 1000 + plan.step, phase, level2, args.pictures, shares, unnamed, args.native
    )
    loader = DataLoader(
        stream, batch_size=None, num_workers=1, prefetch_factor=3, multiprocessing_context="fork"
    )
    log = open(args.out / "log.jsonl", "a")
    sums: dict[str, list[float]] = {}
    last_save = last = time.time()
    for batch in loader:
        if plan.share >= 1:
            break
        phase.value, level2.value = plan.phase, plan.level2_share
        for o in optimizers:
            for g in o.param_groups:
                g["lr"] = plan.rate
        batch = to_device(batch, device)
        with torch.autocast(device, torch.bfloat16, enabled=half):
            losses = model(batch)
        names = {k: k.removeprefix("crop_") for k in losses if k[0] != "~"}
        total = sum(
            weights[name] * (plan.dense if name in DENSE else 1.0) * losses[k] for k, name in names.items()
        )
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for o in optimizers:
            o.step()
            o.zero_grad(set_to_none=True)
        now = time.time()
        prefix = f"{batch.names[0]}:"
        sums.setdefault(prefix + "~seconds", []).append(now - last)
        plan.advance(now - last)
        last = now
        for k, v in losses.items():
            sums.setdefault(prefix + k, []).append(float(v.detach()))
        if plan.step % 20 == 0:
            report(log, plan, sums)
            sums = {}
        if now - last_save > 180:
            save(model, optimizers, args.out, special, plan)
            last_save = now
    save(model, optimizers, args.out, special, plan)


def report(log: TextIO, plan: Schedule, sums: dict[str, list[float]]) -> None:
    """One line of means, to the terminal and the log."""
    means = {k: round(float(np.mean(v)), 4) for k, v in sorted(sums.items())}
    line = json.dumps({"step": plan.step, "minutes": round(plan.spent / 60, 2)} | means)
    print(line, flush=True)
    log.write(line + "\n")
    log.flush()


def fast_path() -> tuple[str, bool]:
    """Device and whether bfloat16 is fast there: any CUDA GPU, a CPU with AMX tiles, or one that multiplies bfloat16
    (AVX512-BF16: a step takes 0.3 to 0.9 of its time in float32). float32 elsewhere."""
    if torch.cuda.is_available():
        return "cuda", True
    return "cpu", torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()


def to_device(value, device: str):
    """A copy of a batch (dataclasses, lists, tensors) on a device."""
    if isinstance(value, torch.Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, list):
        return [to_device(v, device) for v in value]
    if is_dataclass(value):
        return replace(value, **{f.name: to_device(getattr(value, f.name), device) for f in fields(value)})
    return value


def save(model, optimizers, out: Path, special, plan: Schedule) -> None:
    state = {
        "model": model.state_dict(),
        "optimizers": [o.state_dict() for o in optimizers],
        "spent": plan.spent,
        "step": plan.step,
    }
    torch.save(state, out / "state.pt.tmp")
    (out / "state.pt.tmp").rename(out / "state.pt")
    model.save(out, special)


if __name__ == "__main__":
    main()
