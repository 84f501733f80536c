"""What each part of the page shows: the report's rows by where they go."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from markupsafe import Markup

from headwater.outputs.report import beats, clocks, proofs, timelines
from headwater.outputs.report.sankey import MOST_PROXIES, sankey
from headwater.outputs.report.survival import survival
from headwater.outputs.report.ticks import Tick
from headwater.outputs.wording import counted
from headwater.records.answer import Master, NextSuspect, Operation, Proxy, Upstream
from headwater.records.report import Activity, Calls, Clock, Evidence, Report, Survival

MOST_UPSTREAMS: Final = 200  # rows of upstreams; more are told by number
MOST_CLOCKS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One operation, or the proxies that are in none."""

    key: str
    title: str
    operation: Operation | None
    proxies: Sequence[Proxy]
    upstreams: Sequence[Upstream]
    masters: Sequence[Master]
    flow: Markup | None
    timeline: Markup | None
    named: bool  # whether the timeline's rows have names
    rows: Sequence[Activity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A master, its clients, and when they called."""

    master: Master
    clients: Sequence[str]
    suspects: Sequence[NextSuspect]
    calls: Calls | None
    picture: Markup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """An upstream's hours of day."""

    clock: Clock
    sessions: int
    utc: Markup
    local: Markup
    rest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why one proxy is in the report."""

    key: str  # of its place on the page
    proxy: Proxy
    evidence: Evidence
    part: str  # key of its operation's part
    operation: str
    upstreams: Sequence[str]
    masters: Sequence[str]
    life: Markup
    plots: Sequence[tuple[str, Markup]]  # caption, picture


def parts(report: Report, ticks: Sequence[Tick]) -> Iterator[Part]:
    """Every operation, then what is in none."""
    left = dict.fromkeys(p.address for p in report.answer.proxies)
    for operation in report.answer.operations:
        for proxy in operation.proxies:
            left.pop(proxy, None)
        yield _part(report, ticks, operation.proxies, operation)
    if left:
        yield _part(report, ticks, tuple(left), None)


def _part(
    report: Report, ticks: Sequence[Tick], members: Sequence[str], operation: Operation | None
) -> Part:
    answer, chosen = report.answer, set(members)
    outsiders = set(operation.upstreams) if operation else _met(report, chosen)
    commanding = set(operation.masters) if operation else _called(report, chosen)
    rows = sorted(
        (one for one in report.activity if one.proxy in chosen),
        key=lambda one: (*_ends(one), one.proxy),
    )
    whole = len(chosen) == len(answer.proxies) <= MOST_PROXIES
    title = f"Operation {operation.name}" if operation else "In no operation"
    return Part(
        key=operation.name if operation else "alone",
        title=title,
        operation=operation,
        proxies=[p for p in answer.proxies if p.address in chosen],
        upstreams=[u for u in answer.upstreams if u.address in outsiders],
        masters=[m for m in answer.masters if m.address in commanding],
        flow=None if whole else sankey(report, chosen),
        timeline=timelines.carpet(rows, ticks, title) if rows else None,
        named=timelines.named(rows),
        rows=rows,
    )


def _met(report: Report, chosen: set[str]) -> set[str]:
    return {u.address for u in report.answer.upstreams if chosen & set(u.proxies)}


def _called(report: Report, chosen: set[str]) -> set[str]:
    return {m.address for m in report.answer.masters if chosen & set(m.proxies)}


def _ends(one: Activity) -> tuple[int, bool, int]:
    """In which bin it was first at work, whether it is driven at all, and its last bin."""
    both = zip(one.driven, one.mail, strict=True)
    at_work = [at for at, (driven, mail) in enumerate(both) if driven or mail]
    if not at_work:
        return len(one.driven), True, 0
    return at_work[0], not any(one.driven), -at_work[-1]


def homes(report: Report, zone: tzinfo) -> list[Home]:
    """Every master with its clients."""
    calls = {one.master: one for one in report.calls}
    return [
        Home(
            master=master,
            clients=master.proxies,
            suspects=master.next_suspects,
            calls=calls.get(master.address),
            picture=beats.beats(calls[master.address], zone)
            if master.address in calls
            and any(c.called_us for c in calls[master.address].callers)
            else None,
        )
        for master in report.answer.masters
    ]


def hands(report: Report) -> list[Hands]:
    """The drivers' hours of day, the busiest first."""
    drivers = {u.address for u in report.answer.upstreams if u.role == "driver"}
    chosen = [c for c in report.clocks if c.upstream in drivers]
    chosen.sort(key=lambda c: (-sum(c.utc), c.upstream))
    return [
        Hands(
            clock=clock,
            sessions=sum(clock.utc),
            utc=clocks.dial(clock.utc, report.covered, "UTC"),
            local=clocks.dial(clock.local, report.covered_local, report.zone),
            rest=clocks.rest(clock.local, report.covered_local),
        )
        for clock in chosen[:MOST_CLOCKS]
    ]


def proofs_of(report: Report, ticks: Sequence[Tick], zone: tzinfo) -> Iterator[Proof]:
    """Every proxy's evidence, in the answer's order."""
    own = [one for one in report.evidence if one.role == "proxy"]
    operation = {p: o for o in report.answer.operations for p in o.proxies}
    driving = _by_proxy([u for u in report.answer.upstreams if u.role == "driver"])
    commanding = _by_proxy(report.answer.masters)
    met: Counter[str] = Counter()
    # By order, not by address: two subscribers may have held the same one in turn.
    for proxy, one, lived in zip(report.answer.proxies, own, report.activity, strict=True):
        address = proxy.address
        met[address] += 1
        whose = operation.get(address)
        yield Proof(
            key=address if met[address] == 1 else f"{address}-{met[address]}",
            proxy=proxy,
            evidence=one,
            part=whose.name if whose else "alone",
            operation=whose.name if whose else "none",
            upstreams=driving.get(address, ()),
            masters=commanding.get(address, ()),
            life=timelines.life(lived, ticks),
            plots=list(_plots(one, zone)),
        )


def _by_proxy(rows: Sequence[Upstream] | Sequence[Master]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        for proxy in row.proxies:
            found.setdefault(proxy, []).append(row.address)
    return found


def _plots(one: Evidence, zone: tzinfo) -> Iterator[tuple[str, Markup]]:
    if one.coupling:
        yield (
            "Session by session: each that comes in is answered by one that goes out",
            (proofs.strip(one.coupling, zone)),
        )
        yield (
            "Outbound starts around each inbound one; dashed: what chance gives",
            (proofs.waits(one.coupling)),
        )
        if one.coupling.balance:
            yield (
                "Bytes in against bytes out, of each pair; on the line: the same",
                (proofs.balance(one.coupling)),
            )
    if one.tunnel and one.tunnel.pieces:
        tunnel = one.tunnel
        there = f"What came from {tunnel.peer} was sent on, {tunnel.step}"
        yield there, proofs.mirror(tunnel, zone)
        back = f"What others answered was returned, {tunnel.step}"
        yield back, proofs.mirror(tunnel, zone, back=True)


def curves(report: Report) -> list[tuple[Survival, Markup]]:
    """The survival curve of each pool."""
    return [(one, survival(one)) for one in report.survival if one.points]


def roles(report: Report) -> Mapping[str, str]:
    """What each outsider is, in words."""
    told: dict[str, list[str]] = {}
    for upstream in report.answer.upstreams:
        number = counted(len(upstream.proxies), "proxy", "proxies")
        told.setdefault(upstream.address, []).append(f"{upstream.role} of {number}")
    for master in report.answer.masters:
        number = counted(len(master.proxies), "proxy", "proxies")
        told.setdefault(master.address, []).append(f"master of {number}")
    return {address: ", ".join(words) for address, words in told.items()}


def outsiders(report: Report) -> list[Evidence]:
    """What is said of upstreams and masters; bounded."""
    rank = {u.address: at for at, u in enumerate(report.answer.upstreams)}
    found = [e for e in report.evidence if e.role == "outsider"]
    found.sort(key=lambda e: (rank.get(e.address, -1), e.address))
    return found[:MOST_UPSTREAMS]
