"""Fetched for: contents of others, while something is handed over."""

from dataclasses import fields, replace
from functools import reduce

import numpy as np
import pytest
from tests.measures.test_pooling import farm, one

from headwater.measures.fetched_for import BARE, MOSTLY_FIRST, _apart, fetched_for
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


def in_order(shift_s: float, *, share: float = 1.0, lasts_s: float = 0.5) -> Pool:
    """Whenever something is fetched something is handed over so much later, or earlier.

    Hosts fetch every 137 seconds, one after the other; of ``share`` of the times, the others
    the other way round.
    """
    seen, times = pool(), 40
    hosts = np.repeat(seen.hosts, times)
    fetched_us = np.tile(np.arange(times) * 137_000_000 + 10**15, len(seen.hosts))
    fetched_us += np.repeat(np.arange(len(seen.hosts)), times) * 1_000_000
    one = seen.outer.only(np.zeros(len(hosts), np.int64))
    some = np.arange(len(hosts)) % times < share * times
    handed_us = fetched_us + (np.where(some, shift_s, -shift_s) * 1e6).astype(np.int64)

    def pieces(began_us: np.ndarray) -> Pieces:
        ended_us = began_us + int(lasts_s * 1e6)
        same = replace(one, host=hosts, inward=hosts < 0, began_us=began_us, ended_us=ended_us)
        return replace(
            same, conversation=np.arange(len(hosts)), sent=np.full(len(hosts), 900.0)
        )

    inner = replace(pieces(handed_us), peer=hosts * 0 + seen.outsider, port=hosts * 0 + 7000)
    shares = np.ones(len(hosts))
    sure = np.ones(len(seen.hosts))
    return replace(seen, inner=inner, outer=pieces(fetched_us), shares=shares, members=sure)


@pytest.mark.parametrize(("shift_s", "fetched"), [
    (-2.0, False),  # a loudspeaker sends what was said, and then gets a song
    (2.0, True),
    (-0.3, True),  # at once
    (-6.0, True),  # nobody waits so long
])  # fmt: skip
def test_nobody_hands_over_what_has_not_come_yet(shift_s: float, fetched: bool) -> None:
    assert fetched_for(in_order(shift_s)) == fetched


@pytest.mark.parametrize(("shift_s", "fetched"), [
    (58.0, False),  # who builds something stores what he made of what came
    (121.0, False),
    (30.0, True),  # between what is asked: neither at once nor minutes later
    (0.0, True),
])  # fmt: skip
def test_what_is_handed_over_minutes_later_was_worked_on(shift_s: float, fetched: bool) -> None:
    assert fetched_for(in_order(shift_s)) == fetched


def test_what_comes_in_other_minutes_as_well_as_at_once_was_not_waited_for() -> None:
    """As often as at once, and not more often."""
    seen = in_order(0.0)
    later = seen.inner.began_us - 60_000_000
    earlier = replace(seen.outer, began_us=later, ended_us=later)
    shares = np.append(seen.shares, seen.shares)
    assert fetched_for(replace(seen, outer=joined(seen.outer, earlier), shares=shares))


@pytest.mark.parametrize(("share", "fetched"), [(0.9, False), (0.75, True)])
def test_of_sampled_packets_either_may_be_seen_first(share: float, fetched: bool) -> None:
    assert fetched_for(in_order(-2.0, share=share)) == fetched


def test_what_comes_meanwhile_may_be_handed_over() -> None:
    """Though more comes soon after."""
    seen = in_order(-2.0)
    meanwhile = replace(seen.outer, began_us=seen.inner.began_us, ended_us=seen.inner.ended_us)
    shares = np.append(seen.shares, seen.shares)
    assert fetched_for(replace(seen, outer=joined(seen.outer, meanwhile), shares=shares))


def test_a_few_times_tell_no_order() -> None:
    seen = in_order(-2.0)
    few = seen.inner.only(np.arange(15))
    assert fetched_for(replace(seen, inner=few))
    assert not fetched_for(replace(seen, inner=seen.inner.only(np.arange(18))))


@pytest.mark.parametrize(("share", "fetched"), [(1.0, False), (0.6, True)])
def test_what_merely_happens_about_then_hides_no_order(share: float, fetched: bool) -> None:
    seen = in_order(-2.0, share=share)
    chance = np.random.default_rng(5)
    began_us = seen.outer.began_us + chance.integers(3_000_000, 60_000_000, len(seen.shares))
    moved = [replace(seen.outer, began_us=began_us + at, ended_us=began_us + at)
             for at in range(-60_000_000, 90_000_000, 6_000_000)]  # fmt: skip
    outer = reduce(joined, moved, seen.outer)
    busy = replace(seen, outer=outer, shares=np.ones(len(outer.host)))
    told, near = _apart(busy.inner, busy.outer)
    assert told < MOSTLY_FIRST * near
    assert fetched_for(busy) == fetched


def test_what_is_as_near_in_other_minutes_tells_no_order() -> None:
    seen = in_order(-2.0)
    some = np.arange(len(seen.shares)) % 3 == 0
    later = seen.inner.began_us + np.where(some, 2_000_000, 61_000_000)
    outer = replace(seen.outer, began_us=later, ended_us=later)
    earlier = replace(outer, began_us=later - 122_000_000, ended_us=later - 122_000_000)
    both = joined(outer, earlier.only(np.flatnonzero(~some)))
    assert fetched_for(replace(seen, outer=both, shares=np.ones(len(both.host))))


def test_only_the_likely_and_what_they_ask_for_tell_the_order() -> None:
    seen = in_order(-2.0)
    every = seen.outer.inward | True
    assert fetched_for(replace(seen, members=seen.members * 0.5))
    assert fetched_for(replace(seen, inner=replace(seen.inner, sent=seen.inner.sent * 0)))
    assert fetched_for(replace(seen, outer=replace(seen.outer, inward=every)))
