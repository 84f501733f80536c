"""Captures of both formats, in both byte orders, cut anywhere."""

from io import BytesIO
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.pcap import FARTHEST_US, Frame, frames

NOON_S = 1_714_564_800
ETHERNET = 1
FIRST, SECOND = b"first frame", b"the second"


def classic(order: str, fraction: int, magic: int) -> bytes:
    head = pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, ETHERNET)
    records = [
        pack(order + "IIII", NOON_S, fraction, len(data), size) + data
        for data, size in ((FIRST, len(FIRST)), (SECOND, 99))
    ]
    return head + b"".join(records)


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return pack(order + "II", kind, size) + body + pack(order + "I", size)


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: str, link: int, *options: tuple[int, bytes]) -> bytes:
    coded = b"".join(
        pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)
        for code, value in options
    )
    return block(order, 1, pack(order + "HHI", link, 0, 65535) + coded)


def packet(order: str, which: int, ticks: int, data: bytes) -> bytes:
    head = pack(order + "IIIII", which, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(order, 6, head + data)


def pcapng(order: str) -> bytes:
    return b"".join(
        [
            section(order),
            interface(order, ETHERNET),
            interface(order, 101, (9, b"\x09"), (14, pack(order + "q", 3600))),
            interface(order, 113, (9, bytes([0x80 | 10]))),
            packet(order, 0, NOON_S * 10**6 + 5, FIRST),
            block(order, 5, b"statistics are passed over"),
            packet(order, 1, NOON_S * 10**9 + 5_999, SECOND),
            packet(order, 2, NOON_S * 1024 + 512, FIRST),
            block(order, 2, pack(order + "HHIIII", 0, 0, 0, 7, 5, 5) + b"older"),
            block(order, 3, pack(order + "I", 6) + b"simple"),
        ]
    )


def read(data: bytes) -> list[Frame]:
    return list(frames(BytesIO(data)))


def until_damage(data: bytes) -> tuple[list[Frame], str]:
    got: list[Frame] = []
    try:
        got.extend(frames(BytesIO(data)))
    except MalformedInput as why:
        return got, str(why)
    return got, ""


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "fraction"), [(0xA1B2C3D4, 7), (0xA1B23C4D, 7_999)])
def test_classic(order: str, magic: int, fraction: int) -> None:
    time_us = NOON_S * 10**6 + 7
    assert read(classic(order, fraction, magic)) == [
        Frame(1, time_us, ETHERNET, FIRST, True),
        Frame(2, time_us, ETHERNET, SECOND, False),
    ]


@pytest.mark.parametrize("order", "<>")
def test_pcapng_with_several_interfaces(order: str) -> None:
    assert read(pcapng(order)) == [
        Frame(1, NOON_S * 10**6 + 5, ETHERNET, FIRST, True),
        Frame(2, (NOON_S + 3600) * 10**6 + 5, 101, SECOND, True),
        Frame(3, NOON_S * 10**6 + 500_000, 113, FIRST, True),
        Frame(4, 7, ETHERNET, b"older", True),
        Frame(5, 0, ETHERNET, b"simple", True),
    ]


def test_a_new_section_has_its_own_byte_order_and_interfaces() -> None:
    data = pcapng("<") + section(">") + interface(">", 228) + packet(">", 0, 1, b"other")
    assert read(data)[-1] == Frame(6, 1, 228, b"other", True)


@pytest.mark.parametrize("data", [classic("<", 7, 0xA1B2C3D4), pcapng(">")])
def test_every_truncation_gives_the_whole_frames_and_then_says_so(data: bytes) -> None:
    whole = read(data)
    for size in range(len(data)):
        got, why = until_damage(data[:size])
        assert got == whole[: len(got)]
        assert len(got) == len(whole) or not why or "cut short" in why or "not a cap" in why


def test_frames_before_the_damage_are_kept() -> None:
    stream = frames(BytesIO(classic("<", 7, 0xA1B2C3D4)[:-1]))
    assert next(stream).data == FIRST
    with pytest.raises(MalformedInput, match="capture cut short: wanted 10"):
        next(stream)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "begins with nothing"),
        (b"PAR1....", "begins with 50415231"),
        (classic("<", 7, 0xA1B2C3D4)[:24] + pack("<IIII", 0, 0, 1 << 30, 0), "of 1073741824"),
        (section("<") + pack("<II", 6, 1 << 30), "a block of"),
        (section("<") + pack("<III", 5, 12, 16), "lengths disagree"),
        (section("<") + packet("<", 3, 0, FIRST), "interface 3"),
        (section("<") + block("<", 3, b"1234"), "simple packet block"),
        (section("<") + block("<", 1, b"1"), "interface description"),
        (section("<")[:8] + b"1234" * 4, "byte order magic"),
    ],
)
def test_damage_is_named(data: bytes, why: str) -> None:
    with pytest.raises(MalformedInput, match=why):
        read(data)


@given(
    st.binary(max_size=300), st.sampled_from([classic("<", 1, 0xA1B2C3D4)[:24], section(">")])
)
def test_any_bytes_give_frames_or_malformed_input(data: bytes, start: bytes) -> None:
    got, why = until_damage(start + data)
    assert [frame.number for frame in got] == list(range(1, len(got) + 1))
    assert not why or why.startswith("capture ")


@pytest.mark.parametrize("offset_s", [0, -(2**63)])
def test_a_time_beyond_all_calendars_is_held_to_them(offset_s: int) -> None:
    options = (9, b"\x00"), (14, pack("<q", offset_s))
    data = section("<") + interface("<", ETHERNET, *options) + packet("<", 0, 2**62, FIRST)
    (frame,) = read(data)
    assert abs(frame.time_us) == FARTHEST_US
