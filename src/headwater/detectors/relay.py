"""Relay: what comes in on a service of this host leaves it again.

Sees       inbound sessions, each followed within two seconds by an outbound one of the same
           size, less what wraps each visit (TLS); any protocol on either leg. Under sampling:
           sessions of both legs seen close together more often than any shift in time would
           bring about; visits that are as large as all that the host opens while they last
Misses     relays that hold traffic for minutes; many relays inside one long session; a
           host of which the records show fewer than six inbound or four outbound sessions
Mistakes   none of mechanism: forwarding mail servers, VPN gateways and company proxies are
           relays too. Whether a relay is hijacked is for `hijacked` to say
Next step  look at who opens the inbound sessions and where the outbound ones go
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000; RFC 1928
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.choice import by_either
from headwater.measures.columns import Bools, Ints, codes, floats, ints, is_text
from headwater.measures.coupling import (
    Coupling,
    Matches,
    by_hours,
    compared,
    couple,
    log10_chance,
    same_size,
)
from headwater.measures.coupling_odds import PRIOR, Evidence, evidence, weighed
from headwater.measures.hour import BOTH, CLIENT, NOBODY, SERVER, WORTH_A_LOOK, Counts, Hour
from headwater.measures.in_step import acknowledged, came_down, in_step
from headwater.measures.in_turn import Errands, in_turn
from headwater.measures.odds import logit, probabilities
from headwater.measures.own_life import Opened, own_life
from headwater.measures.pairing import Pairing, Sessions, pair
from headwater.measures.ports import MAIL_PORTS, NAME_PORTS
from headwater.measures.prefixes import networks_of
from headwater.measures.relaying import FEW_ORIGINS, MOST_PORTS
from headwater.measures.seen_again import seen_again
from headwater.measures.served import browsed, mailed, turned_away
from headwater.measures.wrapping import Wrapping, wrapping
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

# A proxy answers its client only after it has reached the far server: name look-up and
# TCP handshake together take less (RFC 6298 section 2.1 gives a lost SYN one second).
AFTER_US: Final = 2_000_000
BEFORE_US: Final = 100_000  # clocks of the two legs may differ by this
# Of a sampled session one sees any packet, not the first: its length is the slack. Most are
# short, and what goes together within seconds seldom does so by chance.
SAMPLED_SLACK_US: Final = 15_000_000
SHORT_SLACK_US: Final = 3_000_000

LEAST_CONFIDENCE: Final = 0.5
FOLLOWED, BALANCED, SAMPLED = "followed", "balanced", "followed-sampled"  # kinds of facts
MOST_PEERS: Final = 50  # named in the proof
MOST_ORIGINS: Final = 3
NUMBERS: Final = ("opened_at", "closed_at", "port", "down_bytes", "from_outside")


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything known about the hosts under test."""

    numbers: Mapping[str, Ints]  # the answer's columns that proofs look up
    window: Window
    pairing: Pairing  # keys: host, port, protocol; of visits what wraps them is taken off
    wrapping: Wrapping
    hosts: list[str]
    peers: list[str]
    peer: Ints
    network: Ints  # of each of ``peers`` who visits
    sampling: int

    @property
    def sampled(self) -> bool:
        return self.sampling > 1

    def at(self, name: str, rows: Ints) -> Ints:
        found: Ints = self.numbers[name][rows]
        return found


