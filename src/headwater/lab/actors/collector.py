"""Receives export packets and writes them as pcap.

`python -m headwater.lab.actors.collector ADDRESS PORT FILE`

A socket hands over payloads without their headers, so the Ethernet, IPv4 and UDP headers
in the file are made anew from what is known: both addresses, both ports, both lengths.
"""

import signal
import socket
import sys
import time
from ipaddress import IPv4Address
from pathlib import Path
from struct import pack
from types import FrameType

LARGEST_DATAGRAM = 65_535
# draft-ietf-opsawg-pcap section 4: magic, 2.4, snap length, Ethernet
FILE_HEADER = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)


def packet(
    moment: float, payload: bytes, source: tuple[str, int], sink: tuple[str, int]
) -> bytes:
    """One pcap record around one UDP payload."""
    # RFC 768: a checksum of zero means that none was computed
    udp = pack("!HHHH", source[1], sink[1], 8 + len(payload), 0) + payload
    addresses = IPv4Address(source[0]).packed + IPv4Address(sink[0]).packed
    # RFC 791 section 3.1: version 4, five words, time to live 64, protocol 17
    head = pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    check = _checksum(head + addresses)
    frame = bytes(12) + b"\x08\x00" + head[:10] + pack("!H", check) + addresses + udp
    seconds, micros = divmod(int(moment * 1_000_000), 1_000_000)
    return pack("<IIII", seconds, micros, len(frame), len(frame)) + frame


def _checksum(header: bytes) -> int:
    """RFC 1071: ones' complement of the ones' complement sum."""
    total = sum(int.from_bytes(header[i : i + 2]) for i in range(0, len(header), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Told(Exception):
    """SIGTERM came."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Told


def main(address: str, port: str, file: str) -> None:
    """Receive until SIGTERM; the file is whole after every packet."""
    sink = (address, int(port))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door,
        Path(file).open("wb", buffering=0) as out,
    ):
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        door.bind(sink)
        signal.signal(signal.SIGTERM, _stop)
        out.write(FILE_HEADER)
        try:
            while True:
                payload, source = door.recvfrom(LARGEST_DATAGRAM)
                out.write(packet(time.time(), payload, source, sink))
        except Told:
            return


if __name__ == "__main__":
    main(*sys.argv[1:4])
