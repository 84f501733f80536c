import numpy as np
import pytest

from headwater.measures.habit import ONCE_OR_TWICE, as_often

HOUR = 3600


def often(calls: dict[int, list[int]], usual: list[int]) -> dict[int, float]:
    host = np.concatenate([np.full(len(times), who) for who, times in calls.items()])
    at_us = np.concatenate([np.array(times, np.int64) for times in calls.values()])
    return as_often(host, at_us, np.array(usual), HOUR)


def every(seconds: int, start: int = 0) -> list[int]:
    return list(range(start, HOUR, seconds))


def test_who_comes_by_is_not_like_those_who_poll() -> None:
    found = often({1: every(60), 2: every(60), 3: [100], 4: every(600)}, [1, 2])
    assert found[1] == found[2] == 1.0
    assert found[3] < found[4] == pytest.approx(0.2, rel=0.05)


def test_who_came_late_polls_as_often() -> None:
    assert often({1: every(60), 2: every(60, start=3000)}, [1])[2] == 1.0


def test_one_late_call_makes_no_rate() -> None:
    assert often({1: every(600), 2: [3590]}, [1])[2] == ONCE_OR_TWICE


def test_where_the_usual_call_once_or_twice_everybody_is_like_them() -> None:
    assert often({1: [10], 2: [20, 3000], 3: [40]}, [1, 2]) == {1: 1.0, 2: 1.0, 3: 1.0}
