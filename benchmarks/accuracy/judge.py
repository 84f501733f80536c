"""An answer held against the truth of its world."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.accuracy.outcome import (
    LIKELY,
    Hijacked,
    Innocent,
    Misnamed,
    Outsider,
    Outsiders,
)
from headwater.records.answer import Answer
from headwater.records.finding import Finding

Truth = Mapping[str, Any]
Claims = Mapping[str, Sequence[Finding]]  # of the single detectors, by own host
DIALLED = ("backconnect", "dial-back")  # manners whose drivers are called, and so masters too
MOST_REASONS = 6


NOTHING: Claims = {}


def hijacked(
    truth: Truth, said: Mapping[str, Finding], sampling: int, claims: Claims = NOTHING
) -> tuple[Hijacked, ...]:
    """Each hijacked subscriber with the surest finding about any of its addresses."""
    return tuple(_hijacked(proxy, said, sampling, claims) for proxy in truth["proxies"])


def _hijacked(
    proxy: Truth, said: Mapping[str, Finding], sampling: int, claims: Claims
) -> Hijacked:
    about = [said[each] for each in proxy["addresses"] if each in said]
    best = max(about, key=lambda finding: finding.confidence, default=None)
    return Hijacked(
        address=proxy["address"],
        kind=proxy["kind"],
        manner=proxy["manner"],
        abuse=proxy["abuse"],
        # A tunnel that is kept open and carries nothing is no abuse yet.
        packets=proxy["expected_packets_abuse"] / sampling if proxy["errands"] else 0.0,
        confidence=best.confidence if best else 0.0,
        said=best.kind if best else "",
        reasons=_reasons(best) if best else (),
        claims=tuple(_claim(c) for each in proxy["addresses"] for c in claims.get(each, ())),
    )


def _claim(finding: Finding) -> str:
    return f"{finding.kind} {finding.confidence:.2f} ({finding.summary})"


def _reasons(finding: Finding) -> tuple[tuple[float, str], ...]:
    weights = finding.proof.get("weights", ())
    pairs = zip(weights, finding.proof.get("reasons", ()), strict=False)
    return tuple((float(weight), str(text)) for weight, text in pairs)[:MOST_REASONS]


def innocent(
    truth: Truth, said: Mapping[str, Finding], claims: Claims = NOTHING
) -> tuple[Innocent, ...]:
    """Every own address that was named and belongs to nobody hijacked."""
    sick = {address for proxy in truth["proxies"] for address in proxy["addresses"]}
    roles = roles_of(truth)
    return tuple(
        Innocent(
            address=address,
            roles=roles.get(address, ()),
            confidence=finding.confidence,
            said=finding.kind,
            reasons=_reasons(finding),
            claims=tuple(_claim(each) for each in claims.get(address, ())),
        )
        for address, finding in said.items()
        if address not in sick and finding.confidence >= LIKELY
    )


def roles_of(truth: Truth) -> dict[str, tuple[str, ...]]:
    """What each own address is in law; also under the address it moved to."""
    roles: dict[str, tuple[str, ...]] = {}
    for lawful in truth["lawful"]:
        address = lawful["address"]
        roles[address] = (*roles.get(address, ()), lawful["role"])
    for moved in truth["moved"]:
        if moved["from"] in roles:
            roles[moved["to"]] = roles[moved["from"]]
    return roles


def population(truth: Truth) -> dict[str, int]:
    """How many innocent subscribers have each role."""
    return dict(Counter(each["role"] for each in truth["lawful"] if not each["also_hijacked"]))


def drivers(truth: Truth, answer: Answer) -> Outsiders:
    """True drivers by their place among those the answer calls drivers."""
    named = [u for u in answer.upstreams if u.role == "driver"]
    true = {each["address"]: each for each in truth["drivers"]}
    places = _ranked(
        [(t["address"], t["operation"], len(t["proxies"])) for t in true.values()],
        [upstream.address for upstream in named],
        true,
    )
    wrong = [
        _misnamed(truth, u.address, u.confidence, u.proxies, f"{u.sessions} sessions")
        for u in named
        if u.address not in true
    ]
    return Outsiders(true=places, wrong=tuple(wrong))


def masters(truth: Truth, answer: Answer) -> Outsiders:
    """True masters by their place in the answer; who is dialled to be used is one too."""
    manners = {each["name"]: each["manner"] for each in truth["operations"]}
    true = {each["address"]: each for each in truth["masters"]}
    dialled = {d["address"] for d in truth["drivers"] if manners[d["operation"]] in DIALLED}
    places = _ranked(
        [(t["address"], t["operation"], len(t["clients"])) for t in true.values()],
        [master.address for master in answer.masters],
        true.keys() | dialled,
    )
    wrong = [
        _misnamed(
            truth,
            m.address,
            m.confidence,
            m.proxies,
            f"ports {m.ports}, {m.clean_clients} clean clients, period {m.period_s}",
        )
        for m in answer.masters
        if m.address not in true and m.address not in dialled
    ]
    return Outsiders(true=places, wrong=tuple(wrong))


def _ranked(
    true: Iterable[tuple[str, str, int]], named: Sequence[str], right: Iterable[str]
) -> tuple[Outsider, ...]:
    right = set(right)
    places = {address: rank for rank, address in reversed(list(enumerate(named)))}
    return tuple(
        Outsider(
            address=address,
            operation=operation,
            hosts=hosts,
            rank=places.get(address),
            wrong_above=sum(
                other not in right for other in named[: places.get(address, len(named))]
            ),
        )
        for address, operation, hosts in true
        if hosts
    )


OUTSIDE_ROLES = ("tester", "scanner", "research", "guesser", "strangers")


def _misnamed(
    truth: Truth, address: str, confidence: float, proxies: Sequence[str], detail: str
) -> Misnamed:
    named = {name: {address} & set(truth[name]) for name in OUTSIDE_ROLES}
    named |= {
        name: {address} & {each["address"] for each in truth[name]}
        for name in ("drivers", "masters", "origins")
    }
    return Misnamed(
        address=address,
        role=next((name for name, hit in named.items() if hit), "other"),
        confidence=confidence,
        hosts=len(proxies),
        detail=detail,
    )
