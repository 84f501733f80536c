from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from tests.measures.test_calls import FIXED

from headwater.measures.calls import calls_in
from headwater.measures.habit import ONCE_OR_TWICE, as_often, of_gateways

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


def test_of_gateways_that_take_turns_all_calls_together_tell() -> None:
    """A fellow calls each of six twice; a passer-by one of them, and often what is none."""
    row = {**FIXED, "part": "whole", "port": 443, "gateway": 1}
    called = [("fellow", gate, at, 0.9) for gate in range(6) for at in every(1800, gate)]
    called += [("usual", gate, at, 0.9) for gate in range(6) for at in every(1200, gate)]
    called += [("passer-by", 0, 40, 0.0), *(("passer-by", 9, at, 0.0) for at in every(60))]
    calls = calls_in(
        pa.Table.from_pylist([
            {**row, "server": f"203.0.113.{gate}", "host": host, "opened_at": at,
             "gateway": int(gate != 9), "confidence": sick, "apart": sick}
            for host, gate, at, sick in called
        ])
    )  # fmt: skip
    firsts = np.flatnonzero(np.diff(calls.place, prepend=-1, append=-1)).tolist()
    places = [slice(*each) for each in pairwise(firsts)]
    found = of_gateways(calls, places, HOUR)
    like = {calls.hosts[host]: each for host, each in found.items()}
    assert like["fellow"] == like["usual"] == 1.0
    assert like["passer-by"] < ONCE_OR_TWICE
    assert of_gateways(calls, places[6:], HOUR) == {}
