"""Packets as the collector writes them."""

import gzip
import struct
from pathlib import Path

from headwater.lab.actors.collector import FILE_HEADER, packet

RECORD = packet(1_700_000_000.25, b"\x00\x05payload", ("203.0.113.249", 40000),
                ("203.0.113.250", 2055))  # fmt: skip


def test_a_record_carries_its_time_and_its_length() -> None:
    seconds, micros, kept, length = struct.unpack("<IIII", RECORD[:16])
    assert (seconds, micros) == (1_700_000_000, 250_000)
    assert kept == length == len(RECORD) - 16


def test_headers_are_those_of_udp_over_ipv4_over_ethernet() -> None:
    frame = RECORD[16:]
    assert frame[12:14] == b"\x08\x00"
    ip, udp = frame[14:34], frame[34:42]
    assert ip[0] == 0x45
    assert struct.unpack("!H", ip[2:4])[0] == len(frame) - 14
    assert ip[9] == 17
    assert ip[12:20] == bytes([203, 0, 113, 249, 203, 0, 113, 250])
    assert struct.unpack("!HHHH", udp) == (40000, 2055, 8 + 9, 0)
    assert frame[42:] == b"\x00\x05payload"


def test_the_ip_checksum_is_right() -> None:
    """RFC 1071 section 1: the sum over a header with its checksum is all ones."""
    words = struct.unpack("!10H", RECORD[30:50])
    total = sum(words)
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    assert total == 0xFFFF


def test_the_file_header_says_microseconds_and_ethernet(tmp_path: Path) -> None:
    file = tmp_path / "x.pcap.gz"
    file.write_bytes(gzip.compress(FILE_HEADER + RECORD))
    assert gzip.decompress(file.read_bytes())[:4] == b"\xd4\xc3\xb2\xa1"
    assert struct.unpack("<I", FILE_HEADER[20:24]) == (1,)
