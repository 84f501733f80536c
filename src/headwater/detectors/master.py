"""Master: an outside server that the sick call and the well do not.

Sees       servers whose own clients are suspects far more often than chance would give;
           surer where the calls keep a period, the same for many clients
Misses     masters reached through a crowded name (a big hosting or cloud front), through
           peer-to-peer networks, or only once in the window
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
from headwater.measures.regularity import Regularity, regularity
from headwater.records.detector import Detector
from headwater.records.finding import Finding
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
# Calls that follow an inbound session within two seconds carry relayed traffic. Beyond
# chance by this share of the calls, the server is a target and not a master.
RELAYED_EXCESS: Final = 0.3
RELAYED_WEIGHT: Final = -16.0  # more than all the company it may keep
# Calling home is a habit: it is spread over the window, not one visit.
SPREAD_PARTS: Final = 8
# A service listens on a port or two. Calls to ever other ports go to clients of ours that the
# records show the wrong way round, or to peers.
ONE_PORT: Final = 0.5
NO_SERVICE_WEIGHT: Final = -8.0
HABIT_WEIGHT: Final = 1.5
MOST_HOSTS: Final = 1000  # named in the proof


@dataclass(frozen=True, slots=True)
class Calls:
    """Every call to the servers in question, as columns sorted by server."""

    server: Ints
    host: Ints
    port: Ints
    opened_us: Ints
    followed: Bools
    covered_us: Ints
    confidence: Floats
    clients: Ints
    indicated: Ints
    servers: list[str]
    hosts: list[str]
    all_hosts: int
    all_suspects: int
    all_servers: int

    @property
    def suspect(self) -> Bools:
        return np.asarray(self.confidence >= SUSPECT)


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Findings about servers (masters), then about the own hosts that call them."""
    if not answer.num_rows:
        return
    calls = _read(answer)
    firsts = np.searchsorted(calls.server, np.arange(len(calls.servers) + 1))
    servers = [slice(int(a), int(b)) for a, b in pairwise(firsts)]
    ballots = [_ballot(calls, rows) for rows in servers]
    first = _judged(calls, servers, ballots, window)
    found = _judged(calls, servers, _few_each(ballots, first), window)
    masters = [
        (rows, finding.confidence)
        for rows, finding in zip(servers, found, strict=True)
        if finding.confidence >= LEAST_CONFIDENCE
    ]
    yield from (finding for finding in found if finding.confidence >= LEAST_CONFIDENCE)
    yield from _callers(calls, masters, window)


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
    surprise = -false_discovery(tails, calls.all_servers)
    return [
        _server(calls, rows, ballot, float(told), window)
        for rows, ballot, told in zip(servers, ballots, surprise, strict=True)
    ]


def _server(
    calls: Calls, rows: slice, ballot: Ballot, surprise: float, window: Window
) -> Finding:
    pooled = _pooled_regularity(calls, rows)
    relayed = _relayed_excess(calls, rows, window)
    habit = _habit(calls, rows, window)
    weights = {
        "enrichment": LOG10 * min(surprise, CAPPED_EVIDENCE),
        "purity": _purity(len(ballot.sick), ballot.clients),
        "regularity": REGULAR_WEIGHT if pooled and pooled.score >= REGULAR else 0.0,
        "relayed": RELAYED_WEIGHT if relayed >= RELAYED_EXCESS else 0.0,
        "habit": HABIT_WEIGHT * (2 * habit - 1),
        "service": 0.0 if _listens(calls, rows) else NO_SERVICE_WEIGHT,
        "indicator": INDICATED_WEIGHT if calls.indicated[rows][0] else 0.0,
    }
    told = logit(PRIOR) + sum(weights.values())
    ill = calls.suspect[rows]
    hosts, well = (np.unique(calls.host[rows][chosen]) for chosen in (ill, ~ill))
    server = calls.servers[int(calls.server[rows][0])]
    period = round(pooled.period_s, 1) if pooled and pooled.score >= REGULAR else None
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


def _series(calls: Calls, rows: slice) -> list[Ints]:
    """When each suspect called, one series a host."""
    sick = calls.suspect[rows]
    host, times = calls.host[rows][sick], calls.opened_us[rows][sick]
    order = np.argsort(host, kind="stable")
    edges = np.flatnonzero(np.diff(host[order])) + 1
    return np.split(times[order], edges) if len(order) else []


def _pooled_regularity(calls: Calls, rows: slice) -> Regularity | None:
    """The median regularity of the suspects' series: many weak clocks make a strong one."""
    found = []
    for times in _series(calls, rows):
        one = regularity(times, int(times.min()), int(times.max()) + 1)
        if one:
            found.append(one)
    if not found:
        return None
    return sorted(found, key=lambda one: one.score)[len(found) // 2]


def _relayed_excess(calls: Calls, rows: slice, window: Window) -> float:
    """How much oftener than by chance the suspects' calls follow a visit to their relay."""
    sick = calls.suspect[rows]
    if not sick.any():
        return 0.0
    length = max(window.end_us - window.start_us, 1)
    chance = np.minimum(calls.covered_us[rows][sick] / length, 1.0)
    return float(np.mean(calls.followed[rows][sick]) - np.mean(chance))


def _habit(calls: Calls, rows: slice, window: Window) -> float:
    """The share of the window's parts, from a host's first call on, in which it called."""
    shares = []
    part_us = max((window.end_us - window.start_us) // SPREAD_PARTS, 1)
    for times in _series(calls, rows):
        parts = len(np.unique(times // part_us))
        possible = max(1, (window.end_us - 1) // part_us - int(times.min()) // part_us + 1)
        shares.append(min(1.0, parts / possible))
    return float(np.median(shares)) if shares else 0.0


def _callers(
    calls: Calls, masters: list[tuple[slice, float]], window: Window
) -> Iterator[Finding]:
    """Each own host that calls a master, by the surest master, itself left out of the count."""
    best: dict[int, tuple[float, str, int]] = {}  # host -> (confidence, server, others)
    for rows, confidence in masters:
        server = calls.servers[int(calls.server[rows][0])]
        sick = np.unique(calls.host[rows][calls.suspect[rows]])
        for host in np.unique(calls.host[rows]):
            others = len(sick) - int(host in sick)
            told = others >= 1 or bool(calls.indicated[rows][0])
            if told and confidence > best.get(int(host), (0.0, "", 0))[0]:
                best[int(host)] = (confidence, server, others)
    for host, (confidence, server, others) in best.items():
        yield Finding(
            detector=DETECTOR.name,
            subject=calls.hosts[host],
            kind="calls-master",
            confidence=confidence,
            window=window,
            summary=f"calls {server}, as {others} other suspects do",
            proof={"master": server, "other_suspects": others},
        )


def _read(answer: pa.Table) -> Calls:
    server, servers = codes(answer, "server")
    order = np.argsort(server, kind="stable")
    host, hosts = codes(answer, "host")

    def column(name: str) -> Ints:
        return ints(answer, name)[order]

    return Calls(
        server=server[order],
        host=host[order],
        port=column("port"),
        opened_us=column("opened_at"),
        followed=column("followed").astype(bool),
        covered_us=column("covered_us"),
        confidence=np.nan_to_num(floats(answer, "confidence")[order]),
        clients=column("clients"),
        indicated=column("indicated"),
        servers=servers,
        hosts=hosts,
        all_hosts=int(ints(answer, "hosts").max()),
        all_suspects=int(ints(answer, "suspects").max()),
        all_servers=int(ints(answer, "servers").max()),
    )


DETECTOR = Detector(name="master", question="master.sql", weigh=weigh)
