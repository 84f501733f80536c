"""Contacts in RDAP answers: jCard (RFC 7095), and who it names."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from headwater.records.errors import MalformedInput

MAX_PROPERTIES: Final = 1000
Value = str | int | float | bool | None


class Property(NamedTuple):
    """One property; a structured value is a tuple (RFC 7095 section 3.3.1.3)."""

    name: str
    parameters: Mapping[str, object]
    type: str
    values: tuple["Value | tuple[Value, ...]", ...]


def read_jcard(card: object) -> tuple[Property, ...]:
    """The properties of a jCard as JSON gave it. Raises MalformedInput and nothing else."""
    match card:
        case ["vcard", list(properties)] if len(properties) <= MAX_PROPERTIES:
            return tuple(_property(one) for one in properties)
    raise MalformedInput("jCard: not a pair of 'vcard' and a list (RFC 7095 section 3.2)")


def _property(one: object) -> Property:
    match one:
        case [str(name), dict(parameters), str(kind), *values] if values:
            return Property(name, parameters, kind, tuple(_value(v) for v in values))
    raise MalformedInput("jCard: a property needs name, parameters, type and a value")


def _value(value: object) -> "Value | tuple[Value, ...]":
    if isinstance(value, list):
        return tuple(_plain(part) for part in value)
    return _plain(value)


def _plain(value: object) -> Value:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " ".join(map(str, value))  # several lines in one part of an address
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise MalformedInput("jCard: values are nested too deep")


def full_name(card: object) -> str | None:
    """Whom a jCard is about: `fn`, or `org` where that is empty; None where it says neither.

    Registries print cards that break the format beside the name: the rest is not asked.
    """
    if not (isinstance(card, list) and len(card) == 2 and isinstance(card[1], list)):
        return None
    for wanted in ("fn", "org"):
        for one in card[1][:MAX_PROPERTIES]:
            match one:
                case [str(name), _, _, str(value) | [str(value), *_]] if (
                    name.lower() == wanted and value.strip()
                ):
                    return value.strip()  # of a structured `org` the first part
    return None
