"""Volume: what flows in flows out again, in the same minutes.

Sees       per minute, the octets that one port's visitors, or one outsider that the host
           calls, exchange with the host, beside those the host exchanges with all it calls;
           a relay's two legs rise and fall together, both ways, by equal amounts, at once or
           some minutes later. Works where sampling shows no session whole
Misses     relays of a few packets; relays whose host is busy with much else of its own
Mistakes   VPN gateways, company proxies, reverse proxies, the owner's way home and volunteers'
           relays carry too: who comes, and what leaves, must tell. A machine that fetches from
           many and hands it on to one place looks as if that place had called for it
Next step  look at who is on the inner leg; of a gateway, who else calls it
Source     Zhang and Paxson, Detecting Stepping Stones, USENIX Security 2000; the null by
           turning one series round: Politis and Romano, A Circular Block-Resampling
           Procedure, 1992
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.measures.carrying import Passed, carried
from headwater.measures.columns import Floats
from headwater.measures.odds import LOG10, hedged, logit, probability
from headwater.measures.pieces import Pieces, Scene, grids, lasting, scene_in
from headwater.measures.ports import MAIL_PORTS, WEB_PORTS, each_at_its_own
from headwater.measures.prefixes import network_of
from headwater.measures.relaying import DOOR_WEIGHT, OUTSIDERS, one_door
from headwater.measures.series import breadth
from headwater.records.detector import Detector
from headwater.records.finding import Finding, ProofValue
from headwater.records.window import Window

MOST_LAG_US: Final = 900_000_000  # a quarter of an hour

PRIORS: Final = {"in": 0.01, "to": 0.001}  # as of `relay` and of `dial_back`
CAPPED_EVIDENCE: Final = 8.0
LEAST_CONFIDENCE: Final = 0.1  # weak alone; `hijacked` knows more about the host
FEWEST_COINCIDENCES: Final = 4.0
# Who calls one place and hands what it gets to one other copies, unless several own hosts do
# so for the same place, or from the same: a farm has one gateway, or at times one target.
# Mail, and all else of which the contents are sent out, goes to several.
FEWEST_SERVERS: Final = {"back": 2, "there": 3}
FEWEST_ALIKE: Final = 3
MOSTLY: Final = 0.5
MAILS: Final = 0.2  # of what leaves; as of tunnels
HOPS: Final = 0.8  # of what leaves, by the very port it came in at
AMONG_PEERS: Final = 0.1  # of what leaves, to those who visit: chance has no such aim
FROM_ORIGIN: Final = 0.8  # of what a front fetches, from a server or two
BACK_ENDS: Final = 5
WHOLE: Final = 0.8
MOST_PEERS: Final = 50
MOST_PORTS: Final = 10
NEGLIGIBLE: Final = 600  # octets, headers aside: less is a greeting and a refusal
HEADERS: Final = 46

# Nobody's gateway dials out to be used. But of few sampled packets it is not seen who asked:
# who fetches from many and stores it in one place, or shows his screen while he browses, looks
# the same. Of a thousand homes one or two do, and two dial: even chances at most.
STORES_WEIGHT: Final = 4.5

Proof = dict[str, Any]


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each port or outsider whose octets leave the host again."""
    if not answer.num_rows:
        return
    scene, pieces = scene_in(answer, window)
    found: dict[tuple[str, str], Finding] = {}
    sampled = scene.sampling > 1
    # One burst is several in shorter bins; only those of several hosts tell that it is none.
    for passed in carried(pieces, grids(window), MOST_LAG_US, sampled):
        finding = _finding(scene, passed)
        if finding:
            key = finding.subject, str(finding.proof.get("peer") or finding.proof["port"])
            found[key] = min(finding, found.get(key, finding), key=_strength)
    yield from _one_way_each(_gateways(sorted(found.values(), key=_strength)))


def _strength(finding: Finding) -> float:
    return float(finding.proof["log10_chance"])


