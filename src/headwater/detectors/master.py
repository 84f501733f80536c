"""Master: an outside server that the sick call and the well do not.

Sees       servers whose own clients are suspects far more often than chance would give;
           surer where the calls keep a period, the same for many clients, and come before
           what the clients did. Behind shared hosting: one port, or those alone that poll it
Misses     masters reached through a crowded name (a big hosting or cloud front) where
           records are sampled, through peer-to-peer networks, or only once in the window
Mistakes   a site that the relayed traffic itself visits: left out where calls follow an
           inbound session at once; a service that only an unusual product calls
Next step  look at the next suspects; block the server at the edge; tell its provider
Source     R. A. Fisher 1935 (exact test); RITA v5 beacon scores for regularity
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, codes, floats, ints
from headwater.measures.enrichment import false_discovery, log10_hypergeometric_tail
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.precedence import Meeting, Order, precedence
from headwater.measures.regularity import common_beat, middle_regularity
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

SUSPECT: Final = 0.3  # confidence from which a host counts here: company tells more than one
PRIOR: Final = 0.005  # of servers favoured by suspects, how many command them
CAPPED_EVIDENCE: Final = 6.0
LEAST_CONFIDENCE: Final = 0.5

# A farm takes its orders from a few places. Who calls many places that no clean host calls
# watches them, crawls them, or passes on what others want from them: it speaks for its few
# surest alone.
MOST_MASTERS: Final = 4
PURITY_WEIGHT: Final = 1.5
# Behind shared hosting a master has clean clients as well, some for each sick one. With tens
# for each it is a popular place, whoever else goes there: the square of the odds.
CROWD_WEIGHT: Final = -3.0
INDICATED_WEIGHT: Final = 9.0  # somebody took the malware apart and found this address in it
REGULAR: Final = 0.7  # mean of the three beacon scores
REGULAR_WEIGHT: Final = 3.0
CERTAIN_BEAT: Final = 3.0  # decades: one period in all clients' calls, as good as certain
# Nearly all bots poll by a timer. Thirty intervals without a period, and it is none.
MANY_INTERVALS: Final = 30
NO_BEAT: Final = 0.5  # share about the period that people's intervals have as well
IRREGULAR_WEIGHT: Final = -1.5
# Calls that follow an inbound session within two seconds carry relayed traffic. Beyond
# chance by this share of the calls, the server is a target and not a master.
RELAYED_EXCESS: Final = 0.3
RELAYED_WEIGHT: Final = -16.0  # more than all the company it may keep
# Of who passes on what comes in by a tunnel one sees no visits: any call may be for others,
# and a relay is sent to hundreds of places for each master that it has (ln 400).
BLIND_SHARE: Final = 0.5  # of the sick clients
BLIND_WEIGHT: Final = -6.0
# Calling home is a habit: it is spread over the window, not one visit.
SPREAD_PARTS: Final = 8
# A service listens on a port or two. Calls to ever other ports go to clients of ours that the
# records show the wrong way round, or to peers.
ONE_PORT: Final = 0.5
NO_SERVICE_WEIGHT: Final = -8.0
HABIT_WEIGHT: Final = 1.5
MOST_HOSTS: Final = 1000  # named in the proof
WHOLE, PORT, POLL = "whole", "port", "poll"  # parts of a server, master.sql


@dataclass(frozen=True, slots=True)
class Calls:
    """Every call to the places in question, as columns sorted by place.

    A place is a server, a port of it, or what is there for those that poll it.
    """

    place: Ints
    server: Ints
    part: Ints
    host: Ints
    port: Ints
    opened_us: Ints
    followed: Bools
    covered_us: Ints
    confidence: Floats
    since_us: Ints  # first evidence about the host; 0: none is known
    tunnel: Bools
    sampled: Bools
    gateway: Bools
    clients: Ints
    indicated: Ints
    servers: list[str]
    parts: list[str]
    hosts: list[str]
    all_hosts: int
    all_suspects: int
    all_places: int

    @property
    def suspect(self) -> Bools:
        return np.asarray(self.confidence >= SUSPECT)


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Findings about servers (masters), then about the own hosts that call them."""
    if not answer.num_rows:
        return
    calls = _read(answer)
    firsts = np.searchsorted(calls.place, np.arange(int(calls.place.max()) + 2))
    places = [slice(int(a), int(b)) for a, b in pairwise(firsts)]
    ballots = [_ballot(calls, rows) for rows in places]
    first = _judged(calls, places, ballots, window)
    chosen = _surest_of_each(first)
    servers = [places[at] for at in chosen]
    spoken = _few_each([ballots[at] for at in chosen], [first[at] for at in chosen])
    judged = zip(servers, _judged(calls, servers, spoken, window), strict=True)
    masters = [(rows, found) for rows, found in judged if found.confidence >= LEAST_CONFIDENCE]
    yield from (found for _, found in masters)
    yield from _callers(calls, [(rows, found.confidence) for rows, found in masters], window)


