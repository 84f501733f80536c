"""Capture files: pcap and pcapng, from a stream of bytes to frames.

Formats: draft-ietf-opsawg-pcap (both byte orders, micro- and nanoseconds) and
draft-ietf-opsawg-pcapng (sections, several interfaces, if_tsresol, if_tsoffset).
"""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from headwater.records.errors import MalformedInput
from headwater.wire.datagram_runs import cut

SECOND: Final = 1_000_000
BUFFER: Final = 1 << 21
MOST_TOGETHER: Final = 1024  # frames of a run that were read one by one
FARTHEST_US: Final = 253_402_300_799_999_999  # the end of 9999: a capture may say anything
LARGEST_FRAME: Final = 1 << 18  # libpcap's largest snap length
LARGEST_BLOCK: Final = 1 << 24
MOST_INTERFACES: Final = 1 << 16

# Byte order and ticks a second, by the first four octets.
CLASSIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 10**6),
    b"\xa1\xb2\xc3\xd4": (">", 10**6),
    b"\x4d\x3c\xb2\xa1": ("<", 10**9),
    b"\xa1\xb2\x3c\x4d": (">", 10**9),
}
PCAPNG: Final = b"\x0a\x0d\x0d\x0a"
MAGICS: Final = frozenset({*CLASSIC, PCAPNG})
BYTE_ORDER_MAGIC: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}

SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, PACKET = 0x0A0D0D0A, 1, 2, 3, 6
OPTION_RESOLUTION, OPTION_OFFSET = 9, 14


class Readable(Protocol):
    """Anything bytes can be read from, in order."""

    def read(self, size: int, /) -> bytes: ...


class Frame(NamedTuple):
    """One captured frame."""

    number: int  # 1 for the first of the file
    time_us: int  # microseconds since 1970 UTC; 0 where the capture does not say
    link: int  # LINKTYPE_ value
    data: bytes
    whole: bool  # false: the capture kept only the beginning


class FrameRun(NamedTuple):
    """Frames (n) that follow one another, all with the same link layer."""

    first: int  # the number of the first
    link: int
    octets: bytes
    starts: npt.NDArray[np.int64]  # of each frame's data, in ``octets``
    ends: npt.NDArray[np.int64]
    times_us: npt.NDArray[np.int64]
    whole: npt.NDArray[np.bool_]

    def frame(self, place: int) -> Frame:
        """One of them."""
        data = self.octets[self.starts[place] : self.ends[place]]
        time_us, whole = int(self.times_us[place]), bool(self.whole[place])
        return Frame(self.first + place, time_us, self.link, data, whole)


class _Interface(NamedTuple):
    link: int
    ticks: int  # a second
    offset_s: int


def frames(stream: Readable) -> Iterator[Frame]:
    """Every frame of a capture, one by one; raises as ``frame_runs``."""
    for run in frame_runs(stream):
        yield from map(run.frame, range(len(run.starts)))


def frame_runs(stream: Readable) -> Iterator[FrameRun]:
    """Every frame of a capture, many together.

    Raises MalformedInput, after the frames before it, where the capture is cut or damaged:
    what follows such a place cannot be read.
    """
    magic = stream.read(4)
    if magic in CLASSIC:
        yield from _classic(stream, *CLASSIC[magic])
    elif magic == PCAPNG:
        yield from _together(_sections(stream))
    else:
        raise MalformedInput(f"not a capture file: it begins with {magic.hex() or 'nothing'}")


def _classic(stream: Readable, order: str, ticks: int) -> Iterator[FrameRun]:
    link = int(Struct(order + "16xI").unpack(_exactly(stream, 20))[0]) & 0xFFFF
    kept = Struct(order + "8xI4x")
    number, buffer, more = 1, b"", b"more"
    while more:
        more = stream.read(BUFFER)
        buffer += more
        places, end = _whole_frames(buffer, kept)
        if places:
            yield _classic_run((number, link), buffer, places, order, ticks)
            number += len(places)
        buffer = buffer[end:]
        if len(buffer) >= kept.size and (size := kept.unpack_from(buffer)[0]) > LARGEST_FRAME:
            raise MalformedInput(f"capture damaged: a frame of {size} octets")
    if buffer:
        _enough(buffer, kept.size)
        _enough(buffer[kept.size :], kept.unpack_from(buffer)[0])


def _whole_frames(buffer: bytes, header: Struct) -> tuple[list[int], int]:
    """Where the header of each whole frame stands, and where what follows them begins."""
    places, place, end = [], 0, len(buffer)
    while place + header.size <= end:
        (kept,) = header.unpack_from(buffer, place)
        after = place + header.size + kept
        if kept > LARGEST_FRAME or after > end:
            break
        places.append(place)
        place = after
    return places, place


def _classic_run(
    about: tuple[int, int], buffer: bytes, places: list[int], order: str, ticks: int
) -> FrameRun:
    starts = np.array(places, np.int64)
    layout = np.dtype(
        [(name, order + "u4") for name in ("seconds", "fraction", "kept", "size")]
    )
    heads = cut(np.frombuffer(buffer, np.uint8), starts, layout)
    starts += layout.itemsize
    seconds, fraction, kept, size = (
        heads[name].astype(np.int64) for name in layout.names or ()
    )
    times_us = seconds * SECOND + fraction * SECOND // ticks
    return FrameRun(*about, buffer, starts, starts + kept, times_us, kept >= size)


