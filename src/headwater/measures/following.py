"""Whether hosts go out just when one visitor comes, who comes to several of them.

Of one host's few sampled visits now and then one is followed by chance; of all visits of one
outsider to several hosts that many are not. Visits are held against the same visits moved in
time, which keeps bursts and rhythms and breaks only the tie (as `coupling` does); what all
hosts of one visitor show is added up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Floats, Ints
from headwater.measures.coupling import SHIFTS_S, log10_chance, match
from headwater.measures.odds import logit, probabilities
from headwater.measures.pairing import Pairing
from headwater.measures.prevalence import share_sick

# A session's sampled packets lie anywhere in it, and most that are passed on take some
# seconds: the first of both legs that are seen are as far apart.
SLACK_US: Final = 5_000_000
HALF: Final = 0.5  # of the hosts, before anything is known of them; worth two of them
MEMBERS_WORTH: Final = 2.0
ROUNDS: Final = 10
UNCERTAIN: Final = 0.5  # a hit, which every count by chance may have been short of


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """How many visits of each (host, visitor) were followed: (n) pairs."""

    hits: Ints
    moved: Floats  # (n, shifts): as many, had the visitor come at other times
    tries: Ints
    partner: Ints  # of each visit the session out that followed it, each but once; or -1

    @property
    def by_chance(self) -> Floats:
        return np.asarray(self.moved.mean(axis=1), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """One visitor's hosts, seen together."""

    strength: float  # -log10 of the chance
    rest: float  # the same without the host that shows most
    members: Floats  # how likely each host passes the visitor's things on


def followed(pairing: Pairing) -> Visits:
    """What follows the visits of each group (host, visitor) of a pairing, and what by chance.

    A session out follows one visit at most: of a burst of visits each needs one of its own.
    """
    partner = _partners(pairing, 0)
    hits = _count(pairing, partner)
    reach = 1 + 2 * SLACK_US // 1_000_000
    moved = [
        _count(pairing, _partners(pairing, shift + (reach if shift > 0 else -reach)))
        for shift in SHIFTS_S
    ]
    return Visits(
        hits=hits,
        moved=np.stack(moved, axis=1).astype(np.float64),
        tries=np.bincount(pairing.of, minlength=pairing.groups).astype(np.int64),
        partner=partner,
    )


def together(visits: Visits, visitor: Ints, fewest: float) -> Iterator[tuple[Ints, Pooled]]:
    """The groups of each visitor, and what they show.

    ``visitor``: code of each group's. Of whom fewer hits than ``fewest`` are beyond chance is
    left out.
    """
    beyond = np.bincount(visitor, visits.hits - visits.by_chance)
    rows = np.flatnonzero(beyond[visitor] >= fewest)
    rows = rows[np.argsort(visitor[rows], kind="stable")]
    bounds = np.flatnonzero(np.diff(visitor[rows])) + 1
    for mine in np.split(rows, bounds) if len(rows) else ():
        yield mine, _pooled(visits, mine)


def _partners(pairing: Pairing, shift_s: int) -> Ints:
    """Of each visit the session out that follows it and no visit before, or -1."""
    legs = pairing.inbound.legs, pairing.outbound.legs
    partner = match(*legs, SLACK_US, SLACK_US, shift_s * 1_000_000).partner
    place = pairing.of * (len(pairing.outbound.row) + 1) + partner
    once = np.zeros(len(partner), bool)
    once[np.unique(place, return_index=True)[1]] = True
    return np.where(once, partner, -1)


def _count(pairing: Pairing, partner: Ints) -> Ints:
    hits = np.bincount(pairing.of[partner >= 0], minlength=pairing.groups)
    return np.asarray(hits, np.int64)


def _pooled(visits: Visits, mine: Ints) -> Pooled:
    hits, moved, tries = visits.hits[mine], visits.moved[mine], visits.tries[mine]
    by_chance = moved.mean(axis=1)
    others = np.arange(len(mine)) != int(np.argmax(hits - by_chance))
    return Pooled(
        strength=strength(hits, moved, tries),
        rest=strength(hits[others], moved[others], tries[others]),
        members=_members(hits, by_chance, tries),
    )


def strength(hits: Ints, moved: Floats, tries: Ints) -> float:
    """-log10 of the chance of all hits together; ``moved``: (n, shifts).

    Bursts hit together: where the moved visits' counts scatter more widely than single ones
    would, so many hits are worth one.
    """
    if not len(hits):
        return 0.0
    sums = moved.sum(axis=0)
    mean = float(sums.mean())
    wide = max(float(sums.var(ddof=1)) / max(mean, 1.0), 1.0)
    counts = (np.array([each / wide]) for each in (hits.sum(), mean, tries.sum()))
    return float(-log10_chance(*counts)[0])


def _members(hits: Ints, by_chance: Floats, tries: Ints) -> Floats:
    """How likely each host is among those that pass on, by the share of visits that they do.

    Expectation and maximisation over Poisson counts: each host's hits are chance's, or chance's
    and the share of its visits that members pass on.
    """
    usual = by_chance + UNCERTAIN / len(hits)
    members = np.ones(len(hits))
    for _ in range(ROUNDS):
        beyond = float((members * (hits - by_chance)).sum())
        share = max(beyond, 0.0) / max(float((members * tries).sum()), 1e-9)
        said = hits * np.log1p(share * tries / usual) - share * tries
        sick = share_sick(said.tolist(), HALF, MEMBERS_WORTH)
        members = np.asarray(probabilities(logit(sick) + said), np.float64)
    return members