def _surest_of_each(judged: Sequence[Finding]) -> list[int]:
    """Of each server the place that says most; of equals the whole server, which is first."""
    best: dict[str, int] = {}
    for at, finding in enumerate(judged):
        told = best.setdefault(finding.subject, at)
        if finding.proof["log_odds"] > judged[told].proof["log_odds"]:
            best[finding.subject] = at
    return sorted(best.values())


@dataclass(frozen=True, slots=True)
class Ballot:
    """Who speaks for one server: its sick callers, and how many call it in all."""

    sick: Ints
    clients: int


def _ballot(calls: Calls, rows: slice) -> Ballot:
    return Ballot(
        sick=np.unique(calls.host[rows][calls.suspect[rows]]),
        clients=int(calls.clients[rows][0]),
    )


def _few_each(ballots: Sequence[Ballot], judged: Sequence[Finding]) -> list[Ballot]:
    """The ballots when each host speaks for its surest few alone, and is silent elsewhere."""
    surest = sorted(
        range(len(ballots)),
        key=lambda place: (-judged[place].proof["log_odds"], judged[place].subject),
    )
    spoken: Counter[int] = Counter()
    kept: dict[int, Ballot] = {}
    for place in surest:
        hosts = ballots[place].sick
        heard = np.array([spoken[int(host)] < MOST_MASTERS for host in hosts], bool)
        if judged[place].confidence >= LEAST_CONFIDENCE:
            spoken.update(int(host) for host in hosts[heard])
        silent = len(hosts) - int(heard.sum())
        kept[place] = Ballot(sick=hosts[heard], clients=ballots[place].clients - silent)
    return [kept[place] for place in range(len(ballots))]


def _judged(
    calls: Calls, servers: Sequence[slice], ballots: Sequence[Ballot], window: Window
) -> list[Finding]:
    tails = log10_hypergeometric_tail(
        np.array([ballot.clients for ballot in ballots], np.int64),
        np.array([len(ballot.sick) for ballot in ballots], np.int64),
        calls.all_suspects,
        calls.all_hosts,
    )
    surprise = -false_discovery(tails, calls.all_places)
    return [
        _server(calls, rows, ballot, float(told), window)
        for rows, ballot, told in zip(servers, ballots, surprise, strict=True)
    ]


def _server(
    calls: Calls, rows: slice, ballot: Ballot, surprise: float, window: Window
) -> Finding:
    beat = _beat(calls, rows)
    relayed = _relayed_excess(calls, rows, window)
    order = _order(calls, rows, window)
    part = calls.parts[int(calls.part[rows][0])]
    weights = {
        "enrichment": LOG10 * min(surprise, CAPPED_EVIDENCE),
        "purity": _purity(len(ballot.sick), ballot.clients),
        # Of those that were chosen for it, it says nothing.
        "regularity": 0.0 if part == POLL else beat.weight,
        "relayed": RELAYED_WEIGHT if relayed >= RELAYED_EXCESS else 0.0,
        "unseen": BLIND_WEIGHT if beat.weight <= 0 and _blind(calls, rows) else 0.0,
        "order": order.weight,
        "habit": HABIT_WEIGHT * _habit(calls, rows, window),
        "service": 0.0 if _listens(calls, rows) else NO_SERVICE_WEIGHT,
        "indicator": INDICATED_WEIGHT if calls.indicated[rows][0] else 0.0,
    }
    told = logit(PRIOR) + sum(weights.values())
    ill = calls.suspect[rows]
    hosts, well = (np.unique(calls.host[rows][chosen]) for chosen in (ill, ~ill))
    server = calls.servers[int(calls.server[rows][0])]
    period = beat.period_s and round(beat.period_s, 1)
    return Finding(
        detector=DETECTOR.name,
        subject=server,
        kind="master",
        confidence=probability(told),
        window=window,
        summary=(
            f"called by {len(hosts)} suspects (of {calls.all_suspects} among {calls.all_hosts}"
            f" hosts) and {len(well)} others" + (f", every {period:g} s" if period else "")
        ),
        proof={
            "ports": [int(port) for port in np.unique(calls.port[rows][ill | ~ill.any()])],
            "log10_q": round(-surprise, 2),
            "weights": weights,
            "log_odds": round(told, 3),
            "period_s": period,
            "part": part,
            "called_first": [order.before, order.told],
            "relayed_excess": round(relayed, 3),
            "clean_clients": len(well),
            "purity": round(len(hosts) / max(len(hosts) + len(well), 1), 4),
            "proxies": sorted(calls.hosts[int(host)] for host in hosts)[:MOST_HOSTS],
            "others": sorted(calls.hosts[int(host)] for host in well)[:MOST_HOSTS],
        },
    )


