"""Probabilities as log-odds, where independent evidence adds up.

Weights are natural logarithms of likelihood ratios (I. J. Good, *Probability and the
Weighing of Evidence*, 1950): +2.3 makes a claim ten times as likely, -2.3 ten times less.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A probability is never given as 0 or 1: no amount of records proves a model of the world.
LEAST_DOUBT = 1e-4
LOG10 = math.log(10.0)


def logit(probability: float) -> float:
    """The log-odds of ``probability``, 0 < p < 1."""
    return math.log(probability) - math.log1p(-probability)


def probability(log_odds: float) -> float:
    """The probability with these log-odds, kept a little away from 0 and 1."""
    if log_odds >= 0:
        plain = 1.0 / (1.0 + math.exp(-log_odds))
    else:
        plain = math.exp(log_odds) / (1.0 + math.exp(log_odds))
    return min(max(plain, LEAST_DOUBT), 1.0 - LEAST_DOUBT)


def hedged(weight: float, sure: float) -> float:
    """What a claim says that is true with probability ``sure``, and says nothing else.

    ``weight``: the log-odds that it would say, were it certain.
    """
    return math.log(sure * math.exp(weight) + 1.0 - sure)


def share_odds(
    hits: float, of: float, one: tuple[float, float], other: tuple[float, float]
) -> float:
    """The log-odds that ``hits`` of ``of`` come from things of one sort, not of another.

    ``one``, ``other``: of each sort the Beta distribution of the share that hits, as its two
    parameters, both above 0 (J. G. Skellam, J. R. Statist. Soc. B 10, 1948).
    """

    def likelihood(sort: tuple[float, float]) -> float:
        a, b = sort
        return _log_beta(a + hits, b + of - hits) - _log_beta(a, b)

    return likelihood(one) - likelihood(other)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def probabilities(log_odds: Floats) -> Floats:
    """``probability`` for a whole column."""
    # As ``np.clip``, which takes ten times as long to begin with: many columns are short.
    plain = 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(log_odds, -50.0), 50.0)))
    return np.asarray(np.minimum(np.maximum(plain, LEAST_DOUBT), 1.0 - LEAST_DOUBT))
