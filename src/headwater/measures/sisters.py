"""Sisters: own hosts that front one origin, or relay for one outsider, tunnels or not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from headwater.measures.fronts import for_many
from headwater.measures.kinds import Claim
from headwater.measures.ports import WEB_PORTS
from headwater.measures.prefixes import network_of
from headwater.measures.relaying import (
    FRONT_WEIGHT,
    asks,
    gives_as_much,
    hands_through,
    kept_for,
    life,
    origins,
    relay_weight,
    scattered,
)

RACK_WEIGHT: Final = 1.5
# Several subscribers do not front one origin by chance. Unlike sites may ask one service for
# something, here and there at each visit, but not for just what the visitor gets.
SISTERS_WEIGHT: Final = 3.5
MOSTLY: Final = 2 / 3  # of the visits
LIKELY: Final = 0.5  # a tunnel: of less sure ones two may be two mistakes
LIVED_IN: Final = 0.5  # of fronts, where somebody lives: in racks one machine in four seems so

Claims = Mapping[str, Sequence[Claim]]  # of one host, by their kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sisters:
    """What a host has in common with others, by the tie that most of them share."""

    fronts: int = 0  # other own hosts that front the same origin
    networks: int = 0  # in which these and it are
    lived_in: bool = False  # somebody lives where most of these and it are
    at_web: bool = False  # most of them at the web's ports
    handed: bool = False  # visitors of one of them get just what the origin gives
    tunnels: int = 0  # other own hosts into which the same outsider has tunnels
    at_once: int = 0  # those of them in which it is while it is in this one
    kept: int = 0  # other own hosts that relay for the same outsider, and for few others
    dialled: int = 0  # other own hosts that dial the same outsider, who uses them


def sisters(hosts: Mapping[str, Claims]) -> list[Sisters]:
    """Of each host those it has, by what is said of all."""
    fronts, tunnels = _sharing(hosts, fronted), _sharing(hosts, dialling_in)
    gateways, relaying = _sharing(hosts, dialling_out), _sharing(hosts, kept)
    return [
        Sisters(
            fronts=max(len(fronts[host]) - 1, 0),
            networks=len({network_of(each) for each in fronts[host]}),
            lived_in=_lived_in([hosts[each] for each in fronts[host]]),
            at_web=_at_web([hosts[each] for each in fronts[host] if each != host]),
            handed=any(_handed(hosts[each]) for each in fronts[host] if each != host),
            tunnels=max(len(tunnels[host]) - 1, 0),
            at_once=_at_once(host, hosts, tunnels[host]),
            kept=max(len(relaying[host]) - 1, 0),
            dialled=max(len(gateways[host]) - 1, 0),
        )
        for host in hosts
    ]


def fronts_weight(relays: Sequence[Claim], its: Sisters) -> float:
    """What it says of a front that others front the same origin.

    Machines in a rack front their owner's site together; at homes nobody arranged that, the
    less the more there are. And what the origin gives the others' visitors byte by byte, it
    gives this one's, in TLS or plainly.
    """
    # Sampled records do not show whether somebody lives there.
    lived_in = any(life(claim) or claim["sampled"] for claim in relays)
    whole = any(hands_through(claim) for claim in relays)
    known = its.handed and (whole or any(_shows(claim) for claim in relays))
    where = 1.0 if its.lived_in else scattered(its.networks)
    apart = 1.0 if lived_in else where if whole or known else 0.0
    # Of one make of hubs there are many homes; and they hand through nothing.
    places = its.fronts + 1 if its.lived_in else its.networks
    many = for_many(places) if whole or known else 0.0
    alone = max((relay_weight(claim) - life(claim) for claim in relays), default=0.0)
    told = max(FRONT_WEIGHT - alone, 0.0) if known else 0.0
    return RACK_WEIGHT + (SISTERS_WEIGHT - RACK_WEIGHT + many + told) * apart


def _shows(relay: Claim) -> bool:
    """What it fetches, at most visits; a hub at home asks its maker's cloud now and then."""
    mostly = int(relay["passed_on"]) >= MOSTLY * int(relay["visits"])
    return mostly and gives_as_much(relay)


def dialling_in(claims: Claims) -> set[str]:
    """The outsiders that have a tunnel into the host."""
    return {str(claim["peer"]) for claim in claims.get("tunnel-in", ())}


def _at_once(host: str, hosts: Mapping[str, Claims], sharing: Sequence[str]) -> int:
    """In how many others that share its outsider there are tunnels at the same time.

    Who works for several works in one place at a time.
    """
    spans = {each: _span(hosts[each]) for each in sharing}
    if host not in spans:
        return 0
    began, ended = spans.pop(host)
    meanwhile = (min(ended, over) - max(began, begun) for begun, over in spans.values())
    return sum(both > 0 for both in meanwhile)


def _span(claims: Claims) -> tuple[int, int]:
    tunnels = claims["tunnel-in"]
    began = min(int(claim.get("first_seen_us", 0)) for claim in tunnels)
    return began, max(int(claim.get("last_seen_us", 0)) for claim in tunnels)


def kept(claims: Claims) -> set[str]:
    """The outsiders for whom, and for few others, the host relays."""
    return {outsider for claim in claims.get("relay", ()) for outsider in kept_for(claim)}


def dialling_out(claims: Claims) -> set[str]:
    """The outsiders to whom it has a tunnel, as likely as not."""
    tunnels = claims.get("tunnel-out", ())
    return {str(claim["peer"]) for claim in tunnels if float(claim["confidence"]) >= LIKELY}


def fronted(claims: Claims) -> set[str]:
    """The origins that the host is a front of."""
    return {origin for claim in _fronting(claims) for origin in origins(claim)}


def _fronting(claims: Claims) -> list[Claim]:
    return [claim for claim in claims.get("relay", ()) if origins(claim) and not asks(claim)]


def _sharing(
    hosts: Mapping[str, Claims], ties: Callable[[Claims], set[str]]
) -> dict[str, list[str]]:
    """For each host all that share the one of its ties that most share, it among them."""
    own = {host: sorted(ties(claims)) for host, claims in hosts.items()}
    having: dict[str, list[str]] = {}
    for host, its in own.items():
        for tie in its:
            having.setdefault(tie, []).append(host)
    return {
        host: max((having[tie] for tie in its), key=len, default=[])
        for host, its in own.items()
    }


def _lived_in(fronts: Sequence[Claims]) -> bool:
    lived_in = sum(any(life(claim) for claim in said.get("relay", ())) for said in fronts)
    return lived_in > 0 and lived_in >= LIVED_IN * len(fronts)


def _at_web(fronts: Sequence[Claims]) -> bool:
    """Whether most are visited where sites are.

    Doors for whoever attacks one place lead to it as well: from any port.
    """
    web = sum(any(claim["port"] in WEB_PORTS for claim in _fronting(said)) for said in fronts)
    return web > 0 and 2 * web >= len(fronts)


def _handed(claims: Claims) -> bool:
    return any(hands_through(claim) for claim in claims.get("relay", ()))
