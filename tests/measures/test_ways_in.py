"""Places that the sick call for what they are: a maker's cloud is no master."""

from typing import Any

import pytest

from headwater.measures.ways_in import STRANGERS, ways_in

SICK = [f"192.0.2.{number}" for number in range(1, 9)]
WELL = [f"192.0.2.{number}" for number in range(100, 110)]
MASTER: dict[str, Any] = {"ports": [8443], "log_odds": 14.0, "proxies": SICK, "others": []}
CLOUD: dict[str, Any] = {
    "ports": [10_001], "log_odds": 9.0, "proxies": SICK, "others": WELL,
}  # fmt: skip


@pytest.mark.parametrize(("changed", "way_in"), [
    ({}, True),
    ({"proxies": [*SICK[:6], "198.51.100.1", "198.51.100.2"]}, True),
    ({"proxies": [*SICK[:5], "198.51.100.1", "198.51.100.2"]}, False),  # a master of its own
    ({"others": WELL[:STRANGERS]}, True),
    ({"others": WELL[: STRANGERS - 1]}, False),  # sick, perhaps, and unseen
    ({"log_odds": 15.0}, False),
    ({"ports": [443]}, False),  # others' names at the same address
])  # fmt: skip
def test_what_the_master_explains_is_none(changed: dict[str, Any], way_in: bool) -> None:
    assert ways_in([MASTER, CLOUD | changed]) == [False, way_in]


def test_who_calls_the_master_too_may_be_sick_and_unseen() -> None:
    half = {"others": WELL[: len(WELL) // 2]}
    most = {"others": WELL[: len(WELL) // 2 + 1]}
    assert ways_in([MASTER | half, CLOUD]) == [False, True]
    assert ways_in([MASTER | most, CLOUD]) == [False, False]


def test_alone_it_explains_itself() -> None:
    assert ways_in([CLOUD]) == [False]
    assert ways_in([]) == []
