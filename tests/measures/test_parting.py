import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.parting import (
    NAT_FORGETS_US,
    SILENCE_US,
    SYN_AFTER_US,
    begins,
    edges,
)

ROW = st.tuples(
    st.integers(0, 3),
    st.integers(0, 3 * SILENCE_US),
    st.integers(-(2**40), 2**60),
    st.booleans(),
    st.booleans(),
)


def slowly(rows: list[tuple[int, int, int, bool, bool]]) -> list[bool]:
    found = []
    for at, (group, started, _, tcp, syn) in enumerate(rows):
        before = [row[2] for row in rows[:at] if row[0] == group]
        silence = started - max(before) if before else SILENCE_US + 1
        patience = SILENCE_US if tcp else NAT_FORGETS_US
        found.append(silence > patience or (tcp and syn and silence > SYN_AFTER_US))
    return found


@given(st.lists(ROW, max_size=40))
def test_as_said_record_by_record(rows: list[tuple[int, int, int, bool, bool]]) -> None:
    rows = sorted(rows)
    group, started, ended = (np.array([row[at] for row in rows], np.int64) for at in range(3))
    tcp, syn = (np.array([row[at] for row in rows], np.bool_) for at in (3, 4))
    assert begins(group, started, ended, tcp, syn).tolist() == slowly(rows)


@pytest.mark.parametrize(
    ("silence_us", "tcp", "syn", "new"),
    [
        (SYN_AFTER_US, True, True, False),
        (SYN_AFTER_US + 1, True, True, True),
        (SILENCE_US, True, False, False),
        (SILENCE_US + 1, True, False, True),
        (NAT_FORGETS_US, False, False, False),
        (NAT_FORGETS_US + 1, False, False, True),
    ],
)
def test_the_exact_limits(silence_us: int, tcp: bool, syn: bool, new: bool) -> None:
    start = np.array([0, 5 + silence_us])
    same = np.zeros(2, np.int64)
    found = begins(same, start, start + 5, np.array([tcp, tcp]), np.array([syn, syn]))
    assert found.tolist() == [True, new]


def test_edges_are_where_anything_changes() -> None:
    a, b = np.array([1, 1, 2, 2, 2]), np.array([1, 1, 1, 7, 7])
    assert edges(a, b).tolist() == [True, False, True, True, False]
    assert not len(edges(a[:0]))
