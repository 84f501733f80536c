"""Which facts hold, where several sources spoke at several times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from headwater.records.domain import DomainFact, Standing

# Who is believed first: the registry asked by us, in the form that cannot be misread; then
# its text; then lists of others. Sources are written `rdap:HOST`, `whois:HOST` or a name.
_TRUST: Final = {"rdap": 0, "whois": 1}
_LIST: Final = 2
FIRST_SEEN: Final = "first-seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A value, who says so, and when they said it."""

    value: str
    source: str
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that holds of one domain now."""

    name: str
    standing: Standing | None  # None: nobody has said anything
    registered: Held | None = None
    first_seen: Held | None = None  # by us or a list; a stand-in for an unknown registration
    changed: Held | None = None
    expires: Held | None = None
    registrar: Held | None = None
    nameservers: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    as_of: datetime | None = None

    @property
    def since(self) -> Held | None:
        """Since when the domain is known to exist: registered, or else first seen."""
        return self.registered or self.first_seen

    @property
    def is_registration(self) -> bool:
        """Whether ``since`` is the registry's date and not only ours."""
        return self.registered is not None


def trust(source: str) -> int:
    """Rank of a source; the lowest is believed first."""
    return _TRUST.get(source.partition(":")[0], _LIST)


def known(name: str, facts: Iterable[DomainFact]) -> Known:
    """What holds of ``name``.

    Of each fact the most trusted source's latest word holds. Facts from before the
    registry last said "no such domain" belong to a registration that is over.
    """
    ours = [fact for fact in facts if fact.name == name]
    by_fact: dict[str, list[DomainFact]] = {}
    for fact in ours:
        by_fact.setdefault(fact.fact, []).append(fact)
    standing = _latest(by_fact.get("standing", ()))
    ended = _ended(by_fact.get("standing", ()))
    if standing and standing.value == Standing.FREE:
        return Known(name=name, standing=Standing.FREE, as_of=standing.as_of)
    current = {
        kind: [f for f in rows if ended is None or f.as_of > ended]
        for kind, rows in by_fact.items()
    }
    return _held(name, current)


def _held(name: str, current: Mapping[str, Sequence[DomainFact]]) -> Known:
    registered = _best(current.get("registered", ()))
    first_seen = _earliest(current.get(FIRST_SEEN, ()))
    standing = _latest(current.get("standing", ()))
    said = Standing(standing.value) if standing else None
    if said is None and (registered or first_seen):
        said = Standing.REGISTERED
    return Known(
        name=name,
        standing=said,
        registered=registered,
        first_seen=first_seen,
        changed=_best(current.get("changed", ())),
        expires=_best(current.get("expires", ())),
        registrar=_best(current.get("registrar", ())),
        nameservers=_set(current.get("nameserver", ())),
        status=_set(current.get("status", ())),
        as_of=max((f.as_of for rows in current.values() for f in rows), default=None),
    )


def _order(fact: DomainFact) -> tuple[int, float]:
    return trust(fact.source), -fact.as_of.timestamp()


def _best(facts: Sequence[DomainFact]) -> Held | None:
    return _as_held(min(facts, key=_order)) if facts else None


def _latest(facts: Sequence[DomainFact]) -> Held | None:
    return _as_held(max(facts, key=lambda f: f.as_of)) if facts else None


def _earliest(facts: Sequence[DomainFact]) -> Held | None:
    return _as_held(min(facts, key=lambda f: f.value)) if facts else None


def _as_held(fact: DomainFact) -> Held:
    return Held(value=fact.value, source=fact.source, as_of=fact.as_of)


def _ended(standings: Sequence[DomainFact]) -> datetime | None:
    return max((f.as_of for f in standings if f.value == Standing.FREE), default=None)


def _set(facts: Sequence[DomainFact]) -> tuple[str, ...]:
    """The values that the most trusted source named together last."""
    if not facts:
        return ()
    best = min(facts, key=_order)
    together = (f.value for f in facts if (f.source, f.as_of) == (best.source, best.as_of))
    return tuple(dict.fromkeys(together))
