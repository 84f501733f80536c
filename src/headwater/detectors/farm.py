"""Farm: several own hosts exchange with one outsider what they exchange with others at once.

Sees       an outsider that several own hosts call, who takes what they fetch or whose mail
           they send in the same minutes (a gateway of hosts that dial out to be used), or who
           gives what their visitors get (the origin of a site with throw-away fronts). Few
           sampled packets of each host will do: they add up. So do hosts that hold a session
           each to neighbours of one network (/24, /48), where most who call there hand over
           what they fetch. Where every packet was counted, sessions alone that last and hand
           over: of tunnels in coarse pieces, or some of whose errands another address has
Misses     outsiders or networks that fewer than three own hosts are seen to call; farms of
           which each host shows hardly a packet; what goes by datagrams; gateways side by side
           that are called anew for each errand (`hand_over`) or for mail (`volume`)
Mistakes   a company whose offices fetch and hand over to its headquarters at once; machines
           of one rack that front their owner's site
Next step  see who else calls the outsider, and block it at the edge
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000; S. A. Stouffer
           and others, The American Soldier, 1949 (adding up deviations)
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Bools, Floats, Ints, codes, floats, ints
from headwater.measures.fetched_for import fetched_for
from headwater.measures.fronts import front_weight
from headwater.measures.homes import homes_weight, watching
from headwater.measures.neighbours import either, farm_weight
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.outsiders import Outsiders
from headwater.measures.pieces import Pieces, Scene, grids, lasting, scene_in
from headwater.measures.pooling import Pool, pooled, told_of_one
from headwater.measures.ports import MAIL_PORTS, WEB_PORTS, each_at_a_clients
from headwater.measures.prefixes import network_of, networks_of
from headwater.measures.relaying import LEAST_GIVEN, of_many
from headwater.measures.series import breadth
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

PRIOR: Final = 0.001  # of outsiders that several call, how many are gateways or origins
LEAST_EVIDENCE: Final = 3.0  # -log10: as much as the prior asks for
CAPPED_EVIDENCE: Final = 8.0
FEWEST_BURSTS: Final = 4.0  # as of `volume`: one burst beside another is one coincidence
LEAST_CONFIDENCE: Final = 0.3
WHY: Final = (1, 2)  # farm.sql: asked for the outsider itself, for its neighbours
FEWEST_MEMBERS: Final = 3
LIKELY: Final = 0.5
MOSTLY: Final = 0.5  # of what coincides, mail
MOST_PEERS: Final = 50  # named in the proof
BY_VISITORS: Final = 0.9  # of what coincides, to the visitors of a site
# One packet beside one letter happens to each who has many of either, and its answer is the
# same coincidence: of a host that shows no more, the others must tell.
FEWEST_PACKETS: Final = 3.0
ONCE_US: Final = 60_000_000  # as long as a line is measured, both ways
TOLD_BY_OTHERS: Final = 15_000.0  # octets, ten full packets: of less the others tell as much
# Errands lead to many places, if not at once: of a dozen to one place none is chosen by whim,
# and what else went by in those minutes adds less than as much again.
OFTEN_ENOUGH: Final = 12
ONE_PLACE: Final = 2.0

GATEWAY_WEIGHT: Final = 8.0  # nobody's gateway is dialled by several subscribers to mail
# A firm's branches may fetch, and hand it to their headquarters at once: of three hosts even
# chances at most, of a dozen more.
HEADQUARTERS_WEIGHT: Final = 5.5
# Where nothing is ever assigned (RFC 6335 section 6) firms seldom put a service, one in
# ten perhaps; whoever takes any number is there every fourth time at least.
UNASSIGNED: Final = 49_152
UNASSIGNED_WEIGHT: Final = 0.9

Proof = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of networks that are asked about as if each were one outsider."""

    callers: Ints  # of each
    outsiders: Outsiders

    def weight(self, pool: Pool, hosts: Ints) -> float:
        """What so many of those who call the network say of a host."""
        carrying = float(pool.members[np.isin(pool.hosts, hosts)].sum())
        return farm_weight(carrying, int(self.callers[pool.outsider]))

    def shared(self, inner: Pieces) -> Pieces:
        """What is exchanged with addresses that several hosts meet: two gateways, two ports."""
        who = self.outsiders.who(inner)
        met = np.unique(np.stack([who, inner.host]), axis=1)[0]
        several = np.flatnonzero(np.bincount(met, minlength=1) > 1)
        return inner.only(np.flatnonzero(np.isin(who, several)))

    def called(self, pool: Pool, host: int) -> int:
        """With whom in the network the host exchanges most."""
        inner = pool.inner.only(np.flatnonzero(pool.inner.host == host))
        return int(np.bincount(self.outsiders.who(inner), inner.sent + inner.got).argmax())


