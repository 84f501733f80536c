"""Same errands: hosts hand one visitor as much as they fetch where hardly anybody else goes.

Sees       sampled records alone: an outsider who comes to several own hosts and takes more
           than it gives; the same few places that these hosts go to and others do not; and
           that they hand on about as much as they fetch there, both ways. Or one that gives
           hosts, of which most mail, about as much as they mail. A few packets of each host
           will do, at whatever times
Misses     outsiders that fewer than three own hosts are seen to deal with; errands to places
           that everybody goes to; hosts that call the one for whom they fetch, as devices
           call their maker: unless times tell (`farm`, `hand_over`)
Mistakes   members of a network that passes things on for each other, run at several homes
Next step  see who else deals with the outsider, and with the places that it has them call
Source     I. J. Good, Probability and the Weighing of Evidence, 1950
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Floats
from headwater.measures.odds import logit, probabilities, probability, share_odds
from headwater.measures.pooling import LEAST_LEAVES, MOST_LEAVES, told_of_one
from headwater.measures.ports import each_at_a_clients
from headwater.measures.prefixes import network_of
from headwater.measures.relaying import of_many
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

# Of outsiders of whom all that stands, and whom hosts serve and hardly anybody else, half have
# them run errands. Some are met by hosts that all fetch and hand on in one proportion for a
# reason of their own, as machines of one firm may; those of others do so each as it likes.
ERRANDS: Final = 0.5
ONE_HABIT: Final = 0.1
# Of all packets with which a host fetches and hands on, the share with which it fetches: Beta
# distributions. On errands half, more or less; where the two have nothing to do with each
# other, one is most often many times the other.
ON_ERRANDS: Final = (5.0, 5.0)
BESIDE: Final = (0.5, 0.5)
DOES_ELSE: Final = 0.1  # of hosts, how many do much else with the same few as well
A_MEMBER: Final = 0.9  # of the hosts of a gateway that hardly anybody else meets
FEWEST_MEMBERS: Final = 3  # as of `farm`
MOSTLY: Final = 0.5  # of the hosts, those that fetch there; of what they serve, to these few
FEWEST_SERVERS: Final = 2  # to whom each of those mails who are asked about
FEWEST_ERRANDS: Final = 3  # of each host that fetches: of a farm's they are dozens
SEEN_WELL: Final = 2.0  # sampled packets of each session seen: then four in five are seen
A_PART: Final = 0.05  # of what is fetched: orders are shorter
LIKELY: Final = 0.5
LEAST_CONFIDENCE: Final = 0.3  # as of `farm`

# Little less than of `shared_visitor`: doors of one's own at several subscribers', but it is
# not seen that what they fetch is for who comes.
FARM_WEIGHT: Final = 6.0
MAIL_WEIGHT: Final = (
    8.0  # as of `farm`: nobody's gateway is used by several subscribers to mail
)

Proof = dict[str, Any]


class Dealing(NamedTuple):
    """What one host exchanges with an outsider of its pool, or with a place; estimates."""

    leg: str  # `to`: the pool's hosts call the outsider; `in`: it comes to them
    peer: str
    host: str
    other_leg: str  # `mail`: all to whom it mails
    other: str
    takes: int  # 1: it is handed more than it gives
    port: int
    sessions: int
    sent: int
    got: int
    packets: int
    sampling: int
    first_seen: int
    last_seen: int
    served: int  # what all who come to that port exchange there

    @property
    def beside(self) -> bool:
        """No place to go to for the outsider, but another server of its service.

        Of a few sampled packets one of several that share the load seems to take what another
        gives.
        """
        alone = self.takes or self.other == self.peer
        return not alone and network_of(self.other) == network_of(self.peer)

    @property
    def fetched(self) -> bool:
        """Whether it is a place where something is fetched for the outsider."""
        return not self.takes and (self.other_leg, self.other) != (self.leg, self.peer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One host of a pool: what it hands on, and what it fetches."""

    dealings: list[Dealing]

    @property
    def with_outsider(self) -> Dealing:
        """What it exchanges with the outsider itself."""
        return next(d for d in self.dealings if (d.other_leg, d.other) == (d.leg, d.peer))

    @property
    def mailed(self) -> Dealing | None:
        """What it mails, if that is what it is fed."""
        return next((each for each in self.dealings if each.other_leg == "mail"), None)

    def added(self, name: str, *, takes: bool) -> int:
        """Sum over those who take, or those who give."""
        return sum(getattr(each, name) for each in self.dealings if each.takes == takes)

    def seen(self, *, takes: bool) -> float:
        """Sampled packets with those who take, or those who give; both ways."""
        return self.added("packets", takes=takes) / self.dealings[0].sampling

    @property
    def alike(self) -> float:
        """The log-odds, by its sampled packets, that it hands on what it fetches."""
        took, gave = self.seen(takes=True), self.seen(takes=False)
        return share_odds(gave, gave + took, ON_ERRANDS, BESIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One outsider with the hosts that deal with it."""

    errands: list[Errand]
    sure: float  # that they run its errands
    members: Floats  # of each host how likely it does, if any do

    @property
    def likely(self) -> list[Errand]:
        each = zip(self.errands, self.members.tolist(), strict=True)
        return [errand for errand, member in each if member > LIKELY]


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that likely runs an outsider's errands, by the surest."""
    every = (Dealing(**row) for row in answer.to_pylist())
    dealings = (each for each in every if not each.beside)
    best: dict[tuple[str, str], Finding] = {}
    for _, pool in groupby(dealings, key=lambda each: (each.leg, each.peer)):
        by_host = groupby(pool, key=lambda each: each.host)
        judged = judge([Errand(dealings=list(each)) for _, each in by_host])
        for finding in _findings(judged, window) if judged else ():
            whose = finding.subject, finding.kind
            known = best.get(whose, finding)
            best[whose] = max(known, finding, key=lambda each: each.confidence)
    yield from best.values()


def judge(errands: list[Errand]) -> Pool | None:
    """How likely these hosts fetch for the outsider what they hand it, if amounts allow it."""
    fetching = sum(errand.added("got", takes=False) > 0 for errand in errands)
    few = fetching < max(FEWEST_MEMBERS, MOSTLY * len(errands)) or _met_once(errands, fetching)
    if few or not _as_much(errands) or not _theirs(errands):
        return None
    alike = np.array([errand.alike for errand in errands])
    members = probabilities(np.asarray(logit(A_MEMBER) + alike, np.float64))
    return Pool(errands=errands, sure=_sure(errands, alike, members), members=members)


def _sure(errands: list[Errand], alike: Floats, members: Floats) -> float:
    """How likely they run errands, by how alike what they fetch and hand on is."""
    each = float(np.log((1.0 - DOES_ELSE) * np.exp(alike) + DOES_ELSE).sum())
    otherwise = (
        math.log(1.0 - ERRANDS - ONE_HABIT) - each,
        math.log(ONE_HABIT) - _all_alike(errands, members),
    )
    return probability(math.log(ERRANDS) - float(np.logaddexp.reduce(otherwise)))


def _all_alike(errands: list[Errand], members: Floats) -> float:
    """The log-odds of errands against a habit that all have: together they are one witness."""
    took, gave = (
        float(members @ np.array([errand.seen(takes=way) for errand in errands]))
        for way in (True, False)
    )
    return share_odds(gave, gave + took, ON_ERRANDS, BESIDE)


def _met_once(errands: list[Errand], fetching: int) -> bool:
    """Whether a host met each place once or twice, where nearly all sessions are seen.

    Partners in a swarm do, and then exchange much; who is sent there is sent again and again.
    """
    places = [each for errand in errands for each in errand.dealings if each.fetched]
    sessions = sum(each.sessions for each in places)
    packets = sum(each.packets / each.sampling for each in places)
    return packets >= SEEN_WELL * sessions and 0 < sessions < FEWEST_ERRANDS * fetching


def _as_much(errands: list[Errand]) -> bool:
    """Contents go one way, requests the other: as much of either comes as goes on.

    Of mail the answers are not passed on.
    """

    def fits(fetched: str, handed: str) -> bool:
        came = sum(errand.added(fetched, takes=False) for errand in errands)
        went = sum(errand.added(handed, takes=True) for errand in errands)
        return LEAST_LEAVES * went <= came <= MOST_LEAVES * went

    return fits("got", "sent") and (bool(errands[0].mailed) or fits("sent", "got"))


def _theirs(errands: list[Errand]) -> bool:
    """Whether hardly anybody else is served where these come in.

    A service that people know has others at each host; and where members of a network or of a
    swarm serve each other, each is a small part of all.
    """
    came = [each for errand in errands for each in errand.dealings if each.other_leg == "in"]
    doors = {(each.host, each.port): each.served for each in came}
    whole = sum(doors.values())
    return bool(errands[0].mailed) or sum(e.sent + e.got for e in came) >= MOSTLY * whole


def _findings(pool: Pool, window: Window) -> Iterator[Finding]:
    likely = pool.likely
    if len(likely) < FEWEST_MEMBERS:
        return
    weight = MAIL_WEIGHT if likely[0].mailed else of_many(FARM_WEIGHT, len(likely))
    places = _places(pool.errands)
    ports = np.array([errand.with_outsider.port for errand in likely])
    dials_in = each_at_a_clients(np.arange(len(likely)), ports)
    for errand, member in zip(pool.errands, pool.members.tolist(), strict=True):
        confidence = pool.sure * member
        if confidence < LEAST_CONFIDENCE:
            continue
        others = len(likely) - (errand in likely)
        proof = _proof(errand, others)
        proof |= {"places": places, "dials_in": dials_in}
        proof["weight"] = round(told_of_one(weight, confidence), 2)
        outsider = errand.with_outsider
        yield Finding(
            detector=DETECTOR.name,
            subject=outsider.host,
            kind="carries-to" if outsider.leg == "to" else "carries",
            confidence=confidence,
            window=window,
            summary=_summary(errand, others),
            proof=proof,
        )


def _places(errands: list[Errand]) -> list[str]:
    """Where errands lead. Who gives little among these may as well give orders."""
    fetched: Counter[str] = Counter()
    for errand in errands:
        fetched.update({each.other: each.got for each in errand.dealings if each.fetched})
    least = A_PART * fetched.total()
    return sorted(place for place, octets in fetched.items() if octets >= least)


def _proof(errand: Errand, others: int) -> Proof:
    outsider, mailed = errand.with_outsider, errand.mailed
    told = {"leg": "to", "peer": outsider.peer} if outsider.leg == "to" else _visited(errand)
    return told | {
        "port": outsider.port,
        "sampled": True,
        "alike": others,
        "handed": errand.added("sent", takes=True),
        "fetched": errand.added("got", takes=False),
        "packets": round(outsider.packets / outsider.sampling),
        "bytes": outsider.sent + outsider.got,
        "sessions": outsider.sessions,
        "onward_servers": FEWEST_SERVERS if mailed else sum(e.fetched for e in errand.dealings),
        "onward_mail": mailed.sessions if mailed else 0,
        "onward_mail_servers": FEWEST_SERVERS if mailed else 0,
        "first_seen_us": outsider.first_seen,
        "last_seen_us": outsider.last_seen,
    }


def _visited(errand: Errand) -> Proof:
    came = [each for each in errand.dealings if each.other_leg == "in"]
    return {
        "leg": "in",
        "lasting": False,
        "front": False,
        "visitors": len(came),
        "visitors_served": len(came),
        "networks_served": len({network_of(each.other) for each in came}),
        "first_visit_us": min(each.first_seen for each in came),
        "passed_for": {each.other: float(each.sent + each.got) for each in came},
    }


def _summary(errand: Errand, others: int) -> str:
    peer = errand.with_outsider.peer
    alike = f"as with {others} other own hosts"
    if errand.mailed:
        return f"what {peer} gives is about as much as it mails, {alike}"
    return (
        "what it fetches where hardly anybody else goes is about as much as it hands its"
        f" visitor {peer}, {alike}"
    )


DETECTOR = Detector(name="same_errands", question="same_errands.sql", weigh=weigh)
