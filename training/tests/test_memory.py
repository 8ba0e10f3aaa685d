"""The export's memory must not grow with the depth of the model."""

import pytest

from training.export.memory_probe import VISION, extrapolate, probe

SMALL = {"hidden_size": 512, "intermediate_size": 1024, "num_attention_heads": 4, "num_key_value_heads": 2,
         "vocab_size": 2048, "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0,
         "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}, "hidden_act": "silu"}  # fmt: skip


def test_peak_is_measured_in_a_process_of_its_own(tmp_path):
    vision = {**VISION, "hidden_size": 320, "num_heads": 4, "intermediate_size": 856}
    result = probe(tmp_path, [1, 4], "q4", SMALL, vision)
    assert 0.1 < result["runs"][1]["peak_gb"] < 2
    assert result["runs"][4]["peak_gb"] - result["runs"][1]["peak_gb"] < 0.1
    assert not list(tmp_path.iterdir())


def test_extrapolation_is_linear_and_never_optimistic():
    assert extrapolate((1, 4.0), (3, 5.0), 28) == pytest.approx(17.5)
    assert extrapolate((1, 4.0), (3, 3.9), 28) == 4.0 - 0.1
