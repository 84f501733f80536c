"""Indicators in a STIX 2.1 bundle (OASIS Standard, 10 June 2021), as far as flows meet them.

Read: comparisons for equality, joined by OR, of addresses and domains; and, of
network-traffic, one address AND one port. Other patterns are refused, each by name.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.sighting import Sighting
from headwater.wire.indicator_text import read_indicator
from headwater.wire.indicators import LONGEST_DETAIL, read_instant
from headwater.wire.stix_patterns import read_pattern

LARGEST_BUNDLE: Final = 256 << 20  # bytes


def read_bundle(text: bytes, source: str) -> Iterator[Sighting | Refused]:
    """Sightings of every indicator object, and what could not be read.

    Raises MalformedInput where the text is no bundle.
    """
    for number, thing in enumerate(_objects(text), 1):
        if not isinstance(thing, dict) or thing.get("type") != "indicator":
            continue  # reports, relations, identities: nothing that flows could meet
        try:
            yield from _sightings(thing)
        except MalformedInput as wrong:
            yield Refused(source=source, position=f"object {number}", reason=str(wrong))


def _objects(text: bytes) -> list[Any]:
    if len(text) > LARGEST_BUNDLE:
        raise MalformedInput(f"bundle too large: {len(text)} bytes, {LARGEST_BUNDLE} are read")
    try:
        bundle = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise MalformedInput(f"not JSON: {wrong}") from None
    objects = bundle.get("objects", []) if isinstance(bundle, dict) else None
    if not isinstance(objects, list) or bundle.get("type") != "bundle":
        raise MalformedInput("not a STIX bundle: type is not 'bundle'")
    return objects


def _sightings(thing: dict[str, Any]) -> list[Sighting]:
    if thing.get("revoked") is True:  # section 3.2: no longer to be considered valid
        raise MalformedInput("revoked by its source")
    if thing.get("pattern_type", "stix") != "stix":
        raise MalformedInput(
            f"pattern language not read: {_text(thing, 'pattern_type')[:40]!r}"
        )
    detail = " ".join((_text(thing, "name") or _text(thing, "description")).split())
    start = read_instant(_text(thing, "valid_from"))
    until = read_instant(_text(thing, "valid_until"))
    return [
        read_indicator(value, port)._replace(
            detail=detail[:LONGEST_DETAIL] or None, from_us=start, until_us=until
        )
        for value, port in read_pattern(_text(thing, "pattern"))
    ]


def _text(thing: dict[str, Any], key: str) -> str:
    value = thing.get(key)
    return value if isinstance(value, str) else ""
