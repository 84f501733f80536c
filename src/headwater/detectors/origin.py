"""Origin: what one outsider gives several own hosts is what these show their visitors.

Sees       an outsider that hardly anybody calls but several own hosts that are visited as
           sites are, and exchanges with each of them about as many packets as its visitors do.
           A few packets or visits of each host will do, at whatever times
Misses     origins that one own host alone is seen to call; sites of which most visits
           are answered from what was kept; what goes by datagrams
Mistakes   several machines of one owner in front of a site of his; sites that ask one service
           for all that they show
Next step  block the outsider at the edge; look at what its fronts show
Source     I. J. Good, Probability and the Weighing of Evidence, 1950
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Floats
from headwater.measures.fronts import (
    VISITED_AT_ORIGIN,
    amounts_alike,
    front_weight,
    origin_odds,
)
from headwater.measures.homes import homes_weight, watching
from headwater.measures.odds import logit, probabilities, probability
from headwater.measures.pooling import told_of_one
from headwater.measures.relaying import FEW_ORIGINS
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

LEAST_CONFIDENCE: Final = 0.3  # as of `farm`
FEWEST_MEMBERS: Final = 2
# Where every packet was counted a pair of fronts shows each visit handed through, to `relay`.
FEWEST_COUNTED: Final = 3
LIKELY: Final = 0.5
A_FRONT: Final = VISITED_AT_ORIGIN[0] / sum(VISITED_AT_ORIGIN)  # of an origin's callers


class Site(NamedTuple):
    """One visited host that calls an outsider; octets and packets are estimates."""

    host: str
    peer: str
    sampling: int
    sessions: int
    fetched: int
    packets: int
    first_seen: int
    last_seen: int
    callers: int  # hosts that call the outsider
    shown: int  # to all who visit the host as a site
    shown_packets: int  # of these visits, both ways
    port: int  # at which it shows most
    visitors: int
    first_visit: int
    film: int  # the most that the host got from one other server
    hosts: int  # own hosts
    watching: int  # of them, those that watch films
    sites: int  # of them, those that are visited


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One outsider with the sites that call it."""

    sites: list[Site]
    sure: float  # that it is the origin of what they show
    members: Floats  # of each site how likely it is a front, if it is
    lives: float  # what the lives of the likely ones say for homes

    @property
    def likely(self) -> list[Site]:
        each = zip(self.sites, self.members.tolist(), strict=True)
        return [site for site, member in each if member > LIKELY]


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that likely shows what an outsider gives it."""
    sites = (Site(**row) for row in answer.to_pylist())
    told: dict[str, list[Finding]] = {}
    for _, callers in groupby(sites, key=lambda site: site.peer):
        origin = judge(list(callers))
        counted = origin.sites[0].sampling == 1
        if len(origin.likely) >= (FEWEST_COUNTED if counted else FEWEST_MEMBERS):
            for finding in _findings(origin, window):
                told.setdefault(finding.subject, []).append(finding)
    # A front has an origin, or one and its spare. Who asks many, as others like it do, is a
    # server among its fellows.
    for findings in told.values():
        if len(findings) <= FEW_ORIGINS:
            yield from findings


def judge(sites: list[Site]) -> Origin:
    """How likely what these sites call is the origin of what they show."""
    one = sites[0]
    fetched = np.array([site.packets / site.sampling for site in sites])
    shown = np.array([site.shown_packets / site.sampling for site in sites])
    alike = amounts_alike(fetched, shown)
    # Where all are sites, as in a hall of machines, one more host may be none.
    usual = min(one.sites, one.hosts) / (one.hosts + 1)
    odds = origin_odds(one.callers, len(sites), usual, alike)
    members = np.asarray(probabilities(logit(A_FRONT) + alike), np.float64)
    each = zip(sites, members.tolist(), strict=True)
    lives = _lives([site for site, member in each if member > LIKELY])
    # Who asks a service is a site's machine as well as a rack's is: in homes stand neither. But
    # that nobody watches says little of whether anybody lives there, and is said once.
    likely = odds + max(lives, 0.0)
    return Origin(sites=sites, sure=probability(likely), members=members, lives=lives)


def _findings(origin: Origin, window: Window) -> Iterator[Finding]:
    likely = origin.likely
    weight = front_weight([site.host for site in likely]) + origin.lives
    for site, member in zip(origin.sites, origin.members.tolist(), strict=True):
        confidence = origin.sure * member
        if confidence < LEAST_CONFIDENCE:
            continue
        proof = _proof(site, others=len(likely) - (site in likely))
        proof["weight"] = round(told_of_one(weight, confidence), 2)
        yield Finding(
            detector=DETECTOR.name,
            subject=site.host,
            kind="carries",
            confidence=confidence,
            window=window,
            summary=(
                f"what {site.peer} gives is about as much as visitors of port {proof['port']}"
                f" get, as with {proof['alike']} other own hosts, and hardly anybody else"
                " calls it"
            ),
            proof=proof,
        )


def _lives(sites: list[Site]) -> float:
    if not sites:
        return 0.0
    film, passed_on = (
        np.array(column, np.float64)
        for column in zip(*((s.film, s.fetched + s.shown) for s in sites), strict=True)
    )
    return homes_weight(watching(film, passed_on), sites[0].watching / sites[0].hosts)


def _proof(site: Site, others: int) -> dict[str, Any]:
    return {
        "leg": "in",
        "origin": site.peer,
        "port": site.port,
        "front": True,
        "lasting": False,
        "sampled": site.sampling > 1,
        "alike": others,
        "callers": site.callers,
        "fetched": site.fetched,
        "shown": site.shown,
        "packets": round(site.packets / site.sampling),
        "sessions": site.sessions,
        "visitors": site.visitors,
        "visitors_served": site.visitors,
        "outside_share": 1.0,
        "passed_for": {},
        "first_visit_us": site.first_visit,
        "first_seen_us": site.first_seen,
        "last_seen_us": site.last_seen,
    }


DETECTOR = Detector(name="origin", question="origin.sql", weigh=weigh)
