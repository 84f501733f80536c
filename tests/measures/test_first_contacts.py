"""The threshold random walk, and how blindly addresses were chosen."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.first_contacts import Ints, blindness, walk

# The values of the published evaluation.
USUAL, SCANNING = 0.8, 0.2
FOUR_STEPS = math.log(0.99 / 0.01)


def ints(*values: int) -> Ints:
    return np.array(values, np.int64)


@pytest.mark.parametrize(("failed", "convicts"), [(3, False), (4, True)])
def test_four_shut_doors_convict_as_published(failed: int, convicts: bool) -> None:
    (walked,) = walk(ints(failed), ints(0), USUAL, SCANNING)
    assert (walked >= FOUR_STEPS) == convicts


def test_a_step_up_is_as_long_as_a_step_down_where_the_shares_mirror() -> None:
    (up, down, both) = walk(ints(1, 0, 5), ints(0, 1, 5), USUAL, SCANNING)
    assert up == pytest.approx(math.log(4))
    assert down == pytest.approx(-math.log(4))
    assert both == pytest.approx(0)


def test_the_walk_is_the_logarithm_of_a_likelihood_ratio() -> None:
    (walked,) = walk(ints(7), ints(3), 0.35, 0.1)
    scanner = 7 * math.log(0.9) + 3 * math.log(0.1)
    lawful = 7 * math.log(0.65) + 3 * math.log(0.35)
    assert walked == pytest.approx(scanner - lawful)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_each_shut_door_accuses_more_and_each_open_one_less(failed: int, opened: int) -> None:
    here, shut, open_ = walk(
        ints(failed, failed + 1, failed), ints(opened, opened, opened + 1), 0.35, 0.1
    )
    assert open_ < here < shut


def test_dark_as_often_as_chance_gives_is_blind_and_never_dark_is_not() -> None:
    blind = np.full(3, 0.9)
    by_chance, informed, late = blindness(ints(20, 20, 20), ints(18, 0, 3), 0.15, blind)
    assert by_chance > 10
    assert informed < -10
    assert late < -10


@pytest.mark.parametrize(("share", "tells"), [(0.30, True), (0.29, False), (0.0, False)])
def test_in_a_full_network_the_dark_tells_nothing(share: float, tells: bool) -> None:
    (told,) = blindness(ints(10), ints(10), 0.15, np.array([share]))
    assert (told > 0) == tells


def test_no_chance_is_taken_for_certain() -> None:
    told = blindness(ints(5, 5), ints(5, 4), 0.15, np.array([1.0, 1.0]))
    assert np.isfinite(told).all()