@dataclass(frozen=True, slots=True)
class Lives:
    """How people live where the hosts are."""

    film: Floats  # of each host, octets: the most from one server that is not asked about
    usual: float  # of all own hosts, the share that watches films

    @classmethod
    def told(cls, answer: pa.Table, scene: Scene) -> "Lives":
        film = np.zeros(len(scene.hosts))
        np.maximum.at(film, codes(answer, "host")[0], floats(answer, "film"))
        watch, hosts = (float(floats(answer, name)[0]) for name in ("watching", "hosts"))
        return cls(film=film, usual=watch / max(hosts, 1.0))

    def weight(self, pool: Pool, hosts: Ints, sampling: int) -> float:
        """What the lives of some hosts say for homes, against a firm's or a rack's machines."""
        exchanged = pool.inner.sent + pool.inner.got
        passed_on = sampling * np.bincount(pool.inner.host, exchanged, len(self.film))[hosts]
        watch = watching(self.film[hosts], passed_on.astype(np.float64))
        return homes_weight(watch, self.usual)


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that carries for an outsider as others do."""
    if not answer.num_rows:
        return
    scene, pieces = scene_in(answer, window)
    lives = Lives.told(answer, scene)
    told: dict[str, Finding] = {}
    for asked, neighbours in _asked(answer, scene, pieces):
        best: dict[int, Pool] = {}
        for grid in grids(window, fine=scene.sampling > 1):
            for pool in pooled(asked, grid, LEAST_EVIDENCE):
                other = best.get(pool.outsider)
                if other is None or pool.strength > other.strength:
                    best[pool.outsider] = pool
        for pool in best.values():
            for found in _findings(pool, scene, lives, neighbours):
                known = told.get(found.subject, found)
                told[found.subject] = max(known, found, key=_weight)
    yield from told.values()


def _weight(finding: Finding) -> float:
    return float(finding.proof["weight"])


def _asked(
    answer: pa.Table, scene: Scene, pieces: Pieces
) -> Iterator[tuple[Pieces, Neighbours | None]]:
    """What is asked about outsiders by themselves; and, as if each were one, about networks."""
    outsiders, peer, why = len(scene.peers), codes(answer, "peer")[0], ints(answer, "asked")
    pairs = codes(answer, "host")[0] * outsiders + peer
    alone, together = (
        pieces.asked & np.isin(pieces.host * outsiders + pieces.peer, pairs[why & reason > 0])
        for reason in WHY
    )
    yield replace(pieces, asked=alone), None
    network = outsiders + networks_of(scene.peers)
    callers = np.zeros(2 * outsiders, np.int64)
    np.maximum.at(callers, network[peer], ints(answer, "callers"))
    wide = replace(pieces, asked=together)
    one = np.where(together, network[pieces.peer], pieces.peer)
    yield replace(wide, peer=one), Neighbours(callers, Outsiders.of(wide))


def _findings(
    pool: Pool, scene: Scene, lives: Lives, neighbours: Neighbours | None = None
) -> Iterator[Finding]:
    """One for each host that likely is among those that carry, where enough goes together."""
    fronts = pool.there and pool.share(_shown(pool.outer)) >= BY_VISITORS
    used, likely = _used(pool, fronts=fronts)
    mailed = _mailed(pool, likely)
    given = pool.there and neighbours is None and (fronts or mailed)
    told = given or (not pool.there and fetched_for(pool))
    if not told or pool.bursts < FEWEST_BURSTS or _telling(pool, likely) < FEWEST_MEMBERS:
        return
    enough = min(pool.strength, pool.bursts, CAPPED_EVIDENCE)
    sure = probability(logit(PRIOR) + LOG10 * enough)
    if fronts:
        weight = front_weight([scene.hosts[host] for host in likely])
    else:
        weight = GATEWAY_WEIGHT if mailed else _headquarters(pool, likely)
    if not mailed:  # nobody's machines are handed letters to send on
        weight += lives.weight(pool, likely, scene.sampling)
    if neighbours:
        weight = either(weight, neighbours.weight(pool, used))
    for host, member in zip(pool.hosts.tolist(), pool.members.tolist(), strict=True):
        confidence = sure * member
        if confidence < LEAST_CONFIDENCE or host not in used:
            continue
        inner = pool.inner.only(np.flatnonzero(pool.inner.host == host))
        proof: Proof = {
            **pool.facts(inner, scene.sampling, CAPPED_EVIDENCE),
            "port": int(inner.port[0]),
        }
        if fronts:
            proof |= _front(pool, scene, host)
        else:
            proof |= _gateway(pool, scene, host, neighbours) | {"lasting": lasting(inner)}
        proof["alike"] = int(np.count_nonzero(likely != host))
        proof["weight"] = round(told_of_one(weight, confidence), 2)
        yield Finding(
            detector=DETECTOR.name,
            subject=scene.hosts[host],
            kind="carries" if fronts else "carries-to",
            confidence=confidence,
            window=scene.window,
            summary=_summary(proof),
            proof=proof,
        )


def _used(pool: Pool, *, fronts: bool) -> tuple[Ints, Ints]:
    """The hosts that may carry, and those of them that likely do."""
    likely = pool.hosts[pool.members > LIKELY]
    if fronts:  # only who is visited shows anything
        likely = np.intersect1d(likely, np.intersect1d(_visited(pool), _given(pool)))
        return likely, likely
    used = pool.hosts if pool.there else _hand_over(pool)
    return used, np.intersect1d(likely, used)


def _mailed(pool: Pool, hosts: Ints) -> bool:
    """Whether mail is what goes on, and half of these mail: a few bots call there as well."""
    mail = np.isin(pool.outer.port, MAIL_PORTS)
    mailing = np.isin(hosts, pool.outer.host[mail])
    return pool.share(mail) >= MOSTLY and bool(2 * mailing.sum() >= len(hosts))


def _headquarters(pool: Pool, hosts: Ints) -> float:
    """Of so many hosts that hand what they fetch to one place, by what port they call there."""
    called = np.unique(pool.inner.port[np.isin(pool.inner.host, hosts)])
    unassigned = len(called) == 1 and int(called[0]) >= UNASSIGNED
    return of_many(HEADQUARTERS_WEIGHT, len(hosts)) + UNASSIGNED_WEIGHT * unassigned


def _telling(pool: Pool, hosts: Ints) -> int:
    """Of these, how many exchanged more with the outsider than a packet and its answer.

    Who is dialled to be used is dialled again. Who measures his line loads from one server, and
    hands as much to the next; who reads a page loads from several, and one is told of it.
    """
    hosts_in, host = np.unique(pool.inner.host, return_inverse=True)
    packets = np.bincount(host, pool.inner.sent_packets + pool.inner.got_packets)
    tells = packets >= FEWEST_PACKETS
    if not pool.there:
        tells &= _again(pool, host)
    return len(np.intersect1d(hosts, hosts_in[tells]))


def _again(pool: Pool, host: Ints) -> Bools:
    """Which hosts exchanged something with the outsider at one time and another."""
    began = pool.inner.began_us
    first = np.full(int(host.max(initial=-1)) + 1, began.max(initial=0))
    last = np.zeros_like(first)
    np.minimum.at(first, host, began)
    np.maximum.at(last, host, began)
    return np.asarray(last - first > ONCE_US)


def _parts(pool: Pool) -> Iterator[tuple[int, int, Ints, Floats]]:
    """Of each host how many pieces go along, the places they are of, and each place's part."""
    rows = np.flatnonzero(pool.shares > 0)
    outer, shares = pool.outer.only(rows), pool.shares[rows]
    for host in np.unique(outer.host).tolist():
        mine = outer.host == host
        places, place = np.unique(outer.peer[mine], return_inverse=True)
        parts = np.asarray(np.bincount(place, shares[mine]), np.float64)
        yield host, len(place), places, parts


