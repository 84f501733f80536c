"""Who belongs together by whom they meet."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.teams import teams


def test_outsiders_who_share_a_host_are_one_team() -> None:
    outsider, host = np.array([7, 7, 8, 9, 9]), np.array([1, 2, 2, 3, 4])
    assert teams(outsider, host).tolist() == [0, 0, 0, 1, 1]


def test_a_host_and_an_outsider_of_the_same_code_are_two() -> None:
    assert teams(np.array([1, 2]), np.array([3, 2])).tolist() == [0, 1]
    assert teams(np.array([1, 2, 3]), np.array([2, 3, 1])).tolist() == [0, 1, 2]


def test_nobody() -> None:
    nobody = np.zeros(0, np.int64)
    assert teams(nobody, nobody).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_who_shares_an_outsider_or_a_host_is_in_one_team(pairs: list[tuple[int, int]]) -> None:
    outsider, host = np.array(pairs).T
    team = teams(outsider, host)
    for one, other in zip(*np.triu_indices(len(pairs), 1), strict=True):
        if outsider[one] == outsider[other] or host[one] == host[other]:
            assert team[one] == team[other]
