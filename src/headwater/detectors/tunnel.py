"""Tunnel: a long session whose bytes leave the host again, piece by piece.

Sees       a session of minutes or hours between an own host and one outsider, of which each
           exported piece carries as much as the host passed on to others meanwhile, or both
           ways as many times as much as headers make of it. Opened by the host: it dials out
           to be used (back-connect). Opened by the outsider: a multiplexed proxy or a VPN
Misses     tunnels exported in fewer than four pieces; hosts whose own traffic drowns it
Mistakes   VPN gateways are tunnels too: what leaves, and who comes, must tell
Next step  an outsider at the end of a back-connect tunnel is master and upstream at once
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.measures.balance import FEWEST_BALANCED, balanced
from headwater.measures.columns import Bools, Ints, codes, ints, is_text
from headwater.measures.coupling import counted
from headwater.measures.errands import Errands
from headwater.measures.headers import without_headers
from headwater.measures.heartbeat import beyond_rest
from headwater.measures.hour import CLIENT, SERVER, Conversations, Counts, Hour, Slices
from headwater.measures.other_times import TIMES, at_other_times, held_against
from headwater.measures.pairing import LEAD_US, groups_of
from headwater.measures.ports import EXCHANGE, MAIL_PORTS, NAME_AND_TIME_PORTS
from headwater.measures.two_ways import Told, Which, one_way
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

LEAST_CONFIDENCE: Final = 0.1  # weak alone; `hijacked` knows more about the host
LONG_US: Final = 300_000_000
# Octets each second: a hundred, headers too, every five seconds. More is no heartbeat.
HEARTBEAT: Final = 20
ASKED_LATER: Final = 1.0  # -log10: of tests that are asked besides, one in ten counts
HOUR_US: Final = 3_600_000_000
TUNNELLED: Final = "tunnelled"  # the kind of its facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Every piece of every long session, sorted by (session, time), one element each."""

    group: Ints
    host: Ints
    peer: Ints
    inward: Bools
    port: Ints
    protocol: Ints
    guessed: Bools  # nothing told who opened it
    near_port: Ints  # the host's, and the outsider's
    far_port: Ints
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
class Scene:
    """The pieces, beside what their hosts opened to others."""

    pieces: Pieces
    hosts: list[str]
    peers: list[str]
    errands: Errands  # in order of hosts
    since_us: int  # from when on their times count


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each (host, outsider, port) whose session carries others."""
    if not answer.num_rows:
        return
    scene = _scene(answer, window)
    pieces = scene.pieces
    edges = np.searchsorted(pieces.group, np.arange(int(pieces.group.max()) + 2))
    there, back = (
        beyond_rest(pieces.group, pieces.began_us, pieces.ended_us, way)
        for way in (pieces.from_peer, pieces.to_peer)
    )
    inner_there = without_headers(pieces.group, pieces.from_peer, pieces.sent_on)
    inner_back = without_headers(pieces.group, pieces.to_peer, pieces.fetched)
    every, mail, both = Which.ALL, Which.MAIL, Which.BOTH_WAYS
    tests = (  # octets in, octets out, which of them count, how unlikely to begin with
        (pieces.from_peer, pieces.sent_on, pieces.to_peer, pieces.fetched, every, 0.0),
        (there, pieces.sent_on, back, pieces.fetched, every, ASKED_LATER),
        (there, pieces.mail_sent_on, back, pieces.mail_fetched, mail, ASKED_LATER),
        (inner_there, pieces.sent_on, inner_back, pieces.fetched, both, ASKED_LATER),
    )
    likely = []
    for group in _enough(pieces, tests):
        rows = slice(int(edges[group]), int(edges[group + 1]))
        told = max((_told(rows, *test) for test in tests), key=_surest)
        if told.confidence >= LEAST_CONFIDENCE:
            likely.append(told)
    for told in _at_other_times(scene, likely):
        if told.confidence >= LEAST_CONFIDENCE:
            yield _finding(scene, told, window)


Test = tuple[Ints, Ints, Ints, Ints, Which, float]


def _enough(pieces: Pieces, tests: Sequence[Test]) -> Ints:
    """The sessions of which so many pieces balance one way that it can mean anything."""
    most = np.zeros(int(pieces.group.max()) + 1)
    for came, left, went, fetched, _, _ in tests:
        for one in (balanced(came, left), balanced(went, fetched)):
            np.maximum(most, np.bincount(pieces.group, one, len(most)), out=most)
    return np.flatnonzero(most >= FEWEST_BALANCED)


def _told(
    rows: slice, came: Ints, left: Ints, went: Ints, fetched: Ints, which: Which, doubt: float
) -> Told:
    either = balanced(came[rows], left[rows]) | balanced(went[rows], fetched[rows])
    return Told(
        rows=rows,
        came=came[rows],
        went=went[rows],
        there=one_way(came[rows], left[rows]),
        back=one_way(went[rows], fetched[rows]),
        which=which,
        pieces=np.flatnonzero(either) + rows.start,
        doubt=doubt,
    )


def _at_other_times(scene: Scene, likely: Sequence[Told]) -> Iterator[Told]:
    """The same, where what the host did at other times balances less with the session."""
    if not likely:
        return
    pieces = scene.pieces
    rows = np.concatenate([np.arange(told.rows.start, told.rows.stop) for told in likely])
    whose = pieces.host[rows], pieces.peer[rows]
    span = pieces.began_us[rows] - scene.since_us, pieces.ended_us[rows] - scene.since_us
    chance = np.zeros((len(likely), 2))
    for sums in at_other_times(scene.errands, pieces.group[rows], whose, span):
        start = 0
        for number, told in enumerate(likely):
            mine = slice(start, start := start + len(told.came))
            sent, fetched = (
                each[mine] for each in (sums[3:] if told.which is Which.MAIL else sums)[:2]
            )
            each = balanced(told.came, sent), balanced(told.went, fetched)
            chance[number] += [np.count_nonzero(way) / TIMES for way in each]
    for told, (there, back) in zip(likely, chance.tolist(), strict=True):
        yield replace(
            told, there=held_against(told.there, there), back=held_against(told.back, back)
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
        counted(door, _may_balance(door, way, rest, *left), len(doors[0]))
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
    chosen = np.flatnonzero(every.established & ours & (long | going_on) & ~every.asking)
    chosen = chosen[every.port[chosen] != EXCHANGE]
    chosen = chosen[np.argsort(every.conversation[chosen], kind="stable")]
    names = every.conversation[chosen]
    at = np.searchsorted(names, slices.conversation)
    known = np.append(names, -1)[at] == slices.conversation
    return slices.take(known), chosen[at[known]]


def _may_balance(door: Ints, came: Ints, rest: Ints, left: Ints, mailed: Ints) -> Bools:
    """Which pieces carry what left, or that and headers, or what was mailed and a heartbeat."""
    beyond = np.clip(mailed, came - rest, came)  # as much of it is no heartbeat, at best
    inner = without_headers(door, came, left)
    return balanced(came, left) | balanced(inner, left) | balanced(beyond, mailed)


def worth(sums: pa.Table) -> Bools:
    """Which rows of facts, added up, make it worth asking about their host.

    A piece that crosses the hour's edge may not have been seen to balance.
    """
    return is_text(sums, "kind", TUNNELLED) & (ints(sums, "hits") >= FEWEST_BALANCED - 1)


def _scene(answer: pa.Table, window: Window) -> Scene:
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    piece = is_text(answer, "leg", "piece")
    errand = np.flatnonzero(~piece)
    errand = errand[np.argsort(host[errand], kind="stable")]
    port, began = ints(answer, "port"), ints(answer, "began_at")
    here, there = ints(answer, "here"), ints(answer, "there")
    since_us = window.start_us - LEAD_US
    began_us, ended_us = began - since_us, ints(answer, "ended_at") - since_us
    mail = np.isin(port[errand], MAIL_PORTS).astype(np.int64)
    errands = Errands(
        host=host[errand],
        peer=peer[errand],
        began_us=began_us[errand],
        amounts=(
            here[errand],
            there[errand],
            np.ones(len(errand), np.int64),
            here[errand] * mail,
            there[errand] * mail,
            mail,
        ),
    )
    spans = began_us[piece], ended_us[piece]
    sums = errands.meanwhile(host[piece], peer[piece], *spans)
    pieces = _sorted_pieces(answer, piece, (host, peer), sums)
    return Scene(pieces=pieces, hosts=hosts, peers=peers, errands=errands, since_us=since_us)


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
        guessed=column("guessed") > 0,
        near_port=column("near_port"),
        far_port=column("far_port"),
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


def _finding(scene: Scene, told: Told, window: Window) -> Finding:
    pieces, rows = scene.pieces, told.rows
    first = rows.start
    there, back = told.there, told.back
    mail_errands = int(pieces.mail_errands[told.pieces].sum())
    best = min((there, back), key=lambda way: way.log10_chance)
    inward = bool(pieces.inward[first])
    peer = scene.peers[int(pieces.peer[first])]
    return Finding(
        detector=DETECTOR.name,
        subject=scene.hosts[int(pieces.host[first])],
        kind="tunnel-in" if inward else "tunnel-out",
        confidence=told.confidence,
        window=window,
        summary=(
            f"in {best.balanced} of {best.intervals} pieces of a long session with {peer}"
            f" the same bytes were {'mailed' if told.which is Which.MAIL else 'passed on'};"
            f" chance gives {best.by_chance:.1f}"
        ),
        proof={
            "peer": peer,
            # Who is called is met at a port of its own, whoever is thought to be calling.
            "port": int((pieces.near_port if inward else pieces.port)[first]),
            "protocol": int(pieces.protocol[first]),
            "guessed": bool(pieces.guessed[rows].all()),
            "near_port": int(pieces.near_port[first]),
            "far_port": int(pieces.far_port[first]),
            "pieces": rows.stop - rows.start,
            "sessions": 1,
            "bytes": int(pieces.from_peer[rows].sum() + pieces.to_peer[rows].sum()),
            "log10_chance_there": there.log10_chance,
            "log10_chance_back": back.log10_chance,
            "balanced_there": there.balanced,
            "balanced_back": back.balanced,
            # What does not balance is the host's own, and no errand.
            "errands": mail_errands
            if told.which is Which.MAIL
            else int(pieces.errands[told.pieces].sum()),
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
    errands = scene.errands
    mine = slice(*np.searchsorted(errands.host, (host, host + 1)))
    began_us = errands.began_us[mine] + scene.since_us
    met = (
        (errands.peer[mine] != pieces.peer[first])
        & (began_us >= pieces.began_us[rows].min())
        & (began_us < pieces.ended_us[rows].max())
    )
    return len(np.unique(errands.peer[mine][met]))


DETECTOR = Detector(name="tunnel", question="tunnel.sql", weigh=weigh)
