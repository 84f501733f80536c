"""Flows as plain columns, and the checks every flow passes before it becomes a record.

Each decoder fills `Columns` with what its exporter said; `settle` refuses what cannot be
true, writes addresses as text and builds the FLOWS shape. Counters stay as exported.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.records.intake import FlowBatch, FlowReading, Refused
from headwater.records.tables import FLOWS
from headwater.records.window import from_us
from headwater.wire.addresses import address_dictionary

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
# A flow may be exported long after it began (no active timeout, a queue, an exporter that
# was cut off), but not longer: the 32-bit uptime clock of v5 and v9 itself wraps at 49.7
# days. Nothing is exported before it happened; two days forgive clocks in local time.
OLDEST_START_US: Final = 31 * DAY
LATEST_END_US: Final = 2 * DAY
ROUNDING_US: Final = 2 * SECOND  # starts and ends taken from clocks of different grain
LARGEST_COUNTER: Final = 2**63 - 1
LARGEST_SAMPLING: Final = 2**31 - 1

# Fields may be sent in more octets than their values need.
LARGEST_NUMBERS: Final = {
    "src_port": 0xFFFF,
    "dst_port": 0xFFFF,
    "protocol": 0xFF,
    "tcp_flags": 0xFFFF,
    "src_as": 0xFFFF_FFFF,
    "dst_as": 0xFFFF_FFFF,
    "input_if": 0xFFFF_FFFF,
    "output_if": 0xFFFF_FFFF,
}

# Protocols that have ports: TCP, UDP, DCCP, SCTP, UDP-Lite (IANA protocol numbers). Many
# exporters write ICMP type and code into the destination port; that is no port.
WITH_PORTS: Final = np.zeros(256, dtype=np.bool_)
WITH_PORTS[[6, 17, 33, 132, 136]] = True

Ints = npt.NDArray[np.int64]
Counters = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


class Origin(NamedTuple):
    """The export packet that brought some flows."""

    exporter: str
    exported_us: int
    uptime_ms: int  # -1: its header does not say
    position: int


@dataclass(slots=True, kw_only=True)
class Columns:
    """Flows of many packets, (n) each; ``None`` where nothing of the kind was exported."""

    packet: Ints  # which origin each row came with
    started_us: Ints
    ended_us: Ints
    src: npt.NDArray[Any]  # (n) integers for IPv4, or (n, 16) octets
    dst: npt.NDArray[Any]
    src_port: npt.NDArray[Any]
    dst_port: npt.NDArray[Any]
    protocol: npt.NDArray[Any]
    packets: Counters
    octets: Counters
    sampling: Ints
    tcp_flags: npt.NDArray[Any] | None = None
    initiator: npt.NDArray[np.bool_] | None = None
    initiator_known: Mask | None = None  # None: known for all rows, if at all
    src_as: npt.NDArray[Any] | None = None
    dst_as: npt.NDArray[Any] | None = None
    input_if: npt.NDArray[Any] | None = None
    output_if: npt.NDArray[Any] | None = None


def settle(columns: Columns, origins: Sequence[Origin], source: str) -> Iterator[FlowReading]:
    """One batch of the rows that can be true, and a word on those that cannot."""
    if not len(columns.packet):
        return
    exported = np.array([origin.exported_us for origin in origins], dtype=np.int64)
    bad = np.zeros(len(columns.packet), dtype=np.bool_)
    for reason, mask in _faults(columns, exported[columns.packet]):
        if mask.any():
            yield from _refusals(reason, mask & ~bad, columns, origins, source)
            bad |= mask
    batch = _batch(columns, origins)
    if bad.any():
        batch = batch.filter(pa.array(~bad))
    if batch.num_rows:
        yield FlowBatch(flows=batch)


def _faults(columns: Columns, exported: Ints) -> Iterator[tuple[str, Mask]]:
    started, ended = columns.started_us, columns.ended_us
    largest = np.uint64(LARGEST_COUNTER)
    yield "counter too large", (columns.packets > largest) | (columns.octets > largest)
    yield "clock too far in the past", started < exported - OLDEST_START_US
    yield "clock in the future", np.maximum(started, ended) > exported + LATEST_END_US
    yield "flow ends before it starts", ended < started - ROUNDING_US
    sampling = columns.sampling
    yield "sampling impossible", (sampling < 1) | (sampling > LARGEST_SAMPLING)
    for name, largest_number in LARGEST_NUMBERS.items():
        values = getattr(columns, name)
        if values is not None and np.iinfo(values.dtype).max > largest_number:
            yield f"{name} impossible", values > largest_number


def _refusals(
    reason: str, mask: Mask, columns: Columns, origins: Sequence[Origin], source: str
) -> Iterator[Refused]:
    packets, first, counts = np.unique(
        columns.packet[mask], return_index=True, return_counts=True
    )
    rows = np.flatnonzero(mask)[first]
    for packet, row, count in zip(packets, rows, counts, strict=True):
        origin = origins[packet]
        yield Refused(
            source=source,
            position=f"packet {origin.position}",
            reason=f"{reason}: {_detail(columns, int(row), origin)}",
            records=int(count),
        )


def _detail(columns: Columns, row: int, origin: Origin) -> str:
    started, ended = int(columns.started_us[row]), int(columns.ended_us[row])
    return (
        f"{from_us(started):%Y-%m-%dT%H:%M:%SZ} to {from_us(ended):%Y-%m-%dT%H:%M:%SZ},"
        f" exported {from_us(origin.exported_us):%Y-%m-%dT%H:%M:%SZ},"
        f" {columns.packets[row]} packets, {columns.octets[row]} octets,"
        f" sampling {columns.sampling[row]}, exporter {origin.exporter}"
    )


def _batch(columns: Columns, origins: Sequence[Origin]) -> pa.RecordBatch:
    with_ports = WITH_PORTS[np.minimum(columns.protocol, 255)]
    ended = np.maximum(columns.started_us, columns.ended_us)
    size = len(columns.packet)
    arrays = [
        _instants(columns.started_us),
        _instants(ended),
        address_dictionary(columns.src),
        address_dictionary(columns.dst),
        _column(np.where(with_ports, columns.src_port, 0), "int32"),
        _column(np.where(with_ports, columns.dst_port, 0), "int32"),
        _column(columns.protocol, "int32"),
        _maybe(size, columns.tcp_flags, "int32"),
        pa.array(columns.packets.view(np.int64)),
        pa.array(columns.octets.view(np.int64)),
        _exporters(columns.packet, origins),
        _column(columns.sampling, "int32"),
        _initiators(columns),
        _maybe(size, columns.src_as, "int64"),
        _maybe(size, columns.dst_as, "int64"),
        _maybe(size, columns.input_if, "int64"),
        _maybe(size, columns.output_if, "int64"),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=FLOWS)


def _instants(microseconds: Ints) -> "pa.Array[Any]":
    return pa.array(microseconds).view(pa.timestamp("us", tz="UTC"))


def _column(values: npt.NDArray[Any], kind: str) -> "pa.Array[Any]":
    column: pa.Array[Any] = pa.array(values.astype(kind, copy=False))
    return column


def _maybe(size: int, values: npt.NDArray[Any] | None, kind: str) -> "pa.Array[Any]":
    if values is None:
        return pa.nulls(size).cast(kind)
    return _column(values, kind)


def _exporters(packet: Ints, origins: Sequence[Origin]) -> "pa.Array[Any]":
    coded = pa.array([origin.exporter for origin in origins]).dictionary_encode()
    codes = coded.indices.to_numpy()[packet]
    return pa.DictionaryArray.from_arrays(pa.array(codes), coded.dictionary)


def _initiators(columns: Columns) -> "pa.Array[Any]":
    if columns.initiator is None:
        return pa.nulls(len(columns.packet), pa.bool_())
    known = columns.initiator_known
    return pa.array(columns.initiator, mask=None if known is None else ~known)
