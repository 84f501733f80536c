"""Each session with the nearest of another kind in time, none of which serves two."""

from collections.abc import Sequence

import numpy as np
import pytest

from headwater.measures.coupling import Legs
from headwater.measures.nearest import MOST_NEAR, near, paired

S = 1_000_000
REACH_US = 5 * S


def legs(sessions: Sequence[tuple[int, float, int]]) -> Legs:
    """From (host, seconds, far end), in order."""
    rows = np.array(sessions, np.float64).reshape(-1, 3)
    host, at, far = (rows * [1, S, 1]).astype(np.int64).T
    none = np.zeros(len(rows), np.int64)
    return Legs(
        group=host, start_us=at, far=far,
        up_bytes=none, up_packets=none, down_bytes=none, down_packets=none,
    )  # fmt: skip


def partners(
    ones: Sequence[tuple[int, float, int]],
    others: Sequence[tuple[int, float, int]],
    *,
    of: list[int] | None = None,
    shift_s: int = 0,
) -> list[int]:
    group = np.array(of or [0] * len(ones), np.int64)
    edges = near(legs(ones), legs(others), group, REACH_US, shift_s * S)
    found: list[int] = paired(edges, len(ones)).tolist()
    return found


@pytest.mark.parametrize(
    ("gap_s", "found"), [(0.5, 0), (5.0, 0), (-5.0, 0), (5.1, -1), (-5.1, -1)]
)
def test_what_opens_within_reach_is_a_partner(gap_s: float, found: int) -> None:
    assert partners([(1, 100, 7)], [(1, 100 + gap_s, 8)]) == [found]


def test_each_of_a_burst_has_its_own_partner() -> None:
    burst = [(1, 100 + turn, 7) for turn in range(5)]
    assert partners(burst, [(1, at + 0.3, 8) for _, at, _ in burst]) == [0, 1, 2, 3, 4]


def test_the_nearest_goes_first() -> None:
    assert partners([(1, 100, 7), (1, 102, 7)], [(1, 101.9, 8)]) == [-1, 0]


def test_groups_of_one_host_do_not_compete() -> None:
    assert partners([(1, 100, 7), (1, 100, 9)], [(1, 101, 8)], of=[0, 1]) == [0, 0]


def test_other_hosts_and_the_same_far_end_are_no_partners() -> None:
    assert partners([(1, 100, 7)], [(1, 100, 7), (2, 100, 8)]) == [-1]


def test_moved_in_time_other_partners_are_met() -> None:
    assert partners([(1, 100, 7)], [(1, 130, 8)], shift_s=31) == [0]


def test_without_sessions_there_are_no_partners() -> None:
    assert partners([], [(1, 100, 8)]) == []
    assert partners([(1, 100, 7)], []) == [-1]


def test_of_a_long_burst_so_many_are_looked_at() -> None:
    crowd = [(1, 100 + number / 1000, 8) for number in range(2 * MOST_NEAR)]
    edges = near(legs([(1, 100, 7)]), legs(crowd), np.zeros(1, np.int64), REACH_US)
    assert len(edges.one) == MOST_NEAR
