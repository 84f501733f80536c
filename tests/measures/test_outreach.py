"""Outreach: to how many mail is handed, and how often."""

import math

import pytest

from headwater.measures.outreach import (
    FEWEST_AGAIN,
    HOUSEHOLD_PACE,
    HOUSEHOLD_SERVERS,
    MOST_FOR_ACCOUNTS,
    MOST_FOR_EXCHANGERS,
    MOST_FOR_PACE,
    breadth_weight,
    pace_weight,
    servers_there,
)


@pytest.mark.parametrize("submits", [True, False])
def test_two_providers_of_two_addresses_are_usual_and_a_dozen_servers_are_not(
    submits: bool,
) -> None:
    assert [breadth_weight(servers, submits=submits) for servers in (0, 1, 4)] == [0, 0, 0]
    assert breadth_weight(12, submits=submits) > 1


def test_exchangers_alone_never_make_it_more_than_twenty_to_one() -> None:
    """An application that mails its customers meets as many as they have."""
    assert breadth_weight(10_000, submits=False) < math.log(21)


def test_five_letters_an_hour_are_usual_and_eight_are_not() -> None:
    assert pace_weight(5) == 0.0
    assert pace_weight(8) > 0.5


@pytest.mark.parametrize("submits", [True, False])
def test_a_household_meets_a_few_servers(submits: bool) -> None:
    assert breadth_weight(HOUSEHOLD_SERVERS, submits=submits) == 0.0
    assert 0 < breadth_weight(3 * HOUSEHOLD_SERVERS, submits=submits) < MOST_FOR_EXCHANGERS


def test_accounts_at_dozens_of_providers_say_more_than_as_many_exchangers() -> None:
    assert breadth_weight(10_000, submits=False) == MOST_FOR_EXCHANGERS
    assert breadth_weight(10_000, submits=True) == MOST_FOR_ACCOUNTS > MOST_FOR_EXCHANGERS


def test_more_letters_than_a_household_writes() -> None:
    assert pace_weight(HOUSEHOLD_PACE) == 0.0
    assert 0 < pace_weight(4 * HOUSEHOLD_PACE) < pace_weight(1e6) == MOST_FOR_PACE


@pytest.mark.parametrize("there", [6, 60, 600])
def test_how_many_there_are_is_told_by_those_met_again(there: int) -> None:
    for sessions in (there // 2, there, 9 * there):
        met = round(there * -math.expm1(-sessions / there))
        if sessions - met >= FEWEST_AGAIN:
            assert servers_there(sessions, met) == pytest.approx(there, rel=0.2)


def test_of_a_few_sessions_hardly_any_meets_one_again() -> None:
    assert servers_there(2, 2) == math.inf
    assert servers_there(5 + FEWEST_AGAIN - 1, 5) == math.inf
    assert servers_there(5 + FEWEST_AGAIN, 5) < 10
    assert servers_there(10_000, 4) == pytest.approx(4)
