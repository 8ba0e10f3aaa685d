"""Exports in the hub's layout against what Hugging Face's class computes, for each family."""

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer

from training.fixtures import searcher
from training.fixtures.build import build
from training.fixtures.replay import Replay
from training.runtime.imaging import patchify
from training.runtime.mrope import mrope_positions
from training.tests.test_placement import copied_down

ROOT = Path(__file__).parents[2]
EXACT = 1e-3  # relative; float32 gives some 1e-6
DOORS = {  # grid input, and whether the decoder takes num_logits_to_keep, as the hub's repositories have it
    "qwen2-vl": ("grid_thw", False),
    "qwen2.5-vl": ("image_grid_thw", True),
    "qwen3-vl": ("image_grid_thw", True),
    "qwen3.5": ("image_grid_thw", True),
}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def fixture(tmp_path_factory):
    """Builds a fixture once per family and variant."""
    made: dict[tuple, Path] = {}

    def make(family: str, variant: str | None = None) -> Path:
        if (family, variant) not in made:
            made[family, variant] = tmp_path_factory.mktemp("fixture")
            build(family, 3, made[family, variant], variant)
        return made[family, variant]

    return make


@pytest.mark.parametrize("family", DOORS)
def test_pictures_turns_steps_and_forks_match_transformers(fixture, family):
    result = Replay(fixture(family)).run()
    assert max(result["logits"].values()) < EXACT
    assert len(result["logits"]) == 6 and result["tokensEqual"]


@pytest.mark.parametrize("family", DOORS)
def test_no_graph_waits_for_what_a_gpu_computed(fixture, family):
    graphs = sorted((fixture(family) / "hub/onnx").glob("*.onnx"))
    assert len(graphs) >= 3
    for path in graphs:
        assert copied_down(onnx.load(path, load_external_data=False).graph) == [], path.name


@pytest.mark.parametrize("family", DOORS)
def test_the_app_computes_them_too(fixture, family):
    """On wasm in Node: the checkpoint's own files, the family's profile, the engine and its kept contexts."""
    command = ["node", "scripts/measure/parity.mjs", str(fixture(family))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["logits"] < EXACT and result["tokensEqual"] and result["forkExact"]
    assert result["prefilledTwice"] == 0


@pytest.mark.parametrize("family", DOORS)
def test_graphs_have_the_doors_found_on_the_hub(fixture, family):
    replay = Replay(fixture(family))
    grid, keep = DOORS[family]
    assert [i.name for i in replay.vision.get_inputs()] == ["pixel_values", grid]
    assert [o.name for o in replay.vision.get_outputs()] == ["image_features"]
    assert [i.name for i in replay.embed.get_inputs()] == ["input_ids"]
    named = set(replay.inputs) - {n for n in replay.inputs if n.startswith("past_")}
    assert named == {"inputs_embeds", "attention_mask", "position_ids"} | (
        {"num_logits_to_keep"} if keep else set()
    )
    states = [n.replace("past_key_values", "present").replace("past_", "present_")
              for n in replay.inputs if n.startswith("past_")]  # fmt: skip
    assert set(replay.outputs) == {"logits", *states}
    assert not (fixture(family) / "hub/manifest.json").exists()


def test_the_hybrid_family_keeps_convolutions_associations_and_attention_by_layer(fixture):
    folder = fixture("qwen3.5")
    text = json.loads((folder / "checkpoint/config.json").read_text())["text_config"]
    replay = Replay(folder, "q4f16")
    shapes = {n: i.shape for n, i in replay.inputs.items() if n.startswith("past_")}
    channels = 2 * text["linear_num_key_heads"] * text["linear_key_head_dim"]
    channels += text["linear_num_value_heads"] * text["linear_value_head_dim"]
    for i, kind in enumerate(text["layer_types"]):
        if kind == "full_attention":
            assert shapes[f"past_key_values.{i}.key"][1] == text["num_key_value_heads"]
        else:
            assert shapes[f"past_conv.{i}"] == ["batch_size", channels, 3]
            assert shapes[f"past_recurrent.{i}"][1:] == [text["linear_num_value_heads"], text["linear_key_head_dim"],
                                                         text["linear_value_head_dim"]]  # fmt: skip
    kinds = {n: i.type for n, i in replay.inputs.items()}
    assert kinds["inputs_embeds"] == "tensor(float)"
    assert {kinds[n] for n in shapes} == {"tensor(float16)"}
    assert replay.decoder.get_outputs()[-1].type == "tensor(float16)"
    logits = replay.extend(replay.start(), replay.rows([1, 2, 3]), np.arange(3) * np.ones((3, 1)), 3).logits
    assert np.isfinite(logits).all()


@pytest.mark.parametrize(
    "family, variant, dtype, limit",
    [
        ("qwen3.5", "conv4", "fp32", EXACT),
        ("qwen3.5", "half", "fp16", 0.03),
        ("qwen2-vl", "last-logits", "fp32", EXACT),
        ("qwen3-vl", "all-logits", "fp32", EXACT),
    ],
)
def test_variants_compute_the_same(fixture, family, variant, dtype, limit):
    replay = Replay(fixture(family, variant), dtype)
    assert max(replay.run()["logits"].values()) < limit
    if variant == "conv4":
        assert {i.shape[2] for n, i in replay.inputs.items() if n.startswith("past_conv")} == {4}
    if variant == "half":
        assert replay.vision.get_outputs()[0].type == "tensor(float16)"


def test_a_decoders_second_part_is_the_embeddings_file(fixture):
    folder = fixture("qwen2.5-vl", "two-parts")
    onnx_folder = folder / "hub/onnx"

    def digest(name: str) -> str:
        return hashlib.sha256((onnx_folder / name).read_bytes()).hexdigest()

    second = digest("decoder_model_merged_quantized.onnx_data_1")
    assert second == digest("embed_tokens_quantized.onnx_data")
    parts = json.loads((folder / "hub/config.json").read_text())["transformers.js_config"][
        "use_external_data_format"
    ]
    assert parts["decoder_model_merged_quantized.onnx"] == 2 and parts["embed_tokens_quantized.onnx"] == 1
    model = onnx.load(str(onnx_folder / "embed_tokens_quantized.onnx"), load_external_data=False)
    assert "GatherBlockQuantized" in {n.op_type for n in model.graph.node}
    assert max(Replay(folder).run()["logits"].values()) < EXACT
    assert max(Replay(folder, "q8").run()["logits"].values()) < 0.5


def overlap(box: list[float], truth: list[float]) -> float:
    """Intersection over union."""
    wide, high = (max(0.0, min(box[i + 2], truth[i + 2]) - max(box[i], truth[i])) for i in (0, 1))
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (box, truth)]
    return wide * high / (sum(areas) - wide * high)


