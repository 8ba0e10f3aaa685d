"""Positions, pictures, parsers, datasets and scores."""

import json
import random

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLModel, Qwen2VLImageProcessor

from training.runtime import protocol
from training.runtime.dataset import is_unfit, read_dataset, split_text
from training.runtime.imaging import fill_budget, patchify, smart_resize
from training.runtime.mrope import mrope_positions
from training.runtime.policies import whole_pixels
from training.runtime.scoring import contains, wilson


class Rope:
    """What transformers' get_rope_index needs of its model."""

    config = Qwen2_5_VLConfig()
    get_vision_position_ids = Qwen2_5_VLModel.get_vision_position_ids


@pytest.mark.parametrize("runs", [[7], [3, (4, 6), 5], [3, (5, 2), 4, (1, 9), 2], [(2, 2), (3, 7), 1]])
def test_positions_of_mixed_histories_match_transformers(runs):
    types = [k for r in runs for k in ([1] * (r[0] * r[1]) if isinstance(r, tuple) else [0] * r)]
    # Neighbouring pictures are always parted by their marks; transformers cannot tell them apart otherwise.
    if any(isinstance(a, tuple) and isinstance(b, tuple) for a, b in zip(runs, runs[1:], strict=False)):
        runs = [runs[0], 1, *runs[1:]]
        types = types[: runs[0][0] * runs[0][1]] + [0] + types[runs[0][0] * runs[0][1] :]
    grids = torch.tensor([[1, 2 * r[0], 2 * r[1]] for r in runs if isinstance(r, tuple)]).reshape(-1, 3)
    ids = torch.zeros(1, len(types), dtype=torch.long)
    expected, delta = Qwen2_5_VLModel.get_rope_index(Rope(), ids, torch.tensor([types]), image_grid_thw=grids)
    ours, following = mrope_positions(runs)
    assert (ours == expected[:, 0].numpy()).all()
    assert following == len(types) + int(delta)


def test_positions_of_a_continued_history_equal_those_of_the_whole():
    runs = [3, (4, 6), 5, (2, 2), 4]
    whole, end = mrope_positions(runs)
    first, middle = mrope_positions(runs[:2])
    second, last = mrope_positions(runs[2:], middle)
    assert (np.concatenate((first, second), 1) == whole).all() and last == end


def test_resized_pictures_never_exceed_their_budget_and_keep_their_shape():
    draw = random.Random(0)
    for _ in range(4000):
        width, height = draw.randint(1, 9000), draw.randint(1, 9000)
        if max(width, height) > 200 * min(width, height):
            continue
        budget = draw.choice([1, 4, 10, 100, 144, 640, 1280, 16384])
        for w, h in (smart_resize(width, height, budget), fill_budget(width, height, budget)):
            assert w % 28 == h % 28 == 0 and w > 0 and h > 0
            assert (w // 28) * (h // 28) <= budget
            if min(w, h) >= 28 * 8:
                assert 0.85 < (w / h) / (width / height) < 1.18
        if min(width, height) > 3000:
            w, h = fill_budget(width, height, 144)
            assert (w // 28) * (h // 28) > 0.7 * 144


def test_sizes_that_fit_exactly_lose_nothing():
    assert smart_resize(2016, 2016, 144) == fill_budget(2016, 2016, 144) == (336, 336)
    assert smart_resize(280, 140, 144) == (280, 140)
    assert fill_budget(40, 40, 100) == (280, 280)
    assert smart_resize(20, 20, 144) == (56, 56)
    with pytest.raises(ValueError):
        smart_resize(10, 2001, 144)


def test_patches_equal_those_of_transformers():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (28 * 4, 28 * 7, 3), np.uint8))
    processor = Qwen2VLImageProcessor()
    expected = processor(images=[image], return_tensors="np")
    ours = patchify(image, list(processor.image_mean), list(processor.image_std))
    assert ours.grid_thw.tolist() == expected["image_grid_thw"].tolist() == [[1, 8, 14]]
    assert np.abs(ours.pixels - np.asarray(expected["pixel_values"])).max() < 1e-5


@pytest.mark.parametrize(
    "box, expected, repairs",
    [
        ((100, 100, 200, 180), (100, 100, 200, 180), ()),
        ((200, 180, 100, 100), (100, 100, 200, 180), ("inverted",)),
        ((-20, 100, 200, 400), (0, 100, 200, 300), ("clipped",)),
        ((100, 100, 110, 110), (85, 85, 125, 125), ("grown",)),
        ((0, 0, 10, 10), (0, 0, 40, 40), ("grown",)),
        ((395, 290, 395, 290), (360, 260, 400, 300), ("grown",)),
        ((500, 10, 600, 60), None, ()),
        ((float("nan"), 0, 1, 1), None, ()),
    ],
)
def test_regions_are_repaired_by_the_stated_rule(box, expected, repairs):
    region = protocol.repair_region(box, 400, 300, 40)
    assert region == (expected and protocol.Region(expected, repairs))


def test_repaired_regions_always_lie_inside_and_are_large_enough():
    draw = random.Random(1)
    for _ in range(2000):
        box = tuple(draw.uniform(-100, 500) for _ in range(4))
        if region := protocol.repair_region(box, 400, 30, 40):
            x1, y1, x2, y2 = region.box
            assert 0 <= x1 < x2 <= 400 and 0 <= y1 < y2 <= 30
            assert x2 - x1 >= 40 - 1e-6 and y2 - y1 >= 30 - 1e-6


