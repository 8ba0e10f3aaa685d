"""How large should a region be? Rules that grow it, or look at a second one, against the fixed margin (decision 12).

    python -m training.runs.regions public/models/ergo-tiny --level 1 --level 2 --seed 20501 --count 300 --out FILE

Fresh scenes as JPEG files would hold them, the exported graphs, greedy replies. All rules share the first look; only
their second looks differ. Each finished item is a line of FILE.jsonl, and a run that is started again goes on where it
was; the table is FILE.md. `--split train` is for choosing factors.
"""

import argparse
import io
import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from ..runtime import chat, protocol
from ..runtime.boxes import in_view, parse_boxes
from ..runtime.chat import ChatRules, fill
from ..runtime.imaging import fill_budget, resize, smart_resize
from ..runtime.policies import in_original
from ..runtime.protocol import Box, repair_region
from ..runtime.scoring import area_fraction, contains, wilson
from ..runtime.vlm import Context, Encoded, OnnxVLM
from ..scenes.dataset import SPLITS, encode_jpeg, make_item
from ..scenes.layout import Scene
from ..scenes.questions import Question
from ..scenes.render import render
from ..uncertainty import Written, agreed, edge_spreads, grown, rival

MEGAPIXELS = (4.0, 16.0)
QUALITY = {1: 88, 2: 60}  # as scenes.dataset writes them
MARGINS = (0.05, 0.1, 0.2, 0.3)
FACTORS, MOST = (0.5, 1.0), 40  # of an edge's spread; coarse pixels that it counts at most
SAMPLES = 4
MORE = 384  # tokens of the larger crop, for comparing with rules that cost more
FIXED, LARGER = f"margin {MARGINS[0]}", f"margin {MARGINS[0]}, crop of {MORE}"
HULL, BESIDE, ALONE = "hull of samples", "rival beside it", "rival by itself"
TOGETHER = "hull, and rival beside it"


RULES = (FIXED, *(f"margin {m}" for m in MARGINS[1:]), *(f"spread x {k}" for k in FACTORS), HULL,
         BESIDE, TOGETHER, ALONE, LARGER)  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """What the model wrote after `start`: the context with it, its text, its tokens, how likely it was."""

    context: Context
    text: str
    tokens: list[Written]
    log_probability: float


def write(model: OnnxVLM, context: Context, rng: np.random.Generator | None = None) -> Reply:
    """Greedy, or with `rng` sampled at a temperature of 1."""
    ids, tokens, sure, stops = [], [], 0.0, model.stop_ids()
    while len(ids) < model.manifest["maxNewTokens"]:
        scores = context.logits - context.logits.max()
        scores = scores - np.log(np.exp(scores).sum())
        weights = np.exp(scores.astype(np.float64))
        token = int(rng.choice(len(weights), p=weights / weights.sum()) if rng else scores.argmax())
        sure += float(scores[token])
        if token in stops:
            break
        ids.append(token)
        likely = [token, *(int(i) for i in np.argsort(-scores)[:20] if i != token)]
        names = [model.tokenizer.id_to_token(i) or "" for i in likely]
        tokens.append((names[0], [(n, float(scores[i])) for n, i in zip(names, likely, strict=True)]))
        context = model.extend(context, [[token]])
    return Reply(context, model.decode(ids), tokens, sure)


