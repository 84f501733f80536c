"""Tunneller: outsiders hold long sessions into several own hosts and work through them.

Sees       what some outsiders exchange with each of several own hosts, by sessions of minutes
           or hours that they opened, the hosts exchange with others in the same minutes.
           Outsiders who share two hosts, or stand in one network, are one team: drivers take
           turns. A few sampled packets of each host will do, or a few errands: they add up
Misses     tunnels into a single own host; farms that show hardly twenty packets in all; what
           goes by datagrams
Mistakes   servers of a VPN's provider, of whose customers several use more than one
Next step  block the outsiders at the edge; see who else they hold a session into
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000; S. A. Stouffer
           and others, The American Soldier, 1949 (adding up deviations)
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, codes, ints
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.outsiders import Outsiders
from headwater.measures.pieces import FEWEST_BINS, Pieces, Scene, grids, scene_in
from headwater.measures.pooling import Pool, pooled, told_of_one
from headwater.measures.ports import MAIL_PORTS
from headwater.measures.prefixes import networks_of
from headwater.measures.relaying import of_many
from headwater.measures.series import Grid, breadth
from headwater.measures.teams import teams
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

PRIOR: Final = 0.001  # as of `farm`
LEAST_EVIDENCE: Final = 3.0  # -log10: as much as the prior asks for
CAPPED_EVIDENCE: Final = 8.0
WAYS_TRIED: Final = 0.3  # -log10: teams are put together in two ways
FEWEST_BURSTS: Final = 4.0  # as of `volume`: one burst beside another is one coincidence
LEAST_CONFIDENCE: Final = 0.3
FEWEST_MEMBERS: Final = 2
FEWEST_PACKETS: Final = 20  # of a team: fewer make no series
LARGEST: Final = 64  # hosts: whom more hold together they are a crowd's peers, met by chance
LIKELY: Final = 0.5
# Five minutes are what exporters cut long sessions into: of a piece one knows no better when
# its packets went.
PIECE_US: Final = 300_000_000
SERVICE: Final = 0.5  # of what goes along, to one port; sharers of files have one each
MOSTLY: Final = 0.5  # of what goes along, mail
PORTS: Final = 1 << 16
CROWD: Final = 30  # outsiders with long sessions: a gateway's staff, no crew
# Whom a crew's address works through are several of its hosts: a fifth of the others, or as
# many as nobody works at. Staff of many firms share the addresses of a mobile carrier, and at
# one of these two or three of them meet now and then.
CREWS_SHARE: Final = 0.2
WORKS_AT: Final = 4  # hosts
MOST_PEERS: Final = 50  # named in the proof

MAIL_WEIGHT: Final = 8.0  # as of a tunnel that carries mail
# A home worker dials into one gateway, a contractor into those of a few customers, a farm's
# owner into all of them.
FARM_WEIGHT: Final = 6.0
# A gateway passes things on by itself, and of many hosts two more seem to now and then. -log10:
# of a hundred such trios one shows as much without the gateway.
LEAST_REST: Final = 2.0
PAIR_WEIGHT: Final = 3.5  # of two, or a network's neighbours, each may be lawful: as a hop
CROWD_WEIGHT: Final = 1.0

Proof = dict[str, Any]


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that several outsiders' sessions, or one's, work through."""
    if not answer.num_rows:
        return
    scene, pieces = scene_in(answer, window)
    crowds = np.zeros(len(scene.hosts), np.int64)
    np.maximum.at(crowds, codes(answer, "host")[0], ints(answer, "asked"))
    del answer  # much memory, and of no further use
    holders, best = Outsiders.of(pieces), dict[str, Finding]()
    for party in _parties(scene, pieces):
        for grid in (*_pieces_grid(window), *grids(window)):
            for pool in pooled(party, grid, LEAST_EVIDENCE):
                for found in _findings(pool, scene, holders, crowds):
                    known = best.get(found.subject, found)
                    best[found.subject] = max(found, known, key=lambda each: each.confidence)
    yield from best.values()


def _pieces_grid(window: Window) -> list[Grid]:
    bins = (window.end_us - window.start_us) // PIECE_US
    grid = Grid(start_us=window.start_us, bin_us=PIECE_US, bins=int(bins))
    return [grid] if bins >= FEWEST_BINS else []


