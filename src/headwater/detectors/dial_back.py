"""Dial back: each time this host calls a certain outsider it serves somebody else at once.

Sees       sessions the host opens to one outsider, each paired within two seconds with a
           session to somebody else that carries the same bytes the other way round
Misses     sampled records; gateways that are called fewer than six times
Mistakes   a program that fetches from one place and uploads the same to another; gateways of
           which each is called too seldom, where all want the same place
Next step  the outsider is master and upstream at once: see who else calls it
Source     Mi and others, Resident Evil: Understanding Residential IP Proxy, IEEE S&P 2019
"""

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.alike import leaders
from headwater.measures.columns import Bools, Floats, Ints, codes, floats, ints, is_text
from headwater.measures.coupling import (
    HANDSHAKE_OCTETS,
    HEADER_OCTETS,
    Coupling,
    Matches,
    by_hours,
    couple,
    log10_chance,
    match,
)
from headwater.measures.hour import CLIENT, WORTH_A_LOOK, Conversations, Counts, Hour
from headwater.measures.odds import LOG10, logit, probabilities
from headwater.measures.pairing import Pairing, Sessions, pair
from headwater.measures.ports import MAIL_PORTS, NAME_AND_TIME_PORTS
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

AROUND_US: Final = 2_000_000  # before or after: who is dialled first depends on the program
PRIOR: Final = 0.001  # of outsiders called again and again, how many are gateways
LEAST_EXCESS: Final = 0.3  # share of the calls that must be paired, beyond chance
LEAST_LIFT: Final = 2.0  # a host that calls without pause is paired by chance all the time
CAPPED_EVIDENCE: Final = 8.0
LEAST_CONFIDENCE: Final = 0.5
# Outsiders are marked in a table this wide (multiply-shift): to share a mark costs time only.
MARKS_BITS: Final = 20
SPREADING: Final = np.uint64(0x9E3779B97F4A7C15)
FEWEST_SERVERS: Final = 3  # to whom a gateway sends what is sent out: mail, requests
DIALLED: Final = "dialled"  # the kind of its facts


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each (host, outsider, port) that is called for others."""
    found = list(_found(answer, window)) if answer.num_rows else []
    gateways = {(f.subject, f.proof["peer"]) for f in found if not f.proof["source"]}
    for finding in found:
        taker = finding.proof["onward_to"]
        if not finding.proof["source"]:
            yield finding
        elif (finding.subject, taker) not in gateways:
            yield replace(finding, proof={**finding.proof, "peer": taker})


def _found(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Also those whom others want something from, where these are a server or two."""
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    port = ints(answer, "port")
    called = is_text(answer, "leg", "to")
    # What the outsider sends down goes up to somebody else.
    sessions = Sessions.of(answer, host, peer).turned(called)
    pairing = pair(sessions, called, np.stack([host, peer, port]), window.start_us)
    matches, counts = _coupled(pairing)
    seen = counts.balanced, counts.balanced_by_chance, counts.inbound
    chance, confidences = log10_chance(*seen), _confidence(*seen)
    for group, calls in enumerate(pairing.visits()):
        confidence = float(confidences[group])
        if confidence >= LEAST_CONFIDENCE:
            used = matches.partner[calls][matches.balanced[calls]]
            onward = pairing.outbound.row[used]
            opened = ints(answer, "opened_at")[pairing.inbound.row[calls]]
            host_code, peer_code, number = (int(part) for part in pairing.keys[:, group])
            wanted = Tally(peer[onward].tolist()).most_common(1)
            gave, took = (
                int(octets[pairing.inbound.row[calls]].sum())
                for octets in (sessions.up_bytes, sessions.down_bytes)
            )
            mail = int(np.isin(port[onward], MAIL_PORTS).sum())
            servers = len(np.unique(peer[onward]))
            proof: dict[str, ProofValue] = {
                "peer": peers[peer_code],
                "port": number,
                "calls": int(counts.inbound[group]),
                "sessions": int(counts.inbound[group]),
                "bytes": gave + took,
                "passed_on": int(counts.balanced[group]),
                "by_chance": round(float(counts.balanced_by_chance[group]), 2),
                "log10_chance": round(float(chance[group]), 2),
                "onward_servers": servers,
                "onward_mail": mail,
                "onward_to": peers[wanted[0][0]] if wanted else "",
                # Contents of one place that go to one other: who gets them had asked for them.
                "source": gave > took and servers < FEWEST_SERVERS and 2 * mail < len(onward),
                "first_seen_us": int(opened.min()),
                "last_seen_us": int(opened.max()),
            }
            yield _finding(hosts[host_code], confidence, proof, window)


