"""Policies and the evaluation command on a random model: what counts is the bookkeeping, not the answers."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from training import evaluate
from training.export.convert import convert
from training.runtime import policies
from training.runtime.boxes import Boxes
from training.runtime.vlm import OnnxVLM
from training.tests.checkpoints import random_checkpoint

ROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]}


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    random_checkpoint(
        folder, tied=True, shifted=[1], position_rows=64, spread=0.1,
        vision={"depth": 2, "hidden_size": 64, "num_heads": 2, "intermediate_size": 96, "fullatt_block_indexes": []},
        text={"vocab_size": 320, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
              "num_key_value_heads": 1, "intermediate_size": 96, "rope_parameters": ROPE},
    )  # fmt: skip
    convert(folder, folder / "out", ["q8"], golden=False)
    path = folder / "out/manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "maxNewTokens": 5}))
    return folder / "out"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    noise = np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)
    Image.fromarray(noise).resize((900, 675)).save(folder / "a.jpg")
    (folder / "a.json").write_text(json.dumps({"bbox": [[100, 100, 50, 60]]}))
    text = "What colour is it?\n(A) red\n(B) blue\nAnswer with the option's letter from the given choices directly."
    rows = [{"image": "a.jpg", "text": text, "category": "colour", "question_id": 0, "label": "B"},
            {"image": "a.jpg", "text": "Read the tag.", "category": "read", "question_id": 1, "label": "KR47"}]  # fmt: skip
    (folder / "test_questions.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return folder


def test_the_command_writes_a_summary_per_policy(model_folder, dataset, tmp_path, monkeypatch):
    out = tmp_path / "report.json"
    names = "coarse-to-fine,full-resolution,coarse-only,on-demand"
    monkeypatch.setattr(sys, "argv", ["evaluate", str(model_folder), str(dataset), "--dtype", "q8", "--policies", names,
                                      "--threads", "1", "--json", str(out), "--save-failures", str(tmp_path / "wrong")])  # fmt: skip
    assert evaluate.main() == 0
    report = json.loads(out.read_text())
    assert report["dtype"] == "q8" and list(report["summary"]) == names.split(",")
    assert set(report["comparability"]) == {
        "pixel_cap",
        "options_shown_in_stage_1",
        "scoring",
        "failed_items",
    }
    two, full = report["summary"]["coarse-to-fine"], report["summary"]["full-resolution"]
    assert full["rtr"] == 1 and full["vision_tokens_mean"] == 32 * 24 and 0 < two["rtr"] < 0.4
    assert (
        two["n"] == 2 and two["region_recall"] is not None and set(two["by_category"]) == {"colour", "read"}
    )
    assert all(len(report["items"][name]) == 2 for name in names.split(","))
    assert list((tmp_path / "wrong").glob("*.jpg"))


def test_a_run_that_raises_counts_as_wrong(model_folder, dataset, monkeypatch):
    monkeypatch.setitem(policies.POLICIES, "coarse-only", lambda *_: 1 / 0)
    items = evaluate.read_dataset(dataset)
    result = evaluate.evaluate(OnnxVLM(model_folder, "q8", 1), items, ["coarse-only"])
    assert result["summary"]["coarse-only"]["failed"] == result["summary"]["coarse-only"]["n"] == 2
    assert result["summary"]["coarse-only"]["accuracy"] == 0
    assert "ZeroDivisionError" in result["items"]["coarse-only"][0]["error"]


def test_a_picture_that_cannot_be_read_counts_as_wrong(model_folder, dataset):
    items = evaluate.read_dataset(dataset)
    items[0].image.write_bytes(b"no picture")
    result = evaluate.evaluate(OnnxVLM(model_folder, "q8", 1), items, ["coarse-only"])
    unread = [item for item in items if item.image == items[0].image]
    assert result["summary"]["coarse-only"]["n"] == len(items)
    assert result["summary"]["coarse-only"]["failed"] == len(unread)
    assert result["items"]["coarse-only"][0]["full_tokens"] is None


def test_the_second_stage_computes_only_what_is_new(model_folder, monkeypatch):
    model = OnnxVLM(model_folder, "q8", 1)
    steps = []
    step = model.step
    monkeypatch.setattr(
        model, "step", lambda cache, past, x, *r: steps.append((past, len(x))) or step(cache, past, x, *r)
    )
    # A random model names no region, and then there is no second stage.
    monkeypatch.setattr(policies, "parse_boxes", lambda text: Boxes((40, 40, 120, 120), 1))
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (600, 800, 3), np.uint8))
    outcome = policies.coarse_to_fine(model, picture, "Where?", "Where?\n(A) here")
    assert all(past == sum(n for _, n in steps[:i]) for i, (past, _) in enumerate(steps))
    assert len([n for _, n in steps if n > 1]) == 2  # one prefill per stage, the rest are single tokens
    assert len(outcome.texts) == 2 and not outcome.fallback
    assert outcome.vision_tokens <= model.manifest["budgets"]["coarse"] + model.manifest["budgets"]["crop"]


def test_a_small_picture_is_looked_at_once(model_folder):
    model = OnnxVLM(model_folder, "q8", 1)
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 600, 3), np.uint8))
    outcome = policies.coarse_to_fine(model, picture, "Where?", "Where?\n(A) here")
    assert outcome.vision_tokens == policies.full_tokens(model, picture) and outcome.regions == []
    assert not outcome.fallback and len(outcome.texts) == 1


def test_named_crops_keep_to_their_budget(model_folder, monkeypatch):
    model = OnnxVLM(model_folder, "q8", 1)
    # A random model asks for nothing.
    monkeypatch.setattr(policies.protocol, "parse_crops", lambda text: ["3", "0"])
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (900, 1200, 3), np.uint8))
    budgets = model.manifest["budgets"]
    budgets["coarse"] = 100
    model.manifest["prompts"]["onDemand"] = {"system": "S", "first": "{question}", "second": "{question}"}
    for crop in (64, 300):
        budgets["demandCrop"] = crop
        tokens = policies.on_demand(model, picture, "What?", "What?").vision_tokens
        coarse = 11 * 8  # what 1200 x 900 becomes under 100
        assert 1.7 * crop < tokens - coarse <= 2 * crop


def test_a_context_can_be_forked(model_folder):
    model = OnnxVLM(model_folder, "q8", 1)
    base = model.extend(model.start(), [[256, 257, 65]])
    one, two = model.extend(base, [[66]]), model.extend(base, [[67]])
    again = model.extend(base, [[66]])
    assert np.array_equal(one.logits, again.logits) and not np.array_equal(one.logits, two.logits)
    assert base.length == 3 and one.length == two.length == 4
