"""Shared visitor: hosts go out just when one outsider comes, who comes to several of them.

Sees       sampled records alone: an outsider with sessions to several own hosts, each at a
           port of its own, at whose comings the hosts open sessions to others within seconds,
           more often than at other times. A few of each host will do: they add up, those of
           an outsider who changes its address within a network as well
Misses     drivers that reach fewer than three own hosts; relays that hold things for minutes;
           one packet in a thousand, of which hardly any session shows both legs
Mistakes   whoever runs machines at several subscribers' by a port of his own on each, and has
           each of them fetch things of its own when he comes
Next step  see who else the outsider visits, and where these visits go
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.measures.columns import Ints, codes, ints, is_text
from headwater.measures.following import Pooled, Visits, followed, together
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.pairing import Pairing, Sessions, pair
from headwater.measures.pooling import told_of_one
from headwater.measures.ports import MAIL_PORTS
from headwater.measures.prefixes import network_of
from headwater.measures.relaying import of_many
from headwater.records.detector import Detector
from headwater.records.finding import Finding
from headwater.records.window import Window

PRIOR: Final = 0.001  # of outsiders whom several hosts meet again, how many drive them
LEAST_REST: Final = 2.0  # -log10, of all hosts but one: a gateway passes things on by itself
CAPPED_EVIDENCE: Final = 8.0  # -log10
FEWEST_HITS: Final = 0.0  # beyond chance; as of `volume`: fewer are coincidences
FEWEST_MEMBERS: Final = 3
FEWEST_AGAIN: Final = 2  # hosts that two of one network visit: one both may meet by chance
LEAST_CONFIDENCE: Final = 0.3
LIKELY: Final = 0.5
SERVICE: Final = 0.5  # of what follows, to one port; sharers of files have one each
MOSTLY: Final = 0.5  # of what follows, mail; of hosts, those met at one port, or by neighbours
MOST_PEERS: Final = 50  # named in the proof

MAIL_WEIGHT: Final = 8.0  # as of a relay of mail
# Of three: hardly anybody has doors of their own into the homes of several subscribers, each at
# another port. Nodes of a network of volunteers (onion routers) have, for one another; but of
# all who come to theirs the shared visitor is one of many.
FARM_WEIGHT: Final = 6.0
ALONE_WEIGHT: Final = 0.5  # who has a door to himself: more likely than not, then
SAME_PORT_WEIGHT: Final = 3.5  # a service people know by its port may ask another one
FEW_PLACES_WEIGHT: Final = 1.0  # one owner's machines ask the same few services

Proof = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The answer, and who is behind its codes."""

    columns: dict[str, Ints]
    host: Ints
    peer: Ints
    hosts: list[str]
    peers: list[str]
    visitors: list[str]  # addresses, or the network of several
    window: Window
    pairing: Pairing  # keys: host, visitor
    visits: Visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What follows the visits to the hosts that likely are members."""

    ports: Counter[int]
    servers: int
    met_at: Counter[int]  # ports, by how many hosts are visited there

    @property
    def mail(self) -> int:
        return sum(self.ports[port] for port in MAIL_PORTS)

    @property
    def mailed(self) -> bool:
        return self.mail >= MOSTLY * self.ports.total()

    @property
    def to_a_service(self) -> bool:
        return max((self.mail, *self.ports.values())) >= SERVICE * self.ports.total()

    def weight(self, hosts: int) -> float:
        """Of a host of which all this is sure."""
        if self.mailed:
            return MAIL_WEIGHT
        if self.servers < hosts:
            return FEW_PLACES_WEIGHT
        own = max(self.met_at.values()) < MOSTLY * self.met_at.total()
        return of_many(FARM_WEIGHT, hosts) if own else SAME_PORT_WEIGHT


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that goes out when a visitor of several comes."""
    if not answer.num_rows:
        return
    scene = _scene(answer, window)
    best: dict[int, Finding] = {}
    for groups, pooled in together(scene.visits, scene.pairing.keys[1], FEWEST_HITS):
        for host, found in _findings(scene, groups, pooled):
            known = best.get(host, found)
            best[host] = max(known, found, key=lambda each: each.confidence)
    yield from best.values()


def _scene(answer: pa.Table, window: Window) -> Scene:
    host, hosts = codes(answer, "host")
    peer, peers = codes(answer, "peer")
    inward = is_text(answer, "leg", "in")
    visitor, visitors = _visitors(host[inward], peer[inward], peers)
    pairing = pair(
        Sessions.of(answer, host, peer),
        inward,
        np.stack([host, visitor[peer]]),
        window.start_us,
    )
    names = ("port", "opened_at", "closed_at", "up_bytes", "down_bytes")
    return Scene(
        columns={name: ints(answer, name) for name in names},
        host=host,
        peer=peer,
        hosts=hosts,
        peers=peers,
        visitors=visitors,
        window=window,
        pairing=pairing,
        visits=followed(pairing),
    )


