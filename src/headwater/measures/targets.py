"""Whether the sick go to a place for orders, or because their errands lead there.

Whom bots ask for orders serves hardly anybody else, and of such places there are few. Errands
lead where the public goes as well, and to many places of that kind.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.odds import logit, probability

# Of places that the sick alone go to one in fifty is an end of errands, if no more is known.
ERRANDS_ODDS: Final = 4.0
# Nine masters of ten serve nobody else; the tenth stands behind a name that others share. Of
# what errands lead to, the public leaves one place in twenty alone.
MASTERS_ALONE: Final = 0.9
TARGETS_ALONE: Final = 0.05
# Few crews have a second master, fewer a third: each more is one in four as likely.
EACH_MORE: Final = 0.25
TWO: Final = 2  # hosts: that one alone goes to both of two places may be chance


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


def together(sick: Sequence[Ints]) -> Ints:
    """Of each place to how many, itself among them, two of its sick go at least."""
    hosts = np.unique(np.concatenate([np.zeros(0, np.int64), *sick]))
    goes = np.zeros((len(sick), len(hosts)), np.float32)
    for row, each in zip(goes, sick, strict=True):
        row[np.searchsorted(hosts, each)] = 1.0
    shared = goes @ goes.T >= TWO
    np.fill_diagonal(shared, val=True)
    return np.asarray(shared.sum(axis=1), np.int64)


def few_odds(places: int) -> float:
    """How likely each of so many places that the same sick go to is a master, in log-odds.

    They may all be masters. But where one packet of a thousand is seen, errands seem to lead to
    whole series of sites that nobody else visits, and of how many nothing is known beforehand:
    more than twice any number is half as likely as more than that.
    """
    masters = np.arange(1, places + 1)
    ends = places - masters
    some = probability(-ERRANDS_ODDS)
    likely = EACH_MORE**masters * np.where(
        ends, some / (ends + 1) / np.maximum(ends, 1), 1 - some
    )
    share = float((likely * masters).sum() / likely.sum()) / places
    return logit(min(share, 1.0 - some))
