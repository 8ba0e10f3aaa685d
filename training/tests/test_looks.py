"""The comparison of checkpoints: one tower for those that share it, and what the table says."""

import torch

from training.model.config import Config, TextConfig, VisionConfig
from training.model.model import Model
from training.runs.looks import Tower, by_kind, share, summary, table


def small() -> Model:
    return Model(Config(VisionConfig(depth=1), TextConfig(num_hidden_layers=1)), [0, 1], 4)


def test_checkpoints_that_share_a_tower_see_each_picture_once():
    torch.manual_seed(0)
    model, other = small().eval(), small().eval()
    tower = Tower(model)
    assert tower.serves(model) and not tower.serves(other)
    pictures = torch.rand(3, 3, 112, 112)
    calls = []
    model.visual.register_forward_pre_hook(lambda _, args: calls.append(len(args[0])))
    with torch.no_grad():
        expected = model.visual(pictures)[2].flatten(1, 2)
    torch.testing.assert_close(tower(pictures[:2]), expected[:2])
    torch.testing.assert_close(tower(pictures.flip(0)), expected.flip(0))
    assert calls == [3, 2, 1]


def test_a_table_says_what_a_checkpoint_gains_and_loses_against_the_first():
    def row(kind: str, found: bool | None, right: bool) -> dict:
        return {"kind": kind, "found": found, "right": right, "area": 0.25}

    first = [row("read", True, True), row("read", False, False), row("exists", None, True)]
    later = [row("read", True, False), row("read", True, True), row("exists", None, True)]
    runs = {"start": summary(first, first), "run": summary(later, first)}
    assert runs["run"]["found"]["n"] == 2 and runs["run"]["found"]["by_kind"]["exists"]["n"] == 0
    assert (runs["run"]["right"]["gained"], runs["run"]["right"]["lost"]) == (1, 1)
    low, high = share([True, True])["ci95"]
    line = table(runs).splitlines()[-1]
    assert line.startswith(f"| run | 100.0% ({low:.1%} to {high:.1%}) | +1 -0 | 25.0% | 66.7%")
    assert by_kind(runs).splitlines()[-1] == "| read | 2 | 50.0% | 50.0% |"
