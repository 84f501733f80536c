"""Whether several addresses are one that changes: they share the work, and take turns."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.visits import Visits

PROVIDER: Final = "AS"  # before the number of an autonomous system, where it names a party
FEWEST_TURNS: Final = 3  # addresses: two strangers seldom come at the same time
# Who changes an address leaves the old one, but for what is still under way there: of the
# time for which they come, so much is shared with another at the most.
MOST_SHARED: Final = 0.25


def share_of_load(visits: Visits, chosen: Bools, group: Ints) -> Floats:
    """Of what the hosts of each group's chosen pairs receive, the part of those pairs.

    ``group``: of each party.
    """
    where = group[visits.party[chosen]]
    bytes_in = np.bincount(where, visits["bytes"][chosen], minlength=int(group.max()) + 1)
    pair = where * len(visits.hosts) + visits.host[chosen]
    each, first = np.unique(pair, return_index=True)
    loads = visits["received"][chosen][first]
    load = np.bincount(each // len(visits.hosts), loads, minlength=len(bytes_in))
    return np.asarray(bytes_in / np.maximum(load, 1.0), np.float64)


def in_turns(visits: Visits, chosen: Bools, names: Sequence[str]) -> Bools:
    """For each party, whether the chosen of its name are several and take turns."""
    groups, group = np.unique(names, return_inverse=True)
    members = np.flatnonzero(chosen)
    first, last = _spans(visits)
    begun, ended = first[members], last[members]
    order = np.lexsort((begun, group[members]))
    whose, begun, ended = group[members][order], begun[order], ended[order]
    shared = np.zeros(len(groups))
    lasted = np.bincount(whose, ended - begun, minlength=len(groups))
    same = whose[1:] == whose[:-1]
    overlap = np.clip(np.minimum(ended[:-1], ended[1:]) - begun[1:], 0, None)
    np.add.at(shared, whose[1:][same], overlap[same])
    several = np.bincount(whose, minlength=len(groups)) >= FEWEST_TURNS
    return np.asarray((several & (shared <= MOST_SHARED * lasted))[group])


def _spans(visits: Visits) -> tuple[Ints, Ints]:
    """Of each party the first and the last instant of its visits, in microseconds."""
    first = np.full(len(visits.parties), np.iinfo(np.int64).max)
    last = np.zeros(len(visits.parties), np.int64)
    np.minimum.at(first, visits.party, visits["first_seen"])
    np.maximum.at(last, visits.party, visits["last_seen"])
    return first, last