def _hand_over(pool: Pool) -> Ints:
    """The hosts that give the outsider no less than they get from it, and from many.

    Who is only a reader there gets more. What comes all from one place goes by a wire that
    somebody laid: a camera's picture to a portal, a backup to its second store.
    """
    hosts, host = np.unique(pool.inner.host, return_inverse=True)
    gave, got = (np.bincount(host, side) for side in (pool.inner.sent, pool.inner.got))
    return np.asarray(np.setdiff1d(hosts[gave >= got], _from_one_place(pool)), np.int64)


def _from_one_place(pool: Pool) -> Ints:
    """The hosts whose part in what coincides comes from a place of their own, again and again.

    Where several fetch from the same place they were sent there.
    """
    of = {
        host: int(places[parts.argmax()])
        for host, pieces, places, parts in _parts(pool)
        if pieces >= OFTEN_ENOUGH and breadth(parts) < ONE_PLACE
    }
    shared = Counter(of.values())
    return np.array([host for host, place in of.items() if shared[place] == 1], np.int64)


def _visited(pool: Pool) -> Ints:
    """The hosts whose visitors got more while the outsider gave more."""
    shown = _shown(pool.outer) & (pool.outer.sent > 0)
    hosts, host = np.unique(pool.outer.host[shown], return_inverse=True)
    return np.asarray(hosts[np.bincount(host, pool.shares[shown], len(hosts)) > 0], np.int64)


