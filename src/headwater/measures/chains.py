"""Chains: own hosts that hand what outsiders bring to other own hosts, which pass it on.

Each end sees half of it: the first only an own host that it opens sessions to, the last only an
own host that comes. What is known of the one is what the other does as well.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Final

from headwater.measures.kinds import Claim

LONGEST: Final = 3  # hosts after the first; longer ones only make the driver wait
OF_THE_FIRST: Final = (
    "onward_to",
    "onward_to_second",
)  # told by the first of those that follow

Claims = Mapping[str, Sequence[Claim]]  # of one host, by their kinds


def seen_from_both_ends(
    hosts: Mapping[str, Claims], relays: Callable[[Claims], bool]
) -> dict[str, Claims]:
    """The claims about each host, where what own hosts bring and take counts as outsiders'.

    ``relays``: whether a host's claims say that outsiders' traffic leaves it again.
    """
    seen: dict[str, Claims] = {
        host: {kind: [_onward(host, each, hosts) for each in of] for kind, of in claims.items()}
        for host, claims in hosts.items()
    }
    for _ in range(LONGEST):  # whose visitors turn out to be outsiders' is a hop itself
        hops = {host for host, claims in seen.items() if relays(claims)}
        seen = {
            host: {
                kind: [came(each, hops - {host}) for each in of] for kind, of in claims.items()
            }
            for host, claims in seen.items()
        }
    return seen


def links(hosts: Mapping[str, Claims], relays: Callable[[Claims], bool]) -> Counter[str]:
    """With how many other own hosts each one is in a chain, where both of them relay."""
    hops = {host for host, claims in hosts.items() if relays(claims)}
    pairs = {
        frozenset((host, str(other)))
        for host in hops
        for claim in hosts[host].get("relay", ())
        for other in claim.get("passed_for", ())
        if other in hops and other != host
    }
    return Counter(host for pair in pairs for host in pair)


def came(claim: Claim, hops: Set[str]) -> Claim:
    """The claim about a relay, where visits of ``hops`` count as what they are: outsiders'.

    ``hops``: own hosts that relay for outsiders, so that who drives them drives this one.
    """
    served = claim.get("passed_for")
    if not served or claim.get("seen_through") or hops.isdisjoint(served):
        return claim
    share = sum(n for name, n in served.items() if name in hops) / sum(served.values())
    told = {
        "summary": f"{claim['summary']}; own hosts that relay are among those served",
        "seen_through": True,
    }
    if "outside_share" in claim:
        outside_share = min(float(claim["outside_share"]) + share, 1.0)
        return {**claim, **told, "outside_share": outside_share}
    passed_on = int(claim["passed_on"])
    outside = min(int(claim["from_outside"]) + round(share * passed_on), passed_on)
    return {**claim, **told, "from_outside": outside}


def _onward(host: str, claim: Claim, hosts: Mapping[str, Claims], far: int = LONGEST) -> Claim:
    """The claim about a relay that hands on to own hosts, with what leaves these in the end."""
    further = [
        _onward(via, other, hosts, far - 1)
        for via in (map(str, claim.get("onward_to", ())) if far else ())
        for other in hosts.get(via, {}).get("relay", ())
        if host in other["passed_for"] and str(other["port"]) in claim["onward_ports"]
    ]
    if not further:
        return claim
    ports: Counter[str] = Counter()
    for other in further:
        ports.update(other["onward_ports"])
    added = ("onward_servers", "onward_once", "onward_sessions", "onward_mail", "onward_to_top")
    return {
        **claim,
        **{name: sum(int(other[name]) for other in further) for name in added},
        "onward_ports": dict(ports.most_common(10)),
        **{name: further[0][name] for name in OF_THE_FIRST if name in further[0]},
        "balanced": bool(claim["balanced"]) and all(other["balanced"] for other in further),
        "summary": f"{claim['summary']}; by way of other own hosts",
    }