@dataclass(frozen=True, slots=True)
class Passed:
    """The visits to one service that were passed on, and the sessions that did it."""

    visits: slice
    chosen: Bools  # of each of them: was it passed on
    onward: Ints  # outbound sessions
    of: Ints  # the visit of each


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each service whose visits are passed on."""
    if not answer.num_rows:
        return
    scene = _scene(answer, window)
    del answer  # much memory, and of no further use
    matches, counts, errands = _told(scene)
    for group, visits in enumerate(scene.pairing.visits()):
        told = evidence(counts, group, scene.sampled)
        if told.confidence >= LEAST_CONFIDENCE:
            chosen = (matches.balanced if told.balanced else matches.followed)[visits]
            by = errands if told.balanced else Errands.single(matches)
            passed = Passed(
                visits, chosen, *by.of(visits.start + np.flatnonzero(chosen), scene.pairing)
            )
            yield _finding(scene, group, passed, matches, told)


def _told(scene: Scene) -> tuple[Matches, Coupling, Errands]:
    """Which visits are passed on, and by what."""
    told = _closest(scene.pairing, scene.sampled)
    if scene.sampled:
        return *told, Errands.single(told[0])
    rows = scene.pairing.inbound.row
    lasted_us = scene.at("closed_at", rows) - scene.at("opened_at", rows)
    return in_turn(scene.pairing, lasted_us, BEFORE_US, told)


def _closest(pairing: Pairing, sampled: bool) -> tuple[Matches, Coupling]:
    """Of each service what tells most: within the length of most sessions, or of any."""
    matches, counts = _coupled(pairing, sampled)
    if not sampled:
        return matches, counts
    near, short = _coupled(pairing, sampled, SHORT_SLACK_US)
    within, any_length = (
        log10_chance(each.followed, each.followed_by_chance, each.inbound)
        for each in (short, counts)
    )
    tells = within < any_length
    return near.where(tells[pairing.of], matches), short.where(tells, counts)


def _coupled(
    pairing: Pairing, sampled: bool, sampled_us: int = SAMPLED_SLACK_US
) -> tuple[Matches, Coupling]:
    slack = (sampled_us, sampled_us) if sampled else (BEFORE_US, AFTER_US)
    legs = pairing.inbound.legs, pairing.outbound.legs
    return couple(*legs, pairing.of, pairing.groups, *slack)


def tally(hour: Hour) -> Iterator[Counts]:
    """Visits of one hour that were passed on, for each service, by starts and by equal bytes.

    Services of which no visit was followed are left out: without their tries the others
    look surer than they are, never less. Nor are visits counted that cross the hour's edge.
    """
    every = hour.sessions
    visits = every.established & ((every.inside == SERVER) | (every.inside == BOTH))
    outward = (every.inside == CLIENT) & ~np.isin(every.port, NAME_PORTS)
    rows = np.flatnonzero(every.begun & (visits | outward))
    inward = every.inside[rows] != CLIENT
    sessions = every.legs(rows, inward)
    keys = np.stack([sessions.host, every.port[rows], every.protocol[rows]])
    pairing = pair(sessions, inward, keys, hour.start_us)
    sampled = int(every.sampling[rows].max(initial=1)) > 1
    _, counts = _coupled(pairing, sampled)
    host, port, protocol = pairing.keys
    starts = counts.followed, counts.followed_by_chance
    sizes = counts.balanced, counts.balanced_by_chance
    for kind, (hits, by_chance) in (
        {SAMPLED: starts} if sampled else {FOLLOWED: starts, BALANCED: sizes}
    ).items():
        yield Counts(
            kind=kind,
            host=host,
            peer=np.full(pairing.groups, NOBODY),
            port=port,
            protocol=protocol,
            tries=counts.inbound,
            hits=hits,
            by_chance=by_hours(hits, by_chance),
        ).where(counts.followed > 0)


def worth(sums: pa.Table) -> Bools:
    """Which rows of facts, added up, make it worth asking about their host."""
    hits, tries = ints(sums, "hits"), ints(sums, "tries")
    sampled = is_text(sums, "kind", SAMPLED)
    mine = sampled | is_text(sums, "kind", FOLLOWED) | is_text(sums, "kind", BALANCED)
    _, weight = weighed(hits, floats(sums, "by_chance"), tries, sampled)
    return np.asarray(mine & (probabilities(logit(PRIOR) + weight) >= WORTH_A_LOOK))


def _finding(
    scene: Scene, group: int, passed: Passed, matches: Matches, told: Evidence
) -> Finding:
    host, port, protocol = (int(value) for value in scene.pairing.keys[:, group])
    visits, rows = passed.visits, scene.pairing.inbound.row[passed.visits]
    onward = scene.pairing.outbound.row[passed.onward]
    own = _own(scene, host, onward)
    return Finding(
        detector=DETECTOR.name,
        subject=scene.hosts[host],
        kind="relay",
        confidence=told.confidence,
        window=scene.window,
        summary=(
            f"{told.passed_on} of {told.visits} visits to port {port} were passed on"
            f"{' with the same bytes' if told.balanced else ''}"
            f"{', several errands in one' if _in_turn(passed) else ''};"
            f" chance gives {told.by_chance:.1f}"
        ),
        proof={
            "port": port,
            "protocol": protocol,
            "visits": told.visits,
            "passed_on": told.passed_on,
            "by_chance": told.by_chance,
            "log10_chance": told.log10_chance,
            "balanced": told.balanced,
            "sampled": scene.sampled,
            "wrapping": int(scene.wrapping.up[group] + scene.wrapping.down[group]),
            "in_turn": _in_turn(passed),
            "seen_again": seen_again(scene.pairing.inbound.legs, visits, scene.sampling),
            "handed_through": _handed_through(scene, group, passed),
            **_sizes(scene, passed, matches),
            "to_visitors": int(np.isin(scene.peer[onward], scene.peer[rows]).sum()),
            **_onward(scene, onward),
            **_by_either(scene, onward, own, told),
            **_own_life(scene, visits, onward, own),
            **_visitors(scene, rows, passed.chosen),
            **_served(scene, host, passed),
        },
    )


def _in_turn(passed: Passed) -> bool:
    return len(passed.onward) > len(np.unique(passed.of))


def _onward(scene: Scene, onward: Ints) -> dict[str, ProofValue]:
    """To whom visits were passed on, and by which ports."""
    servers, ports = (Counter(column.tolist()) for column in _doors(scene, onward))
    each = [n for _, n in servers.most_common()]
    return {
        "onward_servers": len(servers),
        "onward_once": each.count(1),
        "onward_to_top": sum(each[:FEW_ORIGINS]),
        "onward_to_second": sum(each[1:2]),
        "onward_sessions": len(onward),
        "onward_mail": sum(ports[mail] for mail in MAIL_PORTS),
        "onward_ports": {str(each): float(n) for each, n in ports.most_common(MOST_PORTS)},
        "onward_to": [scene.peers[p] for p, _ in servers.most_common(MOST_ORIGINS)],
    }


def _by_either(scene: Scene, onward: Ints, own: Ints, told: Evidence) -> dict[str, float]:
    """How often visitors got to a server by either of the web's ports, and would by chance."""
    doors = (column for rows in (onward, own) for column in _doors(scene, rows))
    sessions, share = by_either(*doors)
    return {
        "onward_by_either": sessions,
        "either_by_chance": round(told.by_chance * share, 2),
    }


