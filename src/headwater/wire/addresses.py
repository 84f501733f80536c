"""Addresses between integers and canonical text, whole columns at a time.

Canonical means dotted decimal for IPv4 and RFC 5952 for IPv6; IPv4-mapped IPv6
(RFC 4291, "IPv4-Mapped IPv6 Address") is written as the IPv4 address it stands for.
Columns are hashed first, so only distinct addresses are ever formatted.
"""

from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.records.errors import MalformedInput

V4_SIZE = 4
V6_SIZE = 16
GROUPS = 8  # 16-bit groups of an IPv6 address
SLOT = 5  # a separator and four hexadecimal digits
COLON = ord(":")
MAPPED_PREFIX = bytes(10) + b"\xff\xff"

Octets = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]
Halves = npt.NDArray[np.uint64]


@lru_cache(maxsize=1)
def _halves() -> "tuple[tuple[Halves, Octets], tuple[Halves, Octets]]":
    """Text of each pair of octets, with a dot behind it and without; and the lengths.

    Eight characters in one integer, in the order of memory, zeros behind the text.
    """
    octets = np.arange(256)
    texts = np.char.add(octets.astype("S3"), b".")
    first, second = np.repeat(texts, 256), np.tile(texts, 256)
    with_dot = np.char.add(first, second)
    without = np.char.add(first, np.tile(octets.astype("S3"), 256))
    return _packed(with_dot), _packed(without)


def _packed(texts: "npt.NDArray[np.bytes_]") -> "tuple[Halves, Octets]":
    return texts.astype("S8").view(np.uint64), np.char.str_len(texts).astype(np.uint8)


HEX_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def canonical(text: str) -> str:
    """The canonical spelling of one address.

    Raises MalformedInput for anything that is not exactly one IPv4 or IPv6 address:
    leading zeros, zone ids, prefixes, ports and white space included.
    """
    try:
        if ":" not in text:
            return str(IPv4Address(text))
        address = IPv6Address(text)
    except (AddressValueError, ValueError):
        raise MalformedInput(f"not an address: {text[:64]!r}") from None
    # RFC 4007 section 11: a zone has a meaning on one host only.
    if address.scope_id is not None:
        raise MalformedInput(f"address with a zone: {text[:64]!r}")
    return str(address.ipv4_mapped or address)


def canonical_texts(
    texts: "pa.Array[Any] | pa.ChunkedArray[Any]",
) -> "tuple[pa.Array[Any], npt.NDArray[np.bool_]]":
    """Texts (n) to a dictionary array of canonical texts (n) and a mask (n), true where bad.

    Bad and null entries are null in the answer.
    """
    flat = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    coded = flat if isinstance(flat, pa.DictionaryArray) else flat.dictionary_encode()
    known: dict[str, int] = {}
    codes = [_code(text, known) for text in coded.dictionary.to_pylist()]
    codes.append(-1)  # where null points to
    indices = coded.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)
    settled = np.array(codes, dtype=np.int32)[indices]
    bad = settled < 0
    answer = pa.DictionaryArray.from_arrays(
        pa.array(settled, mask=bad), pa.array(list(known), pa.string())
    )
    return answer, bad


def _code(text: str | None, known: dict[str, int]) -> int:
    try:
        return -1 if text is None else known.setdefault(canonical(text), len(known))
    except MalformedInput:
        return -1


def v4_dictionary(words: Words) -> "pa.DictionaryArray[Any, Any]":
    """IPv4 addresses as native integers (n) to a dictionary array of text (n)."""
    coded = pa.array(words).dictionary_encode()
    return pa.DictionaryArray.from_arrays(coded.indices, v4_texts(coded.dictionary.to_numpy()))


def v6_dictionary(octets: Octets) -> "pa.DictionaryArray[Any, Any]":
    """IPv6 addresses as octets (n, 16) to a dictionary array of canonical text (n)."""
    packed = pa.py_buffer(np.ascontiguousarray(octets).data)
    column = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(V6_SIZE), len(octets), [None, packed]
    )
    coded = column.dictionary_encode()
    distinct = b"".join(coded.dictionary.to_numpy(zero_copy_only=False))
    table = np.frombuffer(distinct, dtype=np.uint8).reshape(-1, V6_SIZE)
    return pa.DictionaryArray.from_arrays(coded.indices, v6_texts(table))


