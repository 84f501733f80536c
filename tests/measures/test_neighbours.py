"""Of how many callers of a network how many carry: a farm's, or a place with customers."""

import pytest

from headwater.measures.neighbours import ONE_ALONE, either, farm_weight
from headwater.measures.odds import logit

SICK = -logit(0.002)  # what turns the odds of one host


def test_where_most_carry_it_is_a_farm() -> None:
    assert farm_weight(3.0, 3) > SICK
    assert farm_weight(24.0, 24) > farm_weight(3.0, 3)
    assert farm_weight(12.0, 24) > ONE_ALONE


@pytest.mark.parametrize(("carrying", "callers"), [(3.0, 10), (6.0, 66), (13.0, 90)])
def test_where_few_of_many_carry_they_are_customers(carrying: float, callers: int) -> None:
    assert farm_weight(carrying, callers) < ONE_ALONE


def test_each_caller_who_does_not_carry_speaks_against_it() -> None:
    weights = [farm_weight(5.0, callers) for callers in range(5, 60, 5)]
    assert weights == sorted(weights, reverse=True)


def test_who_carries_calls() -> None:
    """Of hosts whose calls were too short to be counted among the callers."""
    assert farm_weight(3.5, 3) == farm_weight(3.5, 0)


def test_the_likelier_of_two_excuses_counts() -> None:
    assert either(9.0, 2.0) == pytest.approx(2.0, abs=0.01)
    assert either(2.0, 9.0) == pytest.approx(2.0, abs=0.01)
    assert either(5.0, 5.0) < 5.0
