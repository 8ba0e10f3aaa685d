"""Averages of runs: the weighted mean of every tensor, and only of runs of one model."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from training.runs.average import average


def run_of(folder, value: float, config: str = "{}"):
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text(config)
    for name in ("model.safetensors", "auxiliary.safetensors"):
        save_file({"a": torch.full((2, 2), value)}, folder / name)
    return folder


def test_an_average_is_the_weighted_mean(tmp_path):
    one, two = run_of(tmp_path / "one", 1.0), run_of(tmp_path / "two", 5.0)
    average(tmp_path / "out", [(one, 3), (two, 1)])
    for name in ("model.safetensors", "auxiliary.safetensors"):
        assert torch.equal(load_file(tmp_path / "out" / name)["a"], torch.full((2, 2), 2.0))
    assert (tmp_path / "out/config.json").read_text() == "{}"


def test_runs_of_two_models_have_no_average(tmp_path):
    one, two = run_of(tmp_path / "one", 1.0), run_of(tmp_path / "two", 5.0, '{"depth": 2}')
    with pytest.raises(ValueError, match=r"config\.json"):
        average(tmp_path / "out", [(one, 1), (two, 1)])


def test_a_head_that_only_one_run_has_is_kept_as_it_is(tmp_path):
    one, two = run_of(tmp_path / "one", 1.0), run_of(tmp_path / "two", 5.0)
    states = {"a": torch.full((2, 2), 5.0), "b": torch.ones(2)}
    save_file(states, two / "auxiliary.safetensors")
    average(tmp_path / "out", [(one, 3), (two, 1)])
    found = load_file(tmp_path / "out/auxiliary.safetensors")
    assert torch.equal(found["a"], torch.full((2, 2), 2.0)) and torch.equal(found["b"], torch.ones(2))
    save_file(states, two / "model.safetensors")  # but no weights of the model itself are only one run's
    with pytest.raises(ValueError, match="b is not in all runs"):
        average(tmp_path / "out", [(one, 3), (two, 1)])