@dataclass(frozen=True)
class Asked:
    """One item and the model that is asked about it."""

    model: OnnxVLM
    picture: Image.Image
    question: Question

    @property
    def evidence(self) -> list[Box]:
        return [(x, y, x + w, y + h) for x, y, w, h in self.question.boxes]

    def encode(self, tokens: int, box: Box | None = None) -> Encoded:
        """The whole picture, or a crop that fills its tokens."""
        rules = self.model.manifest["image"]
        if box is None:
            size = smart_resize(*self.picture.size, tokens, rules["pixelsPerToken"], rules["minTokens"])
        else:
            size = fill_budget(box[2] - box[0], box[3] - box[1], tokens, rules["pixelsPerToken"])
        return self.model.encode(resize(self.picture, *size, box=box))

    def named(self, reply: Reply, view: tuple[int, int]) -> Box | None:
        """The box of a reply in coarse pixels, in order and inside the view, not grown."""
        found = parse_boxes(reply.text)
        seen = in_view(found.box, self.model.manifest["coordinates"], *view) if found else None
        region = repair_region(seen, *view, 0) if seen else None
        return region.box if region else None

    def region(self, box: Box, view: tuple[int, int], margin: float = 0.0) -> Box:
        """What is cut for a box: whole pixels of the original."""
        found = repair_region(box, *view, self.model.manifest["region"]["minSide"], margin)
        assert found is not None, "a box that was inside is not any more"
        return in_original(found.box, view, self.picture.size)

    def second(self, context: Context, regions: list[Box], tokens: int) -> dict:
        """A second look at regions, of `tokens` each at most."""
        crops = [self.encode(tokens, region) for region in regions]
        words = fill(self.model.manifest["prompts"]["coarseToFine"]["answer"], self.question.prompt)
        reply = write(self.model, self.model.extend(context, chat.asking_again(ChatRules(), crops, words)))
        return self.scored(reply, regions, sum(crop.tokens for crop in crops))

    def scored(self, reply: Reply, regions: list[Box], tokens: int) -> dict:
        answer, q = protocol.parse_answer(reply.text), self.question
        found = bool(regions) and contains(regions, self.evidence, *self.picture.size)
        return {"right": protocol.is_correct(answer, q.label, q.options), "found": found if q.boxes else None,
                "area": area_fraction(regions, *self.picture.size), "tokens": tokens, "sure": reply.log_probability,
                "written": 0}  # fmt: skip


