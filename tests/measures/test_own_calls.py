"""Whether hosts call of their own accord."""

import numpy as np

from headwater.measures.own_calls import MOST, OF_ONE, own_calls


def told(*hosts: tuple[int, int], opened: int = 100, carried: int = 60) -> float:
    """Of hosts the calls each made, and how many followed a visit; chance is one in ten."""
    host = np.repeat(np.arange(len(hosts)), [calls for calls, _ in hosts])
    followed = np.concatenate([np.arange(calls) < after for calls, after in hosts])
    every = np.ones(len(host), np.int64)
    by_chance = np.full(len(host), 0.1, np.float64)
    return own_calls(host, followed, by_chance, carried * every, opened * every)


def test_calls_that_no_visit_precedes_are_their_hosts_own() -> None:
    assert told((2, 0), (2, 0)) > 1.0


def test_calls_that_follow_visits_as_all_others_do_are_errands() -> None:
    assert told((2, 2), (2, 2)) < -1.0


def test_where_visits_are_hardly_ever_seen_nothing_is_told() -> None:
    assert abs(told((2, 0), (2, 1), carried=10)) < 0.1


def test_what_is_asked_about_is_no_part_of_the_rest() -> None:
    assert told((9, 9), opened=9, carried=9) == told((9, 9), opened=0, carried=0)


def test_one_host_alone_says_little_and_all_together_say_not_everything() -> None:
    assert told((40, 0)) == OF_ONE
    assert told((40, 40)) == -OF_ONE
    assert told(*[(40, 0)] * 9) == MOST
