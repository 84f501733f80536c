"""Own scan: an own host that tries many doors and finds nearly all of them shut.

Sees       one port tried on many servers, or many ports on one, that hardly ever open, neither
           for this host nor for any other own host: an infection that looks for its next
           victims. Under sampling too: one SYN of a session is seldom all that is seen of it
Misses     slow scans (fewer than twenty doors in the window); ping sweeps; scans for mail
           servers, and of traceroute's ports; scans of high ports by, or behind one address
           with, sharers of files; hosts of which only the incoming direction is exported
Mistakes   a measuring host that is meant to scan: name it in never_accuse; a node of a
           peer-to-peer network with one port of its own, of whose peers all are gone
Next step  tell the subscriber: something on the line is infected; if it also relays, see
           `hijacked`
Source     Jung and others, Fast Portscan Detection Using Sequential Hypothesis Testing, IEEE
           S&P 2004; Antonakakis and others, Understanding the Mirai Botnet, USENIX
           Security 2017
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, codes, ints
from headwater.measures.first_contacts import walk
from headwater.measures.odds import logit, probabilities
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

PRIOR: Final = 0.002  # of own hosts, how many scan: a few in a thousand
# Of doors found by chance few open: one address in fifty has a given port open, one in ten the
# most common. Of the doors that lawful programs try, four in five open (Jung and others); the
# exception are peers of file sharing, of whom a third are still there.
BLIND_OPENS: Final = 0.10
PEERS_OPEN: Final = 0.35
# Of an answered datagram and its answer each is as likely to be in the sample: of doors seen,
# a share of r / (1 + r) is then seen to answer where r do.
PEERS_OPEN_SAMPLED: Final = 0.26

# Sharers of files call dozens of high ports, since every peer has its own, and many answer.
PEERS_PORTS: Final = 30
PEERS_ANSWER: Final = 0.2  # where the walk turns from scanner to peer
# Six repeated SYNs are 420 octets, and one door in ten opens for a short exchange. Nodes of
# peer-to-peer networks with a port of their own fail often, too, but hold long sessions.
TALK_BYTES: Final = 2_000
HIGH_PORT: Final = 1024
PEERS_WEIGHT: Final = -8.0
# Doors of one list do not fail independently: a swarm that died fails all at once.
MOST_WALKED: Final = 12.0

FEWEST_HEARD: Final = 5  # answers to other calls, before silence means anything
LEAST_CONFIDENCE: Final = 0.5
# One in fifty that scan is meant to: a measuring host nobody has named yet.
SUREST: Final = 0.98
HOUR_US: Final = 3_600_000_000


class Tries(NamedTuple):
    """One port of many servers, or (``server`` given) many ports of one; times in us."""

    host: str
    server: str | None
    protocol: int
    port: int | None
    failed: int  # doors that opened for nobody
    opened: int  # doors that opened for this host or for another
    bytes: int
    first_at: int
    last_at: int
    deaf: int  # without TCP flags
    sampling: int
    heard: int
    high_ports: int
    high_servers: int
    high_opened: int
    port_servers: int
    port_opened: int


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that scans, with every port it tries."""
    if not answer.num_rows:
        return
    confidence = _confidence(answer)
    host, hosts = codes(answer, "host")
    likely = np.flatnonzero(confidence >= LEAST_CONFIDENCE)
    for number in np.unique(host[likely]):
        rows = likely[host[likely] == number]
        # The surest first; of equals the one with most doors.
        rows = rows[np.lexsort((-ints(answer, "failed")[rows], -confidence[rows]))]
        tries = [Tries(**row) for row in answer.take(pa.array(rows)).to_pylist()]
        yield _finding(hosts[int(number)], tries, float(confidence[rows[0]]), window)


def _confidence(answer: pa.Table) -> Floats:
    failed, opened = ints(answer, "failed"), ints(answer, "opened")
    halved = (ints(answer, "protocol") == 17) & (ints(answer, "sampling") > 1)
    walked = np.where(
        halved,
        walk(failed, opened, PEERS_OPEN_SAMPLED, BLIND_OPENS),
        walk(failed, opened, PEERS_OPEN, BLIND_OPENS),
    )
    told = (
        logit(PRIOR)
        + np.minimum(walked, MOST_WALKED)
        + np.where(_peers(answer), PEERS_WEIGHT, 0.0)
    )
    sure = np.minimum(probabilities(np.asarray(told, np.float64)), SUREST)
    return np.asarray(np.where(_silence_tells(answer), sure, 0.0), np.float64)


def _peers(answer: pa.Table) -> Bools:
    """Whether the doors are rather those of peers whom the host was told of."""
    high = ints(answer, "port") >= HIGH_PORT
    others: Ints = ints(answer, "high_servers") - ints(answer, "port_servers")
    answering = ints(answer, "high_opened") - ints(answer, "port_opened")
    sharing = (ints(answer, "high_ports") - 1 >= PEERS_PORTS) & (
        answering >= PEERS_ANSWER * others
    )
    tried = np.maximum(ints(answer, "failed") + ints(answer, "opened"), 1)
    return np.asarray(high & (sharing | (ints(answer, "bytes") >= TALK_BYTES * tried)))


def _silence_tells(answer: pa.Table) -> Bools:
    """TCP flags tell who was answered; else answers must be exported at all."""
    flagged = (ints(answer, "protocol") == 6) & (ints(answer, "deaf") == 0)
    return np.asarray(flagged | (ints(answer, "heard") >= FEWEST_HEARD))


def _finding(host: str, tries: list[Tries], confidence: float, window: Window) -> Finding:
    first = tries[0]
    hours = max(first.last_at - first.first_at, 1_000_000) / HOUR_US
    doors = first.failed + first.opened
    where = (
        f"{doors} ports of {first.server}"
        if first.server
        else f"port {first.port} of {doors} hosts"
    )
    proof: dict[str, Any] = {
        "port": first.port,
        "server": first.server,
        "protocol": first.protocol,
        "targets": doors,
        "opened": first.opened,
        "opened_share": round(first.opened / max(doors, 1), 4),
        "per_hour": round(doors * first.sampling / hours, 1),
        "sampling": first.sampling,
        "ports": sorted({t.port for t in tries if t.port is not None}),
        "bytes": first.bytes,
        "first_seen_us": min(t.first_at for t in tries),
        "last_seen_us": max(t.last_at for t in tries),
    }
    return Finding(
        detector=DETECTOR.name,
        subject=host,
        kind="scanning",
        confidence=confidence,
        window=window,
        summary=f"tried {where}; {first.opened} opened for anybody",
        proof=proof,
    )


DETECTOR = Detector(name="own_scan", question="own_scan.sql", weigh=weigh)
