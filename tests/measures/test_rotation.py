"""Rotation: addresses that share the work, and take turns."""

import numpy as np
import pytest

from headwater.measures.rotation import FEWEST_TURNS, MOST_SHARED, in_turns, share_of_load
from headwater.measures.visits import Visits


def visits(spans: list[tuple[int, int]], sent: list[int] | None = None) -> Visits:
    """Each party visits a host of its own, which receives a hundred octets in all."""
    count = len(spans)
    each = np.arange(count)
    whole = np.ones(count, np.int64)
    return Visits(
        party=each,
        host=each,
        parties=[f"198.51.{number}.7" for number in range(count)],
        hosts=[f"192.0.2.{number}" for number in range(count)],
        confidence=np.ones(count),
        suspect=whole > 0,
        faint=whole > 0,
        met=whole > 0,
        on_purpose=whole > 0,
        fellow=np.zeros(count),
        mailed=np.zeros(count),
        columns={
            "reached": whole,
            "bytes": np.array(sent or [50] * count),
            "received": 100 * whole,
            "first_seen": np.array([begin for begin, _ in spans], np.int64),
            "last_seen": np.array([end for _, end in spans], np.int64),
        },
        all_hosts=count,
        all_suspects=count,
        all_visits=count,
        all_sources=count,
    )


ALL = np.array([True] * 4)


def turns(spans: list[tuple[int, int]], names: list[str], chosen: list[bool]) -> list[bool]:
    return [bool(each) for each in in_turns(visits(spans), np.array(chosen), names)]


def test_who_comes_when_the_other_has_left_takes_turns() -> None:
    spans = [(300, 390), (0, 100), (100, 200), (200, 300)]
    assert turns(spans, ["a"] * 4, [True] * 4) == [True] * 4
    # Of whom nothing was asked, nothing is added up.
    assert turns([*spans, (0, 400)], ["a"] * 5, [*[True] * 4, False]) == [True] * 5


def test_who_comes_at_the_same_time_does_not() -> None:
    assert not any(turns([(0, 100)] * 4, ["a"] * 4, [True] * 4))


@pytest.mark.parametrize(("late", "takes"), [(1, True), (2, False)])
def test_a_little_may_be_still_under_way(late: int, takes: bool) -> None:
    """Three of a hundred each: a quarter of all shared at the most."""
    shared = int(MOST_SHARED * 300) // 2
    begins = [0, 100 - shared, 200 - 2 * shared - late]
    spans = [(begin, begin + 100) for begin in begins]
    assert turns(spans, ["a"] * 3, [True] * 3) == [takes] * 3


@pytest.mark.parametrize(("count", "takes"), [(FEWEST_TURNS, True), (FEWEST_TURNS - 1, False)])
def test_few_may_miss_each_other_by_chance(count: int, takes: bool) -> None:
    spans = [(100 * number, 100 * number + 90) for number in range(count)]
    assert turns(spans, ["a"] * count, [True] * count) == [takes] * count


def test_each_name_is_asked_about_by_itself() -> None:
    spans = [(0, 90), (100, 190), (200, 290), (0, 90), (0, 90), (0, 90)]
    found = turns(spans, ["b", "b", "b", "a", "a", "a"], [True] * 6)
    assert found == [True, True, True, False, False, False]


def test_a_groups_share_is_of_what_its_hosts_receive() -> None:
    told = share_of_load(visits([(0, 1)] * 4, [50, 30, 0, 90]), ALL, np.array([0, 0, 1, 1]))
    assert told.tolist() == pytest.approx([0.4, 0.45])
