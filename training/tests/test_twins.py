"""Python and TypeScript read replies, repair regions and fit sizes alike: both are held to the same table."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from training.runtime import chat, protocol
from training.runtime.boxes import in_view, parse_boxes
from training.runtime.dataset import split_text
from training.runtime.imaging import fill_budget, native_tokens, smart_resize
from training.runtime.policies import coarse_to_fine, named_places, named_region
from training.runtime.vlm import Encoded

CASES = json.loads((Path(__file__).parents[2] / "src/core/protocol/cases.json").read_text(encoding="utf-8"))


def as_list(value):
    return None if value is None else list(value)


def test_boxes_crops_and_answers_are_read_alike():
    for case in CASES["zoom"]:
        found = parse_boxes(case["text"])
        assert as_list(found and found.box) == case["corners"], case
    for case in CASES["boxes"]:
        found = parse_boxes(case["text"])
        assert as_list(found and found.box) == case["corners"], case
        assert (found.count if found else 0) == case["boxes"], case
    for case in CASES["crops"]:
        assert protocol.parse_crops(case["text"]) == case["names"], case
    for case in CASES["answers"]:
        assert protocol.parse_answer(case["text"]) == case["answer"], case


class TwinPicture:
    """Stands where a picture's placeholder does."""


def spelled(parts):
    return "".join(p if isinstance(p, str) else "<|image_pad|>" for p in parts)


def test_conversations_are_laid_out_alike():
    for case in CASES["chats"]:
        rules = case["rules"]
        told = chat.ChatRules(rules["defaultSystem"], rules["replyPrefix"], rules["laterLook"])
        begun = chat.opening(told, case["system"], [TwinPicture()]) + chat.asking(told, ["What is it?"])
        assert spelled(begun) == case["first"], case
        again = chat.asking_again(told, [TwinPicture()], ["Look closely."])
        assert case["first"] + '{"bbox_2d": [1, 2, 3, 4]}' + spelled(again) == case["second"], case


def test_conversations_are_laid_out_as_the_templates_do():
    from transformers.utils.chat_template_utils import render_jinja_template

    from training.fixtures.files import TEMPLATES

    for case in CASES["chats"]:
        image = {"type": "image"}
        words = ["What is it?", "Look closely."]
        if case["rules"]["laterLook"] == "tool-response":
            later = [{"type": "text", "text": "<tool_response>\n"}, image,
                     {"type": "text", "text": f"{words[1]}\n</tool_response>"}]  # fmt: skip
        else:
            later = [image, {"type": "text", "text": words[1]}]
        system = [{"role": "system", "content": case["system"]}] if case["system"] else []
        first = [*system, {"role": "user", "content": [image, {"type": "text", "text": words[0]}]}]
        reply = {"role": "assistant", "content": '{"bbox_2d": [1, 2, 3, 4]}'}
        for messages, expected in (
            (first, case["first"]),
            ([*first, reply, {"role": "user", "content": later}], case["second"]),
        ):
            template = TEMPLATES[case["family"]]
            rendered, _ = render_jinja_template(
                [messages], chat_template=template, add_generation_prompt=True
            )
            assert rendered[0] == expected, case["family"]


def test_words_are_never_special_tokens():
    for case in CASES["words"]["cases"]:
        pieces = [chat.Words(text) if kind == "words" else text for kind, text in case["pieces"]]
        assert chat.cut_words(pieces, CASES["words"]["specials"]) == case["cut"], case


def test_conventions_are_kept_alike():
    for case in CASES["conventions"]:
        box = in_view(tuple(case["corners"]), case["convention"], *CASES["regions"]["size"])
        assert as_list(box) == case["box"], case


def test_questions_are_split_and_options_chosen_alike():
    for case in CASES["questions"]:
        assert split_text(case["text"]) == (case["question"], case["options"]), case
    for case in CASES["options"]["labels"]:
        right = protocol.is_correct(case["answer"], case["label"], CASES["options"]["options"])
        assert right == case["right"], case
    for case in CASES["options"]["choices"]:
        assert protocol.chosen_option(case["answer"], CASES["options"]["options"]) == case["letter"], case


def test_regions_are_repaired_alike():
    regions = CASES["regions"]
    for case in regions["repairs"]:
        region = protocol.repair_region(
            tuple(case["corners"]), *regions["size"], regions["minSide"], case.get("margin", 0)
        )
        assert as_list(region and region.box) == case["region"], case
        assert list(region.repairs if region else ()) == case["repairs"], case


def test_several_places_are_cut_alike():
    places = CASES["places"]
    sizes, rules = (places["view"], places["picture"]), ({"minSide": 40}, "absolute-coarse-pixels")
    for case in places["cases"]:
        found = named_region(case["text"], *sizes, *rules)
        regions = named_places(case["text"], found[0], *sizes, *rules, case["budget"]) if found else []
        assert [as_list(region) for region in regions] == case["regions"], case


def test_pictures_are_fitted_alike():
    for case in CASES["sizes"]:
        assert native_tokens(*case["size"]) == case["native"], case
        assert list(smart_resize(*case["size"], case["budget"])) == case["smart"], case
        assert list(fill_budget(*case["size"], case["budget"])) == case["fill"], case


class ScriptedModel:
    """Writes `replies` one after another; `prompts` are the texts it saw, pictures as <tokens>."""

    manifest = {
        "image": {"pixelsPerToken": 28, "minTokens": 4},
        "budgets": {"coarse": 100, "crop": 100, "fullResolution": 16384},
        "region": {"minSide": 40},
        "coordinates": "absolute-coarse-pixels",
        "prompts": {"coarseToFine": {"system": "S", "locate": "{question} Where?", "answer": "{question}"},
                    "direct": {"system": "S", "answer": "{question} At once."}},
    }  # fmt: skip

    def __init__(self, *replies):
        self.replies, self.prompts = list(replies), []

    def start(self):
        return ""

    def encode(self, picture):
        return Encoded(None, picture.height // 28, picture.width // 28)

    def extend(self, context, parts):
        return context + "".join(p if isinstance(p, str) else f"<{p.tokens}>" for p in parts)

    def generate(self, context):
        self.prompts.append(context)
        reply = self.replies.pop(0)
        return SimpleNamespace(text=reply, context=context + reply, log_probabilities=[0.0])


@pytest.mark.parametrize("reply", ["<zoom>everything</zoom>", "<zoom>[400, 10, 500, 60]</zoom>"])
def test_without_a_usable_region_the_coarse_view_answers(reply):
    model = ScriptedModel(reply, "<answer>KR47</answer>")
    outcome = coarse_to_fine(model, Image.new("RGB", (4000, 3000)), "What?", "What?")
    assert outcome.fallback and outcome.answer == "KR47"
    assert outcome.regions == [] and outcome.vision_tokens == 88 and len(outcome.texts) == 2
    assert model.prompts[1].endswith("<88><|vision_end|>What? At once.<|im_end|>\n<|im_start|>assistant\n")
    assert "Where?" not in model.prompts[1]


def test_the_second_look_continues_the_first():
    model = ScriptedModel("<zoom>[28, 56, 128, 156]</zoom>", "<answer>KR47</answer>")
    outcome = coarse_to_fine(model, Image.new("RGB", (4000, 3000)), "What?", "What?")
    assert outcome.regions == [(363, 750, 1663, 2090)] and not outcome.fallback
    assert outcome.vision_tokens == 88 + 100
    assert model.prompts[1].startswith(model.prompts[0] + "<zoom>")
