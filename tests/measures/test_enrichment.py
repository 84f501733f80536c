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


def test_who_uses_one_more_does_so_by_the_same_chance_each_time() -> None:
    public = np.array([1] * 50 + [2] * 25 + [3] * 12)
    tail = log10_breadth_tail(public, 3.0)
    # 87 use 136 in all: 49 of the times somebody used one more.
    assert np.unique(tail).tolist() == pytest.approx(
        [2 * np.log10(50 / 137), np.log10(50 / 137), 0.0]
    )


def test_a_few_that_use_everything_do_not_pass_for_the_public() -> None:
    public = np.array([1] * 50 + [2] * 25)
    alone = log10_breadth_tail(public, 3.0)
    beside = log10_breadth_tail(np.append(public, [20] * 10), 3.0)
    assert beside[:75].tolist() == pytest.approx(alone.tolist())
    assert beside[-1] < -8


def test_of_a_public_that_uses_one_each_two_are_not_impossible() -> None:
    tail = log10_breadth_tail(np.array([1] * 9), 3.0)
    assert tail.tolist() == [0.0] * 9
    (two,) = log10_breadth_tail(np.array([2]), 3.0)
    assert -1.0 < two < 0.0
    assert len(log10_breadth_tail(np.zeros(0, np.int64), 3.0)) == 0