def _purity(sick: int, clients: int) -> float:
    """Common among the sick *and* rare among the well: the odds that a caller is sick."""
    odds = math.log((sick + 1) / (clients - sick + 1))
    return min(PURITY_WEIGHT * odds, 2.0) if odds > 0 else CROWD_WEIGHT * odds**2


def _listens(calls: Calls, rows: slice) -> bool:
    """Most calls go to one port, or to the web's two."""
    ports = calls.port[rows]
    most = int(np.unique(ports, return_counts=True)[1].max())
    web = int(np.isin(ports, (80, 443)).sum())
    return max(most, web) >= ONE_PORT * len(ports)


def _series(calls: Calls, rows: slice, sick: bool = True) -> list[Ints]:
    """When each suspect called, one series a host; or each that is none."""
    chosen = calls.suspect[rows] == sick
    host, times = calls.host[rows][chosen], calls.opened_us[rows][chosen]
    order = np.argsort(host, kind="stable")
    edges = np.flatnonzero(np.diff(host[order])) + 1
    return np.split(times[order], edges) if len(order) else []


@dataclass(frozen=True, slots=True)
class Clock:
    """The period that the calls keep, if any, and what that says."""

    period_s: float | None
    weight: float


def _beat(calls: Calls, rows: slice) -> Clock:
    """By the clients' own clocks, the middle one; or by one that all of them share."""
    series = _series(calls, rows)
    own = middle_regularity(series)
    if own and own.score >= REGULAR:
        well = _series(calls, rows, sick=False)
        same = middle_regularity(well) if len(well) >= len(series) else None
        # What the well do as well, and more of them, is how the service is used.
        told = same is None or same.score < REGULAR
        return Clock(own.period_s, REGULAR_WEIGHT if told else 0.0)
    shared = common_beat(series)
    if shared is None or calls.sampled[rows].any():
        return Clock(None, 0.0)
    if -shared.log10_chance >= CERTAIN_BEAT:
        return Clock(shared.period_s, REGULAR_WEIGHT)
    plain = shared.intervals >= MANY_INTERVALS and shared.near <= NO_BEAT
    return Clock(None, IRREGULAR_WEIGHT if plain else 0.0)


def _order(calls: Calls, rows: slice, window: Window) -> Order:
    """Whether the sick called before the first that is known of them."""
    if calls.sampled[rows].any():  # the first that was seen is not the first
        return precedence([])
    sick = calls.suspect[rows] & (calls.since_us[rows] > 0)
    host, opened, since = (
        column[rows][sick] for column in (calls.host, calls.opened_us, calls.since_us)
    )
    order = np.lexsort((opened, host))
    firsts = np.flatnonzero(np.diff(host[order], prepend=-1))
    counts = np.diff(firsts, append=len(order))
    length = max(window.end_us - window.start_us, 1)
    begun, event = (
        (column[order][firsts] - window.start_us) / length for column in (opened, since)
    )
    return precedence(map(Meeting, begun.tolist(), counts.tolist(), event.tolist()))


