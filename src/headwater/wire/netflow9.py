"""NetFlow version 9 packets: header and template records (RFC 3954).

The header's count of records is not used: exporters disagree on what it counts, and the
lengths of the flow sets say where everything ends.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.cursor import Cursor
from headwater.wire.export_packets import SECOND, Header
from headwater.wire.information_elements import IANA, Element, element
from headwater.wire.templates import DATA, Definition, Field

VERSION: Final = 9
TEMPLATE_SET: Final = 0  # RFC 3954 section 5.2
OPTIONS_SET: Final = 1  # RFC 3954 section 6.1
FIRST_DATA_SET: Final = 256

HEADER: Final = Struct("!HHIIII")  # RFC 3954 section 5.1
TEMPLATE: Final = Struct("!HH")  # id, field count
OPTIONS: Final = Struct("!HHH")  # id, octets of scopes, octets of options
FIELD: Final = Struct("!HH")  # type, length

SCOPE_INTERFACE: Final = 2  # RFC 3954 section 6.1: system, interface, line card, cache ...
SCOPES: Final = -1  # an enterprise of our own: scope types are no information elements


def header(payload: bytes, start: int) -> Header:
    """Raises MalformedInput where fewer octets are left than a header has."""
    if len(payload) - start < HEADER.size:
        raise MalformedInput(f"header cut short: {len(payload) - start} octets")
    _, _, uptime, seconds, sequence, source = HEADER.unpack_from(payload, start)
    first = start + HEADER.size
    return source, sequence, seconds * SECOND, uptime, first, len(payload)


def definitions(set_id: int, body: bytes) -> Iterator[Definition]:
    """Template records of one flow set. Raises MalformedInput where one overruns it."""
    cursor = Cursor(body)
    layout = OPTIONS if set_id == OPTIONS_SET else TEMPLATE
    while cursor.remaining >= layout.size:
        if not any(body[cursor.position :]):
            return  # padding
        template, *sizes = cursor.fields(layout)
        if template < FIRST_DATA_SET:
            raise MalformedInput(f"template id below 256: {template}")
        if set_id == OPTIONS_SET:
            yield _options(cursor, template, *sizes)
        else:
            yield Definition(template, tuple(_fields(cursor, sizes[0])), DATA)


def _options(
    cursor: Cursor, template: int, scope_octets: int, option_octets: int
) -> Definition:
    counts = [octets // FIELD.size for octets in (scope_octets, option_octets)]
    scopes = [_scope(field) for field in _fields(cursor, counts[0])]
    options = list(_fields(cursor, counts[1]))
    return Definition(template, (*scopes, *options), len(scopes))


def _fields(cursor: Cursor, count: int) -> Iterator[Field]:
    if count * FIELD.size > cursor.remaining:
        raise MalformedInput(
            f"template overruns its set: {count} fields, {cursor.remaining} octets left"
        )
    for number, length in FIELD.iter_unpack(cursor.take(count * FIELD.size)):
        yield Field(Element(IANA, number), length)


def _scope(field: Field) -> Field:
    if field.element.number == SCOPE_INTERFACE:
        return Field(element("ingressInterface"), field.length)
    return Field(Element(SCOPES, field.element.number), field.length)
