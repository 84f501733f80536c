"""Dial back: each time this host calls a certain outsider it serves somebody else at once.

Sees       sessions the host opens to one outsider, each paired within two seconds with a
           session to somebody else that carries the same bytes, less what wraps each call
           (TLS), the other way round; or with all that the host opens while the call lasts
Misses     sampled records (`hand_over`); gateways called fewer than six times
Mistakes   a program that uploads to one place what it is still fetching from others; gateways
           of which each is called too seldom, where all want the same place
Next step  the outsider is master and upstream at once: see who else calls it
Source     Mi and others, Resident Evil: Understanding Residential IP Proxy, IEEE S&P 2019
"""

from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.measures.alike import likely_among
from headwater.measures.columns import Bools, Floats, Ints, codes, floats, ints, is_text
from headwater.measures.coupling import (
    FEWEST_MATCHES,
    HANDSHAKE_OCTETS,
    HEADER_OCTETS,
    Coupling,
    Legs,
    Matches,
    by_hours,
    counted,
    couple,
    log10_chance,
    match,
)
from headwater.measures.hour import CLIENT, WORTH_A_LOOK, Conversations, Counts, Hour
from headwater.measures.in_turn import Errands, done_in_turn, in_turn
from headwater.measures.odds import LOG10, logit, probabilities
from headwater.measures.order import order
from headwater.measures.pairing import LEAD_US, Pairing, Sessions, pair
from headwater.measures.ports import MAIL_PORTS, each_at_its_own
from headwater.measures.wrapping import AGREE, may_be_wrapped, wrapping
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