def _blind(calls: Calls, rows: slice) -> bool:
    """Whether most sick clients pass on what no visit announces."""
    sick = calls.suspect[rows]
    unseen = calls.tunnel[rows] & ~calls.gateway[rows]
    hosts = np.unique(calls.host[rows][sick])
    return len(np.unique(calls.host[rows][sick & unseen])) > BLIND_SHARE * len(hosts)


def _relayed_excess(calls: Calls, rows: slice, window: Window) -> float:
    """How much oftener than by chance the suspects' calls follow a visit to their relay."""
    sick = calls.suspect[rows]
    if not sick.any():
        return 0.0
    length = max(window.end_us - window.start_us, 1)
    chance = np.minimum(calls.covered_us[rows][sick] / length, 1.0)
    return float(np.mean(calls.followed[rows][sick]) - np.mean(chance))


def _habit(calls: Calls, rows: slice, window: Window) -> float:
    """From -1 for one visit to 1 for calls in every part of the window from the first on."""
    shares = []
    part_us = max((window.end_us - window.start_us) // SPREAD_PARTS, 1)
    for times in _series(calls, rows):
        parts = len(np.unique(times // part_us))
        possible = max(1, (window.end_us - 1) // part_us - int(times.min()) // part_us + 1)
        shares.append(min(1.0, parts / possible))
    habit = 2 * float(np.median(shares)) - 1 if shares else -1.0
    # Sampling leaves a few of the calls: that they are few says nothing.
    return max(habit, 0.0) if calls.sampled[rows].any() else habit


def _callers(
    calls: Calls, masters: list[tuple[slice, float]], window: Window
) -> Iterator[Finding]:
    """Each own host that calls a master, by the surest master, itself left out of the count."""
    best: dict[int, tuple[float, dict[str, ProofValue]]] = {}  # by host
    for rows, confidence in masters:
        hosts, server = calls.host[rows], calls.servers[int(calls.server[rows][0])]
        callers, sick = np.unique(hosts), np.unique(hosts[calls.suspect[rows]])
        shared = calls.parts[int(calls.part[rows][0])] != WHOLE
        for host in callers.tolist():
            others = len(sick) - int(host in sick)
            told = others >= 1 or calls.indicated[rows][0] > 0
            if told and confidence > best.get(host, (0.0, {}))[0]:
                met = {"other_suspects": others, "others_well": len(callers) - 1 - others}
                best[host] = confidence, {"master": server, "shared": shared, **met}
    for host, (confidence, proof) in best.items():
        yield Finding(
            detector=DETECTOR.name,
            subject=calls.hosts[host],
            kind="calls-master",
            confidence=confidence,
            window=window,
            summary=f"calls {proof['master']}, as {proof['other_suspects']} other suspects do",
            proof=proof,
        )


def _read(answer: pa.Table) -> Calls:
    server, servers = codes(answer, "server")
    part, parts = codes(answer, "part")
    # A server as a whole first; its ports are places where they are asked about apart.
    narrow = np.array([name != WHOLE for name in parts], bool)[part]
    rank = np.array([(WHOLE, PORT, POLL).index(name) for name in parts])[part]
    keys = np.stack([server, rank, np.where(narrow, ints(answer, "port"), 0)])
    place = np.unique(keys, axis=1, return_inverse=True)[1].reshape(-1)
    order = np.argsort(place, kind="stable")
    host, hosts = codes(answer, "host")

    def column(name: str) -> Ints:
        return ints(answer, name)[order]

    return Calls(
        place=place[order],
        server=server[order],
        part=part[order],
        host=host[order],
        port=column("port"),
        opened_us=column("opened_at"),
        followed=column("followed").astype(bool),
        covered_us=column("covered_us"),
        confidence=np.nan_to_num(floats(answer, "confidence")[order]),
        since_us=column("since_us"),
        tunnel=column("tunnel").astype(bool),
        sampled=column("sampling") > 1,
        gateway=column("gateway").astype(bool),
        clients=column("clients"),
        indicated=column("indicated"),
        servers=servers,
        parts=parts,
        hosts=hosts,
        all_hosts=int(ints(answer, "hosts").max()),
        all_suspects=int(ints(answer, "suspects").max()),
        all_places=int(ints(answer, "places").max()),
    )


DETECTOR = Detector(name="master", question="master.sql", weigh=weigh)
