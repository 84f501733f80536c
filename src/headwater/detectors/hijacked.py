"""Hijacked: all that is said about one own host, weighed together.

Sees       relaying, mail of its own, drivers that visit it, masters it calls, lists that name
           it; independent kinds of evidence add up as log-odds
Misses     what no other detector saw
Mistakes   a relay that its owner set up and did not name in lawful_proxies
Next step  read the reasons; open a case; look at the drivers and masters named in them
Source     I. J. Good, Probability and the Weighing of Evidence, 1950
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from headwater.measures.odds import LOG10, logit, probability
from headwater.records.detector import Detector
from headwater.records.finding import Finding, Kind
from headwater.records.window import Window

PRIOR: Final = 0.002  # of own hosts, how many are hijacked: a few in a thousand
LEAST_CONFIDENCE: Final = 0.02
Claim = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One piece of evidence: how much it weighs (natural log-odds) and what it says."""

    weight: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Everything said about one host."""

    address: str
    relays: tuple[Claim, ...]
    sender: Claim | None
    driven: Claim | None
    master: Claim | None
    lists: int
    mail_server: bool
    lawful_proxy: bool


def weigh(answer: pa.Table, window: Window) -> Iterator[Finding]:
    """One finding for each host that anything at all was said about."""
    hosts: dict[str, list[dict[str, Any]]] = {}
    for row in answer.to_pylist():
        hosts.setdefault(row["host"], []).append(row)
    for address, rows in hosts.items():
        finding = judge(_host(address, rows), window)
        if finding.confidence >= LEAST_CONFIDENCE:
            yield finding


def _host(address: str, rows: list[dict[str, Any]]) -> Host:
    claims: dict[str, list[Claim]] = {}
    for row in rows:
        if row["kind"]:
            claim = {
                **json.loads(row["proof"]),
                "confidence": row["confidence"],
                "summary": row["summary"],
            }
            claims.setdefault(row["kind"], []).append(claim)
    return Host(
        address=address,
        relays=tuple(claims.get("relay", ())),
        sender=next(iter(claims.get("mail-out", ())), None),
        driven=next(iter(claims.get("driven", ())), None),
        master=next(iter(claims.get("calls-master", ())), None),
        lists=max(row["lists"] for row in rows),
        mail_server=any(row["mail_server"] for row in rows),
        lawful_proxy=any(row["lawful_proxy"] for row in rows),
    )


def judge(host: Host, window: Window) -> Finding:
    """The joint opinion."""
    reasons = [*_relaying(host), *_sending(host), *_company(host)]
    reasons.sort(key=lambda reason: -reason.weight)
    confidence = probability(logit(PRIOR) + sum(reason.weight for reason in reasons))
    if host.lawful_proxy:
        confidence = min(confidence, 0.01)
    kinds: dict[str, float] = {Kind.CANNOT_SAY.value: 1.0}
    best = max(host.relays, key=_intent, default=None)
    return Finding(
        detector=DETECTOR.name,
        subject=host.address,
        kind=max(kinds, key=lambda kind: kinds[kind]),
        confidence=confidence,
        window=window,
        summary=reasons[0].text if reasons else "nothing",
        proof={
            "kinds": kinds,
            "port": best["port"] if best else None,
            "reasons": [f"{reason.text} ({reason.weight:+.1f})" for reason in reasons],
        },
    )


def _intent(relay: Claim) -> float:
    return float(relay["confidence"])


def _relaying(host: Host) -> Iterator[Reason]:
    for relay in sorted(host.relays, key=_intent, reverse=True)[:1]:
        mail = relay["onward_mail"] / max(relay["passed_on"], 1)
        weight = 4.0
        if mail >= 0.3 and relay["onward_servers"] >= 4:
            weight = 10.0 if relay["port"] != 25 else 2.0
        yield Reason(weight=weight, text=relay["summary"])


def _sending(host: Host) -> Iterator[Reason]:
    if host.sender:
        weight = sum(host.sender["weights"].values()) + 3.0
        if host.mail_server:
            weight -= 8
        yield Reason(weight=weight, text=host.sender["summary"])


def _company(host: Host) -> Iterator[Reason]:
    """The company it keeps: drivers, masters, lists."""
    if host.driven:
        weight = min(6.0, LOG10 * -host.driven["log10_chance"] * 0.6)
        yield Reason(weight=weight, text=host.driven["summary"])
    if host.master:
        yield Reason(
            weight=5.0 if host.master["other_suspects"] >= 3 else 3.0,
            text=host.master["summary"],
        )
    if host.lists:
        yield Reason(
            weight=3.0 if host.lists == 1 else 4.0, text=f"named by {host.lists} lists"
        )


DETECTOR = Detector(name="hijacked", question="hijacked.sql", weigh=weigh)
