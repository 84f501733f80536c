"""Marks of an axis: where they are, and what they say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from headwater.outputs.report.ticks import decade_ticks, log_share, short_ticks, time_ticks
from headwater.records.window import Window

START = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)


def test_marks_are_round_hours_of_the_zone_inside_the_window() -> None:
    ticks = time_ticks(Window(START, START + timedelta(hours=4)), UTC, most=4)
    assert [words for _, words in ticks] == ["22:00", "23:00", "Mar 2", "01:00"]
    assert [share for share, _ in ticks] == [0.125, 0.375, 0.625, 0.875]


def test_as_many_marks_as_allowed() -> None:
    window = Window(START, START + timedelta(hours=4))
    assert [words for _, words in time_ticks(window, UTC, most=3)] == ["22:00", "Mar 2"]


def test_midnight_is_the_zone_s() -> None:
    window = Window(START, START + timedelta(hours=2))
    words = [words for _, words in time_ticks(window, ZoneInfo("Europe/Berlin"), most=2)]
    assert words == ["23:00", "Mar 2"]


def test_seconds_of_a_stretch() -> None:
    assert short_ticks(30_000_000, most=3) == [
        (0.0, "0 s"), (1 / 3, "10 s"), (2 / 3, "20 s"), (1.0, "30 s"),
    ]  # fmt: skip
    assert [words for _, words in short_ticks(600_000_000)][-1] == "10 min"


def test_decades_within_the_axis() -> None:
    words = {power: str(10**power) for power in range(5)}
    assert [word for _, word in decade_ticks(10, 1000, words)] == ["10", "100", "1000"]
    assert [log_share(value, 10, 1000) for value in (1, 10, 100, 9999)] == [0, 0, 0.5, 1]
