"""The rules that grow a region by what the model was unsure of."""

import math

import pytest

from training.uncertainty import agreed, edge_spreads, grown, overlap, rival


def written(text: str, **more: float) -> tuple:
    """A token with probabilities of its alternatives; d5=0.25 is the digit 5."""
    own = 1 - sum(more.values())
    return text, [(text, math.log(own)), *((name[1:], math.log(p)) for name, p in more.items())]


def reply(*numbers: list[tuple]) -> list[tuple]:
    tokens = [written("<zoom>"), written("[")]
    for number in numbers:
        tokens += [*number, written(", ")]
    return tokens


SURE = [written("4"), written("0")]


def test_a_sure_edge_has_no_spread_and_a_hundred_counts_more_than_a_one():
    doubt = [written("1", d2=0.25), written("0"), written("5")]
    small = [written("1"), written("0"), written("5", d9=0.25)]
    spreads = edge_spreads([written("7", d1=0.5), *reply(SURE, doubt, small, SURE)])
    assert spreads == pytest.approx([0, 50, 2, 0])


@pytest.mark.parametrize("numbers", [[SURE] * 3, [SURE] * 5, []])
def test_only_four_numbers_are_a_box(numbers):
    assert edge_spreads(reply(*numbers)) is None
    assert edge_spreads(numbers and numbers[0]) is None


def test_what_is_no_digit_is_no_alternative():
    odd = [("4", [("4", math.log(0.5)), (",", math.log(0.4)), ("6", math.log(0.1))])]
    assert edge_spreads(reply(odd, SURE, SURE, SURE))[0] == pytest.approx(math.sqrt(4 / 6))


def test_edges_move_outwards_by_their_own_doubt_up_to_a_limit():
    assert grown((10, 20, 30, 40), [1, 2, 3, 100], 2, most=5) == (8, 16, 36, 50)


def test_the_hull_takes_in_what_is_near_and_the_rival_is_where_most_others_are():
    named = (0, 0, 10, 10)
    near, far, beside, alone = (2, 2, 12, 12), (50, 50, 60, 60), (51, 51, 61, 61), (90, 0, 99, 9)
    assert overlap(named, near) == pytest.approx(64 / 136)
    assert agreed(named, [near, far]) == (0, 0, 12, 12)
    assert rival(named, [near, alone, far, beside]) == (2, 2)
    assert rival(named, [alone]) == (0, 1)
    assert rival(named, [near, named]) is None
    assert rival(named, []) is None
