"""When things happen."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from headwater.lab.script.rhythm import by_chance, by_clock, in_bursts, mail_size, page_size

seeds = st.integers(0, 10_000)


@given(seeds)
def test_chance_stays_inside(seed: int) -> None:
    moments = list(by_chance(Random(seed), 5, 50, 3))
    assert moments == sorted(moments)
    assert all(5 <= moment <= 50 for moment in moments)


@given(seeds, st.floats(0, 0.4))
def test_a_clock_is_off_by_no_more_than_its_jitter(seed: int, jitter: float) -> None:
    for tick, moment in enumerate(by_clock(Random(seed), 2, 60, 5, jitter)):
        assert abs(moment - (2 + 5 * tick)) <= 5 * jitter + 0.001


def test_a_clock_without_jitter_is_exact() -> None:
    assert list(by_clock(Random(1), 0, 20, 5, 0)) == [0, 5, 10, 15]


@given(seeds, st.integers(0, 200))
def test_bursts_are_as_many_as_asked(seed: int, count: int) -> None:
    moments = in_bursts(Random(seed), 10, 90, count)
    assert len(moments) == count
    assert all(10 <= moment <= 90 for moment in moments)


@given(seeds)
def test_sizes_keep_their_limits(seed: int) -> None:
    dice = Random(seed)
    assert 1_000 <= mail_size(dice) <= 30_000
    assert 300 <= page_size(dice) <= 150_000
