"""IPFIX messages: header and template records (RFC 7011)."""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.cursor import Cursor
from headwater.wire.export_packets import SECOND, Header
from headwater.wire.information_elements import IANA, Element
from headwater.wire.templates import DATA, Definition, Field

VERSION: Final = 10
TEMPLATE_SET: Final = 2  # RFC 7011 section 3.3.2
OPTIONS_SET: Final = 3
FIRST_DATA_SET: Final = 256

HEADER: Final = Struct("!HHIII")  # RFC 7011 section 3.1
TEMPLATE: Final = Struct("!HH")  # id, field count
SCOPE_COUNT: Final = Struct("!H")
FIELD: Final = Struct("!HH")  # enterprise bit and number, length
ENTERPRISE_NUMBER: Final = Struct("!I")
ENTERPRISE_BIT: Final = 0x8000
NO_UPTIME: Final = -1


def header(payload: bytes, start: int) -> Header:
    """Raises MalformedInput where the message is shorter than its header."""
    left = len(payload) - start
    if left < HEADER.size:
        raise MalformedInput(f"header cut short: {left} octets")
    version, length, seconds, sequence, domain = HEADER.unpack_from(payload, start)
    if version != VERSION:
        raise MalformedInput(f"trailing octets: {left} after the message")
    if length < HEADER.size:
        raise MalformedInput(f"message length impossible: {length}")
    # A message cut short keeps the sets that are whole; the one cut is refused.
    first = start + HEADER.size
    return domain, sequence, seconds * SECOND, NO_UPTIME, first, start + length


def definitions(set_id: int, body: bytes) -> Iterator[Definition]:
    """Template records of one set. Raises MalformedInput where one overruns it."""
    cursor = Cursor(body)
    while cursor.remaining >= TEMPLATE.size:
        if not any(body[cursor.position :]):
            return  # RFC 7011 section 3.3.1: padding
        template, count = cursor.fields(TEMPLATE)
        if count == 0:
            yield Definition(template, ())
            continue
        if template < FIRST_DATA_SET:
            raise MalformedInput(f"template id below 256: {template}")
        scopes = DATA if set_id == TEMPLATE_SET else cursor.fields(SCOPE_COUNT)[0]
        if count * FIELD.size > cursor.remaining:
            raise MalformedInput(
                f"template overruns its set: {count} fields, {cursor.remaining} octets left"
            )
        yield Definition(template, tuple(_field(cursor) for _ in range(count)), scopes)


def _field(cursor: Cursor) -> Field:
    """One field specifier (RFC 7011 section 3.2)."""
    number, length = cursor.fields(FIELD)
    if not number & ENTERPRISE_BIT:
        return Field(Element(IANA, number), length)
    (enterprise,) = cursor.fields(ENTERPRISE_NUMBER)
    return Field(Element(enterprise, number & ~ENTERPRISE_BIT), length)
