"""One program in all hosts, or each host as it is used."""

import numpy as np

from headwater.measures.pace import pace

MANY, FEW = [60, 58, 43, 24, 18, 9, 6, 3, 2, 1], [5, 3, 3, 2, 2, 2, 2, 1]


def told(calls: list[int], elsewhere: list[int] | None = None) -> float:
    return pace(np.array(calls), np.array(elsewhere or [50] * len(calls)))


def test_calls_that_differ_by_tens_are_no_programs() -> None:
    assert told(MANY) < -4


def test_calls_at_about_one_pace_are() -> None:
    assert told(FEW) > 0
    assert told([9, 8, 8, 7, 6, 6, 5]) > 1


def test_some_are_on_all_day_and_some_for_an_evening() -> None:
    """One program all the same: nobody keeps every host on as long."""
    assert told([40, 30, 28, 20, 15, 12, 10]) > 1


def test_who_calls_others_more_and_this_place_more_uses_it() -> None:
    calls = [20, 14, 10, 6, 4]
    in_step, against = [10 * each for each in calls], [10 * each for each in calls[::-1]]
    assert told(calls, in_step) < told(calls, against) - 1


def test_one_call_each_says_next_to_nothing() -> None:
    assert abs(told([1] * 8)) < 1


def test_one_odd_host_among_many_does_not_turn_it() -> None:
    assert told([*[8] * 9, 400]) > 0


def test_any_number_of_calls_can_be_told() -> None:
    assert np.isfinite(told([1, 10**9, 3], [0, 10**9, 0]))


def test_of_two_hosts_nothing_can_be_said_of_three_a_little() -> None:
    assert [told([8] * hosts) for hosts in (1, 2)] == [0, 0]
    assert told([8] * 3) > 0.5
