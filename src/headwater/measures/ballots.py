"""What the callers of each place say of it, against so many places for so few masters."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from headwater.measures import votes
from headwater.measures.calls import WHOLE, Calls
from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.ports import WEB_PORTS
from headwater.measures.targets import ERRANDS_ODDS, few_odds, gathered, master_odds, together

FARM: Final = 5.0  # hosts for each master: fewer are not worth the trouble of keeping one
MOST_COMPANY: Final = 10.0  # no company proves more than one in twenty thousand


def company(calls: Calls, places: Sequence[slice], ballots: Sequence[Ints]) -> Floats:
    """How much likelier each place has its callers (``ballots``) than by chance: log-odds."""
    return _company(calls, *_cast(calls, places, ballots), _web(calls, places))


def told(
    calls: Calls, places: Sequence[slice], ballots: Sequence[Ints]
) -> tuple[Floats, Floats]:
    """The same, and how much likelier each is a master than an end of errands, in log-odds.

    Errands lead to sites; what else is shared serves the sick whom nobody knows yet.
    """
    each, group = _cast(calls, places, ballots)
    web = _web(calls, places)
    met = _company(calls, each, group, web)
    whole = np.array([calls.parts[calls.part[rows][0]] == WHOLE for rows in places], bool)
    alone = votes.alone(each, group, len(places))
    chosen = web & whole & (alone < 0.0) & (met > 0.0)
    beside = gathered([calls.sick(rows) for rows in places], chosen)
    return met, np.where(web, master_odds(alone, beside), ERRANDS_ODDS)


def of_few(calls: Calls, likely: Mapping[int, slice]) -> dict[int, float]:
    """Of places that likely are masters, how surely by how many the same sick go to: log-odds.

    Whom hosts dial to be used stands in rows; sites that give orders do not.
    """
    sites = [
        at
        for (at, rows), web in zip(
            likely.items(), _web(calls, list(likely.values())), strict=True
        )
        if web and not calls.gateway[rows].any()
    ]
    crews = together([calls.sick(likely[at]) for at in sites])
    return {at: few_odds(places) for at, places in zip(sites, crews.tolist(), strict=True)}


def hidden(calls: Calls, masters: Sequence[slice]) -> float:
    """How likely it is that who is sick shows nothing but that it calls a master.

    By all who call masters that serve the sick alone, of whom some are well all the same. Where
    every packet was counted nothing is hidden: who shows nothing waits to be used.
    """
    sampled = [rows for rows in masters if calls.sampled[rows].any()]
    if not sampled:
        return 1.0
    each, group = _cast(calls, sampled, [np.unique(calls.host[rows]) for rows in sampled])
    alone = votes.alone(each, group, len(sampled)) > 0.0
    shown, callers = np.sum(
        [calls.shown(rows) for rows in sampled], axis=0, where=alone[:, None]
    )
    sick = max(float(votes.SHARES[0]) * callers, float(shown))
    return (sick - float(shown) + 1.0) / (sick + 1.0)


def _company(calls: Calls, each: Floats, group: Ints, web: Bools) -> Floats:
    """Strangers' names share an address where the web is served, and hardly anywhere else."""
    masters = max(calls.all_sick / FARM, 1.0)
    choice = math.log(max(calls.all_places / masters, 1.0))
    met = votes.log_ratio(each, group, web) - choice
    return np.asarray(np.minimum(met, MOST_COMPANY), np.float64)


def _web(calls: Calls, places: Sequence[slice]) -> Bools:
    return np.array([np.isin(calls.port[rows], WEB_PORTS).all() for rows in places], bool)


def _cast(
    calls: Calls, places: Sequence[slice], ballots: Sequence[Ints]
) -> tuple[Floats, Ints]:
    """Each vote, and for which place it is."""
    group = np.repeat(np.arange(len(ballots)), [len(ballot) for ballot in ballots])
    each = [_votes(calls, rows, hosts) for rows, hosts in zip(places, ballots, strict=True)]
    return np.concatenate(each), group


def _votes(calls: Calls, rows: slice, hosts: Ints) -> Floats:
    callers, first = np.unique(calls.host[rows], return_index=True)
    return calls.vote[rows][first][np.searchsorted(callers, hosts)]
