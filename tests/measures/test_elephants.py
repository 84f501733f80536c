"""Elephants: what goes faster than a leg ever did was not passed on by it."""

import numpy as np
import pytest

from headwater.measures.elephants import LEVELS, LOWEST, beside, rates
from headwater.measures.series import Grid

GRID = Grid(start_us=0, bin_us=60_000_000, bins=6)
LIMIT = 4.0**9  # octets in a bin
ONE, OTHER = 0, 1


def spans(*pairs: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.array(side, np.float64) for side in zip(*pairs, strict=True))  # type: ignore[return-value]


def exchanged(
    octets: list[float],
    *,
    packets: float = 1e6,
    owner: list[int] | None = None,
    host: list[int] | None = None,
    limits: list[float] | None = None,
    lasts: float = 0.5,
) -> np.ndarray:
    """By group and bin; the nth piece begins in the nth bin."""
    many = len(octets)
    return beside(
        GRID,
        np.array(owner or [ONE] * many),
        spans(*((at, at + lasts) for at in range(many))),
        (np.array(octets), np.full(many, packets)),
        np.array(host or [ONE]),
        np.array(limits or [LIMIT]),
    )


def test_all_that_goes_no_faster_is_kept() -> None:
    assert exchanged([100.0, 0.9 * LIMIT])[0].tolist() == [100, 0.9 * LIMIT, 0, 0, 0, 0]


def test_what_goes_faster_is_left_out() -> None:
    assert exchanged([100.0, 1.1 * LIMIT])[0].tolist() == [100, 0, 0, 0, 0, 0]


def test_a_limit_is_told_to_within_a_factor_of_four() -> None:
    fast = 3.9 * LIMIT
    kept = [float(exchanged([fast], limits=[LIMIT * by]).sum()) for by in (1.0, 1.1)]
    assert kept == [0, pytest.approx(fast)]


def test_what_lasts_may_be_large() -> None:
    slow = exchanged([3 * LIMIT], lasts=4.0)
    assert slow.sum() == pytest.approx(3 * LIMIT)
    assert exchanged([5 * LIMIT], lasts=4.0).sum() == 0


def test_of_few_packets_it_is_not_known_how_fast_they_came() -> None:
    assert exchanged([100 * LIMIT], packets=4).sum() > 0
    assert exchanged([100 * LIMIT], packets=5).sum() == 0
    one = rates(np.array([800.0]), np.array([16.0]), spans((0, 2)))
    assert one.tolist() == [200]  # half of its octets a bin, less two standard errors in four


def test_each_group_has_its_own_host_and_its_own_limit() -> None:
    got = exchanged(
        [10.0, 2 * LIMIT, 30.0],
        owner=[ONE, ONE, OTHER],
        host=[OTHER, ONE, ONE],
        limits=[LIMIT, 16 * LIMIT, LIMIT],
    )
    assert got[0].tolist() == [0, 0, 30, 0, 0, 0]
    assert got[1].tolist() == [10, 2 * LIMIT, 0, 0, 0, 0]
    assert got[2].tolist() == [10, 0, 0, 0, 0, 0]


def test_a_host_of_nothing_exchanged_nothing() -> None:
    assert exchanged([10.0], host=[OTHER]).sum() == 0


def test_what_is_slower_than_three_packets_is_not_told_apart() -> None:
    assert exchanged([4.0**LOWEST], limits=[1.0]).sum() > 0
    assert exchanged([1.1 * 4.0**LOWEST], limits=[1.0]).sum() == 0


def test_levels_cover_all_lines() -> None:
    """A gigabit a second fills a bin of three minutes."""
    assert 4.0 ** (LOWEST + LEVELS - 1) > 125e6 * 60
