"""Whether somebody lives where hosts do the same for one outsider."""

import numpy as np
import pytest

from headwater.measures.homes import (
    AT_WORK,
    FILM_OCTETS,
    LEAST,
    MOST,
    homes_weight,
    watching,
)


def test_a_film_is_more_than_all_that_is_passed_on() -> None:
    film = np.array([FILM_OCTETS, FILM_OCTETS - 1, 3 * FILM_OCTETS, 3 * FILM_OCTETS])
    passed_on = np.array([0.0, 0.0, 3 * FILM_OCTETS, 3 * FILM_OCTETS + 1])
    assert watching(film, passed_on).tolist() == [True, False, True, False]


@pytest.mark.parametrize("usual", [0.2, 0.5, 0.8])
def test_films_speak_for_homes_and_their_absence_against(usual: float) -> None:
    said = [homes_weight(np.arange(4) < watch, usual) for watch in range(5)]
    assert said == sorted(said)
    assert said[0] < 0 < said[-1]
    # As likely at home as at work: of four, what both would show by chance says little.
    assert abs(homes_weight(np.array([True, False, False, False]), 2 * AT_WORK)) < 0.5


def test_where_everybody_watches_who_does_not_is_at_work() -> None:
    nobody = np.zeros(2, bool)
    assert homes_weight(nobody, 0.9) < homes_weight(nobody, 0.3) < 0


@pytest.mark.parametrize("usual", [0.0, 0.4, 1.0])
def test_no_number_of_hosts_proves_it(usual: float) -> None:
    assert homes_weight(np.ones(99, bool), usual) == MOST
    assert LEAST <= homes_weight(np.zeros(99, bool), usual) < 0
    assert homes_weight(np.zeros(0, bool), usual) == 0
