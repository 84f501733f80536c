"""Captured export packets: from a file's bytes to datagrams for the decoder."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from headwater.records.errors import MalformedInput
from headwater.records.intake import Datagram, Refused
from headwater.sources.tally import Tally
from headwater.wire.datagram_runs import DatagramRun, cut
from headwater.wire.pcap import Frame, FrameRun, Readable, frame_runs
from headwater.wire.udp_packets import UdpReader
from headwater.wire.udp_runs import plain_udp

PACKETS_AT_A_TIME: Final = 4096
VERSIONS: Final = (1, 5, 7, 8, 9, 10)
SFLOW: Final = 5
# Versions in two octets; sFlow 5 in four (the decoder judges further).
EXPORT_STARTS: Final = (
    *(version.to_bytes(2, "big") for version in VERSIONS),
    SFLOW.to_bytes(4, "big"),
)
START: Final = np.dtype([("version", ">u2"), ("rest", ">u2")])


def datagrams(stream: Readable, source: str) -> Iterator[DatagramRun | Refused]:
    """The export packets of a capture, some at a time, and a word on all other packets.

    A capture that is cut or damaged gives the packets before that place.
    """
    reading = _Reading(source)
    last = 0
    try:
        for run in frame_runs(stream):
            reading.take(run)
            last = run.first + len(run.starts) - 1
            yield from reading.full()
    except MalformedInput as why:
        reading.tally.add(f"packet {last + 1}", str(why))
    yield from reading.rest()


class _Reading:
    """One capture's packets and refusals."""

    def __init__(self, source: str) -> None:
        self.tally = Tally(source)
        self._reader = UdpReader()
        self._waiting = _nothing()

    def take(self, run: FrameRun) -> None:
        """Plain frames all at once, the odd ones between them one by one."""
        found = plain_udp(run)
        good = found.plain & _begins_as_export(run, found.starts, found.ends)
        starts, ends, times = found.starts.tolist(), found.ends.tolist(), run.times_us.tolist()
        done = 0
        for odd in [*np.flatnonzero(~good).tolist(), len(starts)]:
            self._waiting.payloads.extend(
                [run.octets[starts[at] : ends[at]] for at in range(done, odd)]
            )
            self._waiting.exporters.extend(found.senders[done:odd])
            self._waiting.received_us.extend(times[done:odd])
            self._waiting.positions.extend(range(run.first + done, run.first + odd))
            done = odd + 1
            if odd < len(starts) and (datagram := self._datagram(run.frame(odd))):
                self._add(datagram)

    def full(self) -> Iterator[DatagramRun]:
        """As many packets as are decoded together, as often as there are so many."""
        while len(self._waiting) >= PACKETS_AT_A_TIME:
            yield self._waiting[:PACKETS_AT_A_TIME]
            self._waiting = self._waiting[PACKETS_AT_A_TIME:]

    def rest(self) -> Iterator[DatagramRun | Refused]:
        for number in self._reader.finish():
            reason = "fragments missing: the datagram was never completed"
            self.tally.add(f"packet {number}", reason)
        if self._waiting:
            yield self._waiting
        yield from self.tally.drain()

    def _add(self, datagram: Datagram) -> None:
        self._waiting.payloads.append(datagram.payload)
        self._waiting.exporters.append(datagram.exporter)
        self._waiting.received_us.append(datagram.received_us)
        self._waiting.positions.append(datagram.position)

    def _datagram(self, frame: Frame) -> Datagram | None:
        try:
            packet = self._reader.read(frame)
        except MalformedInput as why:
            self.tally.add(f"packet {frame.number}", str(why))
            return None
        if packet is None:
            return None
        if not packet.payload.startswith(EXPORT_STARTS):
            reason = "not an export packet: another use of UDP"
            self.tally.add(f"packet {frame.number}", reason)
            return None
        return Datagram(
            payload=packet.payload,
            exporter=packet.sender,
            received_us=frame.time_us,
            position=frame.number,
        )


def _nothing() -> DatagramRun:
    return DatagramRun(payloads=[], exporters=[], received_us=[], positions=[])


def _begins_as_export(
    run: FrameRun, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """As ``EXPORT_STARTS``, of payloads (n) of a run; false where one has not four octets."""
    begins = cut(np.frombuffer(run.octets, np.uint8), starts, START)
    sflow = (begins["version"] == 0) & (begins["rest"] == SFLOW)
    known: npt.NDArray[np.bool_] = sflow | np.isin(begins["version"], VERSIONS)
    return known & (ends - starts >= START.itemsize)
