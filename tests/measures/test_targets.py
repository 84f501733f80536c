"""Masters against ends of errands."""

import numpy as np
import pytest

from headwater.measures.targets import (
    ERRANDS_ODDS,
    few_odds,
    gathered,
    master_odds,
    together,
)


def odds(alone: float, beside: float = 0.0) -> float:
    return float(master_odds(np.array([alone]), np.array([beside]))[0])


def test_whom_the_sick_alone_ask_is_rarely_an_end_of_errands() -> None:
    assert odds(30.0) == pytest.approx(ERRANDS_ODDS)
    assert odds(1e6) == pytest.approx(ERRANDS_ODDS)


def test_a_place_that_the_public_shares_most_likely_is_one() -> None:
    assert -2.0 < odds(-30.0) < -0.5
    assert odds(-30.0) < odds(0.0) < odds(30.0)


def test_of_several_that_the_same_share_with_the_public_one_gives_orders_at_best() -> None:
    assert odds(-30.0, 1.0) == odds(-30.0, 0.0)
    assert odds(-30.0, 8.0) == pytest.approx(odds(-30.0) - np.log(8))
    assert odds(30.0, 8.0) == pytest.approx(ERRANDS_ODDS)


def test_to_how_many_of_the_chosen_places_the_sick_go() -> None:
    sick = [np.array([0, 1]), np.array([1]), np.array([1, 2]), np.array([], np.int64)]
    chosen = np.array([True, True, False, True])
    assert gathered(sick, chosen).tolist() == [1.5, 2.0, 1.0, 0.0]


def test_places_are_together_where_two_of_the_sick_go_to_both() -> None:
    sick = [np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([3, 4]), np.array([], np.int64)]
    assert together(sick).tolist() == [2, 2, 1, 1]
    assert together([]).tolist() == []


def test_the_more_places_the_same_sick_go_to_the_fewer_of_them_are_masters() -> None:
    told = [few_odds(places) for places in range(1, 30)]
    assert told == sorted(told, reverse=True)
    assert told[0] == pytest.approx(ERRANDS_ODDS)
    assert told[1] > 3.0  # a master, and one in reserve
    assert told[4] > 1.0
    assert told[15] < -2.0
