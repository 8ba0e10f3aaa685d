"""Rewards against cases worked out by hand, and against what TRL asks of a reward function."""

import pytest

from training.rewards import (
    awares,
    crop_needed,
    make_ergo,
    r_acc,
    r_cost,
    r_format,
    r_tce,
    read_weights,
    turns,
)

RULES = {"minSide": 40, "margin": 0.0}
VIEW, PICTURE = (280, 280), (2800, 2800)


def look(box: str) -> str:
    return f"<think>the lion is at the top</think><zoom>{box}</zoom>"


def said(first: str, answer: str) -> list[dict]:
    return [
        {"role": "assistant", "content": first},
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What does it say?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": f"<think>so</think><answer>{answer}</answer>"}]},
    ]  # fmt: skip


def columns(n: int, **more) -> dict:
    return {"view": [VIEW] * n, "picture": [PICTURE] * n, "label": ["KR47"] * n, "options": [[]] * n} | more


def test_only_the_models_own_turns_count():
    assert turns("plain") == ["plain"]
    assert turns(said("a", "KR47")) == ["a", "<think>so</think><answer>KR47</answer>"]


@pytest.mark.parametrize("completion, reward", [
    (look("[10, 20, 60, 70]"), 1),
    (said(look("[10, 20, 60, 70]"), "KR47"), 1),
    (look("[10, 20, 60]"), 0),
    ("<zoom>[10, 20, 60, 70]</zoom>", 0),  # no thought
    (look("[10, 20, 60, 70]") + " and more", 0),
    (said(look("[10, 20, 60, 70]"), ""), 0),
    (said("[10, 20, 60, 70]", "KR47"), 0),  # a usable box, but not in its form
    ([], 0),
])  # fmt: skip
def test_format_wants_a_thought_and_a_box_then_a_thought_and_an_answer(completion, reward):
    assert r_format([completion]) == [reward]


def test_answers_are_scored_as_the_evaluation_scores_them():
    many = [said(look("[1, 2, 3, 4]"), a) for a in ("KR47", "kr47.", "KR74", "B", "red")]
    labels, options = ["KR47"] * 3 + ["B"] * 2, [[]] * 3 + [["red", "blue"]] * 2
    assert r_acc(many, label=labels, options=options) == [1, 1, 0, 1, 0]


def test_a_region_is_small_enough_up_to_gamma_and_never_without_a_box():
    boxes = ["[0, 0, 140, 140]", "[0, 0, 280, 140]", "[0, 0, 280, 280]", "none"]
    r_box = make_ergo(RULES, gamma=0.5)["r_box"]
    assert r_box([look(b) for b in boxes], **columns(4)) == [1, 1, 0, 0]


def test_evidence_counts_where_the_repaired_region_holds_it():
    tag = [(300, 300, 600, 500)]  # 30 to 60 and 30 to 50 pixels of the view
    rows = [look("[25, 25, 70, 70]"), look("[100, 100, 200, 200]"), look("[45, 40, 46, 41]"), "no box"]
    contained = make_ergo(RULES)["contained"]
    assert contained(rows, boxes=[tag] * 4, **columns(4)) == [1, 0, 1, 0]  # the third grows to 40 pixels
    assert contained(rows[:2], boxes=[[], tag], **columns(2)) == [None, 0]
    two = [*tag, (2000, 2000, 2100, 2100)]
    assert contained(rows[:1], boxes=[two], **columns(1)) == [0]


def test_the_judge_sees_the_crops_alone_and_only_usable_ones():
    seen = []

    def judge(rows):
        seen.extend(rows)
        return ["<think>so</think><answer>KR47</answer>", "KR74"]

    r_region = make_ergo(RULES, judge=judge)["r_region"]
    rows = [look("[0, 0, 140, 140]"), "no box", look("[280, 280, 140, 140]")]
    assert r_region(rows, image=["a", "b", "c"], trainer_state=object(), **columns(3)) == [1, 0, 0]
    assert [row["region"] for row in seen] == [(0, 0, 1400, 1400), (1400, 1400, 2800, 2800)]
    assert [row["image"] for row in seen] == ["a", "c"]
    assert r_region(["nothing"], **columns(1)) == [0]


def test_without_a_judge_there_is_no_region_reward():
    assert set(make_ergo(RULES)) == {"r_box", "contained"}


def test_the_exploration_reward_weighs_region_and_box_as_published():
    assert [r_tce(r, b) for r, b in ((0, 0), (1, 0), (0, 1), (1, 1))] == [0, 1, 0.5, 1.5]


def test_asking_costs_and_not_asking_where_it_is_needed_costs_more():
    quarter, both, at_once = "GET_CROPS: ['3']", "GET_CROPS: ['0', '5']", "<answer>KR47</answer>"
    rows, needed = [quarter, both, at_once, at_once, quarter], [True, True, True, False, False]
    assert r_cost(rows, needed=needed) == pytest.approx([-0.2525, -0.2575, -2, 0, -0.2525])


def test_awares_is_right_or_wrong_less_the_cost():
    asked = said("GET_CROPS: ['3']", "KR47")
    rows = [asked, said("GET_CROPS: ['3']", "KR74"), "<answer>KR47</answer>", "<answer>KR47</answer>"]
    more = {"label": ["KR47"] * 4, "options": [[]] * 4, "needed": [True, True, False, True]}
    assert awares(rows, **more) == pytest.approx([0.7475, -0.2525, 1, -1])


def test_a_crop_is_needed_where_only_full_resolution_answers_rightly():
    assert crop_needed("KR74", "KR47", "KR47", [])
    assert not crop_needed("KR47", "KR47", "KR47", [])
    assert not crop_needed("KR74", "5555", "KR47", [])


def test_reward_weights_are_read_from_names():
    assert read_weights(["r_acc", "r_box=0.5"]) == {"r_acc": 1.0, "r_box": 0.5}
