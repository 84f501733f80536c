"""A WHOIS answer to facts."""

from dataclasses import replace
from typing import Final

from headwater.records.domain import DomainAnswer, Standing
from headwater.wire.whois import parties
from headwater.wire.whois.about import concerning
from headwater.wire.whois.lines import Structure, take_apart
from headwater.wire.whois.moments import moments
from headwater.wire.whois.phrases import standing_of
from headwater.wire.whois.registries import order_of
from headwater.wire.whois.words import Meaning

LONGEST: Final = 1 << 16  # characters; no registry says more about one domain


def read_whois(
    text: str, *, name: str | None = None, server: str | None = None, today: str | None = None
) -> DomainAnswer:
    """What a WHOIS answer says. Never raises; what cannot be told is left out and remarked.

    Args:
        text: the answer, decoded; RFC 3912 gives it no charset.
        name: the domain asked for (A-labels), where it is known.
        server: the server that answered.
        today: the day of the answer, ISO; nothing was registered after it.
    """
    structure = take_apart(text[:LONGEST])
    entries, named = concerning(structure.entries, name)
    asked = name or named
    times = moments(entries, structure.comments, order_of(server, asked), today)
    answer = DomainAnswer(
        standing=Standing.REGISTERED,
        name=named,
        registered=times.stamps.get(Meaning.CREATED),
        changed=times.stamps.get(Meaning.CHANGED),
        expires=times.stamps.get(Meaning.EXPIRES),
        registrar=parties.registrar(entries),
        nameservers=parties.nameservers(entries, asked),
        status=parties.status(entries),
        referral=parties.referral(entries),
        remarks=tuple(times.remarks),
    )
    return _with_standing(answer, structure, held=parties.names_holder(entries))


def _with_standing(answer: DomainAnswer, structure: Structure, held: bool) -> DomainAnswer:
    stated = standing_of(answer.status)
    if stated is Standing.CANNOT_SAY and _proves_registration(answer):
        return answer
    standing = stated
    if standing is Standing.CANNOT_SAY:
        standing = standing_of([*structure.lines])
    if standing is Standing.CANNOT_SAY and (held or _hints_registration(answer)):
        return answer
    if standing is Standing.RESERVED:  # reserved names may have a date and a holder
        return replace(answer, standing=standing)
    return DomainAnswer(standing=standing, name=answer.name, status=answer.status)


def _proves_registration(answer: DomainAnswer) -> bool:
    return bool(answer.registered or answer.expires or answer.nameservers or answer.registrar)


def _hints_registration(answer: DomainAnswer) -> bool:
    return bool(answer.name and (answer.status or answer.changed or answer.referral))
