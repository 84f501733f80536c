"""Who drives is told from testers and from the crowd."""

import numpy as np
import pytest
from tests.measures.who_visits import Pair, who_visits

from headwater.measures.driving import PUBLIC, TESTER_TRIES, Weighed, weighed
from headwater.measures.visits import Visits

DRIVER = "198.51.100.1"
SICK = set(range(8))


def strangers(count: int) -> list[Pair]:
    """Each of a network of its own, to two of the first four hosts."""
    return [(f"2001:db8:{n:x}::1", host) for n in range(count) for host in (n % 4, (n + 1) % 4)]


def of(visits: Visits, source: str, told: Weighed) -> tuple[bool, bool]:
    at = list(visits.parties).index(source)
    return bool(told.drives[at]), bool(told.tester[at])


@pytest.mark.parametrize("sick", [SICK, set()])
def test_who_goes_to_the_sick_alone_drives(sick: set[int]) -> None:
    visits = who_visits([(DRIVER, host) for host in range(8)], sick=sick)
    assert of(visits, DRIVER, weighed(visits)) == (bool(sick), False)


@pytest.mark.parametrize(("tries", "tests"), [(TESTER_TRIES, True), (TESTER_TRIES - 1, False)])
def test_who_tries_many_doors_that_stay_shut_tests(tries: int, tests: bool) -> None:
    pairs = [(DRIVER, 100 + number) for number in range(tries)]
    met = [number < 3 for number in range(tries)]
    visits = who_visits(pairs, sick=SICK, met=met)
    assert of(visits, DRIVER, weighed(visits)) == (False, tests)


@pytest.mark.parametrize(("crowd", "drives"), [(0, True), (3 * PUBLIC, False)])
def test_who_uses_two_that_are_open_to_a_crowd_is_of_it(crowd: int, drives: bool) -> None:
    visits = who_visits([(DRIVER, 0), (DRIVER, 1), *strangers(crowd)], sick=SICK)
    assert of(visits, DRIVER, weighed(visits))[0] == drives


def test_turns_add_to_what_its_hosts_say() -> None:
    visits = who_visits([(DRIVER, 0), (DRIVER, 1), *strangers(3 * PUBLIC)], sick=SICK)
    at = list(visits.parties).index(DRIVER)
    more = [5.0 * (party == DRIVER) for party in visits.parties]
    alone, relieved = weighed(visits), weighed(visits, np.array(more))
    assert relieved.log_odds[at] == pytest.approx(alone.log_odds[at] + 5.0)
    assert (alone.drives[at], relieved.drives[at]) == (False, True)
