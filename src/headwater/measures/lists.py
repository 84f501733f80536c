"""Lists: what it says of a host that others' lists name it, learnt from whom else they name.

A list that names suspects and next to nobody else confirms much; one that names many of
everybody, or a whole network by policy, confirms little.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from headwater.measures.columns import Floats

# Until more is known a list is taken to name three in ten of the sick, and of the others, lists
# being late and stale, one or two in a hundred: as much as is said of ten sick hosts and of a
# hundred others, as the two parameters of Beta distributions. Which is a weight of 3.
NAMES_SICK: Final = (3.0, 7.0)
NAMES_OTHERS: Final = (1.5, 98.5)
UNTOLD: Final = math.log(NAMES_SICK[0] / sum(NAMES_SICK) * sum(NAMES_OTHERS) / NAMES_OTHERS[0])
MOST: Final = 4.0  # they confirm, they do not convict
AGAIN: Final = 1 / 3  # lists copy from each other


def lists_weights(named: Sequence[Collection[str]], sick: Floats) -> dict[str, float]:
    """What each list says of whom it names, in natural log-odds.

    ``named``: of each host of a crowd the lists that name it; ``sick``: how likely each is, its
    lists weighing UNTOLD. By all else alone, the sick of whom few packets are seen would count
    as others, and tell against the lists that know them.
    """
    of_sick, of_others = float(sick.sum()), float((1.0 - sick).sum())
    weights = {}
    for name in sorted(set().union(*named)):
        hits = np.array([name in lists for lists in named])
        sick_named = _share(float(sick[hits].sum()), of_sick, NAMES_SICK)
        others_named = _share(float((1.0 - sick)[hits].sum()), of_others, NAMES_OTHERS)
        weights[name] = min(max(math.log(sick_named / others_named), 0.0), MOST)
    return weights


def _share(hits: float, of: float, known: tuple[float, float]) -> float:
    return (hits + known[0]) / (of + sum(known))


def named_weight(lists: Collection[str], weights: Mapping[str, float]) -> float:
    """What it says that these lists name a host: the weightiest, and the next a third."""
    first, second, *_ = sorted((*(weights[name] for name in lists), 0.0, 0.0), reverse=True)
    return first + AGAIN * second
