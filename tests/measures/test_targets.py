"""Masters against ends of errands."""

import numpy as np
import pytest

from headwater.measures.targets import ERRANDS_ODDS, gathered, master_odds


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
