"""Whether the sick go to a place for orders, or because their errands lead there.

Whom bots ask for orders serves hardly anybody else, and of such places there are few. Errands
lead where the public goes as well, and to many places of that kind.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints

# Of places that the sick alone go to one in fifty is an end of errands, if no more is known.
ERRANDS_ODDS: Final = 4.0
# Nine masters of ten serve nobody else; the tenth stands behind a name that others share. Of
# what errands lead to, the public leaves one place in twenty alone.
MASTERS_ALONE: Final = 0.9
TARGETS_ALONE: Final = 0.05


def master_odds(alone: Floats, beside: Floats) -> Floats:
    """How much likelier each place gives orders than is an end of errands, in log-odds.

    ``alone``: how much likelier its callers are if all are sick than if some are the public,
    in log-odds; ``beside``: to how many places that the public shares its sick go together.
    Of these one at best gives orders.
    """
    ratio = np.exp(np.minimum(alone, 50.0))
    shared = (1.0 - MASTERS_ALONE) / np.maximum(beside, 1.0)
    master = MASTERS_ALONE * ratio + shared
    target = TARGETS_ALONE * ratio + 1.0 - TARGETS_ALONE
    prior = ERRANDS_ODDS + np.log(TARGETS_ALONE / MASTERS_ALONE)
    return np.asarray(prior + np.log(master / target), np.float64)


def gathered(sick: Sequence[Ints], chosen: Bools) -> Floats:
    """To how many of the chosen places the sick of each place go, in the mean.

    ``sick``: of each place, by number.
    """
    hosts = max((int(each.max(initial=-1)) for each in sick), default=-1) + 1
    places = np.zeros(hosts, np.int64)
    for each, counts in zip(sick, chosen.tolist(), strict=True):
        if counts:
            places[each] += 1
    return np.array([places[each].mean() if len(each) else 0.0 for each in sick], np.float64)
