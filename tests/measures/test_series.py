import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.series import (
    Floats,
    Grid,
    background,
    breadth,
    log10_tail,
    peaks,
    risen,
    slopes,
    steadied,
    together,
)

GRID = Grid(start_us=1_000, bin_us=10, bins=5)
LAGS = 4


def bursts(seed: int, bins: int = 200) -> Floats:
    rng = np.random.default_rng(seed)
    shown = rng.random(bins) < 0.1
    return np.asarray(np.where(shown, rng.lognormal(8, 1, bins), 0.0))[None, :]


def test_an_amount_is_shared_by_the_time_it_spends_in_each_bin() -> None:
    group = np.array([0, 1, 1])
    spans = GRID.places(np.array([1_005, 1_012, 1_040]), np.array([1_025, 1_012, 1_050]))
    (amounts,) = GRID.spread(group, spans, (np.array([40.0, 7.0, 3.0]),), 2)
    assert amounts == pytest.approx(np.array([[10, 20, 10, 0, 0], [0, 7, 0, 0, 3.0]]), abs=1e-3)


@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 2_000)), min_size=1))
def test_nothing_is_lost(spans: list[tuple[int, int]]) -> None:
    """What began before the grid or ends after it is counted at its edges."""
    began, ended = (np.array(each, np.int64) for each in zip(*map(sorted, spans), strict=True))
    amount = np.arange(1.0, len(spans) + 1)
    group = np.zeros(len(spans), np.int64)
    (spread,) = GRID.spread(group, GRID.places(began, ended), (amount,), 1)
    assert spread.sum() == pytest.approx(amount.sum())


@given(st.lists(st.tuples(st.integers(1_000, 1_050), st.integers(1_000, 1_050)), min_size=1))
def test_each_bin_gets_what_its_share_of_the_time_is(spans: list[tuple[int, int]]) -> None:
    began, ended = (np.array(each, np.int64) for each in zip(*map(sorted, spans), strict=True))
    amount = np.arange(1.0, len(spans) + 1)
    group = np.zeros(len(spans), np.int64)
    (spread,) = GRID.spread(group, GRID.places(began, ended), (amount,), 1)
    for place in range(GRID.bins):
        low, high = 1_000 + 10 * place, 1_010 + 10 * place
        inside = np.clip(np.minimum(ended, high) - np.maximum(began, low), 0, None)
        at = (began == ended) & (np.minimum(began, 1_049) // 10 == low // 10)
        share = np.where(began == ended, at, inside / np.maximum(ended - began, 1))
        assert spread[0, place] == pytest.approx((amount * share).sum(), abs=1e-3)


def test_poisson_counts_vary_alike_whatever_their_mean() -> None:
    rng = np.random.default_rng(1)
    counts = np.stack([rng.poisson(mean, 4000) * 1500.0 for mean in (4, 100)])
    spread = steadied(counts, np.array([1500.0, 1500.0])).std(axis=1)
    assert spread == pytest.approx([0.5, 0.5], abs=0.03)


def test_a_trend_does_not_rise_above_its_own_level() -> None:
    trend = np.linspace(0, 100, 60)[None, :]
    above = risen(trend, 5)
    assert np.abs(above[0, 5:-5]).max() < 1e-9
    assert risen(trend + 50 * (np.arange(60) == 30), 5)[0, 30] == pytest.approx(50 * 10 / 11)


def test_what_follows_stands_out_at_its_lag_and_nowhere_else() -> None:
    leads = risen(bursts(3), 10)
    found = peaks(together(leads, np.roll(leads, 2, axis=1)), LAGS)
    assert found.shape == (1, LAGS)
    assert found[0].argmax() == 2
    assert found[0, 2] > 6
    assert np.abs(np.delete(found[0], 2)).max() < 4


def test_strangers_do_not_stand_out() -> None:
    pairs = [(risen(bursts(seed), 10), risen(bursts(seed + 500), 10)) for seed in range(100)]
    found = peaks(together(*(np.concatenate(each) for each in zip(*pairs, strict=True))), LAGS)
    assert found.max() < 6
    assert np.mean(found > 2) < 0.05


def test_a_steady_stream_follows_nothing() -> None:
    steady = risen(np.full((1, 200), 5.0), 10)
    assert peaks(together(steady, risen(bursts(1), 10)), LAGS) == pytest.approx(0, abs=1e-3)


def test_the_background_leaves_the_lags_out_on_either_side() -> None:
    assert background(np.arange(20.0)[None, :], LAGS).tolist() == [list(range(6, 14))]


def test_a_slope_tells_what_share_left() -> None:
    leads = risen(bursts(5), 10)
    found = slopes(leads, np.roll(0.7 * leads, 1, axis=1), np.zeros(1), LAGS)
    assert found[0, 1] == pytest.approx(0.7, abs=0.05)


def test_a_slope_is_not_made_smaller_by_the_sampler() -> None:
    rng = np.random.default_rng(8)
    packets = rng.poisson(np.where(rng.random(600) < 0.1, 40.0, 0.2))
    leads, follows = (
        np.asarray(rng.binomial(packets, 0.1)[None, :] * 1500.0, np.float64) for _ in range(2)
    )
    noise = np.array([(leads / 1500).sum() * 1500.0**2])
    raw, mended = (
        slopes(risen(leads, 10), risen(follows, 10), each, LAGS)[0, 0]
        for each in (np.zeros(1), noise)
    )
    assert raw < 0.9
    assert mended == pytest.approx(1.0, abs=0.08)


def test_tails() -> None:
    # P(normal > 3) is 0.00135, > 6 is 1e-9.
    assert log10_tail(np.array([-2.0, 1.0, 3.0, 6.0])) == pytest.approx(
        [0, 0, -2.87, -9.0], abs=0.05
    )


def test_breadth_counts_equal_weights() -> None:
    assert breadth(np.array([2.0, 2.0, 2.0, 0.0])) == pytest.approx(3)
    assert breadth(np.array([100.0, 1.0])) == pytest.approx(1.02, abs=0.01)
    assert breadth(np.zeros(3)) == 0