def looks(asked: Asked, rng: np.random.Generator) -> dict[str, dict]:
    """What every rule gives: right, found, area, vision tokens, how sure the answer was, tokens written."""
    model = asked.model
    prompts, budgets = model.manifest["prompts"], model.manifest["budgets"]
    locate, crop = prompts["coarseToFine"]["locate"], budgets["crop"]
    coarse, factor = asked.encode(budgets["coarse"]), model.manifest["image"]["pixelsPerToken"]
    view = coarse.cols * factor, coarse.rows * factor
    opened = model.extend(
        model.start(), chat.opening(ChatRules(), prompts["coarseToFine"]["system"], [coarse])
    )
    located = model.extend(opened, chat.asking(ChatRules(), fill(locate, asked.question.text)))
    first = write(model, located)
    box = asked.named(first, view)
    found: dict[str, dict] = {}
    if box is None:  # no rule has anything to grow
        words = fill(prompts["direct"]["answer"], asked.question.prompt)
        answer = write(model, model.extend(opened, chat.asking(ChatRules(), words)))
        found[FIXED] = asked.scored(answer, [], 0)
    else:
        plain = asked.region(box, view, MARGINS[0])
        see = partial(asked.second, first.context)
        for margin in MARGINS:
            found[f"margin {margin}"] = see([asked.region(box, view, margin)], crop)
        found[LARGER] = see([plain], MORE)
        spreads = edge_spreads(first.tokens)
        for k in FACTORS if spreads else ():
            found[f"spread x {k}"] = see([asked.region(grown(box, spreads, k, MOST), view)], crop)
        others = [(reply, other) for reply in (write(model, located, rng) for _ in range(SAMPLES))
                  if (other := asked.named(reply, view))]  # fmt: skip
        boxes, sampled = [other for _, other in others], sum(len(reply.tokens) for reply, _ in others)
        near = asked.region(agreed(box, boxes), view)
        found[HULL] = see([near], crop)
        if away := rival(box, boxes):
            reply, other = others[away[0]]
            there = asked.region(other, view, MARGINS[0])
            found[BESIDE] = see([plain, there], crop // 2)
            found[TOGETHER] = see([near, there], crop // 2)
            found[ALONE] = surer(found[FIXED], asked.second(reply.context, [there], crop))
        for name, otherwise in ((HULL, HULL), (BESIDE, FIXED), (TOGETHER, HULL), (ALONE, FIXED)):
            found[name] = found.get(name, found[otherwise]) | {"written": sampled}
    # Where a rule changes nothing, it gives what the fixed margin gives.
    whole = {rule: dict(found.get(rule, found[FIXED])) for rule in RULES}
    for look in whole.values():
        look["tokens"] += coarse.tokens
        look["written"] += len(first.tokens)
    return whole


def surer(one: dict, other: dict) -> dict:
    """Both were looked at; the answer that was written with less doubt counts."""
    best = max(one, other, key=lambda look: look["sure"])
    both = {key: one[key] + other[key] for key in ("area", "tokens")}
    found = None if one["found"] is None else one["found"] or other["found"]
    return best | both | {"found": found}


def as_file(scene: Scene) -> Image.Image:
    """The picture of a scene as a JPEG file of its level holds it."""
    with Image.open(io.BytesIO(encode_jpeg(render(scene), QUALITY[scene.level]))) as file:
        return file.convert("RGB")


def item(split: str, level: int, seed: int, index: int) -> tuple[Image.Image, Question]:
    scene, question = make_item(split, level, seed, index, MEGAPIXELS)
    return as_file(scene), question


def mean(values: list) -> float:
    return float(np.mean([float(v) for v in values]))


def against(rows: list[dict], rule: str) -> str:
    """Points more answers right than the fixed margin at the same mean vision tokens: its crop is as large as is
    needed for them, on average over two sizes."""
    of = {name: [row["looks"][name] for row in rows] for name in (rule, FIXED, LARGER)}
    spent = {name: mean([look["tokens"] for look in found]) for name, found in of.items()}
    share = min(1.0, max(0.0, (spent[rule] - spent[FIXED]) / (spent[LARGER] - spent[FIXED])))
    right = {name: np.array([look["right"] for look in found], float) for name, found in of.items()}
    more = right[rule] - (1 - share) * right[FIXED] - share * right[LARGER]
    error = 1.96 * more.std(ddof=1) / len(more) ** 0.5 if len(more) > 1 else float("nan")
    return (
        f"{100 * more.mean():+.1f} ({100 * (more.mean() - error):+.1f} to {100 * (more.mean() + error):+.1f})"
    )


def percent(values: list) -> str:
    low, high = wilson(sum(values), len(values)) or (0, 0)
    return f"{100 * mean(values):.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def table(rows: list[dict]) -> str:
    """Markdown: a table for each level, a line for each rule."""
    lines = []
    for level in sorted({row["level"] for row in rows}):
        same = [row for row in rows if row["level"] == level]
        lines += [f"Level {level}, {len(same)} items", "",
                  "| rule | right | evidence in the region | area | vision tokens | tokens written | points more than the fixed margin at the same tokens |",
                  "| --- " * 7 + "|"]  # fmt: skip
        for rule in RULES:
            found = [row["looks"][rule] for row in same]
            known = [look["found"] for look in found if look["found"] is not None]
            cells = [rule, percent([look["right"] for look in found]), percent(known),
                     f"{100 * mean([look['area'] for look in found]):.1f} %",
                     *(f"{mean([look[key] for look in found]):.0f}" for key in ("tokens", "written")),
                     "" if rule in (FIXED, LARGER) else against(same, rule)]  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path, help="model folder written by training.export")
    parser.add_argument("--level", type=int, action="append", choices=QUALITY, help="default: both")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=300, help="items of each level (default %(default)s)")
    parser.add_argument("--split", default="bench", choices=SPLITS)
    parser.add_argument("--dtype", default="q8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="FILE.jsonl and FILE.md are written")
    args = parser.parse_args()
    model = OnnxVLM(args.model, args.dtype, args.threads, unpacked=True)
    journal = args.out.with_suffix(".jsonl")
    settings = {"files": model.manifest["files"], "dtype": args.dtype, "split": args.split, "seed": args.seed}
    lines = journal.read_text().splitlines() if journal.exists() else [json.dumps(settings)]
    if json.loads(lines[0]) != settings:
        sys.exit(f"{journal} is of another model, split or seed.")
    rows = [json.loads(line) for line in lines[1:]]
    done = {(row["level"], row["index"]) for row in rows}
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a") as file:
        if not done:
            file.write(f"{lines[0]}\n")
        # Levels in turn, so that a run that was stopped is of both.
        for index in range(args.count):
            for level in args.level or QUALITY:
                if (level, index) in done:
                    continue
                picture, question = item(args.split, level, args.seed, index)
                rng = np.random.default_rng([level, args.seed, index])
                found = looks(Asked(model, picture, question), rng)
                rows.append({"level": level, "index": index, "kind": question.kind, "looks": found})
                file.write(json.dumps(rows[-1]) + "\n")
                file.flush()
                told = ", ".join(
                    f"{rule} {sum(row['looks'][rule]['right'] for row in rows)}" for rule in RULES
                )
                print(f"{len(rows)}: {told}", file=sys.stderr, flush=True)
    args.out.with_suffix(".md").write_text(table(rows))
    print(table(rows))


if __name__ == "__main__":
    main()
