import numpy as np
import pytest

from headwater.measures.balance import FEWEST_BALANCED, FEWEST_OCTETS, balance, effect


def amounts(count: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).lognormal(10, 1.0, count)


def test_a_tunnel_balances_far_beyond_chance() -> None:
    went_in = amounts(40, 1)
    found = balance(went_in, went_in * 1.02 + 50)
    assert (found.intervals, found.balanced) == (40, 40)
    assert found.log10_chance < -15


def test_strangers_balance_as_chance_has_it() -> None:
    found = balance(amounts(200, 1), amounts(200, 2))
    assert found.balanced == pytest.approx(found.by_chance, abs=12)
    assert found.log10_chance > -3


def test_a_steady_stream_is_no_evidence() -> None:
    steady = np.full(60, 50_000.0)
    found = balance(steady, steady)
    assert found.balanced == 60
    assert found.log10_chance > -1


def test_keep_alives_are_not_counted() -> None:
    quiet = np.full(30, float(FEWEST_OCTETS))
    still = balance(quiet, quiet)
    assert (still.intervals, still.balanced) == (0, 0)
    more = balance(quiet + 1, quiet + 1)
    assert (more.intervals, more.balanced) == (30, 30)


def test_the_fewest_intervals_that_mean_anything() -> None:
    few, enough = (amounts(count, 4) for count in (FEWEST_BALANCED - 1, FEWEST_BALANCED))
    assert balance(few, few).log10_chance == 0.0
    assert balance(enough, enough).log10_chance < 0.0


def test_one_interval_says_nothing() -> None:
    found = balance(np.array([5000.0]), np.array([5000.0]))
    assert found.log10_chance > -1


def test_most_of_a_tunnels_intervals_balance() -> None:
    went_in = amounts(40, 1)
    assert effect(balance(went_in, went_in * 1.02 + 50)) == 1.0
    disturbed = np.where(np.arange(40) % 3 == 0, went_in * 9, went_in)
    assert effect(balance(went_in, disturbed)) > 0.8
    now_and_then = np.where(np.arange(40) % 4, went_in * 9, went_in)
    assert effect(balance(went_in, now_and_then)) < 0.2
