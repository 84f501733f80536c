import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures import lags as module
from headwater.measures.columns import Ints
from headwater.measures.lags import lags, lags_by_chance, liveliest

S = 1_000_000
MOMENTS = st.lists(st.integers(0, 60 * S), max_size=30).map(
    lambda values: np.array(sorted(values), np.int64)
)


def at(*seconds: float) -> Ints:
    return np.array([round(each * S) for each in seconds], np.int64)


def test_each_pair_counts_where_its_lag_is() -> None:
    found = lags(at(10, 20), at(9.9, 10.3, 20.3), S // 4, 4)
    assert found.tolist() == [0, 0, 0, 1, 0, 2, 0, 0]


def test_the_reach_is_half_open() -> None:
    assert lags(at(10), at(9, 11), S // 4, 4).tolist() == [1, 0, 0, 0, 0, 0, 0, 0]


@given(MOMENTS, MOMENTS)
def test_as_a_plain_loop_would_count(first: Ints, second: Ints) -> None:
    expected = [0] * 8
    for a in first:
        for b in second:
            place = (int(b - a) + S) // (S // 4)
            if 0 <= place < 8:
                expected[place] += 1
    assert lags(first, second, S // 4, 4).tolist() == expected


@pytest.mark.parametrize("most", [4, 5])
def test_more_pairs_than_are_counted(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", most)
    assert int(lags(at(10, 10, 10), at(10.1, 10.2), S, 1).sum()) == 4


def test_what_follows_at_once_is_beyond_chance() -> None:
    came = at(*range(0, 1000, 7))
    found = lags(came, came + S // 10, S // 4, 4)
    chance = lags_by_chance(came, came + S // 10, S // 4, 4)
    assert found[4] == len(came)
    assert chance[4] < len(came) / 2


def test_chance_is_as_much_as_strangers_meet() -> None:
    first, second = (
        np.sort(np.random.default_rng(seed).integers(0, 1000 * S, 300)) for seed in (1, 2)
    )
    expected = 300 * 300 * (2 / 1000)  # within a second before or after
    assert lags_by_chance(first, second, S // 4, 4).sum() == pytest.approx(expected, rel=0.25)


def test_a_lively_stretch() -> None:
    events = at(*range(0, 600, 60), *(1000 + n for n in range(20)))
    begin, length = liveliest(events, 16, (10 * S, 60 * S, 600 * S))
    assert length == 600 * S
    assert np.count_nonzero((events >= begin) & (events < begin + length)) == 16


def test_a_length_that_just_holds_as_many_is_long_enough() -> None:
    assert liveliest(at(0, 16, 48, 64), 4, (16 * S, 64 * S, 600 * S)) == (0, 64 * S)


def test_one_event_is_a_stretch() -> None:
    assert liveliest(at(5), 16, (10 * S, 60 * S)) == (5 * S, 10 * S)
