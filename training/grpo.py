"""Reinforcement of ergo-tiny's looks by group-relative advantages (GRPO, arXiv 2402.03300), resumable.

    training/.venv/bin/python -m training.grpo OUT --init training/checkpoints/ergo-tiny [--looks first] [--resume]
    torchrun --nproc-per-node 8 -m training.grpo OUT --init ...      one process a GPU, each its own questions

Deviates from ERGO's recipe (arXiv 2509.21991): only the language model learns, vision tower and embeddings stay as
they are; KL to the start is worked out over the whole vocabulary instead of estimated from the sampled token;
`contained` (does the region hold the scene's known evidence?) stands in for r_region unless that is asked for; groups
without spread are left out of the update, equal rollouts of a group are learned once with their mean advantage; a
first look without a usable region ends the rollout instead of falling back to an answer from the coarse view. From
AwaRes' (arXiv 2603.16932): one crop a rollout, the first that is asked for.
"""

import argparse
import copy
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from . import rewards
from .chat import Branch
from .export.manifest import DEMAND_TOKENS, TINY
from .model.text import Text
from .rollouts import BOTH, DEMAND, FIRST, Draws, Roller, Rollout, Shown, area, columns
from .sampling import extend, lay_out, prefill
from .sft import fast_path, make_model

WEIGHTS = {  # of the rewards, unless --rewards says otherwise
    FIRST: {"contained": rewards.ALPHA, "r_box": rewards.BETA, "r_format": 1.0},
    BOTH: {"contained": rewards.ALPHA, "r_box": rewards.BETA, "r_acc": 1.0, "r_format": 1.0},
    DEMAND: {"awares": 1.0},
}


@dataclass
class Row:
    """One distinct rollout of the update: how many rollouts were equal to it, and their mean advantage."""

    branch: Branch
    picture: int
    crop: Tensor | None
    count: int
    advantage: float


def score(
    args, roller: Roller, start: Text, shown: list[Shown], rollouts: list[Rollout]
) -> dict[str, np.ndarray]:
    """Every reward part [rollouts] by name, those of weight 0 too where they cost nothing; NaN for None."""
    completions = [r.messages for r in rollouts]
    needed = roller.needed(start, shown) if "awares" in args.rewards else None
    known = columns(shown, rollouts, needed)
    judge = roller.judge(start, shown) if "r_region" in args.rewards else None
    parts = {"r_format": rewards.r_format} | rewards.make_ergo(TINY.region, args.gamma, judge)
    if args.looks == DEMAND:
        parts = {}
    if args.looks != FIRST:
        parts["r_acc"] = rewards.r_acc
    if needed:
        parts |= {"awares": rewards.awares, "r_cost": rewards.r_cost}
    return {name: np.array(part(completions, **known), np.float64) for name, part in parts.items()}


def advantages(total: np.ndarray, group: int) -> np.ndarray:
    """(reward - mean) / deviation within groups of neighbours [n * group]; exactly 0 in groups without spread."""
    grouped = total.reshape(-1, group)
    spread = grouped.std(1, keepdims=True)
    centred = grouped - grouped.mean(1, keepdims=True)
    return np.where(spread > 1e-6, centred / (spread + 1e-4), 0.0).ravel()


def distinct(rollouts: list[Rollout], gain: np.ndarray) -> list[Row]:
    """What is learned from: groups with spread, equal rollouts once."""
    found: dict[tuple, list[int]] = {}
    for i, r in enumerate(rollouts):
        found.setdefault((r.picture, r.asked, tuple(r.branch.ids)), []).append(i)
    return [
        Row(r.branch, r.picture, r.crop, len(same), float(gain[same].mean()))
        for same in found.values()
        for r in [rollouts[same[0]]]
        if np.any(gain[same] != 0)
    ]


def distributions(
    text: Text, prefix: tuple[Tensor, Tensor, int], rows: list[Row]
) -> tuple[Tensor, Tensor, Tensor]:
    """Log-probabilities of all words where `rows` were sampled [tokens, words], the words that were drawn [tokens],
    and the row of each [tokens]."""
    x, place, start = prefix
    branches = [r.branch for r in rows]
    fed, where, count = lay_out(text, branches, [0] * len(rows), start, [r.crop for r in rows])
    cache = prefill(text, x, place).fork(torch.tensor([r.picture for r in rows]))
    hidden = extend(text, cache, fed, where, count)
    learn = torch.zeros(fed.shape[:2], dtype=torch.bool)
    ids = torch.zeros(fed.shape[:2], dtype=torch.long)
    for i, b in enumerate(branches):
        learn[i, : len(b.learn)], ids[i, : len(b.ids)] = torch.tensor(b.learn), torch.tensor(b.ids)
    learn = learn[:, 1:]
    logits = F.linear(hidden[:, :-1][learn], text.embed_tokens.weight).float()
    return logits.log_softmax(-1), ids[:, 1:][learn], learn.nonzero()[:, 0]


