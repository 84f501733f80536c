"""Who works with the same sick hosts, told from the crowd that comes by.

Crews and hosts are known by each other. Whoever goes to hosts that hardly anybody else but
their drivers visits is one of these; what many visit who go nowhere else is open to a crowd,
and to go there says little. So both are asked in turn until neither changes (J. Kleinberg's
hubs and authorities, J. ACM 46, 1999, here as likelihoods; A. P. Dempster et al. 1977). What
is said of a party is told by the others alone: it never hears its own echo.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from headwater.measures import roaming
from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.gathering import gather
from headwater.measures.order import firsts

CROWDED: Final = 8.0  # of the crowd, from which more visitors say no more
UNKNOWN: Final = 2.0  # as if two more had gone on from each host as often as from the others
# A crew is made of those who are surely in it: half a suspicion is none of another.
SURE: Final = 1.0
STEEP: Final = 1.5
ROUNDS: Final = 60
STILL: Final = 1e-3
STEADY: Final = 0.5  # of the belief before is kept, or two who doubt each other never settle
# Nobody of a crowd goes on more often than not: those who all go everywhere are one crew.
MOST_GOING_ON: Final = 0.5
LEAST_GOING_ON: Final = 1e-3
SIZES: Final = 10.0  # a crew may have any number of hosts up to this, or as surely more
NO_CREW: Final = -50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Who (a party) goes to which sick host, each pair once."""

    party: Ints
    host: Ints
    uses: Bools  # pairs in which the party uses what makes the host sick, as far as is known
    kin: Ints  # of each pair, which of them are visits of one network to one host
    elsewhere: Ints  # of each pair, how many go to its host who go to none of the others
    parties: int
    hosts: int

    def by_party(self, values: Floats) -> Floats:
        return np.bincount(self.party, values, self.parties).astype(np.float64)

    def by_host(self, values: Floats) -> Floats:
        return np.bincount(self.host, values, self.hosts).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the iteration came to."""

    log_odds: Floats  # of each party, that it is of a crew: natural logarithm
    crowd: Floats  # of each pair, from how many other networks it is used by who is of none


def crews(pairs: Pairs, against_chance: Floats, expected: float) -> Told:
    """Each party's log-odds to be of a crew, of which ``expected`` are in all.

    ``against_chance``: log-odds of each party if, were it of no crew, it went to blindly drawn
    hosts. Whoever goes to sick hosts may be of the crowd as well: the less likely one counts.
    Who goes to none is of no crew.

    Where the iteration comes to rest depends on its beginning. Who doubts all never sees a
    large crew amid a crowd: its own many look like one. Who trusts those who go further than
    most do takes small ones for the public; who trusts those who go together does not see
    one that goes alone. Whoever is told by any is told.
    """
    told = _settled(pairs, against_chance, expected, np.zeros(pairs.parties))
    if not len(pairs.party):
        return told
    together = gather(pairs.party, pairs.host, pairs.parties, pairs.hosts).astype(np.float64)
    further = _further(pairs, against_chance, expected)
    # Those of whom too little is known to be told go together with the others all the same: for
    # that they are of no crowd.
    anybody = np.full(pairs.parties, np.inf)
    others = [
        np.minimum(_settled(pairs, doubt, expected, belief).log_odds, against_chance)
        for belief, doubt in ((further, against_chance), (together, anybody))
    ]
    return replace(told, log_odds=np.maximum.reduce([told.log_odds, *others]))


def _further(pairs: Pairs, against_chance: Floats, expected: float) -> Floats:
    """Belief in those who go further than most do."""
    going = pairs.by_party(np.ones(len(pairs.party)))
    went = going > 0
    share = _share(float((going - 1.0).clip(0.0).sum()), float(going.sum()))
    steps = -np.log(np.clip(share, LEAST_GOING_ON, MOST_GOING_ON)) * (going - 1.0)
    trusting = np.minimum(against_chance, steps - np.log(max(went.sum() / expected, 1.0)))
    return np.asarray(np.where(went, _sure(trusting), 0.0))


def _settled(pairs: Pairs, against_chance: Floats, expected: float, belief: Floats) -> Told:
    """What the iteration comes to that begins with a ``belief`` in each party."""
    going = pairs.by_party(np.ones(len(pairs.party)))
    told = Told(log_odds=np.full(pairs.parties, NO_CREW), crowd=np.zeros(len(pairs.party)))
    hosts = firsts(pairs.host, pairs.hosts)
    for _ in range(ROUNDS if len(pairs.party) else 0):
        stranger = np.where(going > 0, 1.0 - belief, 0.0)
        crowd = _others(pairs, stranger) + pairs.elsewhere
        usual = float(crowd[hosts].mean())
        ratio = _against_crowd(pairs, stranger, going, crowd, min(usual, CROWDED))
        visitors = max(float(stranger.sum()), 1.0)
        odds = ratio - np.log(visitors / expected)
        told = Told(
            log_odds=np.where(going > 0, np.minimum(against_chance, odds), NO_CREW),
            crowd=crowd,
        )
        sure = _sure(told.log_odds)
        if float(np.abs(sure - belief).max()) < STILL:
            break
        belief = STEADY * belief + (1.0 - STEADY) * sure
    return told


def _sure(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(STEEP * (log_odds - SURE), -50.0, 50.0))))


def _others(pairs: Pairs, weight: Floats) -> Floats:
    """For each pair the sum of ``weight`` over the other networks that go to its host.

    Neighbours count as one together, of their mean: some change their address.
    """
    size = np.bincount(pairs.kin, pairs.uses)[pairs.kin]
    each = np.where(pairs.uses, weight[pairs.party] / np.maximum(size, 1.0), 0.0)
    own = np.bincount(pairs.kin, each)[pairs.kin]
    return np.asarray(np.maximum(pairs.by_host(each)[pairs.host] - own, 0.0))


def _against_crowd(
    pairs: Pairs, stranger: Floats, going: Floats, crowd: Floats, usual: float
) -> Floats:
    """How many times likelier a crew goes to a party's hosts than one of the crowd: log.

    The crowd goes where many of it go, and from each host further as seldom as the others
    there do (the geometric law), or as it does anywhere, where its spread is known. A crew
    goes to all of its hosts alike. ``usual``: how crowded a host is.
    """
    rarely = np.log((usual + 1.0) / (np.minimum(crowd, CROWDED) + 1.0))
    further = 1.0 - 1.0 / np.maximum(going, 1.0)
    share = _share(
        float((stranger * (going - 1.0).clip(0.0)).sum()), float((stranger * going).sum())
    )
    on = (_others(pairs, stranger * further) + UNKNOWN * share) / (crowd + UNKNOWN)
    mean_on = pairs.by_party(on) / np.maximum(going, 1.0)
    steps = -np.log(np.clip(mean_on, LEAST_GOING_ON, MOST_GOING_ON)) * np.maximum(
        going - 1.0, 0.0
    )
    so_many = going.astype(np.int64)
    known = roaming.believed(so_many, stranger)
    spread = -np.log(SIZES) - roaming.log_shares(so_many, stranger)[np.maximum(so_many, 1) - 1]
    return np.asarray(pairs.by_party(rarely) + known * spread + (1.0 - known) * steps)


def _share(of: float, all_in_all: float) -> float:
    return (of + 1.0) / (all_in_all + 2.0)
