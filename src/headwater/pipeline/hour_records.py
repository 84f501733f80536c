"""One hour's flow records as columns of numbers, each between two numbered endpoints."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.measures.endpoints import endpoints
from headwater.measures.openers import NOTHING_SAID
from headwater.pipeline.conversation_keys import (
    Bools,
    Codes,
    Directory,
    Ints,
    code_addresses,
    code_exporters,
)

FLOW_COLUMNS: Final = [
    "started_at", "ended_at", "src", "dst", "src_port", "dst_port", "protocol", "tcp_flags",
    "packets", "bytes", "exporter", "sampling", "initiator",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Columns of one length; instants in microseconds."""

    low_end: Ints  # the lower of the two endpoints, see measures/endpoints.py
    high_end: Ints
    low: Bools  # sent by the lower
    started: Ints
    ended: Ints
    packets: Ints
    bytes: Ints
    flags: Codes  # NOTHING_SAID where the exporter does not say
    said: Codes  # 1: the lower endpoint is said to have opened it; 0: the other; NOTHING_SAID
    sampling: Codes
    exporter: Codes

    def __len__(self) -> int:
        return len(self.low)


@dataclass(frozen=True, slots=True)
class HourRecords:
    """The records, and what their codes stand for."""

    hour: int  # since 1970 UTC
    records: Records
    directory: Directory
    exporters: pa.StringArray


def hour_records(hour: int, flows: pa.Table) -> HourRecords:
    """``flows``: FLOW_COLUMNS of one hour."""
    directory, source, target = code_addresses(flows)
    exporters, exporter = code_exporters(flows.column("exporter"))
    return HourRecords(hour, records_of(flows, source, target, exporter), directory, exporters)


def records_of(flows: pa.Table, source: Codes, target: Codes, exporter: Codes) -> Records:
    """``flows``: FLOW_COLUMNS, of which three are given by their codes."""
    protocol = _numbers(flows, "protocol")
    sender = endpoints(protocol, source, _numbers(flows, "src_port"))
    receiver = endpoints(protocol, target, _numbers(flows, "dst_port"))
    low = sender <= receiver
    return Records(
        low_end=np.minimum(sender, receiver),
        high_end=np.maximum(sender, receiver),
        low=low,
        started=flows.column("started_at").cast(pa.int64()).to_numpy(),
        ended=flows.column("ended_at").cast(pa.int64()).to_numpy(),
        packets=flows.column("packets").to_numpy(),
        bytes=flows.column("bytes").to_numpy(),
        flags=_flags(flows),
        said=_said(flows.column("initiator"), low),
        sampling=_numbers(flows, "sampling"),
        exporter=exporter,
    )


def _numbers(flows: pa.Table, name: str) -> Codes:
    column = flows.column(name)
    found: Codes = pc.fill_null(column, NOTHING_SAID).to_numpy()
    return found


def _flags(flows: pa.Table) -> Codes:
    """TCP has no packet without a flag: exporters that do not look at flags may write 0."""
    flags = _numbers(flows, "tcp_flags")
    return np.where(flags == 0, np.int32(NOTHING_SAID), flags)


def _said(initiator: pa.ChunkedArray, low: Bools) -> Codes:
    if initiator.null_count == len(initiator):
        return np.full(len(low), NOTHING_SAID, np.int32)
    by_sender = pc.fill_null(initiator.cast(pa.int32()), NOTHING_SAID).to_numpy()
    return np.where(by_sender == NOTHING_SAID, by_sender, (by_sender == low).astype(np.int32))