def loss_of(args, text: Text, start: Text, prefix, rows: list[Row], old: list[Tensor] | None, share: float):
    """The loss of some rows, `share` being one over the weight of all, and sums for the log."""
    logp, drawn, row = distributions(text, prefix, rows)
    with torch.no_grad():
        first, _, _ = distributions(start, prefix, rows)
    own = logp.gather(1, drawn[:, None])[:, 0]
    before = torch.cat(old) if old is not None else own.detach()
    n = torch.bincount(row, minlength=len(rows)).float()

    def each(values: Tensor) -> Tensor:  # mean over a row's tokens [rows]
        return torch.zeros(len(rows)).index_add(0, row, values) / n

    change = own - before
    if args.sequence_ratio:  # GSPO (arXiv 2507.18071): one ratio a row, the mean of its tokens' in logarithms
        change = each(change)[row]
    ratio = change.exp()
    gain = torch.tensor([r.advantage for r in rows])[row]
    surrogate = torch.minimum(ratio * gain, ratio.clamp(1 - args.clip, 1 + args.clip) * gain)
    kl = (logp.exp() * (logp - first)).sum(1)  # exact, all words
    weight = torch.tensor([float(r.count) for r in rows]) * share
    loss = (weight * each(args.kl * kl - surrogate)).sum()
    with torch.no_grad():
        entropy = -(logp.exp() * logp).sum(1)
        sums = {"kl": kl, "entropy": entropy, "clipped": ((ratio - 1).abs() > args.clip).float()}
        return loss, {name: float((weight * each(value)).sum()) for name, value in sums.items()}


def update(args, text: Text, start: Text, optimizer, prefix, rows: list[Row]) -> dict[str, float]:
    """One pass over the rows in `args.minibatches` steps. Ranks step together, whatever each has to learn from."""
    log: dict[str, float] = {}
    order = np.random.default_rng(len(rows)).permutation(len(rows))
    parts = [[rows[i] for i in part] for part in np.array_split(order, args.minibatches)]
    olds = [None] * len(parts)
    if args.minibatches > 1:  # the ratio is against the weights that sampled, before any of these steps
        with torch.no_grad():
            olds = [_chosen(text, prefix, part, args.rows) for part in parts]
    trained = [p for p in text.parameters() if p.requires_grad]
    for part, old in zip(parts, olds):
        share = 1 / max(1, sum(r.count for r in part))
        for at in range(0, len(part), args.rows):
            some = part[at : at + args.rows]
            loss, sums = loss_of(args, text, start, prefix, some, old and old[at : at + args.rows], share)
            loss.backward()
            for name, value in sums.items():
                log[name] = log.get(name, 0.0) + value / len(parts)
        for p in trained:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            if dist.is_initialized():
                dist.all_reduce(p.grad)
                p.grad /= dist.get_world_size()
        norm = float(torch.nn.utils.clip_grad_norm_(trained, 1.0))
        log["gradient"] = max(log.get("gradient", 0.0), norm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return log


def _chosen(text: Text, prefix, rows: list[Row], at_once: int) -> list[Tensor]:
    """Log-probabilities of the drawn words, one tensor a row."""
    found = []
    for at in range(0, len(rows), at_once):
        some = rows[at : at + at_once]
        logp, drawn, row = distributions(text, prefix, some)
        own = logp.gather(1, drawn[:, None])[:, 0]
        found += own.split(torch.bincount(row, minlength=len(some)).tolist())
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--init", type=Path, required=True, help="checkpoint folder to start from, and to stay near"
    )
    parser.add_argument(
        "--looks", choices=(FIRST, BOTH, DEMAND), default=BOTH, help="what is sampled (default %(default)s)"
    )
    parser.add_argument(
        "--questions", type=int, default=5000, help="in all, of every process (default %(default)s)"
    )
    parser.add_argument("--pictures", type=int, default=4, help="of a step")
    parser.add_argument("--each", type=int, default=6, help="questions about a picture")
    parser.add_argument("--group", type=int, default=8, help="rollouts of a question")
    parser.add_argument("--level2", type=float, default=0.5, help="share of pictures of level 2")
    parser.add_argument(
        "--rewards",
        nargs="*",
        metavar="NAME=WEIGHT",
        help="contained, r_region, r_box, r_acc, r_format; awares",
    )
    parser.add_argument(
        "--gamma",
        type=float,
        default=rewards.GAMMA,
        help="largest area that r_box pays (default %(default)s)",
    )
    parser.add_argument("--random-rewards", action="store_true", help="the control: rewards drawn at random")
    parser.add_argument("--sequence-ratio", action="store_true", help="GSPO: one ratio a rollout")
    parser.add_argument(
        "--asked-tokens",
        type=int,
        default=DEMAND_TOKENS,
        help="most tokens of a crop on demand (default %(default)s)",
    )
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--lr", type=float, default=3e-5)
    parser.add_argument("--kl", type=float, default=0.02, help="weight of the divergence from the start")
    parser.add_argument("--clip", type=float, default=0.2)
    parser.add_argument("--minibatches", type=int, default=1, help="optimizer steps for one sampling")
    parser.add_argument("--rows", type=int, default=32, help="rollouts in memory at once in the update")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--workers", type=int, default=1, help="processes that draw scenes ahead")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    args.rewards = rewards.read_weights(args.rewards) if args.rewards else WEIGHTS[args.looks]
    possible = {FIRST: {"contained", "r_region", "r_box", "r_format"}, DEMAND: {"awares", "r_acc"}}
    possible[BOTH] = possible[FIRST] | {"r_acc"}
    if wrong := set(args.rewards) - possible[args.looks]:
        parser.error(f"--looks {args.looks} has no reward {', '.join(sorted(wrong))}")
    return args