def test_whole_pixels_enclose_the_box_within_the_picture():
    assert whole_pixels((1.2, 3.0, 9.7, 12.0), 10, 12) == (1, 3, 10, 12)
    assert whole_pixels((9.99, 0, 10, 12), 10, 12) == (9, 0, 10, 12)


@pytest.mark.parametrize(
    "text, names",
    [
        ("GET_CROPS: ['3']", ["3"]), ("GET_CROPS:['3']", ["3"]), ('get_crops ["0", "5"]', ["0", "5"]),
        ("I need more. GET_CROPS: [0, 0, 8]", ["0", "8"]), ("GET_CROPS: ['all']", ["all"]), ("GET_CROPS: 4", ["4"]),
        ("<answer>3</answer>", None), ("GET_CROPS: ['17']", None), ("GET_CROPS: []", None),
    ],
)  # fmt: skip
def test_crop_requests_are_parsed_leniently(text, names):
    assert protocol.parse_crops(text) == names


def test_what_is_asked_for_by_name_has_a_margin_inside_the_picture():
    """The numbers of src/core/policies/policies.test.ts."""
    assert protocol.asked_box("3", 4000, 3000) == (2000, 1500, 4000, 3000)
    assert whole_pixels(protocol.asked_box("3", 4000, 3000, 0.05), 4000, 3000) == (1800, 1350, 4000, 3000)
    assert whole_pixels(protocol.asked_box("5", 4000, 3000, 0.05), 4000, 3000) == (0, 0, 4000, 1650)


def test_answers_are_found_with_and_without_tags():
    assert protocol.parse_answer("<think>its tag reads KR47</think><answer>KR47</answer>") == "KR47"
    assert protocol.parse_answer("<think> a <think> <answer> B. red ") == "B. red"
    assert protocol.parse_answer("<think>hm</think> blue") == "blue"


@pytest.mark.parametrize(
    "answer, letter",
    [("B", "B"), ("(B)", "B"), ("b", "B"), ("B. red", "B"), ("(b) red", "B"), ("B: red", "B"), ("red", "B"), ("Red.", "B"),
     ("A dog", None), ("purple", None), ("", None), ("D", None)],
)  # fmt: skip
def test_options_are_scored_by_letter_or_by_their_text(answer, letter):
    assert protocol.chosen_option(answer, ["blue", "red", "a cat"]) == letter


def test_free_answers_are_compared_after_trimming_folding_and_a_final_period():
    assert protocol.is_correct(" kr47. ", "KR47", [])
    assert not protocol.is_correct("KR4", "KR47", [])
    assert protocol.is_correct("(A)", "A", ["x", "y"]) and not protocol.is_correct("x y", "A", ["x", "y"])


def test_datasets_in_vstar_layout_are_read(tmp_path):
    text = "What colour is it?\n(A) red\n(B) blue\nAnswer with the option's letter from the given choices directly."
    rows = [{"image": "a/1.jpg", "text": text, "category": "c", "question_id": 7, "label": "B"},
            {"image": "a/1.jpg", "text": "Read the tag.", "category": "r", "question_id": 8, "label": "KR47"}]  # fmt: skip
    (tmp_path / "a").mkdir()
    (tmp_path / "test_questions.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    (tmp_path / "a/1.json").write_text(json.dumps({"target_object": ["x"], "bbox": [[10, 20, 30, 40]]}))
    first, second = read_dataset(tmp_path)
    assert first.question == "What colour is it?" and first.options == ["red", "blue"] and first.label == "B"
    assert first.prompt == "What colour is it?\n(A) red\n(B) blue" and first.boxes == [(10, 20, 40, 60)]
    assert second.prompt == second.question == "Read the tag." and second.options == []
    assert len(read_dataset(tmp_path, 1)) == 1
    rows = [{"image": "a.jpg", "text": "Which?\n(A) red\n(B) blue", "category": "c", "question_id": i, "label": label}
            for i, label in enumerate(["B", "blue", 1, "1", "C", 2])]  # fmt: skip
    (tmp_path / "test_questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    labels = [(item.label, is_unfit(item)) for item in read_dataset(tmp_path)]
    assert labels == [("B", False), ("blue", False), ("B", False), ("1", True), ("C", True), ("2", True)]
    assert split_text("Is it?\n(A) yes\n(B) no") == ("Is it?", ["yes", "no"])


def test_evidence_counts_as_seen_with_one_percent_to_spare():
    assert contains([(0, 0, 100, 100)], [(10, 10, 105, 90)], 1000, 1000)
    assert not contains([(0, 0, 100, 100)], [(10, 10, 120, 90)], 1000, 1000)
    assert contains([(0, 0, 50, 50), (50, 0, 90, 50)], [(60, 10, 80, 20), (10, 10, 20, 20)], 1000, 1000)


def test_wilson_intervals():
    assert wilson(0, 0) is None
    low, high = wilson(93, 100)
    assert (low, high) == pytest.approx((0.8625, 0.9657), abs=1e-3)
