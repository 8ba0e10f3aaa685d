"""The whole way on a tiny random checkpoint: data, two looks, a few steps with adapters, merge, export."""

import json
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from training import rewards
from training.ergo import __main__ as command
from training.ergo import data, trainer
from training.export.convert import convert
from training.fixtures.draw import draw, write_checkpoint
from training.fixtures.files import write_files
from training.fixtures.vocabulary import build_tokenizer, logits_size

FAMILIES = ("qwen2.5-vl", "qwen3.5")
SPECIAL = {"image_token_id": "<|image_pad|>", "video_token_id": "<|video_pad|>",
           "vision_start_token_id": "<|vision_start|>", "vision_end_token_id": "<|vision_end|>"}  # fmt: skip


@pytest.fixture(scope="module", params=FAMILIES)
def checkpoint(request, tmp_path_factory):
    folder, family = tmp_path_factory.mktemp("checkpoint"), request.param
    tokenizer = build_tokenizer(family, real=False)
    special = {key: tokenizer.token_to_id(token) for key, token in SPECIAL.items()}
    drawn = draw(family, 1, logits_size(family, tokenizer, False), special)
    write_checkpoint(family, drawn, folder, False, tokenizer.token_to_id("<|endoftext|>"))
    write_files(family, 1, tokenizer, folder)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    rng, rows = np.random.default_rng(0), []
    for i in range(4):
        Image.fromarray(rng.integers(0, 255, (60, 80, 3), np.uint8)).resize((640, 480)).save(
            folder / f"{i}.png"
        )
        (folder / f"{i}.json").write_text(json.dumps({"bbox": [[100, 100, 50, 60]]}))
        text = "What colour?\n(A) red\n(B) blue\nAnswer with the option's letter from the given choices directly."
        rows.append({"image": f"{i}.png", "text": text, "category": "colour", "question_id": i, "label": "B"})
    (folder / "test_questions.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return folder


def test_both_kinds_of_datasets_give_the_same_rows(pictures, tmp_path):
    import pyarrow
    import pyarrow.parquet

    files = [{"bytes": (pictures / f"{i}.png").read_bytes(), "path": None} for i in range(4)]
    table = {"image": files, "question": ["What colour?\n(A) red\n(B) blue"] * 4, "answer": ["B"] * 4,
             "bbox": [[[100, 100, 50, 60]]] * 4}  # fmt: skip
    pyarrow.parquet.write_table(pyarrow.table(table), tmp_path / "data.parquet")
    one, other = (
        data.read(p, "Be brief.", "{question}\nWhere?") for p in (pictures, tmp_path / "data.parquet")
    )
    for key in ("prompt", "question", "label", "options", "boxes"):
        assert one[0][key] == other[0][key], key
    assert one[0]["prompt"][1]["content"] == "What colour?\nWhere?"  # options are for the second look
    assert np.array_equal(np.asarray(one[0]["image"]), np.asarray(other[0]["image"]))
    with pytest.raises(KeyError, match="answer"):
        pyarrow.parquet.write_table(
            pyarrow.table({k: table[k] for k in ("image", "question")}), tmp_path / "b.parquet"
        )
        data.read(tmp_path / "b.parquet", "", "")


@pytest.mark.parametrize("adapters", (["--lora", "4"], []), ids=("adapters", "all weights"))
def test_two_looks_are_learned_merged_and_exported(adapters, checkpoint, pictures, tmp_path, monkeypatch):
    # A random model never writes a box: the text decides whether one is seen, and how large it is.
    def region(text, view, picture, rules):
        n = sum(map(ord, text)) % 4
        return ((0, 0, 160 * (n + 1), 120 * (n + 1)), []) if n else None

    monkeypatch.setattr(trainer, "named_region", region)
    monkeypatch.setattr(rewards, "named_region", region)
    seen = []
    generate = trainer.LooksTrainer._generate

    def watched(self, prompts):
        seen.append((self, generate(self, prompts)))
        return seen[-1][1]

    monkeypatch.setattr(trainer.LooksTrainer, "_generate", watched)
    flags = [*adapters, "--group", "4", "--batch", "4", "--accumulate", "1", "--steps", "3", "--tokens", "8",
             "--coarse", "100", "--crop", "80", "--lr", "1e-2", "--beta", "0.01", "--save-steps", "100"]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["ergo", str(checkpoint), str(pictures), str(tmp_path / "out"), *flags])
    command.main()

    # What was learned from: the model's own tokens, with the crop's between them.
    run, (prompt_ids, completion_ids, own, completions, _, extra, images, _) = seen[0]
    crops = [row[1:] for row in images]
    pad, side = run._tokenizer.convert_tokens_to_ids("<|image_pad|>"), run.factor
    assert any(crops) and len(completions) == 4
    for ids, completion, mask, messages, picture, crop in zip(
        prompt_ids, completion_ids, own, completions, images, crops
    ):
        assert ids.count(pad) == picture[0].width * picture[0].height // side**2 <= 100
        assert len(completion) == len(mask)
        tokens = sum(p.width * p.height // side**2 for p in crop)
        assert (completion.count(pad) >= tokens and mask.count(0) > tokens) if crop else 0 not in mask
        assert len(messages) == (3 if crop else 1) and len(picture) == 1 + len(crop)
        if crop:
            start = mask.index(0)
            reply = completion[len(mask) - mask[::-1].index(0) :]
            assert 64 <= tokens <= 80 and start > 0 and reply
            assert run._tokenizer.decode(reply, skip_special_tokens=True) == messages[-1]["content"]
    assert extra["picture"][0] == (640, 480)
    assert extra["view"][0] == ((1000, 1000) if run.looks.thousandths else images[0][0].size)

    logs = [line for line in run.state.log_history if "loss" in line]
    assert len(logs) == 3 and all(np.isfinite(line["loss"]) and np.isfinite(line["kl"]) for line in logs)
    assert {"rewards/r_region/mean", "rewards/r_box/mean", "looks/named"} <= logs[0].keys()
    assert any(line["grad_norm"] > 0 for line in logs)

    before, after = (
        load_file(checkpoint / "model.safetensors"),
        load_file(tmp_path / "out/merged/model.safetensors"),
    )
    changed = {k for k in before if not torch.allclose(before[k].float(), after[k].float(), atol=1e-7)}
    assert before.keys() == after.keys()
    assert changed and (not adapters or all("layers" in k and "visual" not in k for k in changed))
    convert(tmp_path / "out/merged", tmp_path / "export", ["fp32"], golden=False)
    for graph in ("vision_encoder", "embed_tokens", "decoder_model_merged"):
        assert list((tmp_path / "export").rglob(f"{graph}*.onnx")), graph
