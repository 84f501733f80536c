"""Payloads under every link layer and in fragments; broken frames say what is broken."""

from ipaddress import ip_address
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.pcap import Frame
from headwater.wire.udp_packets import MOST_UNFINISHED, NotUdp, UdpPacket, UdpReader

PAYLOAD = b"\x00\x09 an export packet"
V4, V6 = "192.0.2.1", "2001:db8::1"
TO_V4, TO_V6 = ip_address("192.0.2.2").packed, ip_address("2001:db8::2").packed


def udp(payload: bytes = PAYLOAD) -> bytes:
    return pack("!HHHH", 40000, 2055, len(payload) + 8, 0) + payload


def ipv4(
    data: bytes, *, protocol: int = 17, fragment: int = 0, identity: int = 7, words: int = 0
) -> bytes:
    size = 20 + 4 * words + len(data)
    head = pack("!BBHHHBBH", 0x45 + words, 0, size, identity, fragment, 64, protocol, 0)
    return head + ip_address(V4).packed + TO_V4 + bytes(4 * words) + data


def ipv6(data: bytes, following: int = 17, src: str = V6) -> bytes:
    head = pack("!IHBB", 6 << 28, len(data), following, 64)
    return head + ip_address(src).packed + TO_V6 + data


def ethernet(data: bytes, kind: int = 0x0800, tags: bytes = b"") -> bytes:
    return bytes(12) + tags + pack("!H", kind) + data


def frame(data: bytes, link: int = 1, number: int = 1, whole: bool = True) -> Frame:
    return Frame(number, 0, link, data, whole)


VLAN, OUTER = b"\x81\x00\x00\x05", b"\x88\xa8\x00\x05"
LINKS = {
    "ethernet": (1, ethernet(ipv4(udp()))),
    "ethernet, padded": (1, ethernet(ipv4(udp())) + bytes(6)),
    "vlan": (1, ethernet(ipv4(udp()), tags=VLAN)),
    "vlan in vlan": (1, ethernet(ipv4(udp()), tags=OUTER + VLAN)),
    "cooked": (113, bytes(14) + b"\x08\x00" + ipv4(udp())),
    "cooked 2": (276, b"\x08\x00" + bytes(18) + ipv4(udp())),
    "raw": (101, ipv4(udp())),
    "raw, older": (12, ipv4(udp())),
    "ipv4": (228, ipv4(udp())),
    "null, little": (0, b"\x02\x00\x00\x00" + ipv4(udp())),
    "null, big": (0, b"\x00\x00\x00\x02" + ipv4(udp())),
    "loop": (108, b"\x00\x00\x00\x02" + ipv4(udp())),
    "options": (101, ipv4(udp(), words=3)),
}


@pytest.mark.parametrize("name", LINKS)
def test_each_link_layer(name: str) -> None:
    link, data = LINKS[name]
    reader = UdpReader()
    for _ in ("from a stranger", "from one who is known"):
        assert reader.read(frame(data, link)) == UdpPacket(V4, PAYLOAD)


@pytest.mark.parametrize(
    "packet",
    [
        ipv6(udp()),
        ipv6(b"\x3c\x00" + bytes(6) + b"\x11\x01" + bytes(14) + udp(), following=0),
    ],
    ids=["plain", "with extension headers"],
)
@pytest.mark.parametrize(
    ("link", "head"),
    [
        (1, bytes(12) + b"\x86\xdd"),
        (229, b""),
        (0, b"\x1e\x00\x00\x00"),
        (0, bytes(3) + b"\x1c"),
    ],
)
def test_ipv6(link: int, head: bytes, packet: bytes) -> None:
    assert UdpReader().read(frame(head + packet, link)) == UdpPacket(V6, PAYLOAD)


def test_a_mapped_sender_is_written_as_ipv4() -> None:
    packet = UdpReader().read(frame(ipv6(udp(), src=f"::ffff:{V4}"), 101))
    assert packet == UdpPacket(V4, PAYLOAD)


def pieces(data: bytes, size: int) -> list[tuple[int, bytes, bool]]:
    starts = range(0, len(data), size)
    return [(at, data[at : at + size], at + size < len(data)) for at in starts]


