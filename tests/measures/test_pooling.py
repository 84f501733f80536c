"""Pooling: little of each host of one outsider, added up."""

from dataclasses import replace

import numpy as np
import pytest

from headwater.measures import pooling
from headwater.measures.odds import hedged, logit, probability
from headwater.measures.pieces import Pieces
from headwater.measures.pooling import MANY, Pool, Usual, pooled, told_of_one
from headwater.measures.series import Grid
from headwater.measures.votes import UNHEARD

BIN_US, BINS = 60_000_000, 240
GRID = Grid(start_us=0, bin_us=BIN_US, bins=BINS)
OUTSIDER, OTHER = 1, 50
LEAST = 3.0


def farm(hosts: int, visits: int, *, coupled: bool, seed: int = 3) -> Pieces:
    """Hosts that hand to one outsider what they get of others, or each at its own time."""
    chance = np.random.default_rng(seed)
    rows: list[tuple[int, int, bool, float, float, float]] = []
    for host in range(hosts):
        for _ in range(visits):
            at, size = float(chance.uniform(0, BINS)), float(chance.integers(9_000, 30_000))
            later = at if coupled else float(chance.uniform(0, BINS))
            rows.append((host, OUTSIDER, True, at, size, 500.0))
            rows.append((host, OTHER + int(chance.integers(9)), False, later, 500.0, size))
    whole = np.ones(len(rows), np.int64)
    began = np.array([at * BIN_US for *_, at, _, _ in rows]).astype(np.int64)
    asked = np.array([row[2] for row in rows])
    return Pieces(
        host=np.array([row[0] for row in rows]),
        peer=np.array([row[1] for row in rows]),
        port=443 * whole,
        client_port=whole,
        protocol=6 * whole,
        conversation=np.arange(len(rows)),
        inward=whole < 0,
        asked=asked,
        outside=whole > 0,
        lasted_us=0 * whole,
        began_us=began,
        ended_us=began,
        sent=np.array([row[4] for row in rows]),
        got=np.array([row[5] for row in rows]),
        sent_packets=np.full(len(rows), 20.0),
        got_packets=np.full(len(rows), 20.0),
    ).in_order()


def one(pieces: Pieces) -> Pool:
    (found,) = pooled(pieces, GRID, LEAST)
    return found


def test_several_hosts_show_what_one_does_not() -> None:
    together = farm(6, 6, coupled=True)
    found = one(together)
    assert found.outsider == OUTSIDER
    assert not found.there
    assert found.hosts.tolist() == list(range(6))
    assert found.members.min() > 0.5
    assert found.bursts > 10
    assert 0.6 < found.slope < 1.6
    alone = together.only(np.flatnonzero(together.host == 0))
    assert [pool.strength for pool in pooled(alone, GRID, found.strength / 2)] == []


@pytest.mark.parametrize("seed", range(8))
def test_what_is_not_coupled_is_not_told(seed: int) -> None:
    assert list(pooled(farm(6, 6, coupled=False, seed=seed), GRID, LEAST)) == []


def test_contents_that_come_from_the_outsider_go_the_other_way() -> None:
    pieces = farm(6, 6, coupled=True)
    turned = replace(pieces, sent=pieces.got, got=pieces.sent)
    assert one(turned).there


@pytest.mark.parametrize(("factor", "told"), [(1.0, True), (0.1, False), (20.0, False)])
def test_amounts_must_be_alike(factor: float, told: bool) -> None:
    pieces = farm(6, 6, coupled=True)
    got = np.where(pieces.asked, pieces.got, factor * pieces.got)
    assert bool(list(pooled(replace(pieces, got=got), GRID, LEAST))) == told


