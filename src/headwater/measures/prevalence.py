"""How many of a crowd are sick, learnt from what is said of each: the prior adjusts itself."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from headwater.measures.columns import Floats
from headwater.measures.odds import logit, probabilities

ROUNDS: Final = 50  # each goes most of the way that is left


def share_sick(weights: Sequence[float] | Floats, usual: float, worth: float) -> float:
    """The share of a crowd that is sick, 0 to 1, by expectation and maximisation.

    ``weights``: of each, in natural log-odds, what is said of it; ``usual``: the share where
    nothing is known; ``worth``: of how many members' words that counts (M. Saerens and
    others, Adjusting the Outputs of a Classifier to New a Priori Probabilities, 2002).
    """
    said = np.asarray(weights, np.float64)
    share = usual
    for _ in range(ROUNDS):
        sick = float(probabilities(logit(share) + said).sum())
        before, share = share, (usual * worth + sick) / (worth + len(said))
        if share == before:
            break
    return share