def address_dictionary(addresses: npt.NDArray[Any]) -> "pa.DictionaryArray[Any, Any]":
    """Either shape: (n) integers are IPv4, (n, 16) octets are IPv6."""
    return v4_dictionary(addresses) if addresses.ndim == 1 else v6_dictionary(addresses)


def v4_as_v6(words: Words) -> Octets:
    """IPv4 integers (n) as IPv4-mapped octets (n, 16)."""
    octets = np.empty((len(words), V6_SIZE), dtype=np.uint8)
    octets[:, :12] = np.frombuffer(MAPPED_PREFIX, dtype=np.uint8)
    octets[:, 12:] = _quads(words)
    return octets


def _quads(words: Words) -> Octets:
    return words.astype(">u4").view(np.uint8).reshape(-1, V4_SIZE)


def v4_texts(words: Words) -> "pa.Array[Any]":
    """Format each of (n) IPv4 integers, with or without repetitions."""
    chars = np.empty((len(words), 2), np.uint64)
    lengths = np.zeros(len(words), np.int32)
    halves = (words >> 16, words & 0xFFFF)
    for place, (half, (texts, sizes)) in enumerate(zip(halves, _halves(), strict=True)):
        chars[:, place] = texts[half]
        lengths += sizes[half]
    text = chars.view(np.uint8).ravel()
    return _joined(text[text != 0], lengths)


def v6_texts(octets: Octets) -> "pa.Array[Any]":
    """Format each of (n, 16) octets; IPv4-mapped addresses come out as IPv4."""
    groups = octets.view(">u2").astype(np.uint16).reshape(-1, GROUPS)
    texts = _strings(*_v6_chars(groups))
    mapped = ~groups[:, :5].any(axis=1) & (groups[:, 5] == 0xFFFF)
    if not mapped.any():
        return texts
    words = np.ascontiguousarray(octets[mapped, 12:]).view(">u4").astype(np.uint32).ravel()
    chosen = np.arange(len(octets))
    chosen[mapped] = len(octets) + np.arange(len(words))
    return pa.concat_arrays([texts, v4_texts(words)]).take(chosen)


def _v6_chars(groups: npt.NDArray[np.uint16]) -> tuple[Octets, npt.NDArray[np.bool_]]:
    """Characters (n, 41) and which of them to keep: eight slots and a closing colon."""
    size = len(groups)
    start, length = _longest_zeros(groups)
    place = np.arange(GROUPS, dtype=np.int8)
    inside = (place >= start[:, None]) & (place < (start + length)[:, None])
    chars = np.empty((size, GROUPS * SLOT + 1), dtype=np.uint8)
    keep = np.zeros(chars.shape, dtype=np.bool_)
    slots = chars[:, :-1].reshape(size, GROUPS, SLOT)
    kept = keep[:, :-1].reshape(size, GROUPS, SLOT)
    slots[:, :, 0] = COLON
    chars[:, -1] = COLON
    # "::" is the colon of the first group left out and the one of the group after it.
    kept[:, :, 0] = np.where(inside, place == start[:, None], place > 0)
    keep[:, -1] = (length > 0) & (start + length == GROUPS)
    outside = ~inside
    for digit in range(4):
        slots[:, :, digit + 1] = HEX_DIGITS[(groups >> 12 - 4 * digit) & 0xF]
        # RFC 5952 section 4.1: leading zeros of a group are left out, the last is not.
        kept[:, :, digit + 1] = outside & ((groups >= 0x1000 >> 4 * digit) | (digit == 3))
    return chars, keep


def _longest_zeros(
    groups: npt.NDArray[np.uint16],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Start and length (0: none) of the run of zero groups that "::" stands for."""
    runs = np.zeros((GROUPS + 1, len(groups)), dtype=np.int8)
    for place in reversed(range(GROUPS)):
        runs[place] = (runs[place + 1] + 1) * (groups[:, place] == 0)
    start = runs.argmax(axis=0).astype(np.int8)  # RFC 5952 section 4.2.3: of equals, the first
    length = runs.max(axis=0)
    # RFC 5952 section 4.2.2: a single zero group is not shortened.
    return start, np.where(length > 1, length, np.int8(0))


def _strings(chars: Octets, keep: npt.NDArray[np.bool_]) -> "pa.Array[Any]":
    return _joined(chars[keep], keep.sum(axis=1, dtype=np.int32))


def _joined(text: Octets, lengths: "npt.NDArray[np.int32]") -> "pa.Array[Any]":
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.StringArray.from_buffers(
        len(lengths), pa.py_buffer(offsets.data), pa.py_buffer(text.data)
    )
