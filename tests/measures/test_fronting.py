"""Fronting: sites of which all fetch from one place what they show."""

import numpy as np
import pytest

from headwater.measures.fronting import LEAST_SHOWN, MOST_RATIO, fronted, shown
from headwater.measures.pieces import Pieces
from headwater.measures.pooling import Pool

ORIGIN, VISITOR, SHARE, LEAST = 1, 50, 0.02, 3.0
Row = tuple[int, int, bool, int, float, float]  # host, peer, inward, port, sent, got


def pieces(rows: list[Row]) -> Pieces:
    whole = np.ones(len(rows), np.int64)
    inward = np.array([row[2] for row in rows])
    return Pieces(
        host=np.array([row[0] for row in rows]),
        peer=np.array([row[1] for row in rows]),
        port=np.array([row[3] for row in rows]),
        client_port=whole,
        protocol=6 * whole,
        conversation=np.arange(len(rows)),
        inward=inward,
        asked=~inward,
        outside=whole > 0,
        lasted_us=0 * whole,
        began_us=np.arange(len(rows)),
        ended_us=np.arange(len(rows)),
        sent=np.array([row[4] for row in rows]),
        got=np.array([row[5] for row in rows]),
        sent_packets=np.ones(len(rows)),
        got_packets=np.ones(len(rows)),
    ).in_order()


def sites(
    hosts: int, *, gives: float = 3000.0, shows: float = 3000.0, port: int = 443
) -> list[Row]:
    fetch: list[Row] = [(host, ORIGIN, False, 8443, 50.0, gives) for host in range(hosts)]
    return fetch + [(host, VISITOR + host, True, port, shows, 60.0) for host in range(hosts)]


def told(rows: list[Row], share: float = SHARE) -> list[Pool]:
    return list(fronted(pieces(rows), share, LEAST))


def test_sites_that_show_what_they_fetch_are_fronts() -> None:
    (pool,) = told(sites(5))
    assert (pool.outsider, pool.there, pool.hosts.tolist()) == (ORIGIN, True, [0, 1, 2, 3, 4])
    assert (pool.bursts, pool.slope, pool.members.tolist()) == (5.0, 1.0, [1.0] * 5)
    assert pool.shares.tolist() == [3000.0] * 5
    assert set(pool.inner.peer.tolist()) == {ORIGIN}


def test_two_sites_may_have_one_owner() -> None:
    assert told(sites(2)) == []


@pytest.mark.parametrize(
    ("times", "fronts"), [(1.0, True), (0.1, False), (MOST_RATIO + 1, False)]
)
def test_who_asks_a_service_for_something_is_no_front(times: float, fronts: bool) -> None:
    """A site's pages are larger by tens than what it asks for to make them."""
    assert bool(told(sites(5, shows=3000.0 * times))) == fronts


def test_who_is_not_visited_is_no_front() -> None:
    readers: list[Row] = [(10 + n, ORIGIN, False, 8443, 50.0, 100.0) for n in range(3)]
    (pool,) = told(sites(5) + readers)
    assert pool.members.tolist() == [1.0] * 5 + [0.0] * 3
    assert (
        told(sites(5) + [(10 + n, ORIGIN, False, 8443, 50.0, 100.0) for n in range(60)]) == []
    )


def test_where_everybody_shows_something_it_says_nothing() -> None:
    assert told(sites(5), share=0.8) == []


@pytest.mark.parametrize(("octets", "fronts"), [(LEAST_SHOWN, True), (LEAST_SHOWN - 1, False)])
def test_refusals_show_nothing(octets: float, fronts: bool) -> None:
    assert bool(told(sites(5, gives=octets, shows=octets))) == fronts


def test_only_visits_from_outside_at_the_webs_ports_show() -> None:
    assert told(sites(5, port=25)) == []
    assert shown(pieces(sites(1))).tolist() == [False, True]
