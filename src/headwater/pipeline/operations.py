"""Operations: proxies, drivers and masters that belong together, under names that last.

Each run hands its operations to the next, with those it did not meet itself: a farm that
was silent for a day keeps its name when it is back.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from headwater.measures.communities import STRONG, Community, Tie, communities
from headwater.measures.lineage import Descent, Known, Members, descents
from headwater.records.answer import Answer, Master, Operation, Proxy, Upstream
from headwater.records.finding import Finding, Kind
from headwater.records.window import Window, from_us, to_us

OPERATIONS: Final = "operations"  # the detector by whose name they are kept
HERE, REMEMBERED = "operation", "remembered-operation"  # kinds of findings

# Masters cost most to move, so that they last; drivers are rented by the hour; hosts are
# cleaned, change their address and are replaced.
LASTING: Final[Mapping[str, float]] = {"masters": 0.5, "upstreams": 0.2, "proxies": 0.3}
# Whoever finds an open proxy uses it: who comes to one belongs to no operation for it.
OPEN: Final = (Kind.NATURAL_OPEN, Kind.SYNTHETIC_OPEN, Kind.OPEN_RELAY)
OPEN_WEIGHT: Final = 0.4  # of a tie: finds a place for a host and joins nothing
FEWEST_PROXIES: Final = 2
REMEMBERED_FOR: Final = timedelta(days=30)  # a subscription ends, and addresses are reused
MOST_REMEMBERED: Final = 1000
MOST_FORMER: Final = 8  # former names that are told


def operations(
    proxies: Sequence[Proxy],
    upstreams: Sequence[Upstream],
    masters: Sequence[Master],
    before: Sequence[Finding] = (),
) -> tuple[Operation, ...]:
    """What belongs together, the largest first. ``before``: as ``operation_findings`` gave."""
    ties = list(_ties(proxies, upstreams, masters))
    found = [one for one in communities(ties) if len(one.hosts) >= FEWEST_PROXIES]
    drivers = {each.address for each in upstreams if each.role == "driver"}
    commanding = {each.address for each in masters}
    parts = [_operation(community, drivers, commanding) for community in found]
    known = [_known(finding) for finding in before]
    strong = _strong(ties)
    groups = [_members(part, _telling(part, strong)) for part in parts]
    taken = {one.name for one in known}
    seen = {proxy.address: to_us(proxy.first_seen) for proxy in proxies}
    named = []
    for part, descent in zip(parts, descents(known, groups, LASTING), strict=True):
        since_us = min(seen[host] for host in part.proxies)
        named.append(_named(part, descent, since_us, taken))
        taken.add(named[-1].name)
    return tuple(named)


def _ties(
    proxies: Iterable[Proxy], upstreams: Iterable[Upstream], masters: Iterable[Master]
) -> Iterator[Tie]:
    """Testers touch everybody; a server whose callers are mostly clean ties few together."""
    open_to_all = {proxy.address for proxy in proxies if proxy.kind in OPEN}
    for upstream in upstreams:
        for host in upstream.proxies if upstream.role == "driver" else ():
            part = OPEN_WEIGHT if host in open_to_all else 1.0
            yield Tie(upstream.address, host, upstream.confidence * part)
    for master in masters:
        purity = len(master.proxies) / max(len(master.proxies) + master.clean_clients, 1)
        for host in master.proxies:
            yield Tie(master.address, host, master.confidence * purity)


def _operation(
    community: Community, drivers: Collection[str], commanding: Collection[str]
) -> Operation:
    outsiders = sorted(community.core | community.shared)
    return Operation(
        name=_name([o for o in outsiders if o in commanding][:1] or outsiders[:1]),
        proxies=tuple(sorted(community.hosts)),
        upstreams=tuple(each for each in outsiders if each in drivers),
        masters=tuple(each for each in outsiders if each in commanding),
    )


def _named(
    part: Operation, descent: Descent, since_us: int, taken: Collection[str]
) -> Operation:
    heir_of = descent.heir_of
    if heir_of is None:
        name = part.name
        if name in taken:  # it has the master of another, or a digest met twice
            name = _name([*part.masters, *part.upstreams, *part.proxies, *taken])
        return _with(part, name, since_us, descent.was)
    was = dict.fromkeys([*descent.was, *heir_of.was])
    return _with(part, heir_of.name, min(since_us, heir_of.born_us), tuple(was))


def _with(part: Operation, name: str, since_us: int, was: tuple[str, ...]) -> Operation:
    return Operation(
        name=name,
        proxies=part.proxies,
        upstreams=part.upstreams,
        masters=part.masters,
        since=from_us(since_us),
        was=was[:MOST_FORMER],
    )


def _name(members: Iterable[str]) -> str:
    """Made at birth: of its first master, or of its first driver."""
    digest = hashlib.blake2b("\n".join(sorted(members)).encode(), digest_size=3)
    return f"op-{digest.hexdigest()}"


def _strong(ties: Iterable[Tie]) -> dict[str, set[str]]:
    """The hosts that each outsider holds by strong ties."""
    hosts: dict[str, set[str]] = {}
    for tie in ties:
        if tie.weight >= STRONG:
            hosts.setdefault(tie.outsider, set()).add(tie.host)
    return hosts


def _telling(part: Operation, strong: Mapping[str, set[str]]) -> set[str]:
    """The outsiders that tell it from other operations; where all are shared, all."""
    outsiders = {*part.upstreams, *part.masters}
    return {
        each for each in outsiders if strong.get(each, set()) & {*part.proxies}
    } or outsiders


def _members(part: Operation, telling: Collection[str]) -> Members:
    return _sorts(part.proxies, part.upstreams, part.masters, telling)


def _known(finding: Finding) -> Known:
    proof = finding.proof
    return Known(
        name=finding.subject,
        born_us=proof["since_us"],
        members=_sorts(
            proof["proxies"], proof["upstreams"], proof["masters"], proof["telling"]
        ),
        was=tuple(proof["was"]),
    )


def _sorts(
    proxies: Iterable[str],
    upstreams: Iterable[str],
    masters: Iterable[str],
    telling: Collection[str],
) -> Members:
    """A host by the address it held last: since when it held it changes with the window."""
    return {
        "masters": frozenset(masters) & frozenset(telling),
        "upstreams": frozenset(upstreams) & frozenset(telling),
        "proxies": frozenset(host.partition("@")[0] for host in proxies),
    }


def operation_findings(answer: Answer, before: Sequence[Finding]) -> list[Finding]:
    """What the next run must know: the answer's operations, and earlier ones not met now."""
    strong = _strong(_ties(answer.proxies, answer.upstreams, answer.masters))
    sure = {upstream.address: upstream.confidence for upstream in answer.upstreams}
    sure |= {master.address: master.confidence for master in answer.masters}
    kept = [_finding(one, strong, sure, answer.window) for one in answer.operations]
    gone = {name for one in answer.operations for name in (one.name, *one.was)}
    oldest_us = to_us(answer.window.end - REMEMBERED_FOR)
    silent = [
        replace(finding, kind=REMEMBERED)
        for finding in before
        if finding.subject not in gone and finding.proof["last_seen_us"] >= oldest_us
    ]
    silent.sort(key=lambda finding: (-finding.proof["last_seen_us"], finding.subject))
    return kept + silent[:MOST_REMEMBERED]


def _finding(
    one: Operation, strong: Mapping[str, set[str]], sure: Mapping[str, float], window: Window
) -> Finding:
    outsiders = {*one.upstreams, *one.masters}
    return Finding(
        detector=OPERATIONS,
        subject=one.name,
        kind=HERE,
        confidence=max(sure[each] for each in outsiders),
        window=window,
        summary=_summary(one),
        proof={
            "proxies": list(one.proxies),
            "upstreams": list(one.upstreams),
            "masters": list(one.masters),
            "telling": sorted(_telling(one, strong)),
            "since_us": to_us(one.since) if one.since else window.start_us,
            "last_seen_us": window.end_us,
            "was": list(one.was),
        },
    )


def _summary(one: Operation) -> str:
    parts = ((one.proxies, "proxies"), (one.upstreams, "drivers"), (one.masters, "masters"))
    told = ", ".join(f"{len(members)} {what}" for members, what in parts)
    return told + (f"; was {' and '.join(one.was)}" if one.was else "")
