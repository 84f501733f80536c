from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import address

from headwater.wire.packet_headers import Keys, read_ethernet, read_ip

MACS = bytes(12)
PORTS = pack("!HH", 40_000, 53)
UDP = PORTS + pack("!HH", 12, 0) + b"data"
FOUR = (
    bytes.fromhex("45000020 00000000 40110000") + address("192.0.2.1") + address("192.0.2.2")
    + UDP
)  # fmt: skip


def six(next_header: int, payload: bytes) -> bytes:
    head = pack("!IHBB", 0x60000000, len(payload), next_header, 64)
    return head + address("2001:db8::1") + address("2001:db8::2") + payload


def read(packet: bytes, *, ethernet: bool = True) -> dict[str, Any]:
    keys: Keys = (read_ethernet if ethernet else read_ip)([packet])
    return {
        name: getattr(keys, name)[0].tolist()
        for name in ("version", "protocol", "src_port", "dst_port", "layer2", "total")
    }


UDP_FOUR = {"version": 4, "protocol": 17, "src_port": 40_000, "dst_port": 53, "total": 32}


@pytest.mark.parametrize(
    ("layer2", "size"),
    [
        ("0800", 14),
        ("8100 0064 0800", 18),  # IEEE 802.1Q
        ("88a8 0064 8100 0065 0800", 22),  # IEEE 802.1ad
        ("8847 00064140", 18),  # MPLS: one label, the last
        ("8847 00064040 00065140", 22),
        ("8864 11000001 0022 0021", 22),  # PPPoE
        ("8100 0064 8864 11000001 0022 0021", 26),
    ],
)
def test_what_stands_in_front_of_ip(layer2: str, size: int) -> None:
    frame = MACS + bytes.fromhex(layer2) + FOUR
    assert read(frame) == UDP_FOUR | {"layer2": size}


def test_a_packet_without_a_frame() -> None:
    assert read(FOUR, ethernet=False) == UDP_FOUR | {"layer2": 0}


@pytest.mark.parametrize(
    ("next_header", "extensions"),
    [
        (17, b""),
        (0, pack("!BB6x", 17, 0)),  # hop by hop
        (43, pack("!BB14x", 17, 1)),  # routing, 16 octets
        (44, pack("!BBHI", 17, 0, 1, 9)),  # first fragment
        (51, pack("!BB10x", 17, 1)),  # authentication counts in four octets
        (0, pack("!BB6x", 60, 0) + pack("!BB6x", 17, 0)),
    ],
)
def test_extension_headers_of_ipv6(next_header: int, extensions: bytes) -> None:
    answer = read(six(next_header, extensions + UDP), ethernet=False)
    assert (answer["protocol"], answer["src_port"], answer["dst_port"]) == (17, 40_000, 53)
    assert answer["total"] == 40 + len(extensions) + len(UDP)


def test_later_fragments_have_no_ports() -> None:
    later = FOUR[:6] + pack("!H", 185) + FOUR[8:]
    assert read(later, ethernet=False)["src_port"] == 0
    fragment = pack("!BBHI", 17, 0, 185 << 3, 9)
    answer = read(six(44, fragment + UDP), ethernet=False)
    assert (answer["protocol"], answer["src_port"]) == (17, 0)


def test_options_of_ipv4_are_stepped_over() -> None:
    with_options = b"\x46" + FOUR[1:20] + bytes(4) + UDP
    assert read(with_options, ethernet=False)["dst_port"] == 53


@pytest.mark.parametrize("size", range(34))
def test_a_header_cut_short_is_no_packet(size: int) -> None:
    assert read(MACS + b"\x08\x00" + FOUR[: max(size - 14, 0)])["version"] == 0


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_any_octets_give_keys_in_range(packets: list[bytes]) -> None:
    for keys in (read_ethernet(packets), read_ip(packets)):
        assert set(keys.version.tolist()) <= {0, 4, 6}
        assert all(0 <= port <= 0xFFFF for port in keys.src_port.tolist())
        assert all(0 <= number <= 0xFF for number in keys.protocol.tolist())
        assert keys.src.shape == (len(packets), 16)


@given(st.binary(max_size=300))
def test_a_packet_reads_alike_alone_and_in_company(packet: bytes) -> None:
    alone, company = read_ethernet([packet]), read_ethernet([FOUR, packet])
    assert alone.protocol[0] == company.protocol[1]
    assert alone.total[0] == company.total[1]
