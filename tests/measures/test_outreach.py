"""Outreach: to how many mail is handed, and how often."""

import pytest

from headwater.measures.outreach import (
    HOUSEHOLD_PACE,
    HOUSEHOLD_SERVERS,
    MOST_FOR_ACCOUNTS,
    MOST_FOR_EXCHANGERS,
    MOST_FOR_PACE,
    breadth_weight,
    pace_weight,
)


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
