"""What comes out of a door: records, and a word on everything that was not one.

What cannot be read is a value too (a reason and a place), so that nothing disappears
without being counted and one bad record never costs its neighbours.
"""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagram:
    """One export packet and where it came from."""

    payload: bytes
    exporter: str  # canonical address of the sender
    received_us: int  # microseconds since 1970-01-01 UTC
    position: int  # 1 for the first packet of its source


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something that could not be read, set aside with its place and the reason."""

    source: str  # the file, or "-" for standard input
    position: str  # "line 12", "packet 7", "byte 1042"
    reason: str  # stable words first, details after a colon: reasons are counted by their head
    records: int = 1


class SequenceUnit(StrEnum):
    """What an exporter's sequence number counts."""

    FLOWS = "flows"  # NetFlow v5
    PACKETS = "packets"  # NetFlow v9 (RFC 3954 section 5.1), sFlow
    RECORDS = "records"  # IPFIX (RFC 7011 section 3.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceGap:
    """Numbers an exporter sent that never reached us."""

    exporter: str
    domain: int  # observation domain, source id or engine
    unit: SequenceUnit
    missing: int
    position: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowBatch:
    """Flows of the FLOWS shape with counters as exported (not yet times sampling)."""

    flows: pa.RecordBatch


FlowReading = FlowBatch | Refused | SequenceGap
