"""From findings to the answer: who is hijacked, who drives them, where they call home."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from headwater.measures.odds import probability
from headwater.measures.ports import WEB_PORTS
from headwater.pipeline.operations import operations
from headwater.records.answer import (
    Answer,
    Change,
    Counts,
    Master,
    NextSuspect,
    Proxy,
    Scanner,
    Scanning,
    Upstream,
)
from headwater.records.finding import Finding
from headwater.records.window import Window, from_us

LIKELY = 0.5  # what is named in the answer is more likely true than not
NEXT_SUSPECT = 0.6  # how far a master's word alone accuses a host that shows nothing else
# Who begins at the top acts on what stands there. A wrong name costs as much trust as some
# right ones earn: each counts as far as four like it are likely to be right together.
ALL_RIGHT = 4
DIALLED = ("tunnel-out", "dials-back", "carries-to", "mails-for")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an outside address is, as far as the operator's table says."""

    as_number: int | None = None
    country: str | None = None


Locate = Callable[[Sequence[str]], Sequence[Place]]
Spare = Callable[[Sequence[str]], Sequence[bool]]


def compose(
    findings: Sequence[Finding],
    window: Window,
    counts: Counts,
    locate: Locate,
    spare: Spare,
    before: Sequence[Finding] = (),
) -> Answer:
    """The published answer; what the settings say never to accuse is left out of it.

    ``before``: what an earlier run said of operations, whose names are kept.
    """
    spared = _spared(findings, spare)
    said = [f for f in findings if not {f.subject, f.proof.get("peer")} & spared]
    proxies = _proxies(said, spared)
    named = {proxy.address: proxy.confidence for proxy in proxies}
    upstreams = _upstreams(said, named, locate)
    masters = _with_take_down(_masters(said, named, spared))
    return Answer(
        window=window,
        proxies=proxies,
        upstreams=upstreams,
        masters=masters,
        operations=operations(proxies, upstreams, masters, before),
        counts=counts,
        scanning=_scanning(said, spared),
        scanners=_scanners(said, {upstream.address for upstream in upstreams}, spared, locate),
    )


def _spared(findings: Iterable[Finding], spare: Spare) -> set[str]:
    """Of all addresses that the findings speak of, those never to accuse."""
    names = spoken_of(findings)
    return {address for address, kept in zip(names, spare(names), strict=True) if kept}


def spoken_of(findings: Iterable[Finding]) -> list[str]:
    """Every host and outsider that the findings name, sorted."""
    return sorted({address for finding in findings for address in _addresses(finding)})


def _addresses(finding: Finding) -> Iterator[str]:
    yield finding.subject
    for name in ("peer", "master", "server", "origin"):
        if finding.proof.get(name):
            yield finding.proof[name]
    for name in ("drivers", "proxies", "others", "answered_by"):
        yield from finding.proof.get(name, ())


def _proxies(findings: Sequence[Finding], spared: set[str]) -> tuple[Proxy, ...]:
    watch = {f.subject: f.summary for f in findings if f.kind == "watched"}
    found = [
        Proxy(
            address=finding.subject,
            kind=finding.kind,
            kinds={kind: p for kind, p in finding.proof["kinds"].items() if p > 0},
            port=finding.proof["port"],
            confidence=finding.confidence,
            first_seen=from_us(finding.proof["first_seen_us"]),
            last_seen=from_us(finding.proof["last_seen_us"]),
            mail_sessions=finding.proof["mail_sessions"],
            reasons=tuple(r for r in finding.proof["reasons"] if not _words(r) & spared),
            watch=watch.get(finding.subject),
        )
        for finding in findings
        if finding.detector == "hijacked" and finding.confidence >= LIKELY
    ]
    return tuple(sorted(found, key=lambda p: (-p.confidence, -p.mail_sessions, p.address)))


def _words(reason: str) -> set[str]:
    return set(reason.replace(",", " ").split())


def _upstreams(
    findings: Sequence[Finding], named: Mapping[str, float], locate: Locate
) -> tuple[Upstream, ...]:
    blind = {f.subject: f.confidence for f in findings if f.kind == "scanner"}
    # Who tests proxies tries many doors, too; of the two words the surer one is said.
    visiting = [
        f
        for f in findings
        if f.kind == "driver"
        or (f.kind == "tester" and f.confidence >= blind.get(f.subject, 0.0))
    ]
    dialled = _dialled(findings, named)
    places = locate([f.subject for f in visiting] + list(dialled))
    found = [
        (_visitor(finding, named, place), _hosts_of_work(finding, named))
        for finding, place in zip(visiting, places, strict=False)
    ]
    # Who drives nobody that is named is not accused for what a few may be.
    found = [each for each in found if each[0].role != "driver" or each[0].proxies]
    for (peer, claims), place in zip(dialled.items(), places[len(visiting) :], strict=True):
        gateway = _gateway(peer, claims, place)
        found.append((gateway, float(len(gateway.proxies))))
    return tuple(upstream for upstream, _ in sorted(found, key=_upstream_rank))


