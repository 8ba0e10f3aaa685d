"""Stage prompts: ours, and those read from a clone of the authors' repository."""

import pytest

from training.export import prompts


def repository(folder, source: str):
    (folder / "src/pkg").mkdir(parents=True)
    (folder / "src/pkg/words.py").write_text(source)
    (folder / "broken.py").write_text("def (")
    return folder


def test_stage_prompts_are_found_by_their_content(tmp_path):
    repository(
        tmp_path,
        'SYSTEM_PROMPT = (\n    "Look "\n    "twice."\n)\n'
        'FIRST: str = "{Question} Give <zoom>[x1, y1, x2, y2]</zoom>." + " Now."\n'
        'SECOND = "{Question}\\nGive <answer> ... </answer>"\nOTHER = 3\n',
    )
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/config.py").write_text(
        'SYSTEM = "s"\nA = "{Question} <zoom>"\nB = "{Question} <answer>"\n'
    )
    found = prompts.read_ergo_prompts(tmp_path)
    assert found["coarseToFine"] == {
        "system": "Look twice.",
        "locate": "{question} Give <zoom>[x1, y1, x2, y2]</zoom>. Now.",
        "answer": "{question}\nGive <answer> ... </answer>",
    }
    assert found["direct"] == prompts.GENERIC["direct"]


def test_an_incomplete_repository_is_refused_with_what_was_seen(tmp_path):
    repository(tmp_path, 'SYSTEM_PROMPT = "Look twice."\n')
    with pytest.raises(ValueError, match="words.py"):
        prompts.read_ergo_prompts(tmp_path)
    with pytest.raises(FileNotFoundError):
        prompts.read_ergo_prompts(tmp_path / "missing")


@pytest.mark.parametrize("stages", [prompts.GENERIC, prompts.our_models()], ids=["general", "ours"])
def test_our_own_prompts_have_a_place_for_the_question(stages):
    templates = [t for stage in stages.values() for name, t in stage.items() if name != "system"]
    assert len(templates) == 5 and all(t.count("{question}") == 1 for t in templates)
