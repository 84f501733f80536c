from dataclasses import fields, replace

import numpy as np
import pytest

from headwater.measures import carrying
from headwater.measures.carrying import Passed, carried
from headwater.measures.pieces import Pieces
from headwater.measures.series import Grid

MINUTE = 60_000_000
GRID = Grid(start_us=0, bin_us=MINUTE, bins=240)
QUARTER = 15 * MINUTE
VISITOR, SITE = 1, 2


def leg(host: int, minutes: np.ndarray, amounts: np.ndarray, *, inward: bool) -> Pieces:
    """Pieces of an instant each: as much is got by the inner leg as is sent by the outer."""
    size = len(minutes)
    same = np.ones(size, np.int64)
    sent, got = (amounts / 20, amounts) if inward else (amounts, amounts / 20)
    return Pieces(
        host=same * host,
        peer=same * (VISITOR if inward else SITE),
        port=same * (9000 if inward else 443),
        client_port=np.arange(size) + 20_000,
        protocol=same * 6,
        conversation=np.arange(size) + (0 if inward else 10_000),
        inward=same == inward,
        asked=same == inward,
        outside=same == 1,
        lasted_us=same,
        began_us=(minutes * MINUTE).astype(np.int64),
        ended_us=(minutes * MINUTE).astype(np.int64),
        sent=sent,
        got=got,
        sent_packets=np.ceil(sent / 1500),
        got_packets=np.ceil(got / 1500),
    )


def both(*parts: Pieces) -> Pieces:
    joined = {
        each.name: np.concatenate([getattr(part, each.name) for part in parts])
        for each in fields(Pieces)
    }
    return Pieces(**joined).in_order()


def work(seed: int = 1, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, 220, count)), rng.lognormal(10, 0.6, count)


def relay(host: int = 0, lag: float = 0.01, share: float = 1.0) -> Pieces:
    minutes, amounts = work(host + 1)
    inner = leg(host, minutes, amounts, inward=True)
    return both(inner, leg(host, minutes + lag, amounts * share, inward=False))


def found(pieces: Pieces, *grids: Grid) -> list[Passed]:
    return list(carried(pieces, grids or (GRID,), QUARTER, sampled=False))


def test_what_comes_in_leaves() -> None:
    (passed,) = found(relay())
    assert (passed.there, passed.lag, passed.lag_us) == (True, 0, 0)
    assert passed.ratio_up == pytest.approx(1, abs=0.1)
    assert passed.log10_chance < -6
    assert set(passed.inner.peer) == {VISITOR}
    assert set(passed.outer.peer) == {SITE}
    assert passed.bursts() > 10
    assert (passed.shares() > 0).mean() > 0.9


def test_it_leaves_later() -> None:
    (passed,) = found(relay(lag=7))
    assert passed.lag == 7
    assert (passed.shares() > 0).mean() > 0.9
    (at_once,) = found(relay())
    assert passed.bursts() == pytest.approx(at_once.bursts(), rel=0.1)


def test_it_leaves_too_late() -> None:
    assert found(relay(lag=40)) == []


@pytest.mark.parametrize(
    ("share", "fires"), [(0.45, True), (0.3, False), (1.9, True), (2.3, False)]
)
def test_as_much_must_leave(share: float, fires: bool) -> None:
    assert bool(found(relay(share=share))) == fires


@pytest.mark.parametrize(("share", "fires"), [(3.5, True), (5, False)])
def test_not_much_more_may_come_back(share: float, fires: bool) -> None:
    pieces = relay()
    fetched = np.where(pieces.inward, pieces.got, pieces.got * share)
    assert bool(found(replace(pieces, got=fetched))) == fires


def test_a_great_transfer_of_the_host_s_own_hides_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five minutes long many times as much goes up to somebody else."""
    backup = leg(0, np.arange(150, 155) + 0.5, np.full(5, 5e6), inward=False)
    pieces = replace(both(relay(), backup), conversation=np.arange(125))
    (bounded,) = found(pieces)
    monkeypatch.setattr(carrying, "MOST_AT_ONCE", 1e9)
    assert found(pieces) == []
    assert bounded.ratio_up == pytest.approx(1, abs=0.1)


def one_way(pieces: Pieces) -> Pieces:
    """Nothing comes back."""
    return replace(
        pieces,
        sent=np.where(pieces.inward, 0.0, pieces.sent),
        got=np.where(pieces.inward, pieces.got, 0.0),
    )


def test_both_ways_tell_more_than_one() -> None:
    (whole,), (half,) = found(relay()), found(one_way(relay()))
    assert whole.log10_chance < 1.3 * half.log10_chance


def test_of_what_is_seen_one_way_a_part_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the servers are reached by another way than the one whose packets are seen."""
    pieces = one_way(relay())
    seen = np.where(pieces.inward, True, pieces.conversation % 2 == 0)
    halved = replace(pieces, sent=pieces.sent * seen, sent_packets=pieces.sent_packets * seen)
    halved = replace(halved, got_packets=np.where(halved.inward, halved.got_packets, ~seen))
    halved = replace(halved, sent_packets=np.where(halved.inward, 0, halved.sent_packets))
    (passed,) = found(halved)
    assert passed.ratio_up == pytest.approx(1, abs=0.3)
    monkeypatch.setattr(carrying, "LEAST_SHOWN", 1.0)
    (plain,) = found(halved)
    assert plain.ratio_up == pytest.approx(passed.ratio_up / 2, rel=0.05)


