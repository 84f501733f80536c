import numpy as np
import pytest

from headwater.measures.regularity import (
    FEWEST_CALLS,
    PARTS,
    common_beat,
    constancy,
    middle_regularity,
    regularity,
)

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


def hosts(count: int, calls: int, strays: float, *, seed: int = 3) -> list[np.ndarray]:
    """Each from an instant of its own, every quarter of an hour, give or take."""
    random = np.random.default_rng(seed)
    waits = 900e6 * (1 + strays * random.standard_normal((count, calls)))
    begun = START + random.integers(0, HOUR_US, (count, 1))
    return list((begun + np.cumsum(waits, axis=1)).astype(np.int64))


def test_many_weak_clocks_with_one_period_are_a_strong_one() -> None:
    """Two or three calls each, a third astray."""
    found = common_beat(hosts(50, 3, 0.3))
    assert found is not None
    assert found.period_s == pytest.approx(900, rel=0.1)
    assert (found.intervals, found.near > 0.8) == (100, True)
    assert found.log10_chance < -6
    alone = common_beat(hosts(2, 3, 0.3))
    assert alone is not None
    assert alone.log10_chance > -2


@pytest.mark.parametrize("seed", range(5))
def test_people_have_no_common_beat(seed: int) -> None:
    random = np.random.default_rng(seed)
    bursts = [
        START + np.cumsum(random.lognormal(5, 1.5, 12) * 1e6).astype(np.int64)
        for _ in range(20)
    ]
    found = common_beat(bursts)
    assert found is not None
    assert found.log10_chance > -2


def test_clocks_of_different_periods_are_no_common_one() -> None:
    apart = [START + np.arange(4) * period * 60_000_000 for period in (1, 3, 9, 27, 81)]
    found = common_beat(apart)
    assert found is not None
    assert found.log10_chance == pytest.approx(0, abs=1)


def test_single_calls_have_no_beat() -> None:
    assert common_beat([]) is None
    assert common_beat([np.array([START]), np.array([START + 1])]) is None


def test_the_middle_one_speaks_for_several() -> None:
    random = np.random.default_rng(4)
    clocks = hosts(2, 20, 0.01)
    burst = START + np.cumsum(random.lognormal(0, 3, 50) * 1e6).astype(np.int64)
    middle = middle_regularity([*clocks, burst])
    assert middle is not None
    assert middle.period_s == pytest.approx(900, rel=0.05)
    assert middle_regularity([np.array([START])]) is None


def test_a_habit_fills_the_time_from_the_first_call_on() -> None:
    every_part = np.arange(PARTS) * 100
    assert constancy([every_part], 0, 100 * PARTS) == 1.0
    # Begun half way, it is as constant; the middle one of several speaks for them.
    late = every_part[PARTS // 2 :]
    assert constancy([late, late, every_part[:1]], 0, 100 * PARTS) == 1.0


def test_a_single_visit_is_no_habit() -> None:
    once = constancy([np.array([0])], 0, 100 * PARTS)
    assert once == pytest.approx(2 / PARTS - 1)
    assert constancy([], 0, 100) == -1.0
