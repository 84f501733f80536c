"""An answer as rows of the ``domains`` table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from headwater.records.domain import DomainAnswer, DomainFact, Standing

# What is kept: a refusal or a riddle says nothing about the domain.
TELLING: Final = frozenset({Standing.REGISTERED, Standing.FREE, Standing.RESERVED})


def facts_of(
    name: str, answer: DomainAnswer, source: str, as_of: datetime
) -> Iterator[DomainFact]:
    """The facts an answer gives about ``name``; none where it says nothing."""
    if answer.standing not in TELLING:
        return
    for fact, value in _pairs(answer):
        yield DomainFact(name=name, fact=fact, value=value, as_of=as_of, source=source)


def _pairs(answer: DomainAnswer) -> Iterator[tuple[str, str]]:
    yield "standing", str(answer.standing)
    single = {
        "registered": answer.registered,
        "changed": answer.changed,
        "expires": answer.expires,
        "registrar": answer.registrar,
    }
    yield from ((fact, value) for fact, value in single.items() if value)
    yield from (("nameserver", host) for host in answer.nameservers)
    yield from (("status", status) for status in answer.status)