def main() -> None:
    args = arguments()
    rank, world = join()
    device, half = fast_path()
    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
    torch.set_num_threads(args.threads)
    torch.set_default_device(device)

    # The model; a frozen copy of its language model, which KL and r_region ask; only the layers learn.
    model, chat, special = make_model(args.out, args.init)
    model.load(args.init)
    model.requires_grad_(False)
    text, start = model.language_model, copy.deepcopy(model.language_model)
    for part in (text.layers, text.norm):
        part.requires_grad_(True)
    optimizer = torch.optim.AdamW(
        [p for p in text.parameters() if p.requires_grad], lr=args.lr, weight_decay=0.0
    )
    done, state_file = 0, args.out / "state.pt"
    if args.resume and state_file.exists():
        state = torch.load(state_file, weights_only=True, map_location=device)
        text.load_state_dict(state["text"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["step"]

    # Questions: step i is the same batch, whatever came before it. Every process has its own.
    per_step = args.pictures * args.each
    steps = -(-args.questions // (per_step * world))
    draws = Draws(chat, args.seed * 1000 + rank, args.level2, args.pictures, args.each, args.looks, steps)
    loader = DataLoader(Subset(draws, range(done, steps)), batch_size=None, num_workers=args.workers,
                        multiprocessing_context="fork" if args.workers else None, generator=torch.Generator("cpu"))  # fmt: skip
    roller = Roller(model, chat, args.looks, args.asked_tokens)
    log = open(args.out / "log.jsonl", "a") if rank == 0 else None
    last = saved = time.time()
    for step, shown in enumerate(loader, done):
        torch.manual_seed((args.seed * 1000 + rank) * 1_000_003 + step)
        with torch.autocast(device, torch.bfloat16, enabled=half):
            rollouts = roller(shown, args.group, args.temperature)
            parts = score(args, roller, start, shown, rollouts)
            total = sum(weight * np.nan_to_num(parts[name]) for name, weight in args.rewards.items())
            if args.random_rewards:
                total = np.random.default_rng([args.seed, rank, step]).random(len(rollouts))
            gain = advantages(total, args.group)
            rows = distinct(rollouts, gain)
            for g in optimizer.param_groups:
                g["lr"] = args.lr * min(1.0, (step + 1) / 10)
            learned = update(args, text, start, optimizer, roller.prefix(shown), rows)
        now = time.time()
        line = {"step": step + 1, "questions": (step + 1) * per_step * world, "reward": float(total.mean())}
        line |= {name: float(np.nanmean(part)) for name, part in parts.items()}
        line |= {
            "area": float(np.mean([area(shown, r) for r in rollouts])),
            "asked": float(np.mean([r.region is not None for r in rollouts])),
            "mixed": float(gain.reshape(-1, args.group).any(1).mean()),  # groups that teach something
            **learned,
            "seconds": now - last,
            "questions_per_second": per_step * world / (now - last),
        }  # fmt: skip
        last = now
        if log:
            log.write(json.dumps({k: round(v, 5) for k, v in line.items()}) + "\n")
            log.flush()
            print(" ".join(f"{k} {v:.4g}" for k, v in line.items()), flush=True)
            if now - saved > 180 or step + 1 == steps:
                save(model, optimizer, args.out, special, step + 1)
                saved = now
    if dist.is_initialized():
        dist.destroy_process_group()


def join() -> tuple[int, int]:
    """Rank and number of processes; more than one where torchrun started this."""
    if "RANK" not in os.environ:
        return 0, 1
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return dist.get_rank(), dist.get_world_size()


def save(model, optimizer, out: Path, special: dict[str, int], step: int) -> None:
    state = {"text": model.language_model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
    torch.save(state, out / "state.pt.tmp")
    (out / "state.pt.tmp").rename(out / "state.pt")
    model.save(out, special)


if __name__ == "__main__":
    main()
