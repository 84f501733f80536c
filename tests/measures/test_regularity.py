import numpy as np
import pytest

from headwater.measures.regularity import FEWEST_CALLS, regularity

HOUR_US = 3_600_000_000
START = 490_000 * HOUR_US


def test_a_clock_scores_high_and_gives_its_period() -> None:
    calls = START + np.arange(0, 6 * HOUR_US, 300_000_000)
    found = regularity(calls, START, START + 6 * HOUR_US)
    assert found is not None
    assert found.period_s == pytest.approx(300)
    assert found.score > 0.95


def test_jitter_of_a_tenth_still_scores_high() -> None:
    random = np.random.default_rng(1)
    calls = START + np.cumsum(random.normal(300e6, 30e6, 70)).astype(np.int64)
    found = regularity(calls, START, START + 6 * HOUR_US)
    assert found is not None
    assert found.score > 0.8


def test_a_burst_of_browsing_scores_low() -> None:
    random = np.random.default_rng(2)
    calls = START + np.cumsum(random.lognormal(0, 3, 50) * 1e6).astype(np.int64)
    found = regularity(calls, START, START + 6 * HOUR_US)
    assert found is not None
    assert found.score < 0.5


def test_too_few_calls_say_nothing() -> None:
    calls = START + np.arange(FEWEST_CALLS - 1) * 60_000_000
    assert regularity(calls, START, START + HOUR_US) is None
    assert regularity(START + np.arange(FEWEST_CALLS) * 60_000_000, START, START + HOUR_US)


def test_two_records_of_one_instant_are_one_call() -> None:
    assert regularity(np.full(50, START), START, START + HOUR_US) is None
