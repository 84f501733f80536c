"""Who goes to hosts to which more go together than chance would send."""

import numpy as np
import pytest

from headwater.measures.columns import Bools
from headwater.measures.gathering import MOST_HOSTS, gather

STRANGERS, HOSTS = 300, 40


def gathered(*visits: tuple[int, int], hosts: int = HOSTS) -> Bools:
    """After strangers who go each to one host."""
    by_one = [(100 + number, number % hosts) for number in range(STRANGERS)]
    party, host = np.array(sorted({*visits, *by_one})).T
    return gather(party, host, 100 + STRANGERS, hosts)


def test_those_who_go_to_the_same_few_go_together() -> None:
    told = gathered(*((party, host) for party in range(6) for host in (5, 6, 7)))
    assert told[:6].all()
    assert not told[6:].any()


def test_one_who_goes_to_several_goes_alone() -> None:
    assert not gathered((0, 5), (0, 6), (0, 7)).any()


def test_two_who_meet_at_one_host_do_not_go_together() -> None:
    assert not gathered((0, 5), (0, 6), (1, 5), (1, 7)).any()


@pytest.mark.parametrize(("visitors", "together"), [(8, True), (60, False)])
def test_to_what_everybody_visits_many_go_by_chance(visitors: int, together: bool) -> None:
    """Six of so many visitors of each of two hosts visit both."""
    crowd = [(100 + number, 5 + number % 2) for number in range(2 * visitors)]
    both = [(party, host) for party in range(6) for host in (5, 6)]
    by_one = [(100 + number, 7 + number % 30) for number in range(2 * visitors, STRANGERS)]
    party, host = np.array(sorted({*crowd, *both, *by_one})).T
    assert gather(party, host, 100 + STRANGERS, HOSTS)[:6].all() == together


def test_of_who_goes_everywhere_nobody_learns_who_goes_together() -> None:
    many = [(party, host) for party in range(5) for host in range(MOST_HOSTS + 1)]
    assert not gathered(*many, hosts=MOST_HOSTS + 1).any()
    fewer = [(party, host) for party, host in many if host < MOST_HOSTS]
    assert gathered(*fewer, hosts=MOST_HOSTS + 1)[:5].all()
