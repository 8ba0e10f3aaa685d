"""Scenes: any view shows what cropping and resizing the full picture shows; splits share nothing; V* layout."""

import json

import numpy as np
import pytest
from PIL import Image

from training.scenes import assets
from training.scenes.dataset import make_item, truth, write_dataset
from training.scenes.layout import DOUBLED, coarse_size, code_split, draw_code, make_scene
from training.scenes.questions import KINDS, ask, target_region
from training.scenes.render import render
from training.scenes.vocabulary import DIGITS, SYMBOLS


def scene_of(seed: int, level: int = 1, size=(2400, 2000), split: str = "bench"):
    return make_scene(np.random.default_rng(seed), split, level, *size)


@pytest.mark.parametrize("level", [1, 2])
def test_a_view_equals_cropping_and_resizing_the_full_picture(level):
    scene = scene_of(3, level)
    full = render(scene)
    region = (600.0, 400.0, 700.0, 700.0)
    for view, size in (((0, 0, *full.size), coarse_size(*full.size)), (region, (280, 280))):
        box = (view[0], view[1], view[0] + view[2], view[1] + view[3])
        expected = np.asarray(full.resize(size, Image.BICUBIC, box=box), np.int16)
        difference = np.abs(np.asarray(render(scene, view, size), np.int16) - expected)
        assert difference.mean() < 1.5
        assert np.percentile(difference, 99) < 20


def test_codes_are_small_in_the_coarse_view_and_letters_keep_their_native_size():
    for size in ((2000, 2000), (2600, 3200), (4000, 4000)):
        unit = size[0] / coarse_size(*size)[0]
        for item in scene_of(5, size=size).objects:
            height = item.tag.letters[0][3]
            assert 24 <= height <= 56
            assert height / unit <= 3.9  # coarse pixels: below what the control reader can read


def test_splits_share_no_font_no_background_and_no_code():
    assert not set(assets.TRAIN_FONTS_LEVEL_2) & set(assets.BENCH_FONTS_LEVEL_2)
    assert not set(assets.TRAIN_PHOTOS) & set(assets.BENCH_PHOTOS)
    assert not set(assets.BACKGROUNDS["train"][0]) & set(assets.BACKGROUNDS["bench"][0])
    for split in ("train", "bench"):
        codes = [o.tag.code for s in range(4) for o in scene_of(s, split=split).objects]
        assert codes and all(code_split(c) == split for c in codes)


@pytest.mark.parametrize(("split", "level", "lengths"), [("bench", 1, {4}), ("bench", 2, {3, 4, 5}),
                                                         ("train", 1, {3, 4, 5}), ("train", 2, {3, 4, 5})])  # fmt: skip
def test_codes_have_the_lengths_of_their_level_and_practice_has_all(split, level, lengths):
    assert {len(o.tag.code) for s in range(6) for o in scene_of(s, level, split=split).objects} == lengths


@pytest.mark.parametrize("digits", [False, True])
def test_practice_doubles_letters_and_the_bench_leaves_them_as_they_fall(digits):
    def doubled(split: str) -> float:
        rng = np.random.default_rng(5)
        codes = [draw_code(rng, split, 4, digits) for _ in range(1500)]
        return sum(any(a == b for a, b in zip(c, c[1:])) for c in codes) / len(codes)

    fall = doubled("bench")
    # Three pairs of neighbours, each alike by chance.
    assert fall == pytest.approx(1 - (1 - 1 / len(DIGITS if digits else SYMBOLS)) ** 3, abs=0.04)
    assert doubled("train") == pytest.approx(DOUBLED + (1 - DOUBLED) * fall, abs=0.05)


def test_the_same_seed_gives_the_same_item_and_another_seed_another():
    first, again, other = (make_item("bench", 1, seed, 0, (1.0, 2.0)) for seed in (1, 1, 2))
    assert first[1].prompt == again[1].prompt
    assert render(first[0], size=(200, 200)).tobytes() == render(again[0], size=(200, 200)).tobytes()
    assert [o.tag.code for o in first[0].objects] != [o.tag.code for o in other[0].objects]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_question_is_answerable_from_the_scene(kind):
    rng, asked = np.random.default_rng(0), 0
    for seed in range(40):
        scene = scene_of(seed)
        question = ask(scene, kind, rng)
        if question is None:
            continue
        asked += 1
        assert question.answer
        if question.options:
            assert question.options["ABCD".index(question.label)] == question.answer
            assert len(set(question.options)) == len(question.options)
        region = target_region(scene, question, scene.width / coarse_size(scene.width, scene.height)[0])
        assert 0 <= region[0] and region[0] + region[2] <= scene.width + 1e-6
        assert 0 <= region[1] and region[1] + region[3] <= scene.height + 1e-6
        for x, _, w, h in question.boxes:
            wide = max(w, h) < min(scene.width, scene.height) / 2
            assert not wide or (region[0] <= x + 1 and x + w <= region[0] + region[2] + 1)
    assert asked >= 3


def test_a_dataset_has_the_layout_of_vstar_bench(tmp_path):
    write_dataset(tmp_path, "bench", 1, 11, 4, (0.8, 1.0))
    items = [json.loads(line) for line in (tmp_path / "test_questions.jsonl").read_text().splitlines()]
    assert len(items) == 4
    for item in items:
        picture = tmp_path / item["image"]
        beside = json.loads(picture.with_suffix(".json").read_text())
        assert set(item) == {"image", "text", "category", "label", "question_id"}
        assert set(beside) == {"target_object", "bbox", "question", "options"}
        assert len(beside["target_object"]) == len(beside["bbox"])
        assert item["text"].startswith(beside["question"])
        if "\n(A) " in item["text"]:
            right = f"({item['label']}) {beside['options'][0]}"
            assert right in item["text"].splitlines()
        else:
            assert item["label"] == beside["options"][0]
        width, height = Image.open(picture).size
        assert all(
            x >= -1 and y >= -1 and x + w <= width + 1 and y + h <= height + 1
            for x, y, w, h in beside["bbox"]
        )


def test_ground_truth_names_the_tag_where_it_is_read():
    for index in range(30):
        scene, question = make_item("bench", 1, 5, index, (1.0, 1.5))
        if question.kind == "read_tag":
            assert truth(question)["bbox"][0] == [round(v, 1) for v in question.evidence[0].tag.box]
            return
    raise AssertionError("no read_tag question in 30 items")
