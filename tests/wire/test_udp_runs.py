"""What is plain carries the payload that the reader of single frames finds."""

from ipaddress import ip_address
from struct import pack

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.pcap import Frame, FrameRun
from headwater.wire.udp_packets import UdpPacket, UdpReader
from headwater.wire.udp_runs import plain_udp

PAYLOAD = b"\x00\x09 an export packet"


def plain(payload: bytes = PAYLOAD, sender: str = "192.0.2.1") -> bytes:
    udp = pack("!HHHH", 40000, 2055, len(payload) + 8, 0) + payload
    ends = ip_address(sender).packed + ip_address("192.0.2.2").packed
    ip = pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 7, 0, 64, 17, 0) + ends
    return bytes(12) + b"\x08\x00" + ip + udp


def run(*frames: bytes, link: int = 1) -> FrameRun:
    sizes = np.array([len(frame) for frame in frames], np.int64)
    ends, size = np.cumsum(sizes), len(frames)
    return FrameRun(
        1,
        link,
        b"".join(frames),
        ends - sizes,
        ends,
        np.zeros(size, np.int64),
        np.ones(size, bool),
    )


def alone(data: bytes) -> UdpPacket | None:
    try:
        return UdpReader().read(Frame(1, 0, 1, data, True))
    except MalformedInput:
        return None


def test_plain_frames_of_several_senders() -> None:
    frames = [plain(bytes([number]) * number, f"192.0.2.{number}") for number in (3, 1, 3, 0)]
    found = plain_udp(run(*frames))
    assert found.plain.all()
    assert found.senders == ["192.0.2.3", "192.0.2.1", "192.0.2.3", "192.0.2.0"]
    octets = run(*frames).octets
    payloads = [octets[a:b] for a, b in zip(found.starts, found.ends, strict=True)]
    assert payloads == [b"\x03" * 3, b"\x01", b"\x03" * 3, b""]


def test_another_link_layer_is_not_plain() -> None:
    assert not plain_udp(run(plain(), link=113)).plain.any()


def test_no_frames() -> None:
    assert len(plain_udp(run()).plain) == 0


@pytest.mark.parametrize("size", range(len(plain())))
def test_a_frame_cut_short_is_not_plain(size: int) -> None:
    found = plain_udp(run(plain()[:size], plain()))
    assert found.plain.tolist() == [False, True]


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255), st.booleans()), max_size=9))
def test_frames_with_any_octet_changed(changes: list[tuple[int, int, bool]]) -> None:
    frames = []
    for place, value, padded in changes:
        data = bytearray(plain() + bytes(30 * padded))
        data[place % len(data)] = value
        frames.append(bytes(data))
    found = plain_udp(run(*frames))
    octets = run(*frames).octets
    for place in np.flatnonzero(found.plain).tolist():
        payload = octets[found.starts[place] : found.ends[place]]
        assert alone(frames[place]) == UdpPacket(found.senders[place], payload)
