"""Refusals of one kind are one, and a hostile file cannot make too many kinds."""

from headwater.records.intake import Refused
from headwater.sources.tally import MOST_REASONS, Tally


def test_the_first_place_and_the_count_are_kept() -> None:
    tally = Tally("a.csv")
    for line in (3, 5, 8):
        tally.add(f"line {line}", "not readable")
    assert tally.drain() == [
        Refused(source="a.csv", position="line 3", reason="not readable", records=3)
    ]
    assert tally.drain() == []


def test_reasons_are_bounded() -> None:
    tally = Tally("a.csv")
    for number in range(3 * MOST_REASONS):
        tally.add(f"line {number}", f"not readable: {number}")
    found = tally.drain()
    assert len(found) == MOST_REASONS + 1
    assert found[-1].reason == "not readable: and other details"
    assert sum(refused.records for refused in found) == 3 * MOST_REASONS
