"""Fronts of one origin: amounts, and where the fronts stand."""

import numpy as np
import pytest

from headwater.measures.fronts import (
    FRONT_WEIGHT,
    MOST_FOR_MANY,
    ORIGINS,
    RACK_WEIGHT,
    SCATTERED_WEIGHT,
    SERVICES,
    amounts_alike,
    front_weight,
    origin_odds,
)
from headwater.measures.relaying import SCATTERED

RARE = 0.01  # of all hosts, those that are visited


def alike(*packets: tuple[float, float]) -> np.ndarray:
    fetched, shown = np.array(packets, np.float64).T
    return amounts_alike(fetched, shown)


def test_many_scattered_fronts_are_stranger_than_a_rack() -> None:
    rack = [f"192.0.2.{number}" for number in range(9)]
    scattered = [f"203.0.{number}.9" for number in range(100)]
    assert front_weight(rack) == FRONT_WEIGHT + RACK_WEIGHT
    assert front_weight(rack) < front_weight(scattered[:2]) < front_weight(scattered[:3])
    assert front_weight(scattered[:SCATTERED]) == FRONT_WEIGHT + SCATTERED_WEIGHT
    most = FRONT_WEIGHT + SCATTERED_WEIGHT + MOST_FOR_MANY
    assert front_weight(scattered[:9]) < front_weight(scattered) == most


def test_a_front_shows_what_it_fetches_and_what_it_kept() -> None:
    same, kept, little, much = alike((30, 30), (30, 50), (1, 60), (60, 1))
    assert min(same, kept) > 0.5
    assert max(little, much) < -2


def test_few_packets_say_little() -> None:
    none, few, many = alike((0, 0), (1, 1), (30, 30))
    assert none == pytest.approx(0)
    assert 0 < few < 0.5 < many


def test_only_amounts_tell_an_origin_from_a_service() -> None:
    """That none but sites call it says that it is one or the other."""
    either = origin_odds(9, 9, RARE, alike((0, 0)))
    assert either == pytest.approx(np.log(ORIGINS / SERVICES), abs=0.1)
    fronts = alike(*[(12, 16)] * 5)
    assert origin_odds(5, 5, RARE, fronts) > 1
    assert origin_odds(5, 5, RARE, alike(*[(1, 30)] * 5)) < -5


@pytest.mark.parametrize(("callers", "told"), [(5, True), (6, True), (12, False), (60, False)])
def test_whom_others_call_as_well_is_no_origin(callers: int, told: bool) -> None:
    assert (origin_odds(callers, 5, RARE, alike(*[(12, 16)] * 5)) > 0) == told


def test_where_many_are_visited_it_is_no_wonder() -> None:
    fronts = alike(*[(12, 16)] * 4)
    odds = [origin_odds(4, 4, usual, fronts) for usual in (0.01, 0.3, 0.8)]
    assert odds[0] > 0 > odds[1] > odds[2]


def test_one_that_shows_something_of_its_own_clears_nobody() -> None:
    fronts = [(12.0, 16.0)] * 6
    assert origin_odds(7, 7, RARE, alike(*fronts, (0, 80))) > -1.5
