"""Tunnel: a long session whose bytes leave the host again, piece by piece.

Sees       a session of minutes or hours between an own host and one outsider, of which each
           exported piece carries as much as the host passed on to others meanwhile. Opened by
           the host: it dials out to be used (back-connect). Opened by the outsider: a
           multiplexed proxy or a VPN
Misses     tunnels exported in fewer than four pieces; hosts whose own traffic drowns it
Mistakes   VPN gateways are tunnels too: what leaves, and who comes, must tell
Next step  an outsider at the end of a back-connect tunnel is master and upstream at once
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.balance import FEWEST_BALANCED, Balance, balance, balanced, effect
from headwater.measures.columns import Bools, Ints, codes, ints, is_text
from headwater.measures.coupling import counted
from headwater.measures.errands import Errands
from headwater.measures.hour import CLIENT, SERVER, Conversations, Counts, Hour, Slices
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.pairing import LEAD_US, groups_of
from headwater.measures.ports import MAIL_PORTS, NAME_AND_TIME_PORTS
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

PRIOR: Final = 0.001  # of sessions this long, how many are tunnels for others
CAPPED_EVIDENCE: Final = 8.0
FEWEST_PIECES: Final = 4
LEAST_CONFIDENCE: Final = 0.1  # weak alone; `hijacked` knows more about the host
LONG_US: Final = 300_000_000
WHOLE_US: Final = 60_000_000  # a shorter piece may fall between two heartbeats
# Octets each second: a hundred, headers too, every five seconds. More is no heartbeat.
HEARTBEAT: Final = 20
ASKED_LATER: Final = 1.0  # -log10: of tests that are asked besides, one in ten counts
HOUR_US: Final = 3_600_000_000
TUNNELLED: Final = "tunnelled"  # the kind of its facts
NOTHING: Final = Balance(intervals=0, balanced=0, by_chance=0.0, log10_chance=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Every piece of every long session, sorted by (session, time), one element each."""

    group: Ints
    host: Ints
    peer: Ints
    inward: Bools
    port: Ints
    protocol: Ints
    began_us: Ints
    ended_us: Ints
    from_peer: Ints
    to_peer: Ints
    sent_on: Ints  # octets the host sent to others in sessions that began in this piece
    fetched: Ints
    errands: Ints
    mail_sent_on: Ints  # of these, what went to mail's ports
    mail_fetched: Ints
    mail_errands: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one session's two ways balance, and with what of all that the host opened."""

    there: Balance
    back: Balance
    mail: bool  # with its mail alone; else with all of it
    pieces: Ints  # of the session, those that balance either way
    strength: float  # -log10 of the chance
    evidence: float  # the same, capped; less where few of the pieces balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The pieces, beside what their hosts opened to others."""

    pieces: Pieces
    hosts: list[str]
    peers: list[str]
    errand_host: Ints  # ascending
    errand_peer: Ints
    errand_us: Ints


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each (host, outsider, port) whose session carries others."""
    if not answer.num_rows:
        return
    scene = _scene(answer, window)
    pieces = scene.pieces
    edges = np.searchsorted(pieces.group, np.arange(int(pieces.group.max()) + 2))
    there, back = (_beyond_rest(pieces, way) for way in (pieces.from_peer, pieces.to_peer))
    tests = (  # octets in, octets out, whether mail alone, how unlikely to begin with
        (pieces.from_peer, pieces.sent_on, pieces.to_peer, pieces.fetched, False, 0.0),
        (there, pieces.sent_on, back, pieces.fetched, False, ASKED_LATER),
        (there, pieces.mail_sent_on, back, pieces.mail_fetched, True, ASKED_LATER),
    )
    for group in _enough(pieces, tests):
        rows = slice(int(edges[group]), int(edges[group + 1]))
        told = max((_told(rows, *test) for test in tests), key=_surest)
        confidence = probability(logit(PRIOR) + LOG10 * told.evidence)
        if confidence >= LEAST_CONFIDENCE:
            yield _finding(scene, rows, told, confidence, window)


Test = tuple[Ints, Ints, Ints, Ints, bool, float]


def _enough(pieces: Pieces, tests: Sequence[Test]) -> Ints:
    """The sessions of which so many pieces balance one way that it can mean anything."""
    most = np.zeros(int(pieces.group.max()) + 1)
    for came, left, went, fetched, _, _ in tests:
        for one in (balanced(came, left), balanced(went, fetched)):
            np.maximum(most, np.bincount(pieces.group, one, len(most)), out=most)
    return np.flatnonzero(most >= FEWEST_BALANCED)


def _beyond_rest(pieces: Pieces, octets: Ints) -> Ints:
    """Octets of each piece, but for the heartbeat of its session.

    That goes on at the rate at which the quietest piece went.
    """
    lasted = np.maximum(pieces.ended_us - pieces.began_us, 0)
    whole = (octets > 0) & (lasted >= WHOLE_US)
    rest = np.full(int(pieces.group.max()) + 1, np.inf)
    np.minimum.at(rest, pieces.group[whole], octets[whole] / lasted[whole])
    rest[np.isinf(rest)] = 0.0
    # What is all heartbeat is still a piece that was recorded.
    return np.maximum(octets - rest[pieces.group] * lasted, octets > 0).astype(np.int64)


def _told(
    rows: slice, came: Ints, left: Ints, went: Ints, fetched: Ints, mail: bool, doubt: float
) -> Told:
    there, back = _one_way(came[rows], left[rows]), _one_way(went[rows], fetched[rows])
    either = balanced(came[rows], left[rows]) | balanced(went[rows], fetched[rows])
    strength = _evidence(there, back) - doubt
    # Where one way only is recorded, half of what leaves is not seen. And what is mailed may
    # be a small part of all that a session carries.
    partly = mail or NOTHING in (there, back)
    mostly = 1.0 if partly else max(effect(there), effect(back))
    return Told(
        there=there,
        back=back,
        mail=mail,
        pieces=np.flatnonzero(either) + rows.start,
        strength=strength,
        evidence=min(strength, CAPPED_EVIDENCE) * mostly,
    )


def _surest(told: Told) -> tuple[float, float]:
    return told.evidence, told.strength


def tally(hour: Hour) -> Iterator[Counts]:
    """Pieces of one hour whose octets were passed on meanwhile, for each long session.

    The better of both ways in each hour, which is more than the better way in all.
    """
    every = hour.sessions
    pieces, of = _pieces_of_long(every, hour.slices, hour.start_us + HOUR_US)
    inward = every.inside[of] == SERVER
    legs = every.legs(of, inward)
    spans = pieces.sliced_us - hour.start_us, pieces.ended_us - hour.start_us
    errands = _errands(hour, legs.host).meanwhile(legs.host, legs.far, *spans)
    from_peer = np.where(inward, pieces.client_bytes, pieces.server_bytes)
    to_peer = np.where(inward, pieces.server_bytes, pieces.client_bytes)
    keys = np.stack([legs.host, legs.far, every.port[of], every.protocol[of]])
    doors, door = groups_of(keys)
    rest = (HEARTBEAT * (pieces.ended_us - pieces.sliced_us)) // 1_000_000
    there, back = (
        counted(door, _may_balance(way, rest, *left), len(doors[0]))
        for way, left in ((from_peer, errands[::2]), (to_peer, errands[1::2]))
    )
    hits = np.maximum(there, back)
    host, peer, port, protocol = doors
    yield Counts(
        kind=TUNNELLED,
        host=host,
        peer=peer,
        port=port,
        protocol=protocol,
        tries=counted(door, np.ones(len(door), bool), len(host)),
        hits=hits,
        by_chance=np.zeros(len(host)),
    ).where(hits > 0)


def _errands(hour: Hour, hosts: Ints) -> Errands:
    """What those hosts opened in the hour."""
    every = hour.sessions
    asked = np.zeros(hour.hosts, bool)
    asked[hosts] = True
    rows = np.flatnonzero(every.begun & (every.inside == CLIENT) & asked[every.client])
    rows = rows[~np.isin(every.port[rows], NAME_AND_TIME_PORTS)]
    sent, fetched = every.client_bytes[rows], every.server_bytes[rows]
    mail = np.isin(every.port[rows], MAIL_PORTS)
    return Errands(
        host=every.client[rows],
        peer=every.server[rows],
        began_us=every.opened_us[rows] - hour.start_us,
        amounts=(sent, fetched, sent * mail, fetched * mail),
    )


def _pieces_of_long(every: Conversations, slices: Slices, end_us: int) -> tuple[Slices, Ints]:
    """Pieces of long sessions, and of each piece its session; as the question chooses them.

    What is still open when the hour ends may become long in the next one.
    """
    long = every.closed_us - every.opened_us >= LONG_US
    going_on = every.closed_us >= end_us - LONG_US
    ours = (every.inside == CLIENT) | (every.inside == SERVER)
    chosen = np.flatnonzero(every.established & ours & (long | going_on))
    chosen = chosen[~np.isin(every.port[chosen], (25, *NAME_AND_TIME_PORTS))]
    chosen = chosen[np.argsort(every.conversation[chosen], kind="stable")]
    names = every.conversation[chosen]
    at = np.searchsorted(names, slices.conversation)
    known = np.append(names, -1)[at] == slices.conversation
    return slices.take(known), chosen[at[known]]


def _may_balance(came: Ints, rest: Ints, left: Ints, mailed: Ints) -> Bools:
    """Which pieces carry what left, or what was mailed and a heartbeat besides."""
    beyond = np.clip(mailed, came - rest, came)  # as much of it is no heartbeat, at best
    return balanced(came, left) | balanced(beyond, mailed)


def worth(sums: pa.Table) -> Bools:
    """Which rows of facts, added up, make it worth asking about their host.

    A piece that crosses the hour's edge may not have been seen to balance.
    """
    return is_text(sums, "kind", TUNNELLED) & (ints(sums, "hits") >= FEWEST_BALANCED - 1)


def _evidence(there: Balance, back: Balance) -> float:
    """Two directions of one session are not two witnesses; nor are they one."""
    more, less = sorted((there.log10_chance, back.log10_chance))
    return -(more + less / 2)


def _one_way(went_in: Ints, came_out: Ints) -> Balance:
    """Exporters report the directions in records of their own, with edges of their own."""
    recorded = went_in > 0
    if np.count_nonzero(recorded) < FEWEST_PIECES:
        return NOTHING
    return balance(went_in[recorded].astype(float), came_out[recorded].astype(float))


def _scene(answer: pa.Table, window: Window) -> Scene:
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    piece = is_text(answer, "leg", "piece")
    errand = ~piece
    port, began = ints(answer, "port"), ints(answer, "began_at")
    here, there = ints(answer, "here"), ints(answer, "there")
    began_us, ended_us = (
        at - window.start_us + LEAD_US for at in (began, ints(answer, "ended_at"))
    )
    mail = np.isin(port[errand], MAIL_PORTS).astype(np.int64)
    errands = Errands(
        host=host[errand],
        peer=peer[errand],
        began_us=began_us[errand],
        amounts=(
            here[errand],
            there[errand],
            np.ones(int(errand.sum()), np.int64),
            here[errand] * mail,
            there[errand] * mail,
            mail,
        ),
    )
    spans = began_us[piece], ended_us[piece]
    sums = errands.meanwhile(host[piece], peer[piece], *spans)
    pieces = _sorted_pieces(answer, piece, (host, peer), sums)
    by_host = np.flatnonzero(errand)
    by_host = by_host[np.argsort(host[by_host], kind="stable")]
    return Scene(
        pieces=pieces,
        hosts=hosts,
        peers=peers,
        errand_host=host[by_host],
        errand_peer=peer[by_host],
        errand_us=began[by_host],
    )


def _sorted_pieces(
    answer: pa.Table, piece: Bools, who: tuple[Ints, Ints], sums: list[Ints]
) -> Pieces:
    """``sums``: for each piece, what its host sent to, fetched from and asked of others,
    and the same of mail alone."""
    host, peer = (each[piece] for each in who)
    inward = is_text(answer, "direction", "in")[piece]
    port = ints(answer, "port")[piece]
    who_met = np.unique(host * (int(peer.max(initial=0)) + 1) + peer, return_inverse=True)[1]
    # A port fits 16 bits, and the way the 17th: one number is sorted faster than four.
    keys = (who_met.astype(np.int64) << 17) | (inward.astype(np.int64) << 16) | port
    group = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    order = np.lexsort((ints(answer, "began_at")[piece], group))

    def column(name: str) -> Ints:
        return ints(answer, name)[piece][order]

    sent_on, fetched, errands, mail_sent_on, mail_fetched, mail_errands = (
        each[order] for each in sums
    )
    return Pieces(
        group=group[order],
        host=host[order],
        peer=peer[order],
        inward=inward[order],
        port=port[order],
        protocol=column("protocol"),
        began_us=column("began_at"),
        ended_us=column("ended_at"),
        from_peer=column("here"),
        to_peer=column("there"),
        sent_on=sent_on,
        fetched=fetched,
        errands=errands,
        mail_sent_on=mail_sent_on,
        mail_fetched=mail_fetched,
        mail_errands=mail_errands,
    )


def _finding(
    scene: Scene,
    rows: slice,
    told: Told,
    confidence: float,
    window: Window,
) -> Finding:
    pieces, first = scene.pieces, rows.start
    there, back = told.there, told.back
    mail_errands = int(pieces.mail_errands[told.pieces].sum())
    best = min((there, back), key=lambda way: way.log10_chance)
    peer = scene.peers[int(pieces.peer[first])]
    return Finding(
        detector=DETECTOR.name,
        subject=scene.hosts[int(pieces.host[first])],
        kind="tunnel-in" if pieces.inward[first] else "tunnel-out",
        confidence=confidence,
        window=window,
        summary=(
            f"in {best.balanced} of {best.intervals} pieces of a long session with {peer}"
            f" the same bytes were {'mailed' if told.mail else 'passed on'};"
            f" chance gives {best.by_chance:.1f}"
        ),
        proof={
            "peer": peer,
            "port": int(pieces.port[first]),
            "protocol": int(pieces.protocol[first]),
            "pieces": rows.stop - rows.start,
            "sessions": 1,
            "bytes": int(pieces.from_peer[rows].sum() + pieces.to_peer[rows].sum()),
            "log10_chance_there": there.log10_chance,
            "log10_chance_back": back.log10_chance,
            "balanced_there": there.balanced,
            "balanced_back": back.balanced,
            # What does not balance is the host's own, and no errand.
            "errands": mail_errands if told.mail else int(pieces.errands[told.pieces].sum()),
            "mail_errands": mail_errands,
            "onward_servers": _onward_servers(scene, rows),
            "first_seen_us": int(pieces.began_us[rows].min()),
            "last_seen_us": int(pieces.ended_us[rows].max()),
        },
    )


def _onward_servers(scene: Scene, rows: slice) -> int:
    """How many others the host met from the session's first piece to its last."""
    pieces, first = scene.pieces, rows.start
    host = pieces.host[first]
    mine = slice(*np.searchsorted(scene.errand_host, (host, host + 1)))
    met = (
        (scene.errand_peer[mine] != pieces.peer[first])
        & (scene.errand_us[mine] >= pieces.began_us[rows].min())
        & (scene.errand_us[mine] < pieces.ended_us[rows].max())
    )
    return len(np.unique(scene.errand_peer[mine][met]))


DETECTOR = Detector(name="tunnel", question="tunnel.sql", weigh=weigh)
