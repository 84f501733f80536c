"""Running totals: sums over spans of time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.running import running

EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(0, 9)), max_size=30
)
SPANS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-10, 60), st.integers(-10, 60)),
    min_size=1,
    max_size=10,
)


@given(events=EVENTS, spans=SPANS)
def test_sums_are_those_of_counting_one_by_one(
    events: list[tuple[int, int, int]], spans: list[tuple[int, int, int]]
) -> None:
    group, at, amount = (np.array([e[i] for e in events], np.int64) for i in range(3))
    ordered = [(g, min(a, b), max(a, b)) for g, a, b in spans]
    asked = (np.array([s[i] for s in ordered], np.int64) for i in range(3))
    (sums,) = running(group, at, (amount,), 60).between(*asked)
    assert sums.tolist() == [
        sum(m for g, t, m in events if g == asked_group and start <= t < end)
        for asked_group, start, end in ordered
    ]


def test_the_end_is_not_within_the_span() -> None:
    totals = running(np.array([0, 0]), np.array([5, 7]), (np.array([1, 10]),), 9)
    (sums,) = totals.between(np.array([0]), np.array([5]), np.array([7]))
    assert sums.tolist() == [1]


def test_the_last_instant_of_one_group_is_not_the_first_of_the_next() -> None:
    totals = running(np.array([0, 1]), np.array([9, 4]), (np.array([1, 10]),), 9)
    (sums,) = totals.between(np.array([1, 1]), np.array([0, -5]), np.array([9, 9]))
    assert sums.tolist() == [10, 10]


def test_what_began_before_all_counts_from_the_start_and_in_its_group() -> None:
    totals = running(np.array([0, 1]), np.array([5, -7]), (np.array([1, 10]),), 9)
    (sums,) = totals.between(np.array([0, 1]), np.array([0, 0]), np.array([9, 1]))
    assert sums.tolist() == [1, 10]
