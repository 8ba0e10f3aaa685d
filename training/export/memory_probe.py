"""Peak memory of an export, measured on checkpoints of the 7B shape with few layers and extrapolated to all of them.

    training/.venv/bin/python -m training.export.memory_probe [WORK_DIR] [--dtypes q4] [--layers 1,3] [--json FILE]

Each measurement is a process of its own; its peak resident size includes the pages of the checkpoint that were
mapped at the time. Needs about 7 GB of disk.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

SEVEN_B = {
    "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28, "num_key_value_heads": 4,
    "vocab_size": 152064, "max_position_embeddings": 128000, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0,
    "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}, "hidden_act": "silu",
}  # fmt: skip
VISION = {"hidden_size": 1280, "num_heads": 16, "intermediate_size": 3420, "out_hidden_size": 3584,
          "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2, "window_size": 112}  # fmt: skip
FULL_LAYERS, FULL_BLOCKS = 28, 32


def _random(*shape: int) -> torch.Tensor:
    """bf16 noise, one drawn row block repeated: the values do not matter, the bytes do."""
    size = torch.Size(shape).numel()
    block = torch.randn(min(size, 1 << 20)).mul_(0.02).to(torch.bfloat16)
    return block.repeat(-(-size // len(block)))[:size].view(shape)


def _layer(i: int, c: dict) -> dict[str, tuple[int, ...]]:
    d, wide, kv = c["hidden_size"], c["intermediate_size"], c["num_key_value_heads"] * 128
    at = f"model.layers.{i}"
    shapes = {f"{at}.self_attn.q_proj": (d, d), f"{at}.self_attn.k_proj": (kv, d), f"{at}.self_attn.v_proj": (kv, d),
              f"{at}.self_attn.o_proj": (d, d), f"{at}.mlp.gate_proj": (wide, d), f"{at}.mlp.up_proj": (wide, d),
              f"{at}.mlp.down_proj": (d, wide)}  # fmt: skip
    named = {f"{n}.weight": s for n, s in shapes.items()}
    named |= {f"{at}.self_attn.{n}_proj.bias": (s,) for n, s in (("q", d), ("k", kv), ("v", kv))}
    return named | {f"{at}.{n}.weight": (d,) for n in ("input_layernorm", "post_attention_layernorm")}


def _block(i: int, v: dict) -> dict[str, tuple[int, ...]]:
    d, wide, at = v["hidden_size"], v["intermediate_size"], f"visual.blocks.{i}"
    shapes = {f"{at}.attn.qkv": (3 * d, d), f"{at}.attn.proj": (d, d), f"{at}.mlp.gate_proj": (wide, d),
              f"{at}.mlp.up_proj": (wide, d), f"{at}.mlp.down_proj": (d, wide)}  # fmt: skip
    named = {f"{n}.weight": s for n, s in shapes.items()} | {f"{n}.bias": s[:1] for n, s in shapes.items()}
    return named | {f"{at}.norm1.weight": (d,), f"{at}.norm2.weight": (d,)}


def make_checkpoint(folder: Path, layers: int, blocks: int, text: dict, vision: dict) -> None:
    """A sharded checkpoint in the Hub's flat layout with random weights."""
    folder.mkdir(parents=True)
    d, narrow = text["hidden_size"], vision["hidden_size"]
    merged = 4 * narrow
    shards = [
        {"model.embed_tokens.weight": (text["vocab_size"], d)},
        {"lm_head.weight": (text["vocab_size"], d), "model.norm.weight": (d,)},
        {"visual.patch_embed.proj.weight": (narrow, 3, 2, 14, 14),
         "visual.merger.ln_q.weight": (narrow,), "visual.merger.mlp.0.weight": (merged, merged),
         "visual.merger.mlp.0.bias": (merged,), "visual.merger.mlp.2.weight": (d, merged), "visual.merger.mlp.2.bias": (d,)},
        *(_layer(i, text) for i in range(layers)), *(_block(i, vision) for i in range(blocks)),
    ]  # fmt: skip
    index = {}
    for number, shapes in enumerate(shards):
        name = f"model-{number:05d}.safetensors"
        save_file({key: _random(*shape) for key, shape in shapes.items()}, folder / name)
        index |= dict.fromkeys(shapes, name)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    full = [i for i in (7, 15, 23, 31) if i < blocks]
    vision = {**vision, "depth": blocks, "fullatt_block_indexes": full, "out_hidden_size": d}
    config = {"model_type": "qwen2_5_vl", "num_hidden_layers": layers, **text, "tie_word_embeddings": False,
              "vision_config": vision}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))


def measure(checkpoint: Path, out: Path, dtypes: str) -> dict:
    """Exports in a child process: {"peak_gb", "seconds", "written_gb"}. Raises RuntimeError when the export fails."""
    command = [
        sys.executable,
        "-m",
        "training.export",
        str(checkpoint),
        str(out),
        "--dtypes",
        dtypes,
        "--no-golden",
    ]
    started = time.perf_counter()
    _, status, usage = os.wait4(os.posix_spawn(sys.executable, command, os.environ), 0)
    if status:
        raise RuntimeError(f"the export ended with status {status}")
    written = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return {"peak_gb": round(usage.ru_maxrss * 1024 / 1e9, 3), "seconds": round(time.perf_counter() - started, 1),
            "written_gb": round(written / 1e9, 3)}  # fmt: skip


def extrapolate(small: tuple[int, float], large: tuple[int, float], layers: int = FULL_LAYERS) -> float:
    """Linear in the number of layers, never below the larger measurement."""
    slope = (large[1] - small[1]) / (large[0] - small[0])
    return round(max(large[1], large[1] + slope * (layers - large[0])), 3)


def probe(work: Path, layers: list[int], dtypes: str, text: dict = SEVEN_B, vision: dict = VISION) -> dict:
    """Measures each number of layers (as many vision blocks) and extrapolates from the first and last."""
    runs = {}
    for count in layers:
        checkpoint, out = work / f"checkpoint-{count}", work / f"out-{count}"
        for folder in (checkpoint, out):
            shutil.rmtree(folder, ignore_errors=True)
        make_checkpoint(checkpoint, count, count, text, vision)
        runs[count] = measure(checkpoint, out, dtypes)
        for folder in (checkpoint, out):
            shutil.rmtree(folder)
    ends = [(n, runs[n]["peak_gb"]) for n in (layers[0], layers[-1])]
    # Vision blocks grow with the layers here but end at 32: the larger count is the safe one.
    return {
        "dtypes": dtypes,
        "runs": runs,
        "extrapolated_peak_gb": extrapolate(*ends, max(FULL_LAYERS, FULL_BLOCKS)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training.export.memory_probe", description=__doc__)
    parser.add_argument(
        "work", type=Path, nargs="?", help="folder for the temporary checkpoints (default: a new one)"
    )
    parser.add_argument("--dtypes", default="q4")
    parser.add_argument("--layers", default="1,3", help="numbers of layers to measure")
    parser.add_argument("--json", type=Path, help="file to write the result to")
    args = parser.parse_args()
    work = args.work or Path(tempfile.mkdtemp(prefix="memory-probe-"))
    result = probe(work, [int(n) for n in args.layers.split(",")], args.dtypes)
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
