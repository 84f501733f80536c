"""Own calls: whether hosts call a place of their own accord, or as visitors have them do.

What a host does for visitors follows their visits at once. Of all that it opens some does:
the share of sampled visits that were seen. Calls that follow no oftener than chance has it are
none of these; such as follow as often as the rest are no more its own than that is.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints

# No share is sure: visits come in bursts, and what a host does by itself may fall into one.
SURE: Final = (0.005, 0.95)
# One host may be visited for one thing only, and have a life of its own beside it.
OF_ONE: Final = 2.0
MOST: Final = 3.0


def own_calls(
    host: Ints, followed: Bools, by_chance: Floats, carried: Ints, opened: Ints
) -> float:
    """Natural log-odds that these calls are their hosts' own, not errands.

    Of each call who made it, whether a visit came just before, and how often one does at any
    time; of all that its host ``opened`` how much was ``carried`` so.
    """
    _, first, which = np.unique(host, return_index=True, return_inverse=True)
    calls, after = np.bincount(which), np.bincount(which, followed)
    usual = np.clip(by_chance[first], *SURE)
    rest = np.maximum(opened[first] - calls, 0)
    errands = (np.maximum(carried[first] - after, 0) + usual) / (rest + 1.0)
    errands = np.clip(errands, usual, max(SURE))
    told = after * np.log(usual / errands)
    told += (calls - after) * np.log((1.0 - usual) / (1.0 - errands))
    return float(np.clip(np.clip(told, -OF_ONE, OF_ONE).sum(), -MOST, MOST))
