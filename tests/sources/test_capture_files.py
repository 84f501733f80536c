"""Export packets are picked from captures; everything else is counted by reason."""

from io import BytesIO
from ipaddress import ip_address
from struct import pack

import pytest

from headwater.records.intake import Datagram, Refused
from headwater.sources import capture_files
from headwater.sources.capture_files import datagrams

RAW = 101
EXPORT = b"\x00\x09" + bytes(20)


def udp(payload: bytes, src: str = "192.0.2.1", protocol: int = 17) -> bytes:
    data = pack("!HHHH", 40000, 2055, len(payload) + 8, 0) + payload
    head = pack("!BBHHHBBH", 0x45, 0, 20 + len(data), 1, 0, 64, protocol, 0)
    return head + ip_address(src).packed + ip_address("192.0.2.2").packed + data


def capture(*packets: bytes, link: int = RAW) -> bytes:
    head = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(
        pack("<IIII", 1_714_564_800, number, len(data), len(data)) + data
        for number, data in enumerate(packets)
    )


def ethernet(packet: bytes, tags: bytes = b"") -> bytes:
    return bytes(12) + tags + b"\x08\x00" + packet


def read(data: bytes) -> tuple[list[Datagram], list[Refused]]:
    found = list(datagrams(BytesIO(data), "a.pcap"))
    packets = [packet for part in found if not isinstance(part, Refused) for packet in part]
    return packets, [part for part in found if isinstance(part, Refused)]


def test_export_packets_keep_sender_time_and_number() -> None:
    packets, refused = read(capture(udp(b"\x12\x34dns"), udp(EXPORT)))
    assert packets == [
        Datagram(
            payload=EXPORT,
            exporter="192.0.2.1",
            received_us=1_714_564_800_000_001,
            position=2,
        )
    ]
    reason = "not an export packet: another use of UDP"
    assert refused == [Refused(source="a.pcap", position="packet 1", reason=reason)]


@pytest.mark.parametrize(
    "start", [b"\x00\x05", b"\x00\x09", b"\x00\x0a", b"\x00\x00\x00\x05", b"\x00\x07"]
)
def test_each_version_is_handed_on(start: bytes) -> None:
    packets, refused = read(capture(udp(start + bytes(30))))
    assert len(packets) == 1
    assert refused == []


def test_other_packets_are_counted_by_reason() -> None:
    _, refused = read(capture(udp(b"", protocol=6), udp(EXPORT), udp(b"", protocol=6), b"\x45"))
    assert [(r.position, r.reason.partition(":")[0], r.records) for r in refused] == [
        ("packet 1", "not an export packet", 2),
        ("packet 4", "wanted 20 bytes, 1 left", 1),
    ]


@pytest.mark.parametrize("cut", [1, 5, 20, 45])
def test_a_cut_capture_gives_what_is_before_the_cut(cut: int) -> None:
    packets, refused = read(capture(udp(EXPORT), udp(EXPORT))[:-cut])
    assert len(packets) == 1
    assert [(r.position, r.reason.partition(":")[0]) for r in refused] == [
        ("packet 2", "capture cut short")
    ]


def test_missing_fragments_are_told() -> None:
    whole = udp(EXPORT)
    fragment = whole[:6] + b"\x20\x00" + whole[8:]
    packets, refused = read(capture(fragment))
    assert packets == []
    assert refused[0].reason.startswith("fragments missing")


def test_packets_come_in_bounded_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_files, "PACKETS_AT_A_TIME", 3)
    parts = list(datagrams(BytesIO(capture(*[udp(EXPORT)] * 7)), "a.pcap"))
    assert [len(part) for part in parts if not isinstance(part, Refused)] == [3, 3, 1]


def test_odd_frames_between_plain_ones_keep_their_places() -> None:
    """A tagged frame, one that is no export, one of another protocol and one cut short."""
    frames = [ethernet(udp(EXPORT + bytes([number]))) for number in range(9)]
    frames[2] = ethernet(udp(EXPORT + b"\x02"), tags=b"\x81\x00\x00\x05")
    frames[4] = ethernet(udp(b"\x12\x34dns"))
    frames[5] = ethernet(udp(b"", protocol=6))
    frames[7] = frames[7][:40]
    packets, refused = read(capture(*frames, link=1))
    assert [(packet.position, packet.payload[-1]) for packet in packets] == [
        (1, 0), (2, 1), (3, 2), (4, 3), (7, 6), (9, 8),
    ]  # fmt: skip
    assert [packet.received_us % 10 for packet in packets] == [0, 1, 2, 3, 6, 8]
    assert [refusal.position for refusal in refused] == ["packet 5", "packet 6", "packet 8"]


@pytest.mark.parametrize("start", [b"\x00\x05", b"\x00\x00\x00\x05", b"\x00\x06ab", b"\x00"])
def test_plain_frames_are_told_from_exports_as_others_are(start: bytes) -> None:
    tagged = ethernet(udp(start), tags=b"\x81\x00\x00\x05")
    plain = ethernet(udp(start))
    packets, refused = read(capture(tagged, plain, link=1))
    assert len(packets) in (0, 2)
    assert sum(refusal.records for refusal in refused) == 2 - len(packets)