def busy(factor: float, *, silent: int) -> Pieces:
    """A farm amid downloads; ``factor``: fetched for each octet, but by the ``silent``."""
    pieces, chance = farm(40, 4, coupled=True, seed=9), np.random.default_rng(2)
    by_host = np.where(pieces.host < silent, 0.0, factor)
    got = np.where(pieces.asked, pieces.got, by_host * pieces.got)
    films = pieces.only(np.flatnonzero(~pieces.asked & (pieces.host >= silent)))
    count = len(films.host)
    began = (chance.uniform(0, BINS, count) * BIN_US).astype(np.int64)
    films = replace(
        films, got=chance.uniform(0, 9e4, count), began_us=began, ended_us=began,
        peer=films.peer * 0 + 99, conversation=films.conversation + 10 * count,
    )  # fmt: skip
    told = replace(pieces, got=got)
    names = Pieces.__slots__
    return Pieces(
        **{n: np.concatenate([getattr(told, n), getattr(films, n)]) for n in names}
    ).in_order()


@pytest.mark.parametrize(("factor", "told"), [(1.0, True), (9.0, False)])
def test_who_says_a_word_and_has_a_film_for_it_hands_nothing_over(
    factor: float, told: bool
) -> None:
    """Speakers and their makers' clouds: of those who happen to fetch nothing most is known."""
    assert bool(list(pooled(busy(factor, silent=4), GRID, LEAST))) == told


@pytest.mark.parametrize(("doubt", "slope"), [(1.0, 4.0), (6.0, 0.5)])
def test_how_much_more_must_be_known_to_refute(doubt: float, slope: float) -> None:
    """One host of two fetches eight times as much, or seems to; of the other more is known."""
    came, each = np.array([1.0, 1.0]), np.array([8.0, 0.0])
    none = np.zeros((2, 1))
    way = pooling._Way(
        none, none, none[:, 0], none[:, 0], each * came, came,
        np.array([16.0, 1.0]) / 1.0, np.full(2, (doubt * came) ** 2),
    )  # fmt: skip
    pair = np.zeros(2, np.int64)
    groups = pooling._Groups(
        host=np.arange(2), outsider=pair, pool=pair, outsiders=pair[:1], place=np.arange(2)
    )
    assert way.slopes(groups)[0] == pytest.approx(slope, abs=0.05)


@pytest.mark.parametrize(("places", "middle"), [(MANY, 2.0), (MANY - 1, 0.0)])
def test_what_is_usual_is_taken_off_where_many_tell_it(places: int, middle: float) -> None:
    apart = np.stack([np.full(places, 2.0), np.full(places, -2.0)])
    usual = Usual.of(apart)
    assert (usual.middle.tolist(), usual.spread.tolist()) == ([middle, 0.0], [1.0, 1.0])
    told = Usual(np.zeros(2), np.ones(2)).strength(np.array([[5.0 - middle], [0.0]]))
    assert usual.strength(np.array([[5.0], [0.0]])) == pytest.approx(told)


def test_places_that_differ_widely_make_little_of_each() -> None:
    apart = np.stack([np.linspace(-8, 8, MANY), np.zeros(MANY)])
    assert Usual.of(apart).spread == pytest.approx([1.4826 * 4, 1.0], rel=0.05)


def at_work(places: int) -> Pieces:
    """Hosts that go to all these places in the same minutes in which they fetch anything."""
    parts = [farm(6, 6, coupled=True)]
    names = Pieces.__slots__
    for place in range(1, places):
        more = parts[0].only(np.flatnonzero(parts[0].asked))
        own = more.conversation + place * 1_000
        parts.append(replace(more, peer=more.peer * 0 + 100 + place, conversation=own))
    return Pieces(
        **{n: np.concatenate([getattr(part, n) for part in parts]) for n in names}
    ).in_order()


@pytest.mark.parametrize(("places", "told"), [(2, True), (MANY, False)])
def test_who_is_at_work_does_all_in_the_same_minutes(places: int, told: bool) -> None:
    assert bool(list(pooled(at_work(places), GRID, LEAST))) == told


def test_one_host_alone_weighs_only_so_much() -> None:
    """Much of one and nothing of the others is not a little of each."""
    loud, quiet = farm(1, 60, coupled=True), farm(7, 60, coupled=False)
    rows = np.flatnonzero(quiet.host > 0)
    both = Pieces(
        **{
            name: np.concatenate([getattr(loud, name), getattr(quiet, name)[rows]])
            for name in Pieces.__slots__
        }
    ).in_order()
    assert list(pooled(both, GRID, 8.0)) == []
    for found in pooled(both, GRID, 1.0):
        assert found.members.argmax() == 0


