"""What an opinion makes of a mail: claims against own addresses, and what it set aside."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mail_text import safe_line
from headwater.wire.moments import Clue
from headwater.wire.reports.words import Words

Own = Callable[[str], bool]  # canonical address: is it in the operator's networks?
MOST_CLAIMS: Final = 200_000  # of one mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One own address accused. ``moment`` None: the evidence has no time of its own."""

    address: str
    confidence: float
    excerpt: str
    port: int | None = None
    moment: Moment | None = None
    until: datetime | None = None
    kind: IncidentKind | None = None  # None: the mail's words decide
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``settled``: the mail named its sources; nothing further should be looked for."""

    claims: tuple[Claim, ...] = ()
    outside: frozenset[str] = frozenset()  # addresses accused that are not own
    settled: bool = False
    kind: IncidentKind | None = None
    moment: Moment | None = None  # of the whole report
    reporter: str = ""

    @property
    def useful(self) -> bool:
        return bool(self.claims) or self.settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What opinions may know besides the mail."""

    own: Own
    words: Words
    clue: Clue
    kind: IncidentKind | None = None  # what an opinion that was tried before has found out


Recognises = Callable[[Mail], bool]
Takes = Callable[[Mail, Desk], Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One way of reading reports. ``recognises`` is cheap; ``takes`` may still find nothing."""

    name: str
    recognises: Recognises
    takes: Takes


@dataclass(slots=True)
class Gathered:
    """Claims being collected: the same address, port, time and kind is one, with a count."""

    own: Own
    merging: frozenset[IncidentKind] = frozenset()  # kinds of which an address is one incident
    claims: dict[tuple[object, ...], Claim] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)

    def accuse(self, claim: Claim) -> None:
        if not self.own(claim.address):
            self.outside.add(claim.address)
            return
        merged = claim.kind in self.merging
        at = claim.moment and claim.moment.at
        key = (
            (claim.address, claim.kind)
            if merged
            else (claim.address, claim.port, at, claim.kind)
        )
        known = self.claims.get(key)
        if known:
            self.claims[key] = _joined(known, claim)
        elif len(self.claims) < MOST_CLAIMS:
            self.claims[key] = claim

    def reading(self, **more: object) -> Reading:
        found = Reading(claims=tuple(self.claims.values()), outside=frozenset(self.outside))
        return replace(found, **more)  # type: ignore[arg-type]


def _joined(known: Claim, claim: Claim) -> Claim:
    """Both as one, from the first time to the last, with the port of the first."""
    moments = sorted((c for c in (known, claim) if c.moment), key=lambda c: _at(c.moment))
    first = moments[0] if moments else known
    ends = [c.until or _at(c.moment) for c in moments]
    until = max(ends) if ends and first.moment and max(ends) > first.moment.at else None
    return replace(first, until=until, times=known.times + claim.times)


def _at(moment: Moment | None) -> datetime:
    return moment.at if moment else datetime.max.replace(tzinfo=UTC)


def excerpt(*lines: str) -> str:
    return safe_line(" | ".join(line.strip() for line in lines if line.strip()))


def is_ours(own: Own, addresses: Iterable[str]) -> list[str]:
    return [a for a in addresses if own(a)]
