"""Of counts beside what chance gives: how sure they make it that visits are passed on."""

from dataclasses import replace

import numpy as np
import pytest

from headwater.measures.coupling import Coupling
from headwater.measures.coupling_odds import (
    CAPPED_EVIDENCE,
    LEAST_EXCESS,
    PRIOR,
    evidence,
    weighed,
)
from headwater.measures.odds import LOG10, logit, probability

ALL = Coupling(
    inbound=np.array([100, 100]),
    followed=np.array([90, 60]),
    balanced=np.array([80, 0]),
    followed_by_chance=np.array([40.0, 55.0]),
    balanced_by_chance=np.array([1.0, 0.0]),
)
UNSAMPLED, SAMPLED = np.array([False]), np.array([True])


def test_the_stronger_count_is_told() -> None:
    found = evidence(ALL, 0, sampled=False)
    assert (found.balanced, found.visits, found.passed_on, found.by_chance) == (
        True, 100, 80, 1.0,
    )  # fmt: skip
    assert found.confidence == pytest.approx(
        probability(logit(PRIOR) + LOG10 * CAPPED_EVIDENCE)
    )


def test_of_sampled_sessions_starts_alone_tell() -> None:
    found = evidence(ALL, 0, sampled=True)
    assert (found.balanced, found.passed_on, found.by_chance) == (False, 90, 40.0)


def test_where_both_say_as_little_equal_bytes_are_no_claim() -> None:
    assert not evidence(ALL, 1, sampled=False).balanced
    weak = replace(ALL, followed=ALL.balanced, followed_by_chance=ALL.balanced_by_chance)
    assert evidence(weak, 0, sampled=False).balanced


@pytest.mark.parametrize(("sampling", "whole"), [(UNSAMPLED, 0.5), (SAMPLED, 1.0)])
def test_a_share_of_the_visits_says_as_much_less_where_all_were_counted(
    sampling: np.ndarray, whole: float
) -> None:
    hits = np.array([round(1_000 * LEAST_EXCESS / 2)])
    chance, weight = weighed(hits, np.array([0.0]), np.array([1_000]), sampling)
    assert chance[0] < -CAPPED_EVIDENCE
    assert weight[0] == pytest.approx(LOG10 * CAPPED_EVIDENCE * whole)
