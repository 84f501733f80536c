"""Flows that exporters tell of more than once count once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tests.pipeline.some_records import SECOND, Row, columns

from headwater.measures.openers import CLOCK_TICK_US
from headwater.pipeline.conversation_keys import Ints
from headwater.pipeline.meetings import paired
from headwater.pipeline.told_once import A_FEW

FLOW: Row = {
    "low_end": 6 << 48 | 7 << 16 | 25,
    "high_end": 6 << 48 | 8 << 16 | 40_000,
    "low": True,
    "started": 9 * SECOND,
    "ended": 12 * SECOND,
    "packets": 9,
    "bytes": 4_000,
    "flags": 24,
    "said": -1,
    "sampling": 1,
    "exporter": 0,
}
ANSWER = FLOW | {"low": False, "packets": 7, "bytes": 700}


def counted(rows: Sequence[Row]) -> Ints:
    return np.sort(paired(columns(rows)).rows)


def many(*each: dict[str, Any]) -> list[Row]:
    """These records of enough pairs that some are among the first asked."""
    return [
        FLOW | {"high_end": FLOW["high_end"] + port} | changed
        for port in range(4 * A_FEW)
        for changed in each
    ]


def kept(*each: dict[str, Any]) -> float:
    """Of each pair with these records, how many count."""
    return len(counted(many(*each))) / (4 * A_FEW)


def test_of_two_exporters_the_one_that_counted_more_in_all_is_believed() -> None:
    """Not the one of the largest record: another may cut the same flow more often."""
    two = [FLOW | {"packets": 5, "exporter": 1} for _ in range(2)]
    assert counted([FLOW, *two]).tolist() == [1, 2]


def test_the_exporter_is_believed_that_counted_not_whose_sampling_makes_more() -> None:
    scaled = FLOW | {"packets": 100, "bytes": 150_000, "sampling": 100, "exporter": 1}
    assert counted([FLOW, scaled]).tolist() == [0]


def test_each_direction_is_asked_about_apart() -> None:
    """Routes in and out may differ."""
    elsewhere = [each | {"exporter": 1} for each in (FLOW, ANSWER)]
    elsewhere[1]["packets"] += 1
    assert counted([FLOW, ANSWER, *elsewhere]).tolist() == [0, 3]


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("times", [2, 3])
def test_what_one_exporter_tells_again_counts_once(times: int, answered: bool) -> None:
    """Met on its way in and on its way out."""
    told = [{"started": FLOW["started"] + CLOCK_TICK_US * again // 2} for again in range(times)]
    ways = [{"low": way} for way in (True, False)[: 1 + answered]]
    assert kept(*(way | each for way in ways for each in told)) == 1 + answered


@pytest.mark.parametrize(
    "like",
    [
        pytest.param({"bytes": 4_001}, id="other octets"),
        pytest.param({"packets": 8}, id="other packets"),
        pytest.param({"started": 9 * SECOND + CLOCK_TICK_US + 1}, id="another beginning"),
        pytest.param({"ended": 12 * SECOND + CLOCK_TICK_US + 1}, id="another end"),
        pytest.param({"low": False}, id="the answer"),
    ],
)
def test_two_records_that_differ_both_count(like: dict[str, Any]) -> None:
    assert kept({}, like) == 2


@pytest.mark.parametrize(
    "both",
    [
        pytest.param({"packets": 1}, id="one packet"),
        pytest.param({"packets": 100, "sampling": 100}, id="one sampled packet"),
        pytest.param({"ended": 9 * SECOND}, id="at one instant"),
    ],
)
def test_what_may_well_have_its_like_counts_twice(both: dict[str, Any]) -> None:
    """Packets of one size follow each other within a tick, each in a record of its own."""
    assert kept(both, both) == 2