def _visitors(host: Ints, peer: Ints, peers: list[str]) -> tuple[Ints, list[str]]:
    """Of each peer who it is as a visitor: its network, where it changes its address within it.

    ``host``, ``peer``: of each visit. Who does so goes to the same hosts again; neighbours who
    know nothing of each other hardly do.
    """
    networks, network = np.unique([network_of(name) for name in peers], return_inverse=True)
    width = int(host.max(initial=0)) + 1
    visiting, where = np.divmod(np.unique(peer * width + host), width)
    _, place, met = np.unique(
        network[visiting] * width + where, return_inverse=True, return_counts=True
    )
    again = np.bincount(visiting, met[place] > 1, len(peers))
    hosts = np.bincount(visiting, minlength=len(peers))
    one = (again >= FEWEST_AGAIN) & (again > MOSTLY * hosts)
    visitor = np.where(one, len(peers) + network, np.arange(len(peers)))
    return visitor.astype(np.int64), [*peers, *networks.tolist()]


def _findings(scene: Scene, groups: Ints, pooled: Pooled) -> Iterator[tuple[int, Finding]]:
    """One for each host that likely is driven, where enough follows the visits."""
    likely = groups[pooled.members > LIKELY]
    enough = min(pooled.strength, CAPPED_EVIDENCE)
    if len(likely) < FEWEST_MEMBERS or pooled.rest < LEAST_REST:
        return
    ties = _ties(scene, likely)
    if not ties.to_a_service:
        return
    sure = probability(logit(PRIOR) + LOG10 * enough)
    for group, member in zip(groups.tolist(), pooled.members.tolist(), strict=True):
        confidence = sure * member
        if confidence < LEAST_CONFIDENCE:
            continue
        host = int(scene.pairing.keys[0, group])
        proof = {
            **_proof(scene, group, host),
            "log10_chance": round(-enough, 2),
            "alike": int(np.count_nonzero(likely != group)),
        }
        weight = ties.weight(len(likely))
        if weight >= FARM_WEIGHT and 2 * int(proof["visits"]) > int(proof["sessions"]):
            weight += ALONE_WEIGHT
        proof["weight"] = round(told_of_one(weight, confidence), 2)
        yield (
            host,
            Finding(
                detector=DETECTOR.name,
                subject=scene.hosts[host],
                kind="carries",
                confidence=confidence,
                window=scene.window,
                summary=_summary(proof),
                proof=proof,
            ),
        )


def _legs(scene: Scene, groups: Ints) -> tuple[Ints, Ints]:
    """The answer's rows: visits of these groups, and what followed them."""
    visits = np.flatnonzero(np.isin(scene.pairing.of, groups))
    partner = scene.visits.partner[visits]
    return scene.pairing.inbound.row[visits], scene.pairing.outbound.row[partner[partner >= 0]]


def _ties(scene: Scene, groups: Ints) -> Ties:
    came, went = _legs(scene, groups)
    doors = {*zip(scene.host[came].tolist(), scene.columns["port"][came].tolist(), strict=True)}
    return Ties(
        ports=Counter(scene.columns["port"][went].tolist()),
        servers=len(np.unique(scene.peer[went])),
        met_at=Counter(port for _, port in doors),
    )


def _proof(scene: Scene, group: int, host: int) -> Proof:
    """The door, who came there, and what followed the shared visitors."""
    came, went = _legs(scene, np.array([group]))
    get = scene.columns
    port = int(np.bincount(get["port"][came]).argmax())
    mail = np.isin(get["port"][went], MAIL_PORTS)
    return {
        "leg": "in",
        "sampled": True,
        "lasting": False,
        "front": False,
        "port": port,
        "visitor": scene.visitors[int(scene.pairing.keys[1, group])],
        "visits": int(scene.visits.tries[group]),
        "passed_on": int(scene.visits.hits[group]),
        "by_chance": round(float(scene.visits.by_chance[group]), 2),
        "first_seen_us": int(get["opened_at"][came].min()),
        "last_seen_us": int(get["closed_at"][came].max()),
        "onward_servers": len(np.unique(scene.peer[went])),
        "onward_mail": int(np.count_nonzero(mail)),
        "onward_mail_servers": len(np.unique(scene.peer[went[mail]])),
        **_public(scene, host, port),
    }


def _public(scene: Scene, host: int, port: int) -> Proof:
    """Who came to a door, and for whom something followed."""
    get, inbound = scene.columns, scene.pairing.inbound
    at = np.flatnonzero((inbound.legs.group == host) & (get["port"][inbound.row] == port))
    rows, followed = inbound.row[at], scene.visits.partner[at] >= 0
    octets = (get["up_bytes"] + get["down_bytes"])[rows]
    visitors, visitor = np.unique(scene.peer[rows], return_inverse=True)
    names = [scene.peers[code] for code in visitors]
    served = np.bincount(visitor, followed)
    most = [place for place in np.lexsort((names, -served)) if served[place]][:MOST_PEERS]
    return {
        "visitors": len(visitors),
        "visitors_served": int(np.count_nonzero(served)),
        "networks_served": len({network_of(names[place]) for place in np.flatnonzero(served)}),
        "first_visit_us": int(get["opened_at"][rows].min()),
        "sessions": len(rows),
        "bytes": int(octets.sum()),
        "passed_for": {names[place]: float(served[place]) for place in most},
    }


def _summary(proof: Proof) -> str:
    return (
        f"when {proof['visitor']} comes to port {proof['port']} it goes out within seconds, as"
        f" {proof['alike']} other own hosts do (here at {proof['passed_on']} of"
        f" {proof['visits']} visits; chance gives {proof['by_chance']:.1f})"
    )


DETECTOR = Detector(name="shared_visitor", question="shared_visitor.sql", weigh=weigh)
