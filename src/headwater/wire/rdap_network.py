"""Whom an RDAP answer about a network names for abuse (RFC 9083 sections 5.1 and 5.4)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from headwater.records.errors import MalformedInput
from headwater.wire.jcard import read_jcard

LONGEST: Final = 1 << 20  # bytes
MOST_ENTITIES: Final = 500
DEEPEST: Final = 6  # an abuse contact is often an entity of the organisation's entity
LONGEST_ADDRESS: Final = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class AbuseContact:
    """One contact with the role "abuse"."""

    handle: str
    addresses: tuple[str, ...]  # of mail, lower case


def abuse_contacts(body: bytes) -> tuple[AbuseContact, ...]:
    """Every abuse contact of an answer about an IP network.

    Raises MalformedInput where it is no such answer.
    """
    try:
        answer = json.loads(body) if len(body) <= LONGEST else None
    except (ValueError, RecursionError) as why:
        raise MalformedInput(f"RDAP answer: {why}") from why
    if not isinstance(answer, dict) or answer.get("objectClassName") != "ip network":
        raise MalformedInput("RDAP answer: not about an IP network")
    found = (one for one in _entities(answer, DEEPEST) if "abuse" in _roles(one))
    contacts = dict.fromkeys(_contact(one) for one in found)
    return tuple(contacts)


def _entities(holder: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    entities = holder.get("entities")
    for one in entities[:MOST_ENTITIES] if isinstance(entities, list) and depth else ():
        if isinstance(one, dict):
            yield one
            yield from _entities(one, depth - 1)


def _roles(entity: Mapping[str, Any]) -> set[str]:
    roles = entity.get("roles")
    return {str(role).lower() for role in roles} if isinstance(roles, list) else set()


def _contact(entity: Mapping[str, Any]) -> AbuseContact:
    return AbuseContact(
        handle=str(entity.get("handle", ""))[:100], addresses=tuple(_addresses(entity))
    )


def _addresses(entity: Mapping[str, Any]) -> Iterator[str]:
    try:
        card = read_jcard(entity.get("vcardArray"))
    except MalformedInput:
        return
    for one in card:
        if one.name.lower() == "email":
            for value in one.values:
                if isinstance(value, str) and "@" in value and len(value) <= LONGEST_ADDRESS:
                    yield value.strip().lower()
