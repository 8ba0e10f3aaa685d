"""The command that compares rules for regions: what a rule gets, and what it is compared with."""

import pytest

from training.runs.regions import ALONE, BESIDE, FIXED, LARGER, RULES, against, surer, table


def look(right: bool, tokens: int, sure: float = 0.0, found: bool | None = True) -> dict:
    return {"right": right, "found": found, "area": 0.25, "tokens": tokens, "sure": sure, "written": 30}


def rows(**named: list[tuple[bool, int]]) -> list[dict]:
    """As many items as each rule has looks; rules that are not named do as the fixed margin does."""
    of = {"fixed": FIXED, "larger": LARGER, "beside": BESIDE, "alone": ALONE}
    given = {of[name]: looks for name, looks in named.items()}
    return [{"level": 1, "index": i, "looks": {rule: look(*given.get(rule, given[FIXED])[i]) for rule in RULES}}
            for i in range(len(named["fixed"]))]  # fmt: skip


def test_the_surer_answer_counts_and_both_looks_are_paid_for():
    both = surer(look(False, 250, sure=-0.9, found=False), look(True, 240, sure=-0.1))
    assert both["right"] and both["found"] and both["tokens"] == 490 and both["area"] == 0.5
    assert surer(look(True, 250, found=None), look(True, 250, found=None))["found"] is None


def test_a_rule_is_compared_with_the_fixed_margin_at_its_own_mean_tokens():
    same = rows(fixed=[(True, 300), (False, 300)], larger=[(True, 400), (True, 400)], beside=[(True, 300)] * 2,
                alone=[(True, 350)] * 2)  # fmt: skip
    assert against(same, BESIDE).startswith("+50.0")
    # Half of the way to the larger crop, which gets the second one right half of the time.
    assert against(same, ALONE).startswith("+25.0")
    assert against(same, "margin 0.1").startswith("+0.0")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_line_of_every_level(rule):
    some = rows(fixed=[(True, 300), (False, 300)], larger=[(True, 400), (True, 400)])
    text = table([*some, *({**row, "level": 2} for row in some)])
    assert text.count(f"| {rule} |") == 2