def test_contents_that_went_elsewhere_were_not_passed_on() -> None:
    """Only what others answer goes back: what leaves does so at its own times."""
    for seed in range(1, 13):
        pieces = relay(seed)
        inner, outer = (pieces.only(np.flatnonzero(pieces.inward == each)) for each in (1, 0))
        other = leg(seed, *work(seed + 100), inward=False)
        legs = both(
            inner, replace(outer, sent=outer.sent * 0), replace(other, got=other.got * 0)
        )
        assert [one for one in found(legs) if one.there] == [], seed


def test_of_sampled_octets_the_sampler_s_noise_is_taken_out() -> None:
    rng = np.random.default_rng(3)
    minutes, amounts = work(3)
    packets = np.ceil(amounts / 1500).astype(np.int64)
    came, left = (rng.binomial(packets, 0.3) * 1500.0 for _ in range(2))
    legs = leg(0, minutes, came, inward=True), leg(0, minutes + 0.01, left, inward=False)
    pieces = one_way(both(*legs))
    (plain,), (mended,) = (
        list(carried(pieces, (GRID,), QUARTER, sampled=each)) for each in (False, True)
    )
    assert mended.ratio_up > 1.02 * plain.ratio_up


def test_what_the_called_outsider_gets_is_not_what_left() -> None:
    minutes, amounts = work()
    called = leg(0, minutes, amounts, inward=False)
    called = replace(
        called,
        peer=called.peer * 0 + VISITOR,
        asked=called.asked | True,
        got=called.sent,
        sent=called.got,
    )
    outer = leg(0, minutes + 0.01, amounts, inward=False)
    (passed,) = found(both(called, replace(outer, conversation=outer.conversation + 500)))
    assert set(passed.inner.peer) == {VISITOR}
    assert set(passed.outer.peer) == {SITE}


def test_each_lag_looked_at_is_another_chance() -> None:
    legs = carrying._legs(both(leg(0, *work(1), inward=True), leg(0, *work(90), inward=False)))
    once, twice = (carrying._compared(legs, GRID, lags, False).strength for lags in (1, 2))
    assert once == pytest.approx([0])
    assert twice == pytest.approx([-np.log10(2)])


def test_strangers_do_not_carry() -> None:
    inner, outer = (leg(0, *work(seed), inward=seed == 1) for seed in (1, 2))
    assert found(both(inner, outer)) == []


def test_each_host_has_its_own_outer_leg() -> None:
    mixed = relay()
    swapped = replace(mixed, host=np.where(mixed.inward, 0, 1)).in_order()
    assert found(swapped) == []


def test_what_goes_to_the_called_outsider_went_to_no_other() -> None:
    """Its own octets are not the outer leg's, or everybody would carry for everybody."""
    minutes, amounts = work()
    own = leg(0, minutes, amounts, inward=False)
    answered = replace(own, asked=own.host == 0, got=own.sent, got_packets=own.sent_packets)
    assert found(both(answered)) == []


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = both(*(relay(host) for host in range(6)))
    whole = found(pieces)
    monkeypatch.setattr(carrying, "CELLS", GRID.bins * 2)
    assert len(whole) == 6
    assert [p.log10_chance for p in found(pieces)] == pytest.approx(
        [p.log10_chance for p in whole]
    )


def test_what_coarse_bins_do_not_show_is_not_looked_at_again() -> None:
    coarse = Grid(start_us=0, bin_us=3 * MINUTE, bins=80)
    strangers = leg(9, *work(50), inward=True), leg(9, *work(51), inward=False)
    shown = found(both(relay(), *strangers), coarse, GRID)
    assert {int(passed.inner.host[0]) for passed in shown} == {0}
    assert {passed.grid.bin_us for passed in shown} == {MINUTE, 3 * MINUTE}


def test_nothing_asked() -> None:
    quiet = relay()
    assert found(replace(quiet, asked=quiet.asked & False)) == []