def _together(found: Iterator[Frame]) -> Iterator[FrameRun]:
    """Runs of frames that were read one by one, up to where no more can be read."""
    waiting: list[Frame] = []
    try:
        for frame in found:
            if waiting and (frame.link != waiting[0].link or len(waiting) >= MOST_TOGETHER):
                yield _run(waiting)
                waiting = []
            waiting.append(frame)
    except MalformedInput:
        if waiting:
            yield _run(waiting)
        raise
    if waiting:
        yield _run(waiting)


def _run(found: list[Frame]) -> FrameRun:
    sizes = np.array([len(frame.data) for frame in found], np.int64)
    ends = np.cumsum(sizes)
    times = [max(-FARTHEST_US, min(frame.time_us, FARTHEST_US)) for frame in found]
    return FrameRun(
        found[0].number,
        found[0].link,
        b"".join(frame.data for frame in found),
        ends - sizes,
        ends,
        np.array(times, np.int64),
        np.array([frame.whole for frame in found], np.bool_),
    )


def _enough(data: bytes, size: int) -> None:
    if len(data) < size:
        raise MalformedInput(f"capture cut short: wanted {size} octets, {len(data)} left")


def _exactly(stream: Readable, size: int) -> bytes:
    data = stream.read(size)
    while len(data) < size and (more := stream.read(size - len(data))):
        data += more
    _enough(data, size)
    return data


def _sections(stream: Readable) -> Iterator[Frame]:
    kind, number, order = PCAPNG, 0, "<"
    interfaces: list[_Interface] = []
    while kind:
        start = _exactly(stream, 4 - len(kind)) if len(kind) < 4 else b""
        kind += start
        length = _exactly(stream, 4)
        prefix = b""
        if kind == PCAPNG:  # its kind reads the same in both byte orders
            prefix = _exactly(stream, 4)
            if prefix not in BYTE_ORDER_MAGIC:
                raise MalformedInput("capture damaged: no byte order magic")
            order, interfaces = BYTE_ORDER_MAGIC[prefix], []
        word = Struct(order + "I")
        body = _block(stream, length, prefix, word)
        reader = READERS.get(word.unpack(kind)[0])
        frame = reader(body, order, interfaces, number + 1) if reader else None
        if frame:
            number += 1
            yield frame
        kind = stream.read(4)


def _block(stream: Readable, length: bytes, prefix: bytes, word: Struct) -> bytes:
    (size,) = word.unpack(length)
    if not 12 + len(prefix) <= size <= LARGEST_BLOCK or size % 4:
        raise MalformedInput(f"capture damaged: a block of {size} octets")
    body = _exactly(stream, size - 8 - len(prefix))
    if body[-4:] != length:
        raise MalformedInput("capture damaged: block lengths disagree")
    return prefix + body[:-4]


def _interface(body: bytes, order: str, interfaces: list[_Interface], number: int) -> None:
    if len(body) < 8 or len(interfaces) >= MOST_INTERFACES:
        raise MalformedInput("capture damaged: interface description")
    (link,) = Struct(order + "H").unpack_from(body)
    ticks, offset = 10**6, 0
    for code, value in _options(body[8:], order):
        if code == OPTION_RESOLUTION and value:
            # The highest bit: a power of 2 instead of 10 (pcapng section 4.2).
            power = value[0] & 0x7F
            ticks = 2**power if value[0] & 0x80 else 10 ** min(power, 38)
        elif code == OPTION_OFFSET and len(value) == 8:
            (offset,) = Struct(order + "q").unpack(value)
    interfaces.append(_Interface(link, ticks, offset))


def _options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    header, place = Struct(order + "HH"), 0
    while place + 4 <= len(data):
        code, size = header.unpack_from(data, place)
        if code == 0:
            return
        yield code, data[place + 4 : place + 4 + size]
        place += 4 + (size + 3) // 4 * 4


def _packet(body: bytes, order: str, interfaces: list[_Interface], number: int) -> Frame:
    return _timed(Struct(order + "IIIII"), body, interfaces, number)


def _old_packet(body: bytes, order: str, interfaces: list[_Interface], number: int) -> Frame:
    return _timed(Struct(order + "HxxIIII"), body, interfaces, number)


def _timed(layout: Struct, body: bytes, interfaces: list[_Interface], number: int) -> Frame:
    if len(body) < layout.size:
        raise MalformedInput("capture damaged: packet block")
    which, high, low, kept, size = layout.unpack_from(body)
    data = body[layout.size : layout.size + kept]
    if which >= len(interfaces) or len(data) < kept:
        raise MalformedInput(f"capture damaged: interface {which}")
    link, ticks, offset_s = interfaces[which]
    time_us = (high << 32 | low) * SECOND // ticks + offset_s * SECOND
    return Frame(number, time_us, link, data, kept >= size)


def _simple_packet(body: bytes, order: str, interfaces: list[_Interface], number: int) -> Frame:
    if len(body) < 4 or not interfaces:
        raise MalformedInput("capture damaged: simple packet block")
    (size,) = Struct(order + "I").unpack_from(body)
    data = body[4 : 4 + size]
    return Frame(number, 0, interfaces[0].link, data, len(data) >= size)


READERS: Final[dict[int, Callable[[bytes, str, list[_Interface], int], Frame | None]]] = {
    INTERFACE: _interface,
    OLD_PACKET: _old_packet,
    SIMPLE_PACKET: _simple_packet,
    PACKET: _packet,
}
