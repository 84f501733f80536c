"""Fetched for: contents of others, while something is handed over."""

from dataclasses import fields, replace

import numpy as np
import pytest
from tests.measures.test_pooling import farm, one

from headwater.measures.fetched_for import BARE, fetched_for
from headwater.measures.pieces import Pieces
from headwater.measures.pooling import Pool


def pool(*, coming: float = 1000.0, called: int = 7000, fetched_at: int = 443) -> Pool:
    """Hosts that fetch in packets of so many octets, and call one outsider meanwhile."""
    seen = one(farm(6, 12, coupled=True))
    inner, outer = seen.inner, seen.outer
    of_both = [
        np.full(len(each.port), at) for each, at in ((inner, called), (outer, fetched_at))
    ]
    got = coming * outer.got_packets
    return replace(
        seen,
        there=False,
        inner=replace(inner, port=of_both[0]),
        outer=replace(outer, port=of_both[1], got=got),
    )


def joined(one: Pieces, other: Pieces) -> Pieces:
    parts = (part.name for part in fields(Pieces))
    return Pieces(**{
        name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in parts
    })  # fmt: skip


def test_what_comes_in_full_packets_was_fetched() -> None:
    assert fetched_for(pool())


@pytest.mark.parametrize(("coming", "fetched"), [(BARE - 1, False), (BARE, True)])
def test_who_is_told_that_pictures_came_fetches_nothing(coming: float, fetched: bool) -> None:
    assert fetched_for(pool(coming=coming)) == fetched


@pytest.mark.parametrize(("octets", "fetched"), [(1e9, False), (1e3, True)])
def test_a_film_says_nothing_of_what_goes_by_beside(octets: float, fetched: bool) -> None:
    """More than was handed over in all cannot have been fetched for that."""
    seen = pool(coming=BARE - 1)
    film = seen.outer.only(np.array([0]))
    packets = np.array([octets / 1000])
    seen = replace(
        seen,
        outer=joined(seen.outer, replace(film, conversation=film.conversation + 1_000_000,
                                         got=np.array([octets]), got_packets=packets)),
        shares=np.append(seen.shares, 9.0 * np.abs(seen.shares).sum()),
    )  # fmt: skip
    assert fetched_for(seen) == fetched


@pytest.mark.parametrize(("part", "fetched"), [(0.1, True), (0.4, False)])
def test_what_goes_by_cancels_out(part: float, fetched: bool) -> None:
    """Some of what comes is bare by chance; of a quarter and more that is none."""
    seen = pool()
    shares = np.abs(seen.shares) + 1.0
    bare = np.cumsum(shares) <= part * shares.sum()
    got = np.where(bare, seen.outer.got_packets, seen.outer.got)
    assert (
        fetched_for(replace(seen, outer=replace(seen.outer, got=got), shares=shares)) == fetched
    )


@pytest.mark.parametrize(("called", "fetched"), [(22_000, False), (443, True)])
def test_a_ring_fetches_from_each_other(called: int, fetched: bool) -> None:
    """But sites and gateways alike are called at the ports of the web."""
    assert fetched_for(pool(called=called, fetched_at=called)) == fetched
