"""Python and TypeScript read replies, repair regions and fit sizes alike: both are held to the same table."""

import json
from pathlib import Path

from training.runtime import protocol
from training.runtime.dataset import split_text
from training.runtime.imaging import fill_budget, native_tokens, smart_resize

CASES = json.loads((Path(__file__).parents[2] / "src/core/protocol/cases.json").read_text(encoding="utf-8"))


def as_list(value):
    return None if value is None else list(value)


def test_boxes_crops_and_answers_are_read_alike():
    for case in CASES["zoom"]:
        assert as_list(protocol.parse_zoom(case["text"])) == case["corners"], case
    for case in CASES["crops"]:
        assert protocol.parse_crops(case["text"]) == case["names"], case
    for case in CASES["answers"]:
        assert protocol.parse_answer(case["text"]) == case["answer"], case


def test_questions_are_split_and_options_chosen_alike():
    for case in CASES["questions"]:
        assert split_text(case["text"]) == (case["question"], case["options"]), case
    for case in CASES["options"]["choices"]:
        assert protocol.chosen_option(case["answer"], CASES["options"]["options"]) == case["letter"], case


def test_regions_are_repaired_alike():
    regions = CASES["regions"]
    for case in regions["repairs"]:
        region = protocol.repair_region(tuple(case["corners"]), *regions["size"], regions["minSide"])
        assert as_list(region and region.box) == case["region"], case
        assert list(region.repairs if region else ()) == case["repairs"], case


def test_pictures_are_fitted_alike():
    for case in CASES["sizes"]:
        assert native_tokens(*case["size"]) == case["native"], case
        assert list(smart_resize(*case["size"], case["budget"])) == case["smart"], case
        assert list(fill_budget(*case["size"], case["budget"])) == case["fill"], case
