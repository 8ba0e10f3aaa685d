"""ERGO's training of a Qwen2.5-VL or Qwen3.5 checkpoint: GRPO over both looks with the rewards of `training.rewards`.

    training/ergo/.venv/bin/python -m training.ergo CHECKPOINT DATA OUT [--lora 64] [--rewards contained r_box=0.5 ...]
    training/ergo/.venv/bin/accelerate launch -m training.ergo CHECKPOINT DATA OUT ...      on many GPUs

OUT/merged is a checkpoint like the one it began from: `python -m training.export OUT/merged FOLDER` exports it.
"""

import argparse
from pathlib import Path

import torch
from peft import LoraConfig
from transformers import AutoConfig, AutoModelForImageTextToText
from trl import GRPOConfig

from .. import rewards
from ..export.manifest import GENERAL
from ..export.prompts import GENERIC, read_ergo_prompts
from .data import read
from .processor import PictureProcessor, copy_files
from .trainer import Looks, LooksTrainer

FAMILIES = {  # how a family says boxes and is shown a crop (docs/models.md)
    "qwen2_5_vl": {},
    "qwen3_vl": {"thousandths": True},
    "qwen3_5": {"thousandths": True, "as_tool": True},
}
THOUSANDTHS = "as integers from 0 to 1000 of its width and height"  # in place of pixels, in what the first look is asked
PUBLISHED = ("r_region=1", "r_box=0.5", "r_acc=1", "r_format=1")  # arXiv 2509.21991


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.ergo", description=__doc__.split("\n")[0])
    parser.add_argument(
        "checkpoint", type=Path, help="folder of a checkpoint (config.json, safetensors, processor files)"
    )
    parser.add_argument(
        "data", type=Path, help="folder in V* Bench layout, or a parquet file with image, question, answer"
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--rewards", nargs="+", metavar="NAME=WEIGHT", default=PUBLISHED,
                        help="of r_region, contained, r_box, r_acc, r_format (default: as published)")  # fmt: skip
    parser.add_argument(
        "--gamma",
        type=float,
        default=rewards.GAMMA,
        help="largest area that r_box pays (default %(default)s)",
    )
    parser.add_argument(
        "--ergo-repo", type=Path, help="clone of the ERGO authors' repository to read stage prompts from"
    )
    parser.add_argument(
        "--lora", type=int, metavar="RANK", help="train adapters of this rank; all weights without it"
    )
    parser.add_argument(
        "--coarse", type=int, default=GENERAL.budgets["coarse"], help="vision tokens (default %(default)s)"
    )
    parser.add_argument(
        "--crop", type=int, default=GENERAL.budgets["crop"], help="vision tokens (default %(default)s)"
    )
    parser.add_argument(
        "--group", type=int, default=8, help="completions of a question (default %(default)s)"
    )
    parser.add_argument(
        "--batch",
        type=int,
        default=8,
        help="completions of a process in memory at once (default %(default)s)",
    )
    parser.add_argument(
        "--accumulate", type=int, default=4, help="such batches before a step (default %(default)s)"
    )
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--lr", type=float, default=1e-6)
    parser.add_argument(
        "--beta",
        type=float,
        default=0.04,
        help="weight of the divergence from the start (default %(default)s)",
    )
    parser.add_argument(
        "--tokens",
        type=int,
        default=GENERAL.max_new_tokens,
        help="most tokens of a turn (default %(default)s)",
    )
    parser.add_argument("--sequence-ratio", action="store_true", help="GSPO: one ratio a completion")
    parser.add_argument(
        "--vllm", action="store_true", help="sample with vLLM on the same GPUs (install it beside)"
    )
    parser.add_argument("--limit", type=int, help="only the first N rows of the data")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint of OUT")
    parser.add_argument("--save-steps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    args = arguments()
    prompts = read_ergo_prompts(args.ergo_repo) if args.ergo_repo else GENERIC
    stages = prompts["coarseToFine"]
    family = AutoConfig.from_pretrained(args.checkpoint).model_type
    if family not in FAMILIES:
        raise SystemExit(f"{args.checkpoint}: model_type is {family!r}; there are {', '.join(FAMILIES)}")
    looks = Looks(
        args.coarse,
        args.crop,
        GENERAL.region,
        stages["answer"],
        prompts["direct"]["answer"],
        **FAMILIES[family],
    )
    locate = stages["locate"]
    if looks.thousandths:
        locate = locate.replace("as integer pixel coordinates of this picture", THOUSANDTHS)
    data = read(args.data, stages["system"], locate, args.limit)

    # The judge of r_region is the trainer's own start weights, which exist only after the rewards are named.
    trainer: LooksTrainer
    known = {"r_format": rewards.r_format, "r_acc": rewards.r_acc}
    known |= rewards.make_ergo(looks.region, args.gamma, lambda rows: trainer.judge(rows))
    weights = rewards.read_weights(args.rewards)
    if unknown := set(weights) - set(known):
        raise SystemExit(f"no reward {', '.join(sorted(unknown))}; there are {', '.join(known)}")

    cuda = torch.cuda.is_available()
    model = AutoModelForImageTextToText.from_pretrained(
        args.checkpoint, dtype=torch.bfloat16 if cuda else torch.float32
    )
    processor = PictureProcessor.from_pretrained(args.checkpoint)
    config = GRPOConfig(
        output_dir=str(args.out), seed=args.seed, max_steps=args.steps, learning_rate=args.lr, beta=args.beta,
        per_device_train_batch_size=args.batch, gradient_accumulation_steps=args.accumulate,
        num_generations=args.group, max_completion_length=args.tokens, reward_weights=list(weights.values()),
        importance_sampling_level="sequence" if args.sequence_ratio else "token", use_vllm=args.vllm,
        bf16=cuda, use_cpu=not cuda, gradient_checkpointing=cuda, logging_steps=1, save_steps=args.save_steps,
        save_total_limit=2, report_to="none", remove_unused_columns=False,
        generation_kwargs=never(processor, args.vllm),
    )  # fmt: skip
    adapters = (
        LoraConfig(r=args.lora, lora_alpha=2 * args.lora, target_modules=adapted(model))
        if args.lora
        else None
    )
    trainer = LooksTrainer(
        model=model, args=config, train_dataset=data, processing_class=processor, peft_config=adapters, looks=looks,
        reward_funcs=[known[name] for name in weights],
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=args.resume)

    whole = trainer.accelerator.unwrap_model(trainer.model)
    if args.lora:
        whole = whole.merge_and_unload()
    if trainer.accelerator.is_main_process:
        whole.save_pretrained(args.out / "merged")
        copy_files(args.checkpoint, args.out / "merged")


def never(processor: PictureProcessor, vllm: bool) -> dict:
    """Sampling options: tokens that stand for pictures are not to be said, there is no picture for them."""
    ids = [processor.image_token_id, processor.video_token_id]
    return {"logit_bias": dict.fromkeys(ids, -100.0)} if vllm else {"suppress_tokens": ids}


def adapted(model) -> list[str]:
    """Names of the language model's linear layers. The vision tower and the head stay as they are."""
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and "language_model.layers" in name
    ]


if __name__ == "__main__":
    main()
