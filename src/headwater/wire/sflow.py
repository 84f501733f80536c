"""sFlow version 5: one sampled packet is one flow of one packet.

Format: sFlow.org, "sFlow Version 5", July 2004. Counter samples say nothing of who talks
to whom; they are skipped and counted. Nothing in it tells the time of day, so a packet's
time is that of the datagram's arrival.
"""

from collections import Counter
from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from headwater.records.errors import MalformedInput
from headwater.records.intake import Datagram, FlowReading, Refused, SequenceGap, SequenceUnit
from headwater.wire.cursor import Cursor
from headwater.wire.flow_columns import Origin
from headwater.wire.sampled_flows import Sample, Shape, flows_of
from headwater.wire.sequence import SequenceTracker

VERSION: Final = 5
ADDRESS_SIZES: Final = {1: 4, 2: 16}
MOST_AGENTS: Final = 4_096
NO_UPTIME: Final = -1

ADDRESS_KIND: Final = Struct("!II")  # version, kind of the agent's address
HEADER: Final = Struct("!IIII")  # sub-agent, sequence, uptime, samples
TAGGED: Final = Struct("!II")  # enterprise and format, length: a sample or a record
# sequence, source, rate, pool, drops, input, output, records
FLOW_SAMPLE: Final = Struct("!IIIIIIII")
# sequence, source kind and index, rate, pool, drops, input and output kind and value, records
EXPANDED_SAMPLE: Final = Struct("!IIIIIIIIIII")
RAW_HEADER: Final = Struct("!IIII")  # protocol, frame length, stripped, sampled octets

FLOW: Final = 1
EXPANDED_FLOW: Final = 3
COUNTERS: Final = (2, 4)
RAW_RECORD: Final = 1
IP_RECORDS: Final = {3: Shape.IPV4_RECORD, 4: Shape.IPV6_RECORD}
PROTOCOLS: Final = {1: Shape.ETHERNET, 11: Shape.IP, 12: Shape.IP}
INTERFACE_KIND_SHIFT: Final = 30  # compact form: two bits of kind, thirty of value
INTERNAL: Final = 0x3FFFFFFF  # the agent itself


class Packet(NamedTuple):
    """One datagram's header; its samples are still octets."""

    agent: str  # hexadecimal octets: a key, not for reading
    sub_agent: int
    sequence: int
    samples: int


def decode_header(cursor: Cursor) -> Packet:
    """Read the header. Raises MalformedInput for a short one or another version."""
    version, kind = cursor.fields(ADDRESS_KIND)
    if version != VERSION:
        raise MalformedInput(f"unsupported version: sFlow {version}")
    if kind not in ADDRESS_SIZES:
        raise MalformedInput(f"agent address of unknown kind: {kind}")
    agent = cursor.take(ADDRESS_SIZES[kind]).hex()
    sub_agent, sequence, _uptime, samples = cursor.fields(HEADER)
    return Packet(agent, sub_agent, sequence, samples)


class SFlowPackets:
    """Collects sampled packets and decodes all of them at once in `flush`."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []
        self._sequences: dict[tuple[str, str, int], SequenceTracker] = {}
        self.skipped: Counter[str] = Counter()  # samples that are no flows, by kind
        self.rows = 0  # collected since the last flush

    def read(self, datagram: Datagram, source: str) -> list[FlowReading]:
        """Refusals and gaps at once; flows come with `flush`."""
        place = f"packet {datagram.position}"
        cursor = Cursor(datagram.payload)
        answer: list[FlowReading] = []
        try:
            packet = decode_header(cursor)
            sequence = self._sequence((datagram.exporter, packet.agent, packet.sub_agent))
            if missing := sequence.arrived(packet.sequence, 1):
                answer.append(_gap(datagram.exporter, packet.sub_agent, missing, place))
            received = datagram.received_us
            origin = Origin(datagram.exporter, received, NO_UPTIME, datagram.position)
            for _ in range(packet.samples):
                form, length = cursor.fields(TAGGED)
                body = Cursor(cursor.take(length))
                try:
                    self._sample(form, body, origin)
                except MalformedInput as error:  # costs this sample alone
                    answer.append(_refused(source, place, error))
        except MalformedInput as error:
            answer.append(_refused(source, place, error))
        self.rows = len(self._samples)
        return answer

    def _sequence(self, key: tuple[str, str, int]) -> SequenceTracker:
        tracker = self._sequences.get(key)
        if tracker is None:
            if len(self._sequences) >= MOST_AGENTS:
                raise MalformedInput(f"too many exporters: already {MOST_AGENTS} known")
            tracker = self._sequences[key] = SequenceTracker(SequenceUnit.PACKETS)
        return tracker

    def _sample(self, form: int, body: Cursor, origin: Origin) -> None:
        if form == FLOW:
            _, _, rate, _, _, came, went, records = body.fields(FLOW_SAMPLE)
            ports = _interface(came), _interface(went)
        elif form == EXPANDED_FLOW:
            _, _, _, rate, _, _, came_as, came, went_as, went, records = body.fields(
                EXPANDED_SAMPLE
            )
            ports = came if came_as == 0 else 0, went if went_as == 0 else 0
        else:
            self.skipped["counter samples" if form in COUNTERS else f"samples {form}"] += 1
            return
        sample = _flow(body, records, origin, rate or 1, ports)
        if sample is None:
            self.skipped["flow samples without a packet"] += 1
        else:
            self._samples.append(sample)

    def flush(self, source: str) -> Iterator[FlowReading]:
        """The flows of everything collected; ``source`` is named in refusals."""
        samples, self._samples, self.rows = self._samples, [], 0
        yield from flows_of(samples, source)

    def finish(self, source: str) -> Iterator[FlowReading]:
        """Flows still collected and gaps nobody filled."""
        yield from self.flush(source)
        for (exporter, _, sub_agent), sequence in self._sequences.items():
            if missing := sequence.finish():
                yield _gap(exporter, sub_agent, missing, "end")


def _refused(source: str, place: str, error: MalformedInput) -> Refused:
    """Reasons begin with stable words; the cursor's texts are details."""
    text = str(error)
    reason = f"sample cut short: {text}" if text.startswith("wanted") else text
    return Refused(source=source, position=place, reason=reason)


def _gap(exporter: str, sub_agent: int, missing: int, position: str) -> SequenceGap:
    return SequenceGap(
        exporter=exporter,
        domain=sub_agent,
        unit=SequenceUnit.PACKETS,
        missing=missing,
        position=position,
    )


def _interface(compact: int) -> int:
    """An interface's number; 0 for none, several, or the agent itself."""
    return 0 if compact >> INTERFACE_KIND_SHIFT or compact == INTERNAL else compact


def _flow(
    body: Cursor, records: int, origin: Origin, rate: int, ports: tuple[int, int]
) -> Sample | None:
    """The packet of one flow sample: its raw header, or else what the agent read in it."""
    found = None
    for _ in range(records):
        form, length = body.fields(TAGGED)
        record = body.take(length)
        if form == RAW_RECORD:
            raw = Cursor(record)
            protocol, frame, stripped, size = raw.fields(RAW_HEADER)
            shape = PROTOCOLS.get(protocol)
            if shape is not None:
                octets = bytes(raw.take(min(size, raw.remaining)))
                return Sample(shape, octets, max(frame - stripped, 0), origin, rate, *ports)
        elif form in IP_RECORDS:
            found = Sample(IP_RECORDS[form], bytes(record), 0, origin, rate, *ports)
    return found
