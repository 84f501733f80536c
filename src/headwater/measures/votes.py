"""What the hosts that keep company with an outsider tell of it, each by how sure it is.

Were the outsider what it is suspected to be, a share of its hosts would be sick. How many
times likelier that makes its hosts than hosts drawn blindly is a likelihood ratio, which
needs no threshold: faint suspicions count, well hosts count against, and of a busy host
it says little where it was met.
"""

import math
from collections import Counter
from collections.abc import Mapping, Set
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Of a host of which nothing was heard: a few in a thousand are sick all the same.
UNHEARD: Final = 0.002
# What share of an outsider's hosts is sick, if it commands or drives: nearly all, or it
# shares its address with others. Each halving is half as likely as the one before: places
# that many share are rare among those that serve one end.
SHARES: Final = np.array([0.9, 0.5, 0.25, 0.125, 0.0625])
ALONE: Final = 2  # of these where nobody else can be behind the same door
# As if of the well two for each had met it, and two more: it was chosen for the suspects whom
# it meets, some of them wrongly suspected, and of the well some go unseen.
UNSEEN_WELL: Final = 2
EACH_WELL: Final = 2
UNMET: Final = 1.0  # of the sick, who have shown nothing yet, where all others did


def ratios(
    confidence: Floats, met: Floats, *, hosts: int, sick: float, met_in_all: float
) -> Floats:
    """For each host, how many times likelier a draw from the sick finds it than a blind one.

    ``confidence``: that it is sick; ``met``: how many it keeps company with. ``sick`` of all
    ``hosts`` are, by the sum of confidences; together they have ``met_in_all`` pairs. Who is
    met more than others is no surprise anywhere: its vote is thinned by as much.
    """
    known = np.maximum(confidence, UNHEARD)
    usual = met_in_all / max(hosts, 1)
    thinned = np.minimum(usual / np.maximum(met, 1e-9), 1.0)
    return np.asarray(known * hosts / max(sick, UNHEARD) * thinned, np.float64)


def log_ratio(each: Floats, group: Ints, shared: Bools) -> Floats:
    """For each group of hosts the natural logarithm of its likelihood ratio.

    ``each``: ``ratios`` of the members, ``group`` their group; ``shared``: of each group,
    whether it may be behind a door that strangers use as well. The mean over the shares that
    may be sick, as nobody knows which.
    """
    prior = 0.5 ** np.arange(len(SHARES)) * np.where(
        np.arange(len(SHARES)) < ALONE, 1.0, shared[:, None]
    )
    prior /= prior.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        by_share = np.log(prior).T
    told = _by_share(each, group, len(shared))
    return np.asarray(np.logaddexp.reduce(by_share + told, axis=0), np.float64)


def alone(each: Floats, group: Ints, groups: int) -> Floats:
    """How much likelier each group's hosts are if nearly all are sick than if fewer are.

    Natural log-odds; ``each``: ``ratios`` of the members, ``group`` their group.
    """
    told = _by_share(each, group, groups)
    return np.asarray(told[0] - told[1:].max(axis=0), np.float64)


def _by_share(each: Floats, group: Ints, groups: int) -> Floats:
    """(shares, groups): of each group the log-likelihood ratio, if such a share is sick."""
    told = [np.bincount(group, np.log(share * each + 1.0 - share), groups) for share in SHARES]
    return np.stack(told)


def others_share(each: Floats, sick: Floats, hidden: float = 1.0) -> tuple[Floats, Floats]:
    """For each host of one group, how many of its like are sick by what the others are.

    ``each``: ``ratios`` of the members; ``sick``: how likely each is; ``hidden``: how likely it
    is that who is sick shows nothing where nobody else goes. What a host says itself
    is left out. Of those who show something it is the share of the group, the mean over what
    it may be, as likely as the others make each. Among strangers all of the sick show it, or
    they would be none: one more that shows nothing is one that has yet to be met (P. S. de
    Laplace's rule of succession).
    """
    # The sick have chosen the place: who comes there and of whom nothing is heard is well.
    heard = np.where(sick > 0.0, each, 0.0)
    told = np.log(np.outer(SHARES, heard) + 1.0 - SHARES[:, None])
    prior = -math.log(2.0) * np.arange(len(SHARES))
    others = told.sum(axis=1, keepdims=True) - told + prior[:, None]
    likely = np.exp(others - others.max(axis=0))
    likely /= likely.sum(axis=0)
    well = np.sum(1.0 - sick) - (1.0 - sick)
    unmet = np.minimum(SHARES[1:, None], UNMET / (EACH_WELL * well + UNSEEN_WELL))
    silent = SHARES[0] * hidden / (1.0 - SHARES[0] * (1.0 - hidden))
    alone = silent * likely[0]
    return SHARES @ likely, alone + np.sum(unmet * likely[1:], axis=0)


def few_each(
    ballots: Mapping[int, Ints], sick: Mapping[int, Set[int]], chosen: Set[int], most: int
) -> dict[int, Ints]:
    """The ballots, the surest first, when the sick speak for ``most`` of the chosen alone.

    ``ballots``: for each group its hosts; ``sick``: those of them that are. Whoever spoke for
    so many is silent in the rest.
    """
    spoken: Counter[int] = Counter()
    kept: dict[int, Ints] = {}
    for group, hosts in ballots.items():
        heard = [host not in sick[group] or spoken[host] < most for host in hosts.tolist()]
        kept[group] = hosts[np.array(heard, bool)]
        if group in chosen:
            spoken.update(sick[group] & set(kept[group].tolist()))
    return kept


def all_told(weights: Mapping[str, float], *, sampled: bool, odds: float) -> float:
    """How likely a server is a master, in log-odds, by all that speaks for and against it.

    Where the sick are sent on errands they keep the same company as with their master. Sampled
    records seldom show the visits that would tell, and nothing does what a tunnel brings: then
    company says no more than ``odds``, by which a place that the sick go to is a master's
    (targets.py). What is "unseen" speaks of errands already.
    """
    told = sum(weights.values())
    if not sampled and not weights["unseen"]:
        return told
    return min(told, told - weights["company"] - weights["unseen"] + odds)