def _doors(scene: Scene, rows: Ints) -> tuple[Ints, Ints]:
    return scene.peer[rows], scene.at("port", rows)


def _handed_through(scene: Scene, group: int, passed: Passed) -> float | None:
    """Of each octet that visitors got, how many came from elsewhere; all visits together.

    None where it is not known: where the records show one direction alone.
    """
    less = scene.pairing.inbound.legs.down_bytes[passed.visits][passed.chosen]
    gave = (less + scene.wrapping.down[group]).sum()
    came = scene.pairing.outbound.legs.down_bytes[passed.onward].sum()
    return round(float(came) / float(gave), 2) if came and gave else None


def _sizes(scene: Scene, passed: Passed, matches: Matches) -> dict[str, ProofValue]:
    """What sizes tell of how visits and what follows them belong together."""
    if scene.sampled:
        return {"sizes_known": False, "same_size": 0.0, "in_step": None, "acknowledged": None}
    legs, onward = scene.pairing.inbound.legs, scene.pairing.outbound.legs
    each, errand = np.unique(passed.of, return_inverse=True)
    gave, came = legs.only(each), onward.only(passed.onward)
    together = np.bincount(errand, came_down(came), len(each)).astype(np.int64)
    return {
        "sizes_known": _sizes_known(scene, passed.visits, matches),
        "same_size": same_size(legs, passed.visits, matches),
        "in_step": in_step(came_down(gave), together),
        "acknowledged": acknowledged(gave, came),
    }


def _sizes_known(scene: Scene, visits: slice, matches: Matches) -> bool:
    """Whether of most visits that were followed sizes could be compared with what left."""
    followed = np.flatnonzero(matches.followed[visits]) + visits.start
    legs = scene.pairing.inbound.legs, scene.pairing.outbound.legs
    known = compared(legs[0], followed, legs[1], matches.partner[followed])
    return bool(2 * np.count_nonzero(known) >= len(known))


def _own(scene: Scene, host: int, onward: Ints) -> Ints:
    """What the host opened itself, but for what followed visits."""
    outbound = scene.pairing.outbound
    rows = outbound.row[slice(*np.searchsorted(outbound.legs.group, [host, host + 1]))]
    return rows[~np.isin(rows, onward)]


