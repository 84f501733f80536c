"""What changed about a domain: its registrar, its nameservers, its standing, its dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headwater.records.domain import DomainFact

TOLD: Final = ("standing", "registered", "registrar", "nameserver", "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """At ``at`` a source first said ``after`` where it had said ``before``."""

    at: datetime
    fact: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    source: str


def history(facts: Iterable[DomainFact]) -> list[Turn]:
    """Every change in time's order.

    Each source is compared with itself only: two sources that spell one registrar in two
    ways are no change. What a source said first is a change from nothing.
    """
    told: dict[tuple[str, str], dict[datetime, set[str]]] = {}
    for fact in facts:
        if fact.fact in TOLD:
            moments = told.setdefault((fact.fact, fact.source), {})
            moments.setdefault(fact.as_of, set()).add(fact.value)
    turns = [
        turn
        for (fact, source), moments in told.items()
        for turn in _turns(fact, source, moments)
    ]
    return sorted(turns, key=lambda turn: (turn.at, turn.fact, turn.source))


def _turns(fact: str, source: str, moments: dict[datetime, set[str]]) -> Iterable[Turn]:
    before: tuple[str, ...] = ()
    for at in sorted(moments):
        after = tuple(sorted(moments[at]))
        if after != before:
            yield Turn(at=at, fact=fact, before=before, after=after, source=source)
            before = after