AROUND_US: Final = 2_000_000  # before or after: who is dialled first depends on the program
# Where all sessions are of one size times alone tell, and tell more the closer they are: a
# program dials as soon as it is told to, and a name look-up and a handshake take less.
NEAR_US: Final = 500_000
MIRRORED: Final = 0.8  # share of what goes together that must be of opposite sizes
MANY_CALLS: Final = 20  # of fewer all may be paired by chance
PRIOR: Final = 0.001  # of outsiders called again and again, how many are gateways
LEAST_EXCESS: Final = 0.3  # share of the calls that must be paired, beyond chance
LEAST_LIFT: Final = 2.0  # a host that calls without pause is paired by chance all the time
CAPPED_EVIDENCE: Final = 8.0
LEAST_CONFIDENCE: Final = 0.5
DIALLED: Final = "dialled"  # the kind of its facts


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each (host, outsider, port) that is called for others."""
    found = list(_found(answer, window)) if answer.num_rows else []
    named = {(f.subject, f.proof["peer"]) for f in found if not f.proof["source"]}
    for finding in found:
        taker = finding.proof["onward_to"]
        known = (finding.subject, taker) in named
        if not finding.proof["source"] or (finding.proof["around"] and not known):
            yield finding
        elif not known:
            told = {"peer": taker, "port": finding.proof["onward_port"]}
            yield replace(finding, proof={**finding.proof, **told})


def _found(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """Also those whom others want something from."""
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    port = ints(answer, "port")
    called = is_text(answer, "leg", "to")
    # What the outsider sends down goes up to somebody else.
    sessions = Sessions.of(answer, host, peer).turned(called)
    opened_at, closed_at = ints(answer, "opened_at"), ints(answer, "closed_at")
    pairing = _unwrapped(pair(sessions, called, np.stack([host, peer, port]), window.start_us))
    matches, counts, errands = _told(pairing, (closed_at - opened_at)[pairing.inbound.row])
    seen = counts.balanced, counts.balanced_by_chance, counts.inbound
    chance, confidences = log10_chance(*seen), _confidence(*seen)
    for group, calls in enumerate(pairing.visits()):
        confidence = float(confidences[group])
        if confidence >= LEAST_CONFIDENCE:
            used, by = errands.of(
                calls.start + np.flatnonzero(matches.balanced[calls]), pairing
            )
            onward, paired = pairing.outbound.row[used], pairing.inbound.row[by]
            opened = opened_at[pairing.inbound.row[calls]]
            host_code, peer_code, number = (int(part) for part in pairing.keys[:, group])
            gave, took = _exchanged(sessions, pairing.inbound.row[calls])
            others = _others(peers, peer[onward], port[onward])
            # What is sent out for others is mail; whoever wants else gets more than he sends.
            asked = _asked(pairing, by, used)
            source = asked and 2 * others["onward_mail"] < len(onward)
            legs = (paired, onward) if source else (onward, paired)
            if (source or not asked) and _stored(opened_at, closed_at, *legs):
                continue
            proof: dict[str, ProofValue] = {
                "peer": peers[peer_code],
                "port": number,
                "calls": int(counts.inbound[group]),
                "sessions": int(counts.inbound[group]),
                "bytes": gave + took,
                "gave": gave,
                "took": took,
                "passed_on": int(counts.balanced[group]),
                "in_turn": len(used) > int(counts.balanced[group]),
                "by_chance": round(float(counts.balanced_by_chance[group]), 2),
                "log10_chance": round(float(chance[group]), 2),
                **others,
                "source": source,  # of contents: who gets them had asked for them
                "around": _around(opened_at, closed_at, paired, onward),
                "first_seen_us": int(opened.min()),
                "last_seen_us": int(opened.max()),
            }
            yield _finding(hosts[host_code], confidence, proof, window)


def _exchanged(sessions: Sessions, rows: Ints) -> tuple[int, int]:
    """Octets that the outsider gave, and took."""
    return int(sessions.up_bytes[rows].sum()), int(sessions.down_bytes[rows].sum())


def _others(peers: list[str], whom: Ints, ports: Ints) -> dict[str, Any]:
    """Of those who were served besides: how many, how many by mail, and who most of all."""
    servers = len(np.unique(whom))
    (((most, door), _),) = Tally(zip(whom.tolist(), ports.tolist(), strict=True)).most_common(1)
    return {
        "onward_servers": servers,
        "onward_mail": int(np.isin(ports, MAIL_PORTS).sum()),
        "onward_to": peers[most],
        "onward_port": door,
        "among_peers": _among_peers(ports, servers),
    }


def _asked(pairing: Pairing, calls: Ints, errands: Ints) -> bool:
    """Whether most calls brought more than they took, less what wraps them.

    A few letters weigh as much as many pages, and to be called at all takes a certificate.
    What no record shows of a call is as much as its errand took, or brought.
    """
    called, on = pairing.inbound.legs, pairing.outbound.legs
    up = np.where(called.up_packets[calls], called.up_bytes[calls], on.up_bytes[errands])
    down = np.where(
        called.down_packets[calls], called.down_bytes[calls], on.down_bytes[errands]
    )
    return bool(2 * np.count_nonzero(up > down) > len(calls))


def _around(opened_at: Ints, closed_at: Ints, calls: Ints, onward: Ints) -> bool:
    """Whether most calls last around their errands: an order comes before what is ordered."""
    before, after = opened_at[calls] < opened_at[onward], closed_at[calls] > closed_at[onward]
    return bool(2 * np.count_nonzero(before & after) > len(calls))


def _stored(opened_at: Ints, closed_at: Ints, fetched: Ints, taken: Ints) -> bool:
    """Whether contents were mostly fetched to the end before their taker was called.

    Who wants something asks for it first: a program that copies decides by itself.
    """
    return bool(2 * np.count_nonzero(opened_at[taken] > closed_at[fetched]) > len(taken))


def _among_peers(ports: Ints, servers: int) -> bool:
    each = np.unique(ports, return_counts=True)[1] / max(len(ports), 1)
    return servers > 1 and each_at_its_own(each.tolist(), servers)


def tally(hour: Hour) -> Iterator[Counts]:
    """Calls of one hour passed on with the same bytes, for each (host, outsider, port).

    Outsiders of which no call was are left out. Which of them a crowd calls the window tells.
    """
    every = hour.sessions
    opened = np.flatnonzero(_telling(every))
    called = opened[~np.isin(every.port[opened], MAIL_PORTS)]
    called = _promising(hour, called, opened)
    calling = np.zeros(hour.hosts, bool)
    calling[every.client[called]] = True
    rows = np.concatenate([called, opened[calling[every.client[opened]]]])
    pairing = _unwrapped(_paired(hour, rows, len(called)))
    lasted_us = (every.closed_us - every.opened_us)[rows[pairing.inbound.row]]
    _, counts, _ = in_turn(pairing, lasted_us, AROUND_US, _coupled(pairing))
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
    return seen & ~every.asking & (np.maximum(up, down) > HANDSHAKE_OCTETS)


def _promising(hour: Hour, called: Ints, opened: Ints) -> Ints:
    """Calls of which one to the same outsider may have been passed on; or most, if wrapped.

    Of most none was: so it is found out before anything is grouped by outsiders.
    """
    every = hour.sessions
    rows = opened[order(every.opened_us[opened], every.client[opened])]
    asked = np.zeros(len(every), bool)
    asked[called] = True
    calls = rows[asked[rows]]
    legs = _legs(hour, calls, turned=True), _legs(hour, rows, turned=False)
    matches = match(*legs, AROUND_US, AROUND_US)
    pairs = legs[0].group * hour.hosts + legs[0].far
    wrapped = _mostly(pairs, may_be_wrapped(*legs, matches), matches.followed)
    lasted_us = every.closed_us[calls] - every.opened_us[calls]
    in_turn_told = done_in_turn(legs[0], lasted_us, legs[1], AROUND_US, matches)
    shared = _mostly(pairs, in_turn_told, matches.followed)
    told = np.concatenate([pairs[matches.balanced], wrapped, shared])
    return calls[likely_among(pairs, told)]


def _mostly(keys: Ints, chosen: Bools, among: Bools) -> Ints:
    """Keys of which enough rows are chosen to tell anything, and of those ``among`` enough."""
    key, count = np.unique(keys[chosen], return_counts=True)
    key, count = key[count >= FEWEST_MATCHES], count[count >= FEWEST_MATCHES]
    asked = keys[among & np.isin(keys, key)]
    whole = np.bincount(np.searchsorted(key, asked), minlength=len(key))
    return np.asarray(key[count >= AGREE * whole], np.int64)


def _legs(hour: Hour, rows: Ints, *, turned: bool) -> Legs:
    """``turned``: what the outsider sends down goes up to somebody else."""
    every = hour.sessions
    ways = ("server", "client") if turned else ("client", "server")
    up, down = (
        [getattr(every, f"{way}_{of}")[rows] for of in ("bytes", "packets")] for way in ways
    )
    return Legs(
        group=every.client[rows],
        start_us=every.opened_us[rows] - hour.start_us + LEAD_US,
        far=every.server[rows],
        up_bytes=up[0],
        up_packets=up[1],
        down_bytes=down[0],
        down_packets=down[1],
    )


def _paired(hour: Hour, rows: Ints, calls: int) -> Pairing:
    """The first rows, as calls by host, outsider and door, beside all that is opened."""
    every = hour.sessions
    first = np.arange(len(rows)) < calls
    sessions = every.legs(rows, np.zeros(len(rows), bool)).turned(first)
    keys = np.stack([sessions.host, sessions.far, every.port[rows], every.protocol[rows]])
    return pair(sessions, first, keys, hour.start_us)


def _told(pairing: Pairing, lasted_us: Ints) -> tuple[Matches, Coupling, Errands]:
    """By equal bytes of each call's errand, or of all its errands together."""
    return in_turn(pairing, lasted_us, AROUND_US, _each_told(pairing))


