from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from headwater.measures.survival import Curve, survival


def curve(durations: list[int], ended: list[bool]) -> Curve:
    return survival(np.array(durations, np.int64), np.array(ended, bool))


def test_censored_ones_count_as_long_as_they_were_watched() -> None:
    one = curve([1, 2, 2, 3, 4], [True, True, False, True, False])
    assert one.durations.tolist() == [1, 2, 3]
    assert one.surviving == pytest.approx([4 / 5, 4 / 5 * 3 / 4, 3 / 5 * 1 / 2])
    assert (one.count, one.ended) == (5, 3)
    assert [one.at(t) for t in (0, 1, 2)] == pytest.approx([1, 0.8, 0.6])
    assert (one.lasting(0.5), one.lasting(0.1)) == (3, None)


def test_nothing_and_nothing_that_ended() -> None:
    assert curve([], []).at(5) == 1.0
    assert curve([3, 4], [False, False]).lasting(0.5) is None


def test_the_corners_of_a_curve_keep_a_steep_fall_at_its_time() -> None:
    day = 86_400
    cut_daily = [*range(1, day, 7), *[day] * 30_000, *range(day + 1, 3 * day, 60)]
    one = curve(cut_daily, [True] * len(cut_daily))
    chosen = one.corners(160)
    assert len(chosen) <= 160
    assert day in one.durations[chosen].tolist()
    assert int(chosen[-1]) == len(one.durations) - 1
    drawn = one.surviving[chosen]
    before = np.append(one.surviving[chosen[1:] - 1], one.surviving[-1])
    # Between two corners hardly anything ends.
    assert float((drawn - before).max()) <= 1 / 159 + 1e-9


@pytest.mark.parametrize("some", [[], [3], [1, 2, 3]])
def test_of_few_durations_every_one_is_a_corner(some: list[int]) -> None:
    assert curve(some, [True] * len(some)).corners(5).tolist() == list(range(len(some)))


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=30))
def test_the_curve_is_the_one_of_scipy(pairs: list[tuple[int, bool]]) -> None:
    durations, ended = map(list, zip(*pairs, strict=True))
    one = curve([int(d) for d in durations], [bool(e) for e in ended])
    data: Any = stats.CensoredData(
        uncensored=[d for d, e in pairs if e], right=[d for d, e in pairs if not e]
    )
    other = stats.ecdf(data).sf
    expected = [float(other.evaluate(t)) for t in one.durations]
    assert one.surviving == pytest.approx(expected)
    assert bool(np.all(one.lower <= one.surviving + 1e-12))
    assert bool(np.all(one.surviving <= one.upper + 1e-12))
