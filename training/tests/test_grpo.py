"""Reinforcement: sampling says what the whole pass says, groups and ratios are as published, runs learn and resume."""

import json
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import torch

from training import grpo
from training.chat import Branch
from training.grpo import Row, advantages, distinct, distributions, loss_of
from training.model.model import Model
from training.rollouts import BOTH, DEMAND, FIRST, Draws, Roller, Rollout, area, columns
from training.sft import make_model

START = Path(__file__).parents[1] / "checkpoints/ergo-tiny"


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[Model, Roller, Draws]:
    model, chat, _ = make_model(tmp_path_factory.mktemp("model"), START)
    model.load(START)
    return model, Roller(model, chat, BOTH), Draws(chat, 3, 0.0, 2, 2, BOTH, 4)


def test_the_same_step_draws_the_same_questions(trained):
    _, _, draws = trained
    one, again, other = draws[0], draws[0], draws[1]
    assert [q.prompt for s in one for q in s.questions] == [q.prompt for s in again for q in s.questions]
    assert all(np.array_equal(a.view.image, b.view.image) for a, b in zip(one, again))
    assert [q.prompt for s in one for q in s.questions] != [q.prompt for s in other for q in s.questions]


def test_sampled_tokens_are_those_of_an_uncached_pass_over_both_looks(trained):
    model, roller, draws = trained
    shown = draws[0]
    rollouts = roller(shown, group=1, temperature=0)
    assert len(rollouts) == 4 and all(len(r.messages) == 3 for r in rollouts)
    rows = [Row(r.branch, r.picture, r.crop, 1, 1.0) for r in rollouts]
    with torch.no_grad():
        logp, drawn, row = distributions(model.language_model, roller.prefix(shown), rows)
    assert torch.equal(logp.argmax(-1), drawn)
    assert torch.bincount(row).tolist() == [sum(r.branch.learn) for r in rollouts]


def test_columns_and_areas_are_those_of_the_question(trained):
    _, roller, draws = trained
    shown = draws[0]
    rollouts = roller(shown, group=2, temperature=1.0)
    known = columns(shown, rollouts)
    assert {len(v) for v in known.values()} == {8}
    for r, picture, view in zip(rollouts, known["picture"], known["view"]):
        assert r.question is shown[r.picture].questions[r.asked]
        assert picture == (shown[r.picture].scene.width, shown[r.picture].scene.height)
        assert view[0] % 28 == view[1] % 28 == 0 and 0 < area(shown, r) <= 1


def test_asking_for_a_crop_gives_it_at_its_budget(trained):
    model, roller, _ = trained
    asks = Roller(model, roller.chat, DEMAND, asked_tokens=120)
    shown = Draws(roller.chat, 5, 0.0, 2, 4, DEMAND, 1)[0]
    rollouts = asks(shown, group=1, temperature=0)
    asked = [r for r in rollouts if r.region]
    assert asked and all("GET_CROPS" in r.messages[0]["content"] for r in asked)
    assert all(80 < len(r.crop) <= 120 and r.messages[2]["content"] for r in asked)
    assert all(len(r.messages) == 1 for r in rollouts if not r.region)


def test_advantages_are_relative_to_the_group_and_zero_without_spread():
    found = advantages(np.array([1, 0, 0, 1, 2, 2, 2, 2, 0.1, 0.1, 0.1, 0.1]), 4)
    assert found[:4] == pytest.approx([1, -1, -1, 1], abs=1e-3)
    assert not found[4:].any()


def test_equal_rollouts_are_learned_once_with_their_mean_advantage_and_settled_groups_not_at_all():
    def rollout(asked: int, ids: list[int]) -> Rollout:
        return Rollout(0, asked, None, Branch(ids, [True] * len(ids)), [])

    rollouts = [rollout(0, [1]), rollout(0, [1]), rollout(0, [2]), rollout(1, [1]), rollout(1, [2])]
    rows = distinct(rollouts, np.array([1.0, 0.5, -1.5, 0, 0]))
    assert [(r.branch.ids, r.count, r.advantage) for r in rows] == [([1], 2, 0.75), ([2], 1, -1.5)]


def test_the_ratio_is_clipped_a_token_or_a_rollout_and_the_divergence_is_exact(trained):
    model, roller, draws = trained
    text, shown = model.language_model, draws[0]
    rows = [Row(r.branch, r.picture, r.crop, 1, 1.0) for r in roller(shown, 1, 0)[:2]]
    prefix = roller.prefix(shown)
    with torch.no_grad():
        logp, drawn, row = distributions(text, prefix, rows)
        own = logp.gather(1, drawn[:, None])[:, 0]
        first = own[row == 0].clone()
        first[0] -= 1.0  # the sampling weights gave the first token less: its ratio is e, clipped to 1.2
        old = [first, own[row == 1]]
        args = Namespace(sequence_ratio=False, clip=0.2, kl=1.0)
        loss, sums = loss_of(args, text, text, prefix, rows, old, 1 / 2)
        n = len(first)
        assert float(loss) == pytest.approx(-(((n - 1 + 1.2) / n) + 1) / 2, abs=1e-4)
        assert sums["kl"] == pytest.approx(0, abs=1e-6) and sums["clipped"] == pytest.approx(
            0.5 / n, abs=1e-6
        )
        args.sequence_ratio = True
        loss, _ = loss_of(args, text, text, prefix, rows, old, 1 / 2)
        assert float(loss) == pytest.approx(-(min(np.exp(1 / n), 1.2) + 1) / 2, abs=1e-4)


def run(monkeypatch, out: Path, *flags: str) -> list[dict]:
    """The log of a short run."""
    monkeypatch.setattr(sys, "argv", ["grpo", str(out), "--init", str(START), "--looks", FIRST, "--workers", "0",
                                      "--threads", "1", "--level2", "0", *flags])  # fmt: skip
    grpo.main()
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(monkeypatch, tmp_path):
    sizes = ("--pictures", "1", "--each", "2", "--rewards", "r_box", "--gamma", "0.08", "--lr", "1e-3")
    whole = run(monkeypatch, tmp_path / "whole", *sizes, "--questions", "4")
    run(monkeypatch, tmp_path / "parts", *sizes, "--questions", "2")
    parts = run(monkeypatch, tmp_path / "parts", *sizes, "--questions", "4", "--resume")
    for a, b in zip(whole, parts, strict=True):
        same = a.keys() - {"seconds", "questions_per_second"}
        assert {k: a[k] for k in same} == pytest.approx({k: b[k] for k in same}, abs=1e-4)


def test_reward_is_kept_to_where_random_rewards_lead_away_from_it(monkeypatch, tmp_path):
    """Ten steps with a large rate: a reward for the evidence holds regions on it (and makes them larger, for nothing
    pays for small ones), random numbers lose it."""
    flags = "--pictures 2 --each 2 --questions 40 --rewards contained r_format --lr 3e-4".split()
    logs = {
        name: run(monkeypatch, tmp_path / name, *flags, *more)
        for name, more in {"reward": (), "random": ("--random-rewards",)}.items()
    }

    def late(name: str, part: str) -> float:
        return float(np.mean([line[part] for line in logs[name][-5:]]))

    # The same questions, the same weights.
    assert logs["reward"][0]["contained"] == logs["random"][0]["contained"]
    assert late("reward", "contained") > late("random", "contained") + 0.1
    assert late("reward", "area") > 1.3 * logs["reward"][0]["area"]