def _each_told(pairing: Pairing) -> tuple[Matches, Coupling]:
    """By equal bytes; of groups all of whose sessions are of one size by how close they are."""
    matches, counts = _coupled(pairing)
    seen = counts.balanced, counts.balanced_by_chance, counts.inbound
    sure = _confidence(*seen)
    untold = (sure < LEAST_CONFIDENCE) & (counts.balanced >= LEAST_EXCESS * counts.inbound)
    if not untold.any():
        return matches, counts
    near, close = _coupled(pairing, NEAR_US)
    turned = near.balanced & _one_way(pairing.inbound.legs)
    mirrored = counted(pairing.of, turned, pairing.groups)
    by_times = untold & (mirrored >= MIRRORED * close.followed)
    close = replace(close, balanced=mirrored, balanced_by_chance=close.followed_by_chance)
    near = Matches(near.followed, turned, near.partner)
    return near.where(by_times[pairing.of], matches), close.where(by_times, counts)


def _one_way(legs: Legs) -> Bools:
    """Which carry more one way than the other, by more than handshakes may take.

    What carries as much the other way round is no session of the same kind: it is its mirror.
    Of what the records show one direction of alone that is not known.
    """
    up = legs.up_bytes - HEADER_OCTETS * legs.up_packets
    down = legs.down_bytes - HEADER_OCTETS * legs.down_packets
    seen = np.minimum(legs.up_packets, legs.down_packets) > 0
    return np.asarray(seen & (np.abs(up - down) > 2 * HANDSHAKE_OCTETS))


def _unwrapped(pairing: Pairing) -> Pairing:
    return wrapping(pairing, AROUND_US, AROUND_US).off(pairing)


def _coupled(pairing: Pairing, around_us: int = AROUND_US) -> tuple[Matches, Coupling]:
    legs = pairing.inbound.legs, pairing.outbound.legs
    return couple(*legs, pairing.of, pairing.groups, around_us, around_us)


def worth(sums: pa.Table) -> Bools:
    """Which rows of facts, added up, make it worth asking about their host.

    Where all calls are of one size chance would pair them as well: the hunt goes by times.
    """
    hits, tries = ints(sums, "hits"), ints(sums, "tries")
    confidence = _confidence(hits, floats(sums, "by_chance"), tries)
    all_paired = (tries >= MANY_CALLS) & (hits >= MIRRORED * tries)
    mine = is_text(sums, "kind", DIALLED)
    return np.asarray(mine & ((confidence >= WORTH_A_LOOK) | all_paired))


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
            f" {proof['port']} were passed on with the same bytes"
            f"{', several errands in one' if proof['in_turn'] else ''};"
            f" chance gives {proof['by_chance']}"
        ),
        proof=proof,
    )


DETECTOR = Detector(name="dial_back", question="dial_back.sql", weigh=weigh)
