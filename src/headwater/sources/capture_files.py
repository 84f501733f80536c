"""Captured export packets: from a file's bytes to datagrams for the decoder."""

from collections.abc import Iterator
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Datagram, Refused
from headwater.sources.tally import Tally
from headwater.wire.pcap import Frame, Readable, frames
from headwater.wire.udp_packets import UdpReader

PACKETS_AT_A_TIME: Final = 4096
# Versions 1, 5, 7, 8, 9 and 10 in two octets; sFlow 5 in four (the decoder judges further).
EXPORT_STARTS: Final = (
    *(version.to_bytes(2, "big") for version in (1, 5, 7, 8, 9, 10)),
    (5).to_bytes(4, "big"),
)


def datagrams(stream: Readable, source: str) -> Iterator[list[Datagram] | Refused]:
    """The export packets of a capture, some at a time, and a word on all other packets.

    A capture that is cut or damaged gives the packets before that place.
    """
    reader, tally = UdpReader(), Tally(source)
    waiting: list[Datagram] = []
    last = 0
    try:
        for frame in frames(stream):
            last = frame.number
            datagram = _datagram(frame, reader, tally)
            if datagram:
                waiting.append(datagram)
            if len(waiting) >= PACKETS_AT_A_TIME:
                yield waiting
                waiting = []
    except MalformedInput as why:
        tally.add(f"packet {last + 1}", str(why))
    for number in reader.finish():
        tally.add(f"packet {number}", "fragments missing: the datagram was never completed")
    if waiting:
        yield waiting
    yield from tally.drain()


def _datagram(frame: Frame, reader: UdpReader, tally: Tally) -> Datagram | None:
    try:
        packet = reader.read(frame)
    except MalformedInput as why:
        tally.add(f"packet {frame.number}", str(why))
        return None
    if packet is None:
        return None
    if not packet.payload.startswith(EXPORT_STARTS):
        tally.add(f"packet {frame.number}", "not an export packet: another use of UDP")
        return None
    return Datagram(
        payload=packet.payload,
        exporter=packet.sender,
        received_us=frame.time_us,
        position=frame.number,
    )
