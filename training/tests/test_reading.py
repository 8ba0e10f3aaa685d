"""The command that measures reading by itself: what is drawn can be read where it is cut, and what its table counts."""

from types import SimpleNamespace

from training.runs.reading import draw, table


def test_the_cut_holds_the_tag_that_is_asked_for():
    model = SimpleNamespace(manifest={"budgets": {"coarse": 144}})
    for index in range(3):
        asked, (x1, y1, x2, y2) = draw(model, "bench", 2, 71, index)
        ((left, top, right, bottom),) = asked.evidence
        assert x1 <= left and y1 <= top and right <= x2 and bottom <= y2
        assert 0 <= x1 and 0 <= y1 and x2 <= asked.picture.width and y2 <= asked.picture.height
        assert not asked.question.options and asked.question.answer.isalnum()


def test_a_code_counts_when_every_letter_is_right_and_lengths_apart():
    lines = table([("K7RT", "K7RT"), ("K7RT", "K7R"), ("555", "55"), ("558", "559")]).splitlines()[2:]
    assert lines[0].startswith("| 3 | 2 | 0.0%") and lines[0].endswith("| 1 |")
    assert lines[1].startswith("| 4 | 2 | 50.0%") and lines[1].endswith("| 1 |")