def tally(hour: Hour) -> Iterator[Counts]:
    """Calls of one hour passed on with the same bytes, for each (host, outsider, port).

    Outsiders of which no call was are left out, and those whom a crowd calls.
    """
    every = hour.sessions
    opened = np.flatnonzero(_telling(every))
    called = opened[
        ~np.isin(every.port[opened], MAIL_PORTS) & ~_popular(every, opened, hour.hosts)
    ]
    called = called[_promising(hour, called, opened)]
    pairing = _paired(hour, called, opened, ("server", "port", "protocol"))
    _, counts = _coupled(pairing)
    host, peer, port, protocol = pairing.keys
    yield Counts(
        kind=DIALLED,
        host=host,
        peer=peer,
        port=port,
        protocol=protocol,
        tries=counts.inbound,
        hits=counts.balanced,
        by_chance=by_hours(counts.balanced, counts.balanced_by_chance),
    ).where(counts.balanced > 0)


def _telling(every: Conversations) -> Bools:
    """As the question chooses them."""
    up = every.client_bytes - HEADER_OCTETS * every.client_packets
    down = every.server_bytes - HEADER_OCTETS * every.server_packets
    seen = every.begun & every.established & (every.inside == CLIENT) & (every.sampling == 1)
    return (
        seen
        & ~np.isin(every.port, NAME_AND_TIME_PORTS)
        & (np.maximum(up, down) > HANDSHAKE_OCTETS)
    )


def _popular(every: Conversations, opened: Ints, hosts: int) -> Bools:
    """Which go to a place twice as popular as the question lets pass: an hour is short."""
    client, server = every.client[opened], every.server[opened]
    crowd = max(20, int(np.count_nonzero(np.bincount(client))) // 25)
    met = np.bincount(server, minlength=hosts)
    asked = np.flatnonzero(met[server] > crowd)
    pairs = client[asked] * hosts + server[asked]
    one_each = asked[leaders(pairs) == np.arange(len(asked))]
    clients = np.bincount(server[one_each], minlength=hosts)
    return np.asarray(clients[server] > crowd)


def _promising(hour: Hour, called: Ints, opened: Ints) -> Bools:
    """Which calls may be to an outsider of whose calls one was passed on.

    Most are not: so it is found out before anything is grouped by outsiders.
    """
    pairing = _paired(hour, called, opened, ())
    passed = match(pairing.inbound.legs, pairing.outbound.legs, AROUND_US, AROUND_US).balanced
    every = hour.sessions
    pairs = (every.client[called] * hour.hosts + every.server[called]).view(np.uint64)
    place = (pairs * SPREADING) >> np.uint64(64 - MARKS_BITS)
    marked = np.zeros(1 << MARKS_BITS, bool)
    marked[place[pairing.inbound.row[passed]]] = True
    return np.asarray(marked[place])


def _paired(hour: Hour, called: Ints, opened: Ints, by: Sequence[str]) -> Pairing:
    """The calls, grouped by host and those columns, beside all that their hosts opened."""
    rows = np.concatenate([called, opened])
    first = np.arange(len(rows)) < len(called)
    # What the outsider sends down goes up to somebody else.
    sessions = hour.sessions.legs(rows, np.zeros(len(rows), bool)).turned(first)
    keys = [sessions.host, *(getattr(hour.sessions, name)[rows] for name in by)]
    return pair(sessions, first, np.stack(keys), hour.start_us)


def _coupled(pairing: Pairing) -> tuple[Matches, Coupling]:
    legs = pairing.inbound.legs, pairing.outbound.legs
    return couple(*legs, pairing.of, pairing.groups, AROUND_US, AROUND_US)


def worth(sums: pa.Table) -> Bools:
    """Which rows of facts, added up, make it worth asking about their host."""
    confidence = _confidence(ints(sums, "hits"), floats(sums, "by_chance"), ints(sums, "tries"))
    return np.asarray(is_text(sums, "kind", DIALLED) & (confidence >= WORTH_A_LOOK))


def _confidence(hits: Ints, expected: Floats, tries: Ints) -> Floats:
    chance = log10_chance(hits, expected, tries)
    effect = np.clip((hits - expected) / np.maximum(tries, 1) / LEAST_EXCESS, 0.0, 1.0)
    weight = LOG10 * np.minimum(-chance, CAPPED_EVIDENCE) * effect
    lifted = hits >= LEAST_LIFT * expected
    return np.where(lifted, probabilities(logit(PRIOR) + weight), 0.0)


def _finding(
    host: str, confidence: float, proof: dict[str, ProofValue], window: Window
) -> Finding:
    return Finding(
        detector=DETECTOR.name,
        subject=host,
        kind="dials-back",
        confidence=confidence,
        window=window,
        summary=(
            f"{proof['passed_on']} of {proof['calls']} calls to {proof['peer']} port"
            f" {proof['port']} were passed on with the same bytes;"
            f" chance gives {proof['by_chance']}"
        ),
        proof=proof,
    )


DETECTOR = Detector(name="dial_back", question="dial_back.sql", weigh=weigh)