def _hosts_of_work(finding: Finding, named: Container[str]) -> float:
    """How many named proxies it drives; of whom others drive more, as much as its part is."""
    proxies = finding.proof["proxies"]
    parts = finding.proof.get("parts") or [1.0] * len(proxies)
    return sum(part for host, part in zip(proxies, parts, strict=True) if host in named)


def _upstream_rank(of: tuple[Upstream, float]) -> tuple[bool, float, float, int, str]:
    upstream, hosts = of
    return (
        upstream.role != "driver",
        -round(hosts * upstream.confidence**ALL_RIGHT, 3),
        -upstream.confidence,
        -upstream.bytes,
        upstream.address,
    )


def _visitor(finding: Finding, named: Container[str], place: Place) -> Upstream:
    proof = finding.proof
    return Upstream(
        address=finding.subject,
        role=finding.kind,
        confidence=finding.confidence,
        proxies=tuple(host for host in proof["proxies"] if host in named),
        sessions=proof["sessions"],
        bytes=proof["bytes"],
        first_seen=from_us(proof["first_seen_us"]),
        last_seen=from_us(proof["last_seen_us"]),
        as_number=place.as_number,
        country=place.country,
    )


def _dialled(
    findings: Iterable[Finding], named: Mapping[str, float]
) -> dict[str, list[Finding]]:
    """Outsiders whom hijacked hosts dial to be used: upstream and master at once.

    None surer than that its host is hijacked: that much goes through a store as well.
    """
    peers: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.kind in DIALLED and finding.subject in named:
            sure = min(finding.confidence, named[finding.subject])
            peers[finding.proof["peer"]].append(replace(finding, confidence=sure))
    return {peer: claims for peer, claims in peers.items() if _one_holds(claims) >= LIKELY}


def _one_holds(claims: Iterable[Finding]) -> float:
    """How likely at least one of the claims is true, each by itself."""
    return 1.0 - math.prod(1.0 - claim.confidence for claim in claims)


def _gateway(peer: str, claims: Sequence[Finding], place: Place) -> Upstream:
    return Upstream(
        address=peer,
        role="driver",
        confidence=max(claim.confidence for claim in claims),
        proxies=tuple(sorted({claim.subject for claim in claims})),
        sessions=sum(claim.proof["sessions"] for claim in claims),
        bytes=sum(claim.proof["bytes"] for claim in claims),
        first_seen=from_us(min(claim.proof["first_seen_us"] for claim in claims)),
        last_seen=from_us(max(claim.proof["last_seen_us"] for claim in claims)),
        as_number=place.as_number,
        country=place.country,
    )


def _masters(
    findings: Sequence[Finding], named: Mapping[str, float], spared: set[str]
) -> tuple[Master, ...]:
    serve = {f.subject for f in findings if f.subject in named and _serves(f)}
    by_address = {
        f.subject: _called(f, named, spared)
        for f in findings
        if f.kind == "master"
        and (_named_call(f, named) or _indicated(f))
        and not (_asked_for(f, serve) or _sent_there(f))
    }
    visits = {f.subject: len(f.proof["proxies"]) for f in findings if f.kind == "driver"}
    for peer, claims in _dialled(findings, named).items():
        # Who goes to more than come to it drives them; the few the records show turned round.
        if visits.get(peer, 0) <= len(claims):
            dialled = _dialled_master(peer, claims)
            called = by_address.get(peer, dialled)
            sure = max(called.confidence, dialled.confidence)
            by_address[peer] = replace(called, confidence=sure)
    for finding in findings:  # where proxies fetch what they show or hand on nobody orders it
        if finding.subject in named:
            for place in (finding.proof.get("origin"), *finding.proof.get("places", ())):
                by_address.pop(str(place), None)
    return _ranked(list(by_address.values()))


def _named_call(master: Finding, named: Container[str]) -> bool:
    return any(host in named for host in master.proof["proxies"])


def _serves(found: Finding) -> bool:
    """Whether outsiders have a host fetch what they want, at a door of its own or by a call."""
    at_a_door = found.proof.get("relays") and found.proof["port"] not in WEB_PORTS
    return bool(at_a_door or found.proof.get("places"))


def _asked_for(master: Finding, serve: Container[str]) -> bool:
    """Whether it is where hosts have pages, mostly such as fetch for visitors: these send them
    there, and sampling hides the visits that would tell. It is no master."""
    proof, callers = master.proof, master.proof["proxies"]
    pages = proof.get("sampled") and proof.get("pages") and {*proof["ports"]} <= {*WEB_PORTS}
    fetching = sum(host in serve for host in callers)
    return bool(pages) and 2 * fetching > len(callers) and not _indicated(master)


