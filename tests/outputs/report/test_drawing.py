"""Shapes and levels."""

from headwater.outputs.report.drawing import SHORT, axis, bars, levels, text


def test_each_level_is_a_fourth_of_the_next() -> None:
    counts = [0, 64, 17, 16, 5, 4, 2, 1, 0.5]
    strengths = {at: (length, level) for at, length, level in levels(counts, 64)}
    assert strengths == {1: (2, 4), 3: (2, 3), 5: (2, 2), 7: (2, 1)}


def test_words_in_a_picture_are_short() -> None:
    assert "x" * SHORT not in text(0, 0, "x" * 500)
    assert "&lt;x&gt;" in text(0, 0, "<x>")


def test_words_at_the_edges_stay_inside() -> None:
    drawn = axis([(0.0, "a"), (0.5, "b"), (1.0, "c")], 10)
    assert [word in drawn for word in ('"start">a', '"middle">b', '"end">c')] == [True] * 3


def test_bars_stand_or_hang() -> None:
    assert bars([2, 0], 10, units=100) == "M0 10v-2h43V10"
    assert bars([0, 2], 10, down=True, units=100) == "M50 10v2h43V10"