def _parties(scene: Scene, pieces: Pieces) -> Iterator[Pieces]:
    """The pieces, with the number of a team in the place of each outsider that is asked about.

    Teams of networks who share hosts; and of such who share hosts at one port, which is how
    many farms are: some strays may tie a team to whole crowds.
    """
    asked = np.flatnonzero(pieces.asked)
    network = networks_of(scene.peers)[pieces.peer[asked]]
    host, port = pieces.host[asked], pieces.port[asked]
    session = np.unique(pieces.conversation, return_inverse=True)[1]
    side = _sides(scene, pieces, session)
    counted = _in_packets(pieces) if (side > 0).mean() > MOSTLY else None
    for label in (_teams(network, host), _teams(network * PORTS + port, host * PORTS + port)):
        apart = np.unique(label * 3 + side[asked], return_inverse=True)[1]
        yield _labelled(pieces, session, *_small(asked, apart, host))
        if counted:
            yield _labelled(counted, session, *_small(asked, label, host))


def _small(rows: Ints, label: Ints, host: Ints) -> tuple[Ints, Ints]:
    """Those of teams who have several hosts, and are no crowd."""
    size = _hosts_each(label, host)[label]
    chosen = (size >= FEWEST_MEMBERS) & (size <= LARGEST)
    return rows[chosen], label[chosen]


def _in_packets(pieces: Pieces) -> Pieces:
    """Packets for octets, both ways alike: who gets data answers every packet or two.

    So sessions can be compared of which opposite directions are exported.
    """
    packets = np.maximum(pieces.sent_packets, pieces.got_packets)
    return replace(pieces, sent=packets, got=packets, sent_packets=packets, got_packets=packets)


def _sides(scene: Scene, pieces: Pieces, session: Ints) -> Ints:
    """Of each piece, of which side its session shows anything: 0 of both, 1 or 2 of one.

    Where one direction is exported nothing can be said of sessions that show the other.
    Of sampled ones either may show by chance.
    """
    side = np.zeros(len(pieces.peer), np.int64)
    if scene.sampling == 1:
        for number, packets in ((1, pieces.sent_packets), (2, pieces.got_packets)):
            side[np.bincount(session, packets)[session] == 0] = number
    return side


def _teams(outsider: Ints, host: Ints) -> Ints:
    """Of each piece its team; whom a single host tells of is one by itself."""
    outsiders, place = np.unique(outsider, return_inverse=True)
    shared = _hosts_each(place, host)[place] >= FEWEST_MEMBERS
    label = np.array(place, np.int64)
    label[shared] = len(outsiders) + teams(place[shared], host[shared])
    return label