def _given(pool: Pool) -> Ints:
    """The hosts that show what the origin gives, not something of their own."""
    shown = pool.outer.only(np.flatnonzero(_shown(pool.outer)))
    gave, showed = (
        np.bincount(np.searchsorted(pool.hosts, pieces.host), octets, len(pool.hosts))
        for pieces, octets in ((pool.inner, pool.inner.got), (shown, shown.sent))
    )
    known = pool.members * (showed > 0)
    usual = (known * gave).sum() / max((known * showed).sum(), 1.0)
    share = (gave + TOLD_BY_OTHERS * usual) / (showed + TOLD_BY_OTHERS)
    return np.asarray(pool.hosts[share >= LEAST_GIVEN], np.int64)


def _shown(outer: Pieces) -> Bools:
    return np.asarray(outer.inward & np.isin(outer.port, WEB_PORTS))


def _gateway(pool: Pool, scene: Scene, host: int, neighbours: Neighbours | None) -> Proof:
    """Whom the host dials to be used, and to how many it hands what it gets, or from."""
    rows = np.flatnonzero((pool.outer.host == host) & (pool.shares > 0))
    outer, shares = pool.outer.only(rows), pool.shares[rows]
    mail = np.isin(outer.port, MAIL_PORTS)
    servers = np.unique(outer.peer, return_inverse=True)[1]
    called = neighbours.called(pool, host) if neighbours else pool.outsider
    met = neighbours.shared(pool.inner) if neighbours else pool.inner
    proof: Proof = {
        "leg": "to",
        "peer": scene.peers[called],
        "dials_in": each_at_a_clients(met.host, met.port),
        "onward_servers": round(breadth(np.asarray(np.bincount(servers, shares), np.float64))),
        "onward_mail": len(np.unique(outer.conversation[mail])),
        "onward_mail_servers": len(np.unique(outer.peer[mail])),
    }
    if neighbours:
        proof["network"] = network_of(scene.peers[called])
        proof["callers"] = int(neighbours.callers[pool.outsider])
    return proof


def _front(pool: Pool, scene: Scene, host: int) -> Proof:
    """The port at which the host is a front, of what origin, and who came there."""
    mine = (pool.outer.host == host) & _shown(pool.outer) & pool.outer.outside
    visits = pool.outer.only(np.flatnonzero(mine))
    octets = visits.sent + visits.got
    visitors, visitor = np.unique(visits.peer, return_inverse=True)
    served = np.bincount(visitor, octets * scene.sampling)
    names = [scene.peers[code] for code in visitors]
    most = np.lexsort((names, -served))[:MOST_PEERS]
    return {
        "leg": "in",
        "origin": scene.peers[pool.outsider],
        "port": max(WEB_PORTS, key=lambda port: float(octets[visits.port == port].sum())),
        "front": True,
        "lasting": False,
        "visitors": len(visitors),
        "visitors_served": len(visitors),
        "networks_served": len({network_of(name) for name in names}),
        "outside_share": 1.0,
        "first_visit_us": int(visits.began_us.min(initial=scene.window.end_us)),
        "passed_for": {names[at]: float(round(served[at])) for at in most},
    }


def _summary(proof: Proof) -> str:
    many, bursts = proof["alike"], proof["coincidences"]
    others = f"as with {many} other own hosts; {bursts} bursts go together"
    called = proof.get("network", proof.get("peer"))
    if "origin" in proof:
        given = f"what {proof['origin']} gives goes to the visitors of port {proof['port']}"
    elif proof["way"] == "back":
        given = f"what it fetches goes to {called} in the same minutes"
    else:
        given = f"what {called} gives is mailed in the same minutes"
    return f"{given}, {others}"


DETECTOR = Detector(name="farm", question="farm.sql", weigh=weigh)