def _sent_there(master: Finding) -> bool:
    """Whether it is rather where a tunnel sends all who call it than whom they obey."""
    sent = float(master.proof.get("sent", 0.0))
    return sent < 0 and probability(float(master.proof["log_odds"]) + sent) < LIKELY


def _indicated(master: Finding) -> bool:
    """Whether others have published that it is a master: its callers are next."""
    return bool(master.proof.get("weights", {}).get("indicator"))


def _with_take_down(masters: Sequence[Master]) -> tuple[Master, ...]:
    """Each with how many of its proxies know no other: they go dark without it."""
    known = Counter(proxy for master in masters for proxy in master.proxies)
    return tuple(
        replace(master, goes_dark=sum(known[proxy] == 1 for proxy in master.proxies))
        for master in masters
    )


def _ranked(masters: Sequence[Master]) -> tuple[Master, ...]:
    """By how many proxies hang on each, most likely.

    A master of many that is all but sure comes before a sure one of few, and after it if in
    doubt. Who calls several has its orders from one of them, the surest most likely.
    """
    known: defaultdict[str, float] = defaultdict(float)
    for master in masters:
        for proxy in master.proxies:
            known[proxy] += master.confidence

    def rank(master: Master) -> tuple[float, float, int, str]:
        hang = sum(master.confidence / known[proxy] for proxy in master.proxies)
        worth = master.confidence**ALL_RIGHT * hang
        return (-round(worth, 3), -master.confidence, master.clean_clients, master.address)

    return tuple(sorted(masters, key=rank))


def _called(finding: Finding, named: Container[str], spared: set[str]) -> Master:
    proof = finding.proof
    others = sorted(h for h in (*proof["proxies"], *proof["others"]) if h not in named)
    accused = round(finding.confidence * NEXT_SUSPECT * proof["purity"], 4)
    return Master(
        address=finding.subject,
        ports=tuple(proof["ports"]),
        confidence=finding.confidence,
        proxies=tuple(sorted(host for host in proof["proxies"] if host in named)),
        clean_clients=len(others),
        period_s=proof["period_s"],
        next_suspects=tuple(
            NextSuspect(address=host, confidence=accused)
            for host in others
            if host not in spared
        ),
    )


def _dialled_master(peer: str, claims: Sequence[Finding]) -> Master:
    return Master(
        address=peer,
        ports=tuple(sorted({claim.proof["port"] for claim in claims})),
        confidence=max(claim.confidence for claim in claims),
        proxies=tuple(sorted({claim.subject for claim in claims})),
        clean_clients=0,
        period_s=None,
        next_suspects=(),
    )


def _scanning(findings: Iterable[Finding], spared: set[str]) -> tuple[Scanning, ...]:
    """Own hosts that scan. Whom they scan is named only where it is one."""
    found = [
        Scanning(
            address=finding.subject,
            confidence=finding.confidence,
            port=finding.proof["port"],
            server=None if finding.proof["server"] in spared else finding.proof["server"],
            protocol=finding.proof["protocol"],
            targets=finding.proof["targets"],
            opened=finding.proof["opened"],
            per_hour=finding.proof["per_hour"],
            first_seen=from_us(finding.proof["first_seen_us"]),
            last_seen=from_us(finding.proof["last_seen_us"]),
        )
        for finding in findings
        if finding.kind == "scanning" and finding.confidence >= LIKELY
    ]
    return tuple(sorted(found, key=lambda s: (-s.confidence, -s.targets, s.address)))


def _scanners(
    findings: Iterable[Finding], named: set[str], spared: set[str], locate: Locate
) -> tuple[Scanner, ...]:
    """Outsiders that scan and are not ``named`` as drivers or testers already."""
    knocking = [f for f in findings if f.kind == "scanner" and f.subject not in named]
    places = locate([f.subject for f in knocking])
    found = [_scanner(f, spared, place) for f, place in zip(knocking, places, strict=True)]
    # Whose visits changed something comes first, then who knocked on most doors.
    return tuple(sorted(found, key=lambda s: (not s.changed, -s.doors, s.address)))


def _scanner(finding: Finding, spared: set[str], place: Place) -> Scanner:
    proof = finding.proof
    return Scanner(
        address=finding.subject,
        confidence=finding.confidence,
        ports=tuple(proof["ports"]),
        doors=proof["doors"],
        opened=proof["opened"],
        hosts=proof["hosts"],
        dark=proof["dark"],
        answered_by=tuple(host for host in proof["answered_by"] if host not in spared),
        changed=tuple(
            Change(
                address=each["host"],
                what=each["what"],
                port=each["port"],
                after_s=each["after_s"],
            )
            for each in proof["changed"]
            if each["host"] not in spared
        ),
        first_seen=from_us(proof["first_seen_us"]),
        last_seen=from_us(proof["last_seen_us"]),
        as_number=place.as_number,
        country=place.country,
    )