def _one_way_each(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Of what a host calls, only what goes the way of the surest.

    Where requests come from a gateway, contents go to it: those who send the contents go
    along with the gateway in everything but the direction.
    """
    surest: dict[str, ProofValue] = {}
    told: set[tuple[str, ProofValue]] = set()
    for finding in findings:
        if finding.proof["leg"] == "in":
            yield finding
            continue
        way, called = finding.proof["way"], (finding.subject, finding.proof["peer"])
        if surest.setdefault(finding.subject, way) == way and called not in told:
            told.add(called)
            yield finding


def _gateways(findings: Sequence[Finding]) -> Iterator[Finding]:
    """All but those who may copy from one place to another.

    Mail is what a gateway sends to have it passed on; nobody asks for it. Of all else it asks
    for more than it sends: what is fetched from a site, while more is asked of others, only
    looks as if it were passed on.
    """
    alike = Counter(end for end, _ in {(end, f.subject) for f in findings for end in _ends(f)})
    for finding in findings:
        way, servers = str(finding.proof["way"]), int(finding.proof["onward_servers"])
        shared = max((alike[end] for end in _ends(finding)), default=0) >= FEWEST_ALIKE
        several = servers >= FEWEST_SERVERS[way]
        if finding.proof["leg"] == "in" or (way == "back" and several):
            yield finding
        elif float(finding.proof["onward_mail_share"]) >= MOSTLY:
            yield from (finding for _ in range(several or shared))
        elif shared and not several:
            yield _asked_for(finding)


def _ends(finding: Finding) -> list[tuple[str, str]]:
    """Of what a host calls: where contents come from, where they go."""
    if finding.proof["leg"] == "in":
        return []
    ends = str(finding.proof["peer"]), str(finding.proof["onward_to"])
    source, taker = ends if finding.proof["way"] == "there" else ends[::-1]
    return [("source", source), ("taker", taker)]


def _asked_for(finding: Finding) -> Finding:
    """Contents of one place that go to one other: who gets them had asked for them."""
    (_, _), (_, taker) = _ends(finding)
    return replace(finding, proof={**finding.proof, "peer": taker, "way": "back"})


def _finding(scene: Scene, passed: Passed) -> Finding | None:
    """The finding, where enough coincides and with enough others."""
    inner, shares = passed.inner, passed.shares()
    leg = "in" if inner.inward[0] else "to"
    session = np.unique(passed.outer.conversation, return_inverse=True)[1]
    # One burst beside another is one coincidence, however large; so is one long session.
    by_session = np.asarray(np.bincount(session, np.maximum(shares, 0.0)), np.float64)
    coincidences = min(breadth(by_session), passed.bursts())
    strength = min(-passed.log10_chance, coincidences, CAPPED_EVIDENCE)
    confidence = probability(logit(PRIORS[leg]) + LOG10 * strength)
    if confidence < LEAST_CONFIDENCE or coincidences < FEWEST_COINCIDENCES:
        return None
    way = "there" if passed.there else "back"
    onward = _onward(scene, passed.outer, shares)
    # Mail can wait, nobody waits minutes for a page, and nobody gets one before it came. What
    # leaves at once `relay` sees where every packet was counted.
    at_once = passed.lag == 0 and (leg == "to" or scene.sampling > 1)
    mailed = float(onward["onward_mail_share"]) >= MOSTLY
    if not (at_once or mailed) or (passed.lag > 0 and not passed.there):
        return None
    proof: Proof = {
        "leg": leg,
        "way": way,
        "port": Counter(inner.port.tolist()).most_common(1)[0][0],
        "lag_s": passed.lag_us // 1_000_000,
        "sampled": scene.sampling > 1,
        "log10_chance": round(-strength, 2),
        "coincidences": round(coincidences, 1),
        "ratio_up": passed.ratio_up,
        "ratio_down": passed.ratio_down,
        "packets": round(float((inner.sent_packets + inner.got_packets).sum())),
        "bytes": round(float((inner.sent + inner.got).sum()) * scene.sampling),
        "sessions": len(np.unique(inner.conversation)),
        "lasting": lasting(inner),
        "both_ways": round(_both_ways(passed, shares), 2),
        "first_seen_us": int(inner.began_us.min()),
        "last_seen_us": int(inner.ended_us.max()),
        **onward,
        **(_visitors(scene, inner) if leg == "in" else _called(scene, inner)),
    }
    proof |= {"front": _front(proof), "weight": round(hedged(_weight(proof), confidence), 2)}
    return Finding(
        detector=DETECTOR.name,
        subject=scene.hosts[int(inner.host[0])],
        kind="carries" if leg == "in" else "carries-to",
        confidence=confidence,
        window=scene.window,
        summary=_summary(proof),
        proof=proof,
    )


def _weight(proof: Proof) -> float:
    """What carrying says about hijack, in natural log-odds, were it certain: as for relays.

    Outsiders' mail has no lawful reason to leave here; company proxies serve insiders. VPNs
    have sessions that last, fronts one origin, hops one service, volunteers' relays one
    another: of those the web is full.
    """
    mail = float(proof["onward_mail_share"]) >= MAILS and int(proof["onward_mail_servers"]) >= 3
    if proof["leg"] == "to":
        carries = 1.0 if proof["listens"] else STORES_WEIGHT
        return 1.0 if _among_peers(proof) else 8.0 if mail else carries
    if float(proof["outside_share"]) < MOSTLY:
        return -2.0
    if mail:  # as of `relay`: sites write to whom their visitors name
        return 1.0 if proof["port"] in WEB_PORTS else 10.0
    if float(proof["outside_share"]) < OUTSIDERS:
        return 0.0
    hops = float(proof["onward_ports"].get(str(proof["port"]), 0.0)) >= HOPS
    if _front(proof) and _whole(proof):
        return 3.5  # as of `relay`
    if proof["lasting"] or _among_peers(proof) or hops or _front(proof):
        return 1.0
    if one_door(proof):
        return DOOR_WEIGHT
    return 4.0 + min(max(int(proof["visitors_served"]), 1) - 1, 2) * 1.5


def _among_peers(proof: Proof) -> bool:
    """It goes to those who visit as well, or everybody is met at a port of his own."""
    ports = proof["onward_ports"]
    apart = each_at_its_own(ports.values(), min(int(proof["onward_servers"]), MOST_PORTS))
    return float(proof["both_ways"]) >= AMONG_PEERS or apart


def _whole(proof: Proof) -> bool:
    """Nearly each octet is fetched again; a cache answers most visits itself."""
    return float(proof["ratio_up" if proof["way"] == "there" else "ratio_down"]) >= WHOLE


def _front(proof: Proof) -> bool:
    """Behind the port of a site even a handful of servers are that site's own."""
    back_ends = proof["port"] in WEB_PORTS and int(proof["onward_servers"]) <= BACK_ENDS
    return back_ends or float(proof["onward_top"]) >= FROM_ORIGIN


def _summary(proof: Proof) -> str:
    who = proof.get("peer") or f"the visitors of port {proof['port']}"
    when = f"{proof['lag_s']} s later" if proof["lag_s"] else "in the same minutes"
    together = f"{when}; {proof['coincidences']} bursts go together"
    if proof["way"] == "there":
        return f"of each octet from {who} {proof['ratio_up']} left for others {together}"
    return f"of each octet to {who} {proof['ratio_down']} came from others {together}"


def _onward(scene: Scene, outer: Pieces, shares: Floats) -> dict[str, ProofValue]:
    """To whom, and by which ports, what coincides left; what merely happens cancels out."""
    _, first, servers = np.unique(outer.peer, return_index=True, return_inverse=True)
    by_server = np.maximum(np.bincount(servers, shares), 0.0)
    ports, port = np.unique(outer.port, return_inverse=True)
    by_port = np.maximum(np.bincount(port, shares), 0.0)
    whole = max(float(by_port.sum()), 1e-9)
    mail = np.isin(outer.port, MAIL_PORTS) & (shares > 0)
    top = np.sort(by_server)[-2:].sum() / max(float(by_server.sum()), 1e-9)
    return {
        "onward_servers": round(breadth(by_server)),
        "onward_top": round(float(top), 2),
        "onward_to": scene.peers[outer.peer[first[int(by_server.argmax())]]],
        "onward_mail": len(np.unique(outer.conversation[mail])),
        "onward_mail_servers": len(np.unique(outer.peer[mail])),
        "onward_mail_share": round(float(by_port[np.isin(ports, MAIL_PORTS)].sum()) / whole, 2),
        "onward_ports": {
            str(ports[at]): round(float(by_port[at]) / whole, 2)
            for at in np.argsort(-by_port, kind="stable")[:MOST_PORTS]
            if by_port[at] > 0
        },
    }


def _both_ways(passed: Passed, shares: Floats) -> float:
    """The share of what coincides that went to those who visit as well: peers among peers."""
    whole = np.maximum(shares, 0.0)
    again = np.isin(passed.outer.peer, passed.inner.peer)
    return float(whole[again].sum() / max(float(whole.sum()), 1e-9))


def _called(scene: Scene, inner: Pieces) -> dict[str, ProofValue]:
    """Of datagrams one seldom sees who spoke first; but who is met at one port, by ports that
    come and go, was called: a gateway of somebody's own."""
    ports, own_ports = np.unique(inner.port), np.unique(inner.client_port)
    listens = len(own_ports) == 1 < len(ports)
    return {"peer": scene.peers[inner.peer[0]], "listens": listens}


def _visitors(scene: Scene, inner: Pieces) -> dict[str, ProofValue]:
    """Who came to the port, and with whom anything was exchanged."""
    octets = inner.sent + inner.got
    carried = octets - HEADERS * (inner.sent_packets + inner.got_packets)
    visitors, visitor = np.unique(inner.peer, return_inverse=True)
    exchanged = np.bincount(visitor, carried)
    names = [scene.peers[code] for code in visitors]
    busiest = np.lexsort((names, -exchanged))  # of equals always the same
    served = [at for at in busiest if exchanged[at] > NEGLIGIBLE]
    return {
        "visitors": len(visitors),
        "visitors_served": len(served),
        "networks_served": len({network_of(names[at]) for at in served}),
        "outside_share": round(float(octets[inner.outside].sum() / max(octets.sum(), 1.0)), 2),
        "first_visit_us": int(inner.began_us.min()),
        "passed_for": {
            names[at]: float(round(exchanged[at] * scene.sampling))
            for at in served[:MOST_PEERS]
        },
    }


DETECTOR = Detector(name="volume", question="volume.sql", weigh=weigh)
