"""Zip and gzip contents out of bytes, within bounds, so that no bomb goes off.

Only what reports use: stored and deflated members, no encryption, no zip64
(APPNOTE.TXT sections 4.3.7 and 4.3.12; RFC 1952).
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from headwater.records.errors import MalformedInput

MOST_BYTES: Final = 64 * 2**20  # of all members together
MOST_MEMBERS: Final = 100
_END: Final = struct.Struct("<4s4H2LH")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED: Final = 1
_RAW, _GZIP = -15, 31  # zlib's window bits
_LONGEST_REMARK: Final = 65_535


class Member(NamedTuple):
    name: str
    content: bytes


def unpack(name: str, data: bytes, most: int = MOST_BYTES) -> list[Member]:
    """The files inside; what is neither zip nor gzip comes back as itself.

    Raises MalformedInput for damage, encryption, and more than ``most`` bytes unpacked.
    """
    if data.startswith(b"PK\x03\x04"):
        return _zip(data, most)
    if data.startswith(b"\x1f\x8b"):
        return [Member(name.removesuffix(".gz"), _inflate(data, _GZIP, most))]
    return [Member(name, data)]


def _inflate(data: bytes, window_bits: int, most: int) -> bytes:
    engine = zlib.decompressobj(window_bits)
    try:
        content = engine.decompress(data, most + 1)
    except zlib.error as error:
        raise MalformedInput(f"damaged archive: {error}") from None
    if len(content) > most:
        raise MalformedInput(f"archive unpacks to more than {most} bytes")
    if not engine.eof:
        raise MalformedInput("archive cut short")
    return content


def _zip(data: bytes, most: int) -> list[Member]:
    members: list[Member] = []
    left = most
    try:
        for entry in _directory(data):
            member = _member(data, entry, left)
            left -= len(member.content)
            members.append(member)
    except struct.error:
        raise MalformedInput("damaged archive: a header is cut short") from None
    return members


class _Entry(NamedTuple):
    name: str
    method: int
    flags: int
    packed_size: int
    place: int


def _directory(data: bytes) -> Iterator[_Entry]:
    """What the central directory lists; it, not the local headers, is the truth."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - _LONGEST_REMARK - _END.size))
    if end < 0:
        raise MalformedInput("damaged archive: no end of central directory")
    _, _, _, _, count, _, place, _ = _END.unpack_from(data, end)
    if count > MOST_MEMBERS:
        raise MalformedInput(f"archive of more than {MOST_MEMBERS} members")
    for _ in range(count):
        fields = _CENTRAL.unpack_from(data, place)
        flags, method, packed_size = fields[3], fields[4], fields[8]
        name_size, extra_size, remark_size = fields[10:13]
        start = place + _CENTRAL.size
        name = data[start : start + name_size].decode("utf-8", "replace")
        yield _Entry(name, method, flags, packed_size, fields[16])
        place = start + name_size + extra_size + remark_size


def _member(data: bytes, entry: _Entry, most: int) -> Member:
    if entry.flags & _ENCRYPTED:
        raise MalformedInput("archive is encrypted")
    header = _LOCAL.unpack_from(data, entry.place)
    start = entry.place + _LOCAL.size + header[9] + header[10]
    packed = data[start : start + entry.packed_size]
    if entry.method == _DEFLATED:
        return Member(entry.name, _inflate(packed, _RAW, most))
    if entry.method == _STORED and len(packed) <= most:
        return Member(entry.name, packed)
    raise MalformedInput(f"archive method {entry.method} or size not read")
