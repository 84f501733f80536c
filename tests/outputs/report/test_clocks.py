"""Hours of day: the pace of each, and when an upstream rests."""

from collections.abc import Sequence

import pytest

from headwater.outputs.report.clocks import dial, paces, rest, watched

ALL_DAY = [2.0] * 24


def office(first: int, last: int, night: int = 0) -> list[int]:
    """A hundred sessions in each hour from the first on to the last."""
    return [100 if first <= hour < last else night for hour in range(24)]


def test_a_pace_is_told_where_there_was_enough_to_watch() -> None:
    assert paces([5, 6, 7], [0.01, 2.0, 0.0]) == [0.0, 3.0, 0.0]
    assert watched([0.01, 2.0, 0.0]) == 1


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (office(6, 22), "22:00-06:00"),
        (office(0, 20), "20:00-00:00"),
        (office(0, 21), ""),  # three hours are a pause
        (office(6, 22, night=2), "22:00-06:00"),  # hardly anything
        (office(6, 22, night=3), ""),
        (office(0, 0), ""),
    ],
)
def test_the_longest_stretch_at_rest(counts: Sequence[int], told: str) -> None:
    assert rest(counts, ALL_DAY) == told


@pytest.mark.parametrize(("hours", "told"), [(20, "00:00-05:00"), (19, "")])
def test_who_is_watched_for_part_of_a_day_is_not_said_to_rest(hours: int, told: str) -> None:
    covered = [1.0 if hour < hours else 0.0 for hour in range(24)]
    assert rest(office(5, 24), covered) == told


def test_hours_that_nobody_watched_are_no_rest() -> None:
    covered = [0.0 if 10 <= hour < 14 else 1.0 for hour in range(24)]
    assert rest([50] * 24, covered) == ""
    assert "M10 0h1" in dial([50] * 24, covered, "UTC")
    assert "at rest" not in dial([50] * 24, covered, "UTC")
