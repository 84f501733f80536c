"""Export packets of every kind to flows: the one decoder that the doors use."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, Protocol

from headwater.records.intake import Datagram, FlowReading, Refused
from headwater.wire import netflow5_runs, templated_runs
from headwater.wire.datagram_runs import DatagramRun
from headwater.wire.netflow5 import NetFlow5Packets
from headwater.wire.sflow import SFlowPackets
from headwater.wire.templated_packets import IPFIX, NETFLOW9, TemplatedPackets

# Enough rows to make the cost of a batch small, few enough to stay in a processor's cache.
ROWS_PER_BATCH: Final = 131_072
KNOWN_BUT_UNREAD: Final = {1: "NetFlow v1", 7: "NetFlow v7", 8: "NetFlow v8"}


Runs = Callable[[DatagramRun, str, int], Iterator[FlowReading]]


class _Packets(Protocol):
    rows: int

    def read(self, datagram: Datagram, source: str) -> list[FlowReading]: ...
    def flush(self, source: str) -> Iterator[FlowReading]: ...
    def finish(self, source: str) -> Iterator[FlowReading]: ...


class FlowDecoder:
    """NetFlow v5 and v9, IPFIX and sFlow v5, told apart by the first two octets.

    Holds templates, sampling and sequence numbers per exporter and observation domain.
    Flows come out with counters as exported and ``sampling`` beside them. Nothing that is
    in a packet raises: what cannot be read comes out as `Refused`.
    """

    def __init__(self, source: str = "-") -> None:
        self._source = source
        self._sflow = SFlowPackets()
        netflow5, netflow9, ipfix = (
            NetFlow5Packets(),
            TemplatedPackets(NETFLOW9),
            TemplatedPackets(IPFIX),
        )
        self._packets: dict[bytes, _Packets] = {
            b"\x00\x05": netflow5,
            b"\x00\x09": netflow9,
            b"\x00\x0a": ipfix,
            b"\x00\x00": self._sflow,  # the first half of its 32-bit version
        }
        self._runs: dict[bytes, Runs] = {
            b"\x00\x05": partial(netflow5_runs.read_run, netflow5),
            b"\x00\x09": partial(templated_runs.read_run, netflow9),
            b"\x00\x0a": partial(templated_runs.read_run, ipfix),
        }

    @property
    def skipped(self) -> Mapping[str, int]:
        """What was whole and read but can be no flow, by kind: sFlow counter samples."""
        return self._sflow.skipped

    def feed(
        self, datagrams: Sequence[Datagram], source: str | None = None
    ) -> Iterator[FlowReading]:
        """Flows, refusals and gaps of some packets, in the order they were received.

        ``source`` is named in refusals from here on: the file, or "-". Every packet is
        answered for when the iterator ends, but sets that wait for their template.
        """
        self._source = source or self._source
        if isinstance(datagrams, DatagramRun):
            for version, run in datagrams.by_version():
                many = self._runs.get(version)
                yield from many(run, self._source, ROWS_PER_BATCH) if many else self._each(run)
        else:
            yield from self._each(datagrams)
        for packets in self._packets.values():
            yield from packets.flush(self._source)

    def _each(self, datagrams: Sequence[Datagram]) -> Iterator[FlowReading]:
        for datagram in datagrams:
            packets = self._packets.get(datagram.payload[:2])
            if packets is None:
                yield self._unsupported(datagram)
                continue
            if answer := packets.read(datagram, self._source):
                yield from answer
            if packets.rows >= ROWS_PER_BATCH:
                yield from packets.flush(self._source)

    def finish(self) -> Iterator[FlowReading]:
        """What is left when no more packets will come: unread sets, and gaps."""
        for packets in self._packets.values():
            yield from packets.finish(self._source)

    def _unsupported(self, datagram: Datagram) -> Refused:
        version = int.from_bytes(datagram.payload[:2], "big")
        if len(datagram.payload) < 2:
            reason = f"header cut short: {len(datagram.payload)} octets"
        elif version in KNOWN_BUT_UNREAD:
            reason = f"unsupported version: {KNOWN_BUT_UNREAD[version]}"
        else:
            reason = f"not an export packet: it begins with {datagram.payload[:4].hex()}"
        place = f"packet {datagram.position}"
        return Refused(source=self._source, position=place, reason=reason)
