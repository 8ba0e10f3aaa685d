"""The schedule of a run: phases, learning rate and level 2 follow the clock, or the steps."""

import pytest

from training.schedule import Schedule


def phases(plan: Schedule, seconds: float, steps: int) -> list[int]:
    found = []
    for _ in range(steps):
        found.append(plan.phase)
        plan.advance(seconds)
    return found


def test_the_clock_decides_the_phase_unless_steps_are_given():
    assert phases(Schedule(1, sheets=0.2, together=0.5), 6, 10) == [0, 0, 1, 1, 1, 2, 2, 2, 2, 2]
    assert phases(Schedule(1, steps=4, sheets=0.25, together=0.5), 999, 4) == [0, 1, 2, 2]


def test_a_resumed_run_stands_where_it_stood():
    plan = Schedule(1, sheets=0.2, together=0.5, level2=0.3, level2_from=0.4, spent=30, step=500)
    assert (plan.phase, plan.level2_share) == (2, 0.3)
    assert Schedule(1, level2=0.3, level2_from=0.4).level2_share == 0


def test_the_rate_warms_up_and_falls_to_nothing():
    plan = Schedule(1, lr=1e-3)
    assert plan.rate == pytest.approx(1e-5)
    plan.step = 200
    assert plan.rate == 1e-3
    plan.spent = 60
    assert plan.rate == 0
    assert plan.dense == pytest.approx(0.3)
