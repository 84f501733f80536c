"""NetFlow version 5: fixed records, no templates.

Format: Cisco, "NetFlow Export Datagram Format", tables B-3 and B-4.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from headwater.records.errors import MalformedInput
from headwater.records.intake import Datagram, FlowReading, Refused, SequenceGap, SequenceUnit
from headwater.wire.export_packets import SECOND, dated
from headwater.wire.flow_columns import Columns, Origin, settle
from headwater.wire.flow_times import uptime_to_us
from headwater.wire.sequence import SequenceTracker

VERSION: Final = 5

# version, count, sysUptime, unix_secs, unix_nsecs, sequence,
# engine type, engine id, sampling (2 bits mode, 14 bits interval)
HEADER: Final = Struct("!HHIIIIBBH")
SAMPLING_INTERVAL_MASK: Final = 0x3FFF
MOST_ENGINES: Final = 4_096
MOST_RECORDS: Final = 1_364  # what the largest datagram of UDP can hold

RECORD: Final = np.dtype([
    ("src", ">u4"), ("dst", ">u4"), ("next_hop", ">u4"),
    ("input_if", ">u2"), ("output_if", ">u2"), ("packets", ">u4"), ("octets", ">u4"),
    ("first_uptime_ms", ">u4"), ("last_uptime_ms", ">u4"),
    ("src_port", ">u2"), ("dst_port", ">u2"), ("padding", "u1"), ("tcp_flags", "u1"),
    ("protocol", "u1"), ("type_of_service", "u1"), ("src_as", ">u2"), ("dst_as", ">u2"),
    ("src_mask", "u1"), ("dst_mask", "u1"), ("more_padding", ">u2"),
])  # fmt: skip


class Packet(NamedTuple):
    """One export packet exactly as sent; records are still octets."""

    promised: int  # records, by its header
    uptime_ms: int
    exported_us: int
    sequence: int
    engine: int
    sampling: int
    records: bytes


def decode(payload: bytes) -> Packet:
    """Read one packet. Raises MalformedInput for a short header or another version, and
    for a count that no packet can hold: then it only begins like one.

    ``records`` holds whole records only, and at most ``promised`` of them.
    """
    if len(payload) < HEADER.size:
        raise MalformedInput(f"header cut short: {len(payload)} octets")
    version, count, uptime, seconds, nanoseconds, sequence, kind, number, sampling = (
        HEADER.unpack_from(payload)
    )
    if version != VERSION:
        raise MalformedInput(f"unsupported version: {version}")
    if count > MOST_RECORDS:
        raise MalformedInput(f"not an export packet: {count} flows promised in one")
    whole = min(count, (len(payload) - HEADER.size) // RECORD.itemsize)
    return Packet(
        promised=count,
        uptime_ms=uptime,
        exported_us=seconds * SECOND + nanoseconds // 1_000,
        sequence=sequence,
        engine=kind << 8 | number,
        # Some exporters leave the field zero when they do not sample.
        sampling=(sampling & SAMPLING_INTERVAL_MASK) or 1,
        records=payload[HEADER.size : HEADER.size + whole * RECORD.itemsize],
    )


Piece = tuple[bytes, Origin, int]  # records, packet, sampling


class NetFlow5Packets:
    """Collects version 5 packets and decodes all of them at once in `flush`."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self.sequences: dict[tuple[str, int], SequenceTracker] = {}
        self.rows = 0  # collected since the last flush

    def read(self, datagram: Datagram, source: str) -> list[FlowReading]:
        """Refusals and gaps at once; flows come with `flush`."""
        place = f"packet {datagram.position}"
        try:
            packet = decode(datagram.payload)
            sequence = self._sequence((datagram.exporter, packet.engine))
        except MalformedInput as error:
            return [Refused(source=source, position=place, reason=str(error))]
        answer: list[FlowReading] = []
        if missing := sequence.arrived(packet.sequence, packet.promised):
            answer.append(self.gap(datagram.exporter, packet.engine, missing, place))
        answer += [
            Refused(source=source, position=place, reason=reason, records=records)
            for reason, records in self._keep(packet, datagram)
        ]
        return answer

    @staticmethod
    def gap(exporter: str, engine: int, missing: int, position: str) -> SequenceGap:
        """Flows that never came."""
        return SequenceGap(
            exporter=exporter,
            domain=engine,
            unit=SequenceUnit.FLOWS,
            missing=missing,
            position=position,
        )

    def _sequence(self, key: tuple[str, int]) -> SequenceTracker:
        tracker = self.sequences.get(key)
        if tracker is None:
            if len(self.sequences) >= MOST_ENGINES:
                raise MalformedInput(f"too many exporters: already {MOST_ENGINES} known")
            tracker = self.sequences[key] = SequenceTracker(SequenceUnit.FLOWS)
        return tracker

    def _keep(self, packet: Packet, datagram: Datagram) -> Iterator[tuple[str, int]]:
        """Collect the records; what must be refused of them, with how many."""
        count = len(packet.records) // RECORD.itemsize
        if count < packet.promised:
            yield (
                f"record cut short: {packet.promised} promised, {count} there",
                packet.promised - count,
            )
        rest = datagram.payload[HEADER.size + len(packet.records) :]
        if count == packet.promised and any(rest):
            yield f"trailing octets: {len(rest)} after {count} records", 1
        exported, fault = dated(packet.exported_us, datagram.received_us)
        if fault and count:
            yield fault, count
        elif count:
            origin = Origin(datagram.exporter, exported, packet.uptime_ms, datagram.position)
            self.collect([(packet.records, origin, packet.sampling)], count)

    def collect(self, pieces: list[Piece], rows: int) -> None:
        """Keep the records of packets for `flush`."""
        self._pieces += pieces
        self.rows += rows

    def flush(self, source: str) -> Iterator[FlowReading]:
        """The flows of everything collected; ``source`` is named in refusals."""
        pieces, self._pieces, self.rows = self._pieces, [], 0
        if not pieces:
            return
        bodies, origins, sampling = zip(*pieces, strict=True)
        rows = np.frombuffer(b"".join(bodies), dtype=RECORD)
        counts = [len(body) // RECORD.itemsize for body in bodies]
        packet = np.repeat(np.arange(len(origins)), counts)
        yield from settle(_columns(rows, packet, origins, sampling), origins, source)

    def finish(self, source: str) -> Iterator[FlowReading]:
        """Flows still collected and gaps nobody filled."""
        yield from self.flush(source)
        for (exporter, engine), sequence in self.sequences.items():
            if missing := sequence.finish():
                yield self.gap(exporter, engine, missing, "end")


def _columns(
    rows: npt.NDArray[np.void],
    packet: npt.NDArray[np.int64],
    origins: tuple[Origin, ...],
    sampling: tuple[int, ...],
) -> Columns:
    exported = np.array([origin.exported_us for origin in origins])[packet]
    uptime = np.array([origin.uptime_ms for origin in origins])[packet]
    return Columns(
        packet=packet,
        started_us=uptime_to_us(rows["first_uptime_ms"], uptime, exported),
        ended_us=uptime_to_us(rows["last_uptime_ms"], uptime, exported),
        src=rows["src"].astype(np.uint32),
        dst=rows["dst"].astype(np.uint32),
        src_port=rows["src_port"],
        dst_port=rows["dst_port"],
        protocol=rows["protocol"],
        packets=rows["packets"].astype(np.uint64),
        octets=rows["octets"].astype(np.uint64),
        sampling=np.array(sampling, dtype=np.int64)[packet],
        tcp_flags=rows["tcp_flags"],
        src_as=rows["src_as"],
        dst_as=rows["dst_as"],
        input_if=rows["input_if"],
        output_if=rows["output_if"],
    )