def _hosts_each(group: Ints, host: Ints) -> Ints:
    """For each group how many hosts it has."""
    pairs = np.unique(group * (int(host.max(initial=0)) + 1) + host)
    groups = int(group.max(initial=-1)) + 1
    return np.bincount(pairs // (int(host.max(initial=0)) + 1), minlength=groups)


def _labelled(pieces: Pieces, session: Ints, rows: Ints, label: Ints) -> Pieces:
    """What is asked about and all that its hosts open; labels stand for the outsiders.

    ``session``: of each piece, from 0.
    """
    exchanged = (pieces.sent_packets + pieces.got_packets)[rows]
    enough = np.bincount(label, exchanged, int(label.max(initial=-1)) + 1) >= FEWEST_PACKETS
    rows, label = rows[enough[label]], label[enough[label]]
    peer, asked = pieces.peer.copy(), np.zeros(len(pieces.peer), bool)
    peer[rows] = int(pieces.peer.max(initial=0)) + 1 + label
    asked[rows] = True
    mine = asked | _may_be_passed_on(pieces, session, asked)
    return replace(pieces, peer=peer, asked=asked).only(np.flatnonzero(mine))


def _may_be_passed_on(pieces: Pieces, session: Ints, asked: Bools) -> Bools:
    """Of what hosts open themselves, the sessions that are no larger than all that came in.

    Whoever watches films where a proxy hides watches them for himself.
    """
    octets = pieces.sent + pieces.got
    came = np.bincount(pieces.host[asked], octets[asked], int(pieces.host.max(initial=0)) + 1)
    whole = np.bincount(session, octets)[session]
    return np.asarray(~pieces.inward & (whole <= came[pieces.host]))


def _findings(pool: Pool, scene: Scene, holders: Outsiders, crowds: Ints) -> Iterator[Finding]:
    """One for each host that likely is worked through, where enough goes together."""
    likely = pool.hosts[pool.members > LIKELY]
    service = _most(pool.shares, pool.outer) >= SERVICE
    if not service or pool.bursts < FEWEST_BURSTS or len(likely) < FEWEST_MEMBERS:
        return
    enough = min(pool.strength - WAYS_TRIED, pool.bursts, CAPPED_EVIDENCE)
    sure = probability(logit(PRIOR) + LOG10 * enough)
    mail = np.isin(pool.outer.port, MAIL_PORTS)
    # One may have mailed something of his own just then.
    mailers = len(np.unique(pool.outer.host[mail & (pool.shares > 0)]))
    mailed = pool.share(mail) >= MOSTLY and mailers >= FEWEST_MEMBERS
    several = len(likely) > FEWEST_MEMBERS and pool.rest >= LEAST_REST
    common = _in_common(pool, holders, likely)
    farm = several and common >= MOSTLY
    many = of_many(FARM_WEIGHT, len(likely)) if farm else PAIR_WEIGHT
    for host, member in zip(pool.hosts.tolist(), pool.members.tolist(), strict=True):
        confidence = sure * member
        if confidence < LEAST_CONFIDENCE:
            continue
        weight = MAIL_WEIGHT if mailed and common > 0 else many
        if crowds[host] > CROWD:
            weight = CROWD_WEIGHT
        proof = _proof(pool, scene, holders, host)
        proof["alike"] = int(np.count_nonzero(likely != host))
        proof["weight"] = round(told_of_one(weight, confidence), 2)
        yield Finding(
            detector=DETECTOR.name,
            subject=scene.hosts[host],
            kind="carries",
            confidence=confidence,
            window=scene.window,
            summary=_summary(proof),
            proof=proof,
        )


def _in_common(pool: Pool, holders: Outsiders, hosts: Ints) -> float:
    """The share of what these hosts exchange, each alike, that goes to a crew's addresses.

    In the networks of large providers people live who know nothing of each other: of sharers
    of files now and then two have met the same one.
    """
    inner = pool.inner.only(np.flatnonzero(np.isin(pool.inner.host, hosts)))
    who = np.unique(holders.who(inner), return_inverse=True)[1]
    elsewhere = _hosts_each(who, inner.host)[who] - 1
    crews = elsewhere >= max(min(CREWS_SHARE * (len(hosts) - 1), WORKS_AT - 1), 1)
    host = np.searchsorted(hosts, inner.host)
    octets = inner.sent + inner.got
    shared, whole = (np.bincount(host, each, len(hosts)) for each in (octets * crews, octets))
    return float((shared / np.maximum(whole, 1)).mean())


def _most(shares: Floats, outer: Pieces) -> float:
    """Of what goes along, the share of the port to which most goes."""
    by_port = np.maximum(np.bincount(outer.port, shares), 0.0)
    return float(by_port.max(initial=0.0) / max(float(by_port.sum()), 1e-9))


def _proof(pool: Pool, scene: Scene, holders: Outsiders, host: int) -> Proof:
    inner = pool.inner.only(np.flatnonzero(pool.inner.host == host))
    rows = np.flatnonzero((pool.outer.host == host) & (pool.shares > 0))
    outer, shares = pool.outer.only(rows), pool.shares[rows]
    mail = np.isin(outer.port, MAIL_PORTS)
    servers = np.unique(outer.peer, return_inverse=True)[1]
    return {
        **pool.facts(inner, scene.sampling, CAPPED_EVIDENCE),
        "leg": "in",
        "sampled": scene.sampling > 1,
        "lasting": True,
        "front": False,
        "outside_share": 1.0,
        "port": int(np.bincount(inner.port).argmax()),
        "onward_servers": round(breadth(np.asarray(np.bincount(servers, shares), np.float64))),
        "onward_mail": len(np.unique(outer.conversation[mail])),
        "onward_mail_servers": len(np.unique(outer.peer[mail])),
        "passed_for": _passed_for(scene, holders, inner),
    }


def _passed_for(scene: Scene, holders: Outsiders, inner: Pieces) -> dict[str, float]:
    """Who holds the sessions, by octets."""
    peers, peer = np.unique(holders.who(inner), return_inverse=True)
    exchanged = np.bincount(peer, (inner.sent + inner.got) * scene.sampling)
    names = [scene.peers[code] for code in peers]
    busiest = np.lexsort((names, -exchanged))[:MOST_PEERS]
    return {names[at]: float(round(exchanged[at])) for at in busiest}


def _summary(proof: Proof) -> str:
    who = ", ".join(list(proof["passed_for"])[:2])
    return (
        f"what {who} exchange with it by long sessions goes on to others in the same minutes,"
        f" as with {proof['alike']} other own hosts; {proof['coincidences']} bursts go together"
    )


DETECTOR = Detector(name="tunneller", question="tunneller.sql", weigh=weigh)
