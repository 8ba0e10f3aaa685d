"""Golden fixtures: what the shipped graphs give in onnxruntime, for other engines to reproduce.

`golden/golden.json`, with the pictures beside it as PNG files whose sides are multiples of a token, so that no
resizing is involved:

    {"schema": 1, "tolerance": {dtype: largest relative error (max |a - b| / max |b|) another engine should show},
     "cases": [{
       "name": str,
       "prompt": str,            the whole history as text, one <|image_pad|> per vision token
       "pictures": [{"file": "golden/x.png", "width": px, "height": px, "grid": [1, rows, cols] in patches,
                     "tokens": int, "pixels": {"mean": float, "first": [8 values of the first patch]}}],
       "inputIds": [int],        the prompt's token ids
       "positionIds": [[int], [int], [int]],   M-RoPE: temporal, row, column position of every token
       "nextPosition": int,      position of the first generated token
       "results": {dtype: {
         "features": [{"mean": float, "rms": float, "first": [8 values of the first token]} per picture],
         "logits": [float],      after the prompt's last token, all of the vocabulary, 6 digits
         "tokens": [int],        greedy, without stopping at stop tokens
         "text": str}}}]}

A vocabulary above 2048 keeps `logits` to `logitIds`, a fixed stride over it plus the best 32.
"""

import json
import math
from pathlib import Path

import numpy as np
from PIL import Image

from ..runtime.mrope import mrope_positions
from ..runtime.vlm import Encoded, OnnxVLM

STEPS, _FULL_VOCABULARY = 16, 2048
_TOLERANCE = {"fp32": 1e-3, "q8": 1e-3, "q4": 1e-3, "fp16": 0.05, "q4f16": 0.05}
_SIDES = {
    "wide.png": (196, 112),
    "square.png": (224, 224),
    "tall.png": (84, 168),
}  # grids 4x7, 8x8, 6x3 tokens


def picture(width: int, height: int, seed: int) -> Image.Image:
    """Smooth colour gradients with a few sharp bars: integer arithmetic, the same on every machine."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [(x * (3 + seed) + y * 2) % 256, (x * 2 + y * (5 + seed)) % 256, (x * y // (7 + seed)) % 256]
    pixels = np.stack(waves, -1).astype(np.uint8)
    for i in range(5):
        left, top = (37 * (i + seed)) % (width - 12), (53 * (i + 2 * seed)) % (height - 20)
        pixels[top : top + 20, left : left + 6] = (255 * (i % 2), 40 * i, 255 - 50 * i)
    return Image.fromarray(pixels)


def _cases(manifest: dict) -> list[tuple[str, list[str]]]:
    """(name, history in which each picture's file name stands between its vision marks) — one with two pictures."""
    stages = manifest["prompts"]
    question = "What is written on the tag of the dog?"

    def opening(system: str, file: str, text: str) -> list[str]:
        return [f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n<|vision_start|>", file,
                f"<|vision_end|>{text.replace('{question}', question)}<|im_end|>\n<|im_start|>assistant\n"]  # fmt: skip

    direct, fine = stages["direct"], stages["coarseToFine"]
    first = opening(direct["system"], "wide.png", direct["answer"])
    locate = opening(fine["system"], "square.png", fine["locate"])
    second = opening(fine["system"], "square.png", fine["locate"])
    second[-1] += "<think>the dog is in the lower left.</think><zoom>[20, 120, 90, 200]</zoom><|im_end|>\n"
    second[-1] += "<|im_start|>user\n<|vision_start|>"
    answer = fine["answer"].replace("{question}", question)
    second += ["tall.png", f"<|vision_end|>{answer}<|im_end|>\n<|im_start|>assistant\n"]
    return [("direct", first), ("locate", locate), ("two-pictures", second)]


def _digits(value: float, digits: int = 6) -> float:
    """Rounded to significant digits; JSON has no way to say NaN, and a fixture with one is no fixture."""
    if not math.isfinite(value):
        raise ValueError("the exported graphs give values that are not finite")
    return float(f"{value:.{digits}g}")


def _run(model: OnnxVLM, parts: list, steps: int) -> dict:
    features = [p for p in parts if isinstance(p, Encoded)]
    context = model.extend(model.start(), parts)
    tokens = model.generate(context, steps, stop_ids=set()).ids
    return {
        "features": [
            {"mean": _digits(float(f.features.mean())), "rms": _digits(float(np.sqrt((f.features**2).mean()))),
             "first": [_digits(float(v)) for v in f.features[0, :8]]}
            for f in features
        ],
        "logits": context.logits, "tokens": tokens, "text": model.decode(tokens),
    }  # fmt: skip


def _describe(name: str, model: OnnxVLM) -> dict:
    with Image.open(model.folder / "golden" / name) as image:
        patches = model.patches(image)
        width, height = image.size
    pixels = {
        "mean": _digits(float(patches.pixels.mean())),
        "first": [_digits(float(v)) for v in patches.pixels[0, :8]],
    }
    return {"file": f"golden/{name}", "width": width, "height": height, "grid": patches.grid_thw[0].tolist(),
            "tokens": patches.tokens, "pixels": pixels}  # fmt: skip


def _case(name: str, history: list[str], models: dict[str, OnnxVLM]) -> dict:
    any_model = next(iter(models.values()))
    pictures = {part: _describe(part, any_model) for part in history if part in _SIDES}
    pad = any_model.tokenizer.token_to_id("<|image_pad|>")
    ids, runs, prompt = [], [], ""
    for part in history:
        if part in pictures:
            count = pictures[part]["tokens"]
            runs.append((pictures[part]["grid"][1] // 2, pictures[part]["grid"][2] // 2))
            ids += [pad] * count
            prompt += "<|image_pad|>" * count
        else:
            new = any_model.tokenize(part)
            runs.append(len(new))
            ids += new
            prompt += part
    positions, following = mrope_positions(runs)
    results = {}
    for dtype, model in models.items():
        parts = []
        for part in history:
            if part in pictures:
                with Image.open(model.folder / "golden" / part) as image:
                    parts.append(model.encode(image))
            else:
                parts.append(part)
        results[dtype] = _run(model, parts, STEPS)
    case = {"name": name, "prompt": prompt, "pictures": list(pictures.values()), "inputIds": ids,
            "positionIds": positions.tolist(), "nextPosition": following}  # fmt: skip
    vocabulary = len(next(iter(results.values()))["logits"])
    if vocabulary > _FULL_VOCABULARY:
        best = {int(i) for r in results.values() for i in np.argsort(r["logits"])[-32:]}
        case["logitIds"] = sorted(best | set(range(0, vocabulary, vocabulary // 512)))
    for result in results.values():
        kept = result["logits"][case["logitIds"]] if "logitIds" in case else result["logits"]
        result["logits"] = [_digits(float(v)) for v in kept]
    return {**case, "results": results}


def write_golden(out: Path, threads: int = 2) -> None:
    """Writes `out`/golden from the model folder's own graphs, every dtype of its manifest."""
    folder = out / "golden"
    folder.mkdir(exist_ok=True)
    for seed, (name, size) in enumerate(_SIDES.items()):
        picture(*size, seed).save(folder / name, optimize=True)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    models = {dtype: OnnxVLM(out, dtype, threads) for dtype in manifest["dtypes"]}
    cases = [_case(name, history, models) for name, history in _cases(manifest)]
    data = {"schema": 1, "tolerance": {d: _TOLERANCE[d] for d in models}, "cases": cases}
    # Without indentation: one number a line would triple the size.
    (folder / "golden.json").write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