@given(st.permutations(range(5)), st.booleans())
def test_fragments_come_in_any_order(order: list[int], newer: bool) -> None:
    data = udp(bytes(range(200)) * 5)
    parts = pieces(data, 208)
    reader = UdpReader()
    got = []
    for place in order:
        at, part, more = parts[place]
        if newer:
            head = pack("!BxHI", 17, at | more, 9)
            packet = ipv6(head + part, following=44)
        else:
            packet = ipv4(part, fragment=at // 8 | more << 13)
        got.append(reader.read(frame(packet, 101)))
    assert got[:-1] == [None] * 4
    assert got[-1] == UdpPacket(V6 if newer else V4, bytes(range(200)) * 5)
    assert reader.finish() == []


def test_unfinished_datagrams_are_bounded_and_told() -> None:
    reader = UdpReader()
    for number in range(MOST_UNFINISHED + 3):
        part = ipv4(bytes(8), fragment=0x2000, identity=number)
        assert reader.read(frame(part, 101, number + 1)) is None
    left = reader.finish()
    assert left[:3] == [1, 2, 3]
    assert len(left) == MOST_UNFINISHED + 3
    assert reader.finish() == []


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ((0, 16, True), (0, 16, True), "one twice"),
        ((0, 16, True), (8, 16, False), "overlap"),
        ((0, 16, True), (65528, 16, False), "too large"),
    ],
)
def test_hostile_fragments_are_refused(
    first: tuple[int, int, bool], second: tuple[int, int, bool], why: str
) -> None:
    reader = UdpReader()

    def both() -> None:
        for at, size, more in (first, second):
            reader.read(frame(ipv4(bytes(size), fragment=at // 8 | more << 13), 101))

    with pytest.raises(MalformedInput, match=why):
        both()
    assert reader.finish() == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (ethernet(b"", kind=0x0806), "not IP"),
        (ethernet(ipv4(udp(), protocol=6)), "not UDP"),
        (ethernet(ipv6(udp(), following=6), kind=0x86DD), "not UDP"),
    ],
)
def test_other_protocols_are_told_apart_from_broken_packets(data: bytes, why: str) -> None:
    with pytest.raises(NotUdp, match=f"not an export packet: {why}"):
        UdpReader().read(frame(data))


@pytest.mark.parametrize(
    ("data", "whole", "why"),
    [
        (b"", True, "wanted 12 bytes"),
        (ethernet(ipv4(udp()))[:-1], True, "wanted"),
        (ethernet(ipv4(udp()))[:-1], False, "snap length"),
        (ethernet(b"\x65" + ipv4(udp())[1:]), True, "IPv4 header"),
        (ethernet(b"\x41" + ipv4(udp())[1:]), True, "IPv4 header"),
        (ethernet(b"\x45" + ipv6(udp())[1:], kind=0x86DD), True, "IPv6 header"),
        (ethernet(ipv4(b"short")), True, "UDP header"),
        (ethernet(ipv4(pack("!HHHH", 1, 2, 99, 0))), True, "UDP header"),
        (ethernet(ipv4(udp()), tags=VLAN * 5), True, "VLAN tags"),
        (
            ethernet(ipv6((b"\x3c\x00" + bytes(6)) * 9, following=60), kind=0x86DD),
            True,
            "extension headers",
        ),
    ],
)
def test_broken_packets_say_what_is_broken(data: bytes, whole: bool, why: str) -> None:
    with pytest.raises(MalformedInput, match=why):
        UdpReader().read(frame(data, whole=whole))


def test_an_unread_link_type_is_named() -> None:
    with pytest.raises(NotUdp, match="link type 147"):
        UdpReader().read(frame(b"", 147))


@given(st.binary(max_size=120), st.sampled_from([0, 1, 101, 108, 113, 276]))
def test_any_bytes_give_a_packet_or_malformed_input(data: bytes, link: int) -> None:
    reader = UdpReader()
    try:
        packet = reader.read(frame(data, link))
    except MalformedInput:
        return
    assert packet is None or packet.sender
