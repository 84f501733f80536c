"""Who belongs together by whom they meet."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.teams import MOST_PAIRED, teams


def test_outsiders_who_share_two_hosts_are_one_team() -> None:
    outsider, host = np.array([7, 7, 7, 8, 8, 9, 9]), np.array([1, 2, 5, 2, 5, 3, 4])
    assert teams(outsider, host).tolist() == [0, 0, 0, 0, 0, 1, 1]


def test_a_chain_of_such_is_one_team() -> None:
    outsider, host = np.array([1, 1, 2, 2, 2, 3, 3]), np.array([1, 2, 1, 2, 3, 2, 3])
    assert set(teams(outsider, host).tolist()) == {0}


def test_who_looks_after_one_of_its_hosts_is_none_of_a_crew() -> None:
    """Its owner has others besides; one host that two have met ties nothing."""
    outsider, host = np.array([7, 7, 7, 8, 8, 8]), np.array([1, 2, 3, 3, 4, 5])
    assert teams(outsider, host).tolist() == [0, 0, 0, 1, 1, 1]


def test_who_has_a_crowd_is_tied_by_near_ones_alone() -> None:
    crowd = np.arange(3 * MOST_PAIRED)
    for other, tied in ((crowd[:2], True), (crowd[[0, -1]], False)):
        outsider = np.repeat([1, 2], [len(crowd), 2])
        team = teams(outsider, np.concatenate([crowd, other]))
        assert (team[0] == team[-1]) == tied


def test_a_host_and_an_outsider_of_the_same_code_are_two() -> None:
    assert teams(np.array([1, 2]), np.array([3, 2])).tolist() == [0, 1]
    assert teams(np.array([1, 2, 3]), np.array([2, 3, 1])).tolist() == [0, 1, 2]


def test_nobody() -> None:
    nobody = np.zeros(0, np.int64)
    assert teams(nobody, nobody).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_who_shares_two_hosts_is_in_one_team(pairs: list[tuple[int, int]]) -> None:
    outsider, host = np.array(pairs).T
    team = teams(outsider, host)
    hosts = {who: set(host[outsider == who].tolist()) for who in outsider.tolist()}
    for one, other in zip(*np.triu_indices(len(pairs), 1), strict=True):
        shared = hosts[int(outsider[one])] & hosts[int(outsider[other])]
        if outsider[one] == outsider[other] or len(shared) > 1:
            assert team[one] == team[other]
