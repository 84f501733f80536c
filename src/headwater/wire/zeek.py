"""Zeek's conn.log: one line a connection becomes a flow for each side that sent anything.

Zeek script reference, base/protocols/conn/main.zeek (record Conn::Info). Bytes are
``*_ip_bytes`` (headers included). Both directions carry the connection's start and end:
Zeek does not say when each side began. Flags and who opened: see zeek_history.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire.columns.instants import instants
from headwater.wire.columns.numbers import Ints, Mask, Values, values, whole_numbers
from headwater.wire.columns.spans import spans
from headwater.wire.columns.words import Coded, addresses, protocols
from headwater.wire.flow_rows import Places, Portion, portion, refusal
from headwater.wire.zeek_history import read_histories

NEEDED: Final = (
    *("ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"),
    *("orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes"),
)


def check_columns(names: list[str]) -> None:
    """Raises MalformedInput where a column that is needed is not there."""
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise MalformedInput(f"a Zeek log without {', '.join(missing)}: not a conn.log?")


def read(rows: pa.RecordBatch, places: Places, source: str) -> Iterator[Portion | Refused]:
    """The flows of some connections; columns may have any type."""
    size = rows.num_rows
    packets = _sides(rows, "orig_pkts", "resp_pkts")
    fields = _fields(rows, packets)
    sent = (packets.numbers != 0) | packets.missing | packets.bad
    nobody = ~sent[:size] & ~sent[size:]
    if nobody.any():
        # Zeek knows of such a connection by packets it did not count (gaps, bad checksums).
        yield refusal("no packets counted", nobody, places, source)
    kept = np.flatnonzero(sent)
    both = Places(unit=places.unit, numbers=np.tile(places.numbers, 2)[kept])
    chosen = {name: _chosen(field, kept) for name, field in fields.items()}
    yield from portion(chosen, both, source)


def _fields(rows: pa.RecordBatch, packets: Values) -> dict[str, Values | Coded]:
    """Columns of FLOWS: all rows of the originators, then all rows of the responders."""
    start = instants(_column(rows, "ts")).values
    length = spans(_column(rows, "duration"))
    end = values(start.numbers + length.numbers, start.missing, length.bad)
    protocol = protocols(_column(rows, "proto"))
    history = read_histories(_column(rows, "history"), protocol)
    opener = np.repeat([1, 0], rows.num_rows)
    return {
        "started_at": _twice(start),
        "ended_at": _twice(end),
        "src": _texts(rows, "id.orig_h", "id.resp_h"),
        "dst": _texts(rows, "id.resp_h", "id.orig_h"),
        "src_port": _sides(rows, "id.orig_p", "id.resp_p"),
        "dst_port": _sides(rows, "id.resp_p", "id.orig_p"),
        "protocol": _twice(protocol),
        "tcp_flags": _joined(history.originator_flags, history.responder_flags),
        "packets": packets,
        "bytes": _sides(rows, "orig_ip_bytes", "resp_ip_bytes"),
        "initiator": values(opener, np.tile(~history.opener_known, 2), _nowhere(opener)),
    }


def _column(rows: pa.RecordBatch, name: str) -> pa.Array:
    if name in rows.schema.names:
        return rows.column(name)
    return pa.nulls(rows.num_rows, pa.string())


def _sides(rows: pa.RecordBatch, first: str, second: str) -> Values:
    return _joined(whole_numbers(_column(rows, first)), whole_numbers(_column(rows, second)))


def _twice(field: Values) -> Values:
    return _joined(field, field)


def _joined(first: Values, second: Values) -> Values:
    return Values(
        numbers=np.concatenate([first.numbers, second.numbers]),
        missing=np.concatenate([first.missing, second.missing]),
        bad=np.concatenate([first.bad, second.bad]),
    )


def _texts(rows: pa.RecordBatch, first: str, second: str) -> Coded:
    both = [_column(rows, name).cast(pa.string()) for name in (first, second)]
    return addresses(pa.concat_arrays(both))


def _chosen(field: Values | Coded, rows: Ints) -> Values | Coded:
    if isinstance(field, Values):
        return field.at(rows)
    return Coded(field.texts.take(pa.array(rows)), field.missing[rows], field.bad[rows])


def _nowhere(like: Ints) -> Mask:
    return np.zeros(len(like), np.bool_)
