"""The way of ERGO-7B in small: a Qwen2.5-VL checkpoint and a clone of the authors' repository -> a folder that looks twice."""

import json
import sys

import pytest
import torch

from training.export import __main__ as command
from training.export.golden import picture
from training.fixtures.build import build
from training.runtime import policies
from training.runtime.vlm import OnnxVLM

# Laid out as the authors' repository: prompts as module constants of a package, a demonstration with others.
SYSTEM, FIRST, SECOND = (
    "Look twice.",
    "{Question} Where? <think> </think><zoom>[x1, y1, x2, y2]</zoom>",
    "{Question} <answer>",
)
MODULE = (
    f'SYSTEM_PROMPT = """{SYSTEM}"""\nSTAGE1_TEMPLATE = """{FIRST}"""\nSTAGE2_TEMPLATE = """{SECOND}"""\n'
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def clone(tmp_path):
    for folder, text in (("src/eval", MODULE), ("demo", MODULE.replace("Look twice.", "Look once."))):
        (tmp_path / "ERGO" / folder).mkdir(parents=True)
        (tmp_path / "ERGO" / folder / "prompts.py").write_text(text)
    return tmp_path / "ERGO"


def test_a_checkpoint_and_a_clone_give_a_folder_that_looks_twice_with_the_authors_words(
    tmp_path, clone, monkeypatch
):
    build("qwen2.5-vl", 5, tmp_path / "fixture", "flat")
    out = tmp_path / "ergo"
    arguments = [
        "export",
        str(tmp_path / "fixture/checkpoint"),
        str(out),
        "--dtypes",
        "q4,q4f16",
        "--ergo-repo",
        str(clone),
    ]
    monkeypatch.setattr(sys, "argv", arguments)
    assert command.main() == 0
    manifest = json.loads((out / "manifest.json").read_text())
    said = manifest["prompts"]["coarseToFine"]
    assert said["system"] == SYSTEM and said["answer"] == "{question} <answer>"
    assert "text_config" in json.loads((out / "config.json").read_text())

    # A random model names no region, so that one is given; the budgets of 640 tokens would only cost time.
    manifest |= {"budgets": {"coarse": 64, "crop": 64, "fullResolution": 64}, "maxNewTokens": 4}
    (out / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(policies, "named_region", lambda *_: ((40, 40, 240, 180), []))
    heard: list[str] = []
    model = OnnxVLM(out, "q4", 1)
    tokenize = model.tokenize
    monkeypatch.setattr(model, "tokenize", lambda *texts: heard.append("".join(texts)) or tokenize(*texts))
    outcome = policies.coarse_to_fine(model, picture(560, 420, 1), "What is it?", "What is it?\n(A) a cat")
    assert len(outcome.texts) == 2 and outcome.regions == [(40, 40, 240, 180)] and not outcome.fallback
    text = "".join(heard)
    assert SYSTEM in text and FIRST.replace("{Question}", "What is it?") in text
    assert SECOND.replace("{Question}", "What is it?\n(A) a cat") in text
    assert text.count("<|im_start|>system") == 1  # the second look goes on from the first
