"""Prevalence: the prior learnt from the crowd it is a prior of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.prevalence import share_sick

USUAL, WORTH = 0.05, 40.0


def test_of_nobody_the_usual_is_known() -> None:
    assert share_sick([], USUAL, WORTH) == pytest.approx(USUAL)


def test_a_crowd_of_the_sure_is_counted() -> None:
    crowd = [20.0] * 60 + [-20.0] * 60
    assert share_sick(crowd, USUAL, WORTH) == pytest.approx(62 / 160, abs=0.01)


def test_a_few_sure_ones_hardly_move_what_is_known() -> None:
    assert USUAL < share_sick([20.0], USUAL, WORTH) < 2 * USUAL


def test_where_all_are_well_the_sick_become_rarer() -> None:
    assert share_sick([-5.0] * 100, USUAL, WORTH) < USUAL


@given(st.lists(st.floats(-50, 50), max_size=50), st.floats(0.001, 0.999))
def test_a_share_is_a_share_and_more_evidence_raises_it(
    weights: list[float], usual: float
) -> None:
    share = share_sick(weights, usual, WORTH)
    assert 0.0 < share < 1.0
    assert share_sick([weight + 1.0 for weight in weights], usual, WORTH) >= share - 1e-12
