import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, hypergeom

from headwater.measures.enrichment import (
    false_discovery,
    log10_breadth_tail,
    log10_hypergeometric_tail,
)


@given(st.data())
def test_tail_is_that_of_the_reference(data: st.DataObject) -> None:
    hosts = data.draw(st.integers(1, 400))
    suspects = data.draw(st.integers(0, hosts))
    drawn = data.draw(st.integers(0, hosts))
    hits = data.draw(st.integers(0, drawn))
    (found,) = log10_hypergeometric_tail(np.array([drawn]), np.array([hits]), suspects, hosts)
    expected = hypergeom.sf(hits - 1, hosts, suspects, drawn)
    if expected == 0.0:
        assert found == -np.inf
    else:
        assert found == pytest.approx(np.log10(expected), abs=1e-6)


def test_meeting_ten_of_ten_suspects_is_no_chance() -> None:
    (found,) = log10_hypergeometric_tail(np.array([10]), np.array([10]), 50, 20_000)
    assert found < -25


def test_meeting_everyone_says_nothing() -> None:
    (found,) = log10_hypergeometric_tail(np.array([20_000]), np.array([50]), 50, 20_000)
    assert found == pytest.approx(0.0, abs=1e-9)


@given(st.lists(st.floats(min_value=1e-12, max_value=1.0), min_size=1, max_size=30))
def test_false_discovery_is_that_of_the_reference(chances: list[float]) -> None:
    found = false_discovery(np.log10(np.array(chances)))
    assert 10.0**found == pytest.approx(false_discovery_control(chances, method="bh"))


def test_unasked_questions_count_too() -> None:
    one = np.array([-3.0])
    assert false_discovery(one, tests=100) == pytest.approx([-1.0])


def test_nothing_asked_nothing_found() -> None:
    assert len(false_discovery(np.zeros(0))) == 0


def tails(*goes_to: list[int]) -> list[float]:
    """For each visitor, who goes to these places."""
    visitor = np.repeat(np.arange(len(goes_to)), [len(places) for places in goes_to])
    place = np.array([place for places in goes_to for place in places], np.int64)
    return log10_breadth_tail(visitor, place, len(goes_to), 3.0).tolist()


def test_who_goes_to_one_more_place_does_so_by_the_same_chance_each_time() -> None:
    found = tails(*[[7]] * 50, *[[7, 8]] * 10, [7, 8, 9])
    # Of 61 at 7 ten go to two places, and so were half of the time on their way further.
    at_7, at_8, at_9 = (5 + 2 / 3 + 1) / 62, (5 + 2 / 3 + 1) / 12, (2 / 3 + 1) / 2
    assert found[0] == 0.0
    assert found[50] == pytest.approx(np.log10((at_7 + at_8) / 2))
    assert found[-1] == pytest.approx(2 * np.log10((at_7 + at_8 + at_9) / 3))


def test_a_few_who_go_everywhere_do_not_pass_for_the_public() -> None:
    public = [[place] for place in range(20) for _ in range(10)]
    everywhere = [list(range(20))] * 3
    found = tails(*public, *everywhere)
    assert found[: len(public)] == [0.0] * len(public)
    assert max(found[len(public) :]) < -8


def test_those_who_all_go_everywhere_are_no_surprise_to_each_other() -> None:
    assert min(tails(*[list(range(20))] * 10)) > -1


def test_what_a_public_elsewhere_does_tells_nothing() -> None:
    """Places that everyone goes to alone say little of those that are gone to in company."""
    company = [[1, 2, 3]] * 6
    assert tails(*company, *[[9]] * 500)[:6] == pytest.approx(tails(*company))


def test_who_goes_nowhere_is_no_surprise() -> None:
    nobody = np.zeros(0, np.int64)
    assert log10_breadth_tail(nobody, nobody, 2, 3.0).tolist() == [0.0, 0.0]