def _own_life(scene: Scene, visits: slice, onward: Ints, own: Ints) -> dict[str, ProofValue]:
    """By what the host opened itself."""
    opened = Opened(
        peer=scene.peer[own], port=scene.at("port", own), got=scene.at("down_bytes", own)
    )
    gave = int(scene.pairing.inbound.legs.down_bytes[visits].sum())
    return {**own_life(opened, scene.peer[onward], gave)}


def _visitors(scene: Scene, rows: Ints, passed: Bools) -> dict[str, ProofValue]:
    """Who visited, who was served, and who was turned away."""
    peers, opened = scene.peer[rows], scene.at("opened_at", rows)
    served = Counter(peers[passed].tolist())
    outside = scene.at("from_outside", rows)
    return {
        "visitors": len(np.unique(peers)),
        "visitors_served": len(served),
        "networks": _networks(scene, np.unique(peers)),
        "networks_served": _networks(scene, np.array(list(served), np.int64)),
        "served_by_top": sum(count for _, count in served.most_common(3)),
        "from_outside": int(np.count_nonzero(outside[passed])),
        "first_visit_us": int(opened.min()),
        "first_passed_us": int(opened[passed].min()) if passed.any() else None,
        "last_passed_us": int(opened[passed].max()) if passed.any() else None,
        "passed_for": {scene.peers[p]: float(n) for p, n in served.most_common(MOST_PEERS)},
    }


def _served(scene: Scene, host: int, passed: Passed) -> dict[str, ProofValue]:
    """What visitors get: something else than mail, mail, or a refusal."""
    legs, onward = scene.pairing.inbound.legs, scene.pairing.outbound.row[passed.onward]
    pages = ~np.isin(scene.at("port", onward), sorted(MAIL_PORTS))
    reading = Counter(browsed(legs, passed.of[pages], sampled=scene.sampled).tolist())
    mailing = Counter(_mailed(scene, host, passed.visits))
    return {
        "browsed_for": [scene.peers[peer] for peer, _ in reading.most_common(MOST_PEERS)],
        "mailed_for": {scene.peers[p]: float(n) for p, n in mailing.most_common(MOST_PEERS)},
        "turned_away": turned_away(legs, passed.visits, passed.chosen),
    }


def _mailed(scene: Scene, host: int, visits: slice) -> dict[int, int]:
    """Which visitors the host's letters follow, and how many visits of each."""
    slack = (SHORT_SLACK_US, SHORT_SLACK_US) if scene.sampled else (BEFORE_US, AFTER_US)
    visiting, sent = scene.pairing.inbound.legs, scene.pairing.outbound
    its = np.arange(*np.searchsorted(sent.legs.group, [host, host + 1]))
    letters = sent.legs.only(its[np.isin(scene.at("port", sent.row[its]), MAIL_PORTS)])
    visiting = visiting.only(np.arange(visits.start, visits.stop))
    return mailed(visiting, letters, *slack)


def _networks(scene: Scene, peers: Ints) -> int:
    """How many visitors, of any one network three at most: drivers rotate within one."""
    return int(np.minimum(np.bincount(scene.network[peers]), 3).sum())


def _scene(answer: pa.Table, window: Window) -> Scene:
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    inward = is_text(answer, "leg", "in")
    keys = np.stack([host, ints(answer, "port"), ints(answer, "protocol")])
    visitors, network = np.unique(peer[inward]), np.zeros(len(peers), np.int64)
    network[visitors] = networks_of([peers[visitor] for visitor in visitors])
    sampling = int(ints(answer, "sampling").max(initial=1))
    pairing = pair(Sessions.of(answer, host, peer), inward, keys, window.start_us)
    # Of a few sampled packets of a session one does not know what it took.
    wraps = (
        Wrapping.nothing(pairing.groups)
        if sampling > 1
        else wrapping(pairing, BEFORE_US, AFTER_US)
    )
    return Scene(
        numbers={name: ints(answer, name) for name in NUMBERS},
        window=window,
        pairing=wraps.off(pairing),
        wrapping=wraps,
        hosts=hosts,
        peers=peers,
        peer=peer,
        network=network,
        sampling=sampling,
    )


DETECTOR = Detector(name="relay", question="relay.sql", weigh=weigh)
ONWARD = Detector(name="relay_on", question="relay_on.sql", weigh=weigh)  # to own hosts