def look(replay: Replay, image: Image.Image) -> str:
    """What the model says about a picture, up to its stop token."""
    tokenizer = Tokenizer.from_file(str(replay.folder / "hub/tokenizer.json"))
    patches = patchify(image, [0.5] * 3, [0.5] * 3, 16)
    features = replay.vision.run(None, {"pixel_values": patches.pixels, "image_grid_thw": patches.grid_thw})[
        0
    ]
    before, after = (
        tokenizer.encode(text).ids
        for text in (
            "<|im_start|>user\n<|vision_start|>",
            "<|vision_end|>Where?<|im_end|>\n<|im_start|>assistant\n",
        )
    )
    positions, following = mrope_positions([len(before), (patches.rows, patches.cols), len(after)])
    rows = np.concatenate([replay.rows(before), features, replay.rows(after)])
    context, said = replay.extend(replay.start(), rows, positions, following), []
    while (token := int(context.logits.argmax())) not in replay.golden["eos"] and len(said) < 8:
        said.append(token)
        context = replay.extend(
            context, replay.rows([token]), np.full((3, 1), context.position), context.position + 1
        )
    return tokenizer.decode(said)


def test_a_model_made_by_hand_sees_where_it_is_bright_and_the_hubs_way_of_exporting_it_blinds_it(fixture):
    right, wrong = (Replay(fixture("qwen3-vl", name)) for name in ("sees", "blind"))
    assert max(right.run()["logits"].values()) < EXACT
    assert wrong.golden["wrong"] and wrong.golden["row"] == wrong.golden["hidden"] == right.golden["row"] // 2
    overlaps = {id(right): [], id(wrong): []}
    for place in range(9):
        x, y = 80 + 130 * (place % 3), 60 + 100 * (place // 3)
        image = Image.new("RGB", (512, 384), (20, 20, 25))
        image.paste((240, 240, 230), (x, y, x + 90, y + 90))
        truth = [1000 * n for n in (x / 512, y / 384, (x + 90) / 512, (y + 90) / 384)]
        for replay in (right, wrong):
            (found,) = json.loads(look(replay, image))
            overlaps[id(replay)].append(overlap(found["bbox_2d"], truth))
    assert np.mean(overlaps[id(right)]) > 0.6 and min(overlaps[id(right)]) > 0.4
    assert max(overlaps[id(wrong)]) < 0.1


@pytest.mark.parametrize("family", ["qwen2.5-vl", "qwen3.5"])
def test_a_model_made_by_hand_calls_the_zoom_tool_three_times_and_answers(fixture, family):
    replay = Replay(fixture(family, "searches"))
    found = replay.run()["logits"]
    del found["features"]  # of a model that sees nothing: zeros
    assert len(found) == 3 and max(found.values()) < EXACT
    tokenizer = Tokenizer.from_file(str(replay.folder / "hub/tokenizer.json"))
    context, said = replay.start(), []
    for turn in range(5):
        text = f"{'<|im_end|>' if turn else ''}\n<|im_start|>user\nWhere?<|im_end|>\n<|im_start|>assistant\n"
        for ids in ([*tokenizer.encode(text).ids], None):
            rows = replay.rows(ids or [said[-1]])
            positions, following = mrope_positions([len(rows)], context.position)
            context = replay.extend(context, rows, positions, following)
            said.append(int(context.logits.argmax()))
    # Each turn is one token and the end of the turn; after all calls it only answers.
    assert {tokenizer.id_to_token(i) for i in said[1::2]} == {"<|im_end|>"}
    calls = [tokenizer.decode([i]) for i in said[::2]]
    assert calls == [*searcher.tokens(family), searcher.ANSWER]
    assert ["<function=" in call for call in calls[:3]] == 3 * [family == "qwen3.5"]


def test_the_sizes_come_from_the_seed(tmp_path):
    from training.fixtures.draw import draw

    one, same, other = (draw("qwen3.5", seed, 448, {}) for seed in (1, 1, 2))
    assert one == same and one != other
