"""Who drives is told from testers and from the crowd."""

import numpy as np
import pytest
from tests.measures.who_visits import Pair, who_visits

from headwater.measures.driving import (
    LEAST_CONFIDENCE,
    PUBLIC,
    TESTER_TRIES,
    Weighed,
    mailed_for,
    weighed,
)
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


@pytest.mark.parametrize("sure", [LEAST_CONFIDENCE, LEAST_CONFIDENCE - 0.01])
def test_for_whom_one_host_mails_drives_it_amid_a_crowd_if_it_is_sick(sure: float) -> None:
    pairs = [(DRIVER, 0), (DRIVER, 1), *strangers(3 * PUBLIC)]
    visits = who_visits(pairs, sick=SICK, mailed={(DRIVER, 0)}, sure=sure)
    alone = weighed(visits)
    told = mailed_for(visits, alone)
    at = list(visits.parties).index(DRIVER)
    assert alone.confidence[at] < 0.1
    assert told.drives.tolist() == [
        party == DRIVER and sure >= LEAST_CONFIDENCE for party in visits.parties
    ]
    assert told.confidence[at] == (sure if told.drives[at] else alone.confidence[at])
    assert told.log_odds.tolist() == alone.log_odds.tolist()


def test_who_tries_doors_that_stay_shut_and_has_mail_passed_on_is_no_tester() -> None:
    pairs = [(DRIVER, 100 + number) for number in range(TESTER_TRIES)]
    met = [number < 3 for number in range(TESTER_TRIES)]
    visits = who_visits(pairs, sick=SICK, met=met, mailed=pairs[:1], sure=0.7)
    told = mailed_for(visits, weighed(visits))
    assert of(visits, DRIVER, told) == (True, False)
    assert told.confidence.tolist() == [0.7]
