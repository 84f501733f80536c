"""Tables with the column names of FLOWS (CSV or Parquet), of whatever types.

Needed: started_at, src, dst, protocol, packets, bytes. The rest may be missing: the end is
then the start, ports are 0, sampling is 1, everything else is unknown. Times are
timestamps, ISO 8601 or epoch numbers; protocols numbers or names; TCP flags numbers or
letters. Other columns are passed over and named.
"""

from collections.abc import Callable, Iterator
from typing import Final

import pyarrow as pa

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.tables import FLOWS
from headwater.wire.columns.instants import instants
from headwater.wire.columns.numbers import Values, is_text, of_distinct, trimmed, whole_numbers
from headwater.wire.columns.words import Coded, addresses, exporters, protocols, tcp_flags
from headwater.wire.flow_rows import REQUIRED, Places, Portion, portion

TRUTH: Final = {"true": "1", "t": "1", "yes": "1", "false": "0", "f": "0", "no": "0"}


def known_columns(names: list[str]) -> dict[str, str]:
    """FLOWS column -> the table's own name for it, written large or small.

    Raises MalformedInput where a column that is needed is not there, or one is there twice.
    """
    found: dict[str, str] = {}
    for name in names:
        plain = name.strip().lower()
        if plain in FLOWS.names:
            if plain in found:
                raise MalformedInput(f"column {plain} twice")
            found[plain] = name
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise MalformedInput(f"no column {', '.join(missing)}")
    return found


def unknown_columns(names: list[str]) -> list[str]:
    """Columns that are passed over."""
    return [name for name in names if name.strip().lower() not in FLOWS.names]


def read(rows: pa.RecordBatch, places: Places, source: str) -> Iterator[Portion | Refused]:
    """The flows of some rows of such a table. Raises MalformedInput as ``known_columns``."""
    names = known_columns(rows.schema.names)
    fields = {plain: _field(plain, rows.column(name)) for plain, name in names.items()}
    started = instants(rows.column(names["started_at"]))
    fields["started_at"] = started.values
    yield from portion(fields, places, source, without_zone=started.without_zone)


def _field(name: str, column: pa.Array) -> Values | Coded:
    reader = READERS.get(name, whole_numbers)
    return reader(column)


def _instants(column: pa.Array) -> Values:
    return instants(column).values


def _truths(column: pa.Array) -> Values:
    if pa.types.is_boolean(column.type):
        return whole_numbers(column.cast(pa.int8()))
    if is_text(column.type):
        return of_distinct(trimmed(column).dictionary_encode(), _truth_words)
    return whole_numbers(column)


def _truth_words(texts: pa.Array) -> Values:
    words = [
        None if text is None else TRUTH.get(text.lower(), text) for text in texts.to_pylist()
    ]
    return whole_numbers(pa.array(words, pa.string()))


READERS: Final[dict[str, Callable[[pa.Array], Values | Coded]]] = {
    "started_at": _instants,
    "ended_at": _instants,
    "src": addresses,
    "dst": addresses,
    "exporter": exporters,
    "protocol": protocols,
    "tcp_flags": tcp_flags,
    "initiator": _truths,
}
