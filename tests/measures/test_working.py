"""Working: who works with proxies, and how busy it keeps them."""

import numpy as np
import pytest

from headwater.measures.visits import Visits
from headwater.measures.working import (
    FAIR_SHARE,
    FEWEST_SESSIONS,
    HELD,
    WORKED,
    WORKED_OCTETS,
    WORKED_US,
    grip,
    works,
)


def visits(**told: list[int]) -> Visits:
    """One party visits as many suspects as there are numbers; each receives 4 MB."""
    size = len(next(iter(told.values())))
    zeros = np.zeros(size, np.int64)
    yes = np.ones(size, bool)
    columns = dict.fromkeys(("on_relay_port", "bytes", "held_us"), zeros)
    columns["received"] = zeros + 4_000_000
    return Visits(
        party=zeros,
        host=np.arange(size),
        parties=["198.51.100.1"],
        hosts=[f"192.0.2.{number}" for number in range(size)],
        confidence=np.ones(size),
        suspect=yes,
        faint=yes,
        met=yes,
        on_purpose=yes,
        fellow=np.zeros(size),
        mailed=np.zeros(size),
        columns=columns | {name: np.array(each) for name, each in told.items()},
        all_hosts=size,
        all_suspects=size,
        all_visits=size,
        all_sources=size,
    )


@pytest.mark.parametrize(
    ("told", "at_work"),
    [
        ({"on_relay_port": [2 * WORKED, 0]}, True),
        ({"on_relay_port": [2 * WORKED - 1, 0]}, False),
        ({"on_relay_port": [1, 1], "bytes": [WORKED_OCTETS] * 2}, True),
        ({"on_relay_port": [1, 1], "held_us": [WORKED_US] * 2}, True),
        ({"on_relay_port": [1, 0], "held_us": [WORKED_US] * 2}, False),
    ],
)
def test_what_each_of_its_proxies_is_asked_for_on_average_is_work_or_a_test(
    told: dict[str, list[int]], at_work: bool
) -> None:
    found = works(visits(**told), np.array([2]), np.array([2 * HELD]))
    assert found.tolist() == [at_work]


def test_who_carries_next_to_nothing_of_their_load_does_not_work_with_them() -> None:
    asked = visits(on_relay_port=[WORKED, WORKED])
    assert works(asked, np.array([2]), np.array([2 * HELD - 0.01])).tolist() == [False]


@pytest.mark.parametrize(
    ("sessions", "held"), [(FEWEST_SESSIONS, 1.0), (FEWEST_SESSIONS - 1, 0.0)]
)
def test_a_fair_part_of_its_load_is_one_whole_proxy(sessions: int, held: float) -> None:
    fair = int(FAIR_SHARE * 4_000_000)
    told = visits(on_relay_port=[sessions, 0], bytes=[fair, 0])
    assert grip(told, np.zeros(2)).tolist() == pytest.approx([held])


def test_of_a_shared_proxy_only_what_is_beyond_a_fair_part_counts() -> None:
    told = visits(on_relay_port=[9, 9], bytes=[2_000_000, 1_250_000])
    assert grip(told, np.array([1.0, 1.0])).tolist() == pytest.approx([1.25])
    assert grip(told, np.array([0.0, 1.0])).tolist() == pytest.approx([1.25])


def test_one_long_session_counts_where_it_is_asked_for() -> None:
    told = visits(on_relay_port=[1], held_us=[WORKED_US], bytes=[500_000])
    assert grip(told, np.zeros(1)).tolist() == [0.0]
    assert grip(told, np.zeros(1), WORKED_US).tolist() == pytest.approx([0.5])
