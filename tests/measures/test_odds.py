import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.odds import (
    LEAST_DOUBT,
    hedged,
    logit,
    probabilities,
    probability,
    share_odds,
)


@given(st.floats(min_value=0.001, max_value=0.999))
def test_there_and_back(value: float) -> None:
    assert probability(logit(value)) == pytest.approx(value)


def test_evidence_adds_up() -> None:
    # Even odds and one piece of evidence that is nine times likelier if true: 0.9.
    assert probability(logit(0.5) + math.log(9)) == pytest.approx(0.9)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_never_certain(log_odds: float) -> None:
    assert LEAST_DOUBT <= probability(log_odds) <= 1 - LEAST_DOUBT


def test_columns_agree_with_single_values() -> None:
    values = np.array([-800.0, -3.0, 0.0, 0.4, 5.0, 800.0])
    assert probabilities(values) == pytest.approx([probability(v) for v in values.tolist()])


SELDOM, OFTEN = (1.0, 3.0), (3.0, 1.0)


@given(st.floats(min_value=0, max_value=100), st.floats(min_value=0, max_value=100))
def test_what_speaks_for_one_sort_speaks_against_the_other(hits: float, misses: float) -> None:
    told = share_odds(hits, hits + misses, SELDOM, OFTEN)
    assert told == pytest.approx(-share_odds(hits, hits + misses, OFTEN, SELDOM))
    assert told == pytest.approx(-share_odds(misses, hits + misses, SELDOM, OFTEN))


def test_one_look_is_weighed_by_the_mean_shares() -> None:
    # A quarter of the ones hit, three quarters of the others.
    assert share_odds(1, 1, SELDOM, OFTEN) == pytest.approx(math.log(1 / 3))
    assert share_odds(0, 0, SELDOM, OFTEN) == 0.0


def test_what_is_half_sure_is_true_half_the_time() -> None:
    """Of a thousand, one is sick; a sure claim leaves 9 in 10, so half a claim 9 in 20."""
    rare = logit(0.001)
    told = logit(0.9) - rare
    assert probability(rare + hedged(told, 1.0)) == pytest.approx(0.9)
    assert probability(rare + hedged(told, 0.5)) == pytest.approx(0.45, abs=0.4)
    assert hedged(told, 0.0) == hedged(0.0, 0.7) == pytest.approx(0.0)
