"""In step: whether what goes one way is the more, the more came the other way.

A front gives its visitors what it fetches for them, and something of its own: of many visits
that shows in the order of sizes, though no two are equal. Who asks a service for something
gives what is his own, and its sizes go as they like.
"""

import math
from typing import Final

import numpy as np

from headwater.measures.columns import Ints

FEWEST: Final = 30  # of fewer a front's, of which half go together, are not told from none
SPREAD: Final = 1.5  # between the quartiles: of sizes that are all alike the order is chance


def in_step(gave: Ints, came: Ints) -> float | None:
    """Rank correlation of sizes (Spearman, 1904), in its standard errors were there none.

    None where it is not known: of few sizes, or where both ways all are alike.
    """
    sizes = np.stack([gave, came])[:, (gave > 0) & (came > 0)]
    if sizes.shape[1] < FEWEST:
        return None
    lower, upper = (np.quantile(sizes, at, axis=1) for at in (0.25, 0.75))
    if np.all(upper < SPREAD * lower):
        return None
    ranks: Ints = sizes.argsort(axis=1).argsort(axis=1)
    together = np.asarray(np.corrcoef(ranks))[0, 1]
    return round(float(together) * math.sqrt(sizes.shape[1] - 1), 1)
