"""Where a driver's many addresses hide: in its network, or among its provider's customers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.driving import Weighed, weighed
from headwater.measures.prefixes import network_of
from headwater.measures.rotation import in_turns, share_of_load
from headwater.measures.visits import Visits, joined

# Addresses among which a driver hides carry its traffic; a driver's neighbours who only use
# the same proxies carry little of it.
TOGETHER: Final = 0.3
# Suspects, to which one of a crowd seldom goes; and how many crews change addresses that often.
SEVERAL: Final = 2
ROTATE: Final = 0.25


def parties_of(
    visits: Visits, alone: Weighed, providers: Sequence[str]
) -> tuple[Ints, list[str], Floats]:
    """For each source its party: itself, or where a driver's many addresses hide.

    That is its network, or else its provider's autonomous system. And of each party what it
    says that its addresses take turns.
    """
    here = [network_of(source) for source in visits.parties]
    told = _relieved(visits, alone, here)
    neighbours = _hidden(visits, alone, here) | (told > 0.0)
    # Of a whole provider those alone who may hide there, and take turns.
    alike = _fits(visits, alone) & ~alone.drives & ~neighbours & (np.array(providers) != "")
    there = [
        name if may else itself
        for name, may, itself in zip(providers, alike.tolist(), visits.parties, strict=True)
    ]
    customers = alike & _hidden(visits, alone, there)
    customers &= in_turns(visits, customers, there)
    called = list(visits.parties)
    for member, names in ((neighbours, here), (customers, there)):
        for place in np.flatnonzero(member).tolist():
            called[place] = names[place]
    _, first, party = np.unique(called, return_index=True, return_inverse=True)
    # In the order of their first members, which is that of the visits.
    relieved = np.zeros(len(called))
    np.maximum.at(relieved, first[party], told)
    return first[party], called, relieved


def _private(visits: Visits, alone: Weighed) -> Bools:
    """Visits to proxies that do not serve the public: those, neighbours may visit by chance."""
    return np.asarray(visits.suspect & ~alone.public & visits.on_purpose)


def _fits(visits: Visits, alone: Weighed) -> Bools:
    """Sources that go to such proxies and hardly elsewhere."""
    used = visits.per_party(_private(visits, alone) & visits.met)
    return np.asarray((used > 0) & (2 * alone.sick >= alone.met) & ~alone.tester)


def _hidden(visits: Visits, alone: Weighed, names: Sequence[str]) -> Bools:
    """For each source, whether it is one of a driver's addresses; ``names``: where it is."""
    private, fits = _private(visits, alone), _fits(visits, alone)
    groups, group = np.unique(names, return_inverse=True)
    whole = weighed(
        joined(replace(visits, suspect=private, faint=private), group, groups.tolist())
    )
    members = np.bincount(group[fits], minlength=len(groups))
    unseen = private & (fits & ~alone.drives)[visits.party]
    carries = share_of_load(visits, unseen, group) >= TOGETHER
    return np.asarray(fits & ((members >= 2) & whole.drives & carries)[group])


def _relieved(visits: Visits, alone: Weighed, names: Sequence[str]) -> Floats:
    """For each source what it says that neighbours of it go to several suspects in turns.

    In log-odds, as seldom as networks of the crowd at open proxies do so: it comes from all
    over, and some of it change their address. Nothing where no driver is told by all of it.
    """
    fits = (alone.sick > 0) & (2 * alone.sick >= alone.met) & ~alone.tester
    turning = in_turns(visits, fits & (alone.sick >= SEVERAL), names)
    groups, group = np.unique(names, return_inverse=True)
    networks = len(np.unique(group[fits]))
    rare = ROTATE * networks / max(len(np.unique(group[turning])), 1)
    told = np.where(turning & fits, np.log(max(rare, 1.0)), 0.0)
    relieved = np.zeros(len(groups))
    np.maximum.at(relieved, group, told)
    whole = weighed(joined(visits, group, groups.tolist()), relieved)
    return np.where(whole.drives[group], told, 0.0)