def test_shares_are_of_what_went_at_those_times() -> None:
    pieces = farm(6, 6, coupled=True)
    beside = replace(pieces, port=np.where(pieces.peer == OTHER, 25, 443))
    found = one(beside)
    assert len(found.shares) == len(found.outer.host) == np.count_nonzero(~pieces.asked)
    assert set(found.inner.peer.tolist()) == {OUTSIDER}
    assert found.shares.sum() > 0
    assert np.median(found.shares) > 0


def test_outsiders_a_few_at_a_time_are_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts, and some of them call two outsiders: what is held at a time changes nothing."""
    one_farm, other = farm(6, 6, coupled=True), farm(5, 6, coupled=True, seed=4)
    other = replace(
        other,
        host=other.host + 3,
        peer=np.where(other.asked, OUTSIDER + 1, other.peer),
        conversation=other.conversation + len(one_farm.host),
    )
    names = Pieces.__slots__
    both = Pieces(
        **{n: np.concatenate([getattr(one_farm, n), getattr(other, n)]) for n in names}
    ).in_order()
    whole = list(pooled(both, GRID, 1.0))
    assert [pool.outsider for pool in whole] == [OUTSIDER, OUTSIDER + 1]
    monkeypatch.setattr(pooling, "CELLS", BINS)
    for pool, again in zip(pooled(both, GRID, 1.0), whole, strict=True):
        assert (pool.outsider, pool.strength) == (again.outsider, again.strength)
        assert (pool.bursts, pool.slope) == (again.bursts, again.slope)
        assert np.array_equal(pool.hosts, again.hosts)
        assert np.array_equal(pool.members, again.members)
        assert np.array_equal(pool.shares, again.shares)
        assert np.array_equal(pool.inner.conversation, again.inner.conversation)
        assert np.array_equal(pool.outer.conversation, again.outer.conversation)


@pytest.mark.parametrize("sure", [0.3, 0.5, 0.7, 0.9, 0.99])
def test_no_host_is_likelier_hijacked_than_it_is_one_of_them(sure: float) -> None:
    told = told_of_one(8.0, sure)
    assert probability(logit(UNHEARD) + told) <= sure + 1e-9
    assert told <= 8.0
    assert told_of_one(1.0, sure) == hedged(1.0, sure)  # where membership says little


def test_one_host_that_shows_most_leaves_little_to_the_rest() -> None:
    farms = one(farm(6, 6, coupled=True))
    assert LEAST < farms.rest < farms.strength
    own, others = farm(6, 12, coupled=True, seed=5), farm(6, 12, coupled=False)
    mixed = [
        own.only(np.flatnonzero(own.host == 0)),
        others.only(np.flatnonzero(others.host > 0)),
    ]
    together = Pieces(
        **{
            name: np.concatenate([getattr(part, name) for part in mixed])
            for name in Pieces.__slots__
        }
    )
    assert all(pool.rest < 2 for pool in pooled(together.in_order(), GRID, 0.5))
    (alone,) = pooled(mixed[0], GRID, 0.5)
    assert alone.rest == 0


def test_whose_own_downloads_drown_the_rest_is_hardly_asked_how_much_goes_on() -> None:
    pieces = farm(6, 6, coupled=True)
    films = np.flatnonzero((pieces.host == 0) & ~pieces.asked)
    got = pieces.got.copy()
    got[films] *= np.where(np.arange(len(films)) % 2, 900.0, 1.0)
    assert 0.6 < one(replace(pieces, got=got)).slope < 1.6


def test_who_hands_over_what_it_did_not_fetch_counts_like_the_others() -> None:
    """That it fetches nothing at all makes it no surer."""
    pieces = farm(6, 6, coupled=True)
    silent = (pieces.host == 0) & ~pieces.asked
    small = replace(
        pieces, sent=np.where(silent, 1.0, pieces.sent), got=np.where(silent, 1.0, pieces.got)
    )
    assert 0.5 < one(small).slope < 1.6
