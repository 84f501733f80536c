"""Addresses written as text, many at once, into numbers that can be compared."""

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

PACKED = np.dtype("S16")  # an IPv6 address in network order; sorts as the addresses do

# Leading zeros are refused: some read them as octal (RFC 6943 section 3.1.1).
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DOTTED_QUAD = rf"\A{_OCTET}(?:\.{_OCTET}){{3}}\z"
_LONGEST_V6 = 45  # eight groups with an embedded IPv4 address


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Parallel arrays, one entry per text.

    ``family`` is 4, 6, or 0 where the text is no address. ``v4`` holds the number where
    the family is 4, ``v6`` the packed bytes where it is 6. IPv4-mapped IPv6 counts as IPv4.
    """

    family: npt.NDArray[np.uint8]
    v4: npt.NDArray[np.uint32]
    v6: npt.NDArray[np.bytes_]


def read_addresses(texts: pa.StringArray) -> Addresses:
    """Read each text of a string array; nulls and what is no address get family 0."""
    count = len(texts)
    read = Addresses(
        family=np.zeros(count, np.uint8),
        v4=np.zeros(count, np.uint32),
        v6=np.zeros(count, PACKED),
    )
    quads = _mask(pc.match_substring_regex(texts, _DOTTED_QUAD))
    read.family[quads] = 4
    read.v4[quads] = dotted_quads(_kept(texts, quads))
    colons = _mask(pc.match_substring(texts, ":"))
    if colons.any():
        _read_v6(_kept(texts, colons), np.flatnonzero(colons), read)
    return read


def dotted_quads(texts: pa.StringArray) -> npt.NDArray[np.uint32]:
    """The numbers of dotted quads that are known to be well formed."""
    octets = pc.cast(pc.list_flatten(pc.split_pattern(texts, ".")), pa.uint8())
    grid: npt.NDArray[np.uint8] = octets.to_numpy(zero_copy_only=False).reshape(-1, 4)
    return np.ascontiguousarray(grid).view(">u4").ravel().astype(np.uint32)


def _kept(texts: pa.StringArray, mask: npt.NDArray[np.bool_]) -> pa.StringArray:
    kept: pa.StringArray = texts.filter(pa.array(mask))
    return kept


def _mask(matches: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = matches.fill_null(False).to_numpy(zero_copy_only=False)
    return found


def _read_v6(texts: pa.StringArray, places: npt.NDArray[np.intp], into: Addresses) -> None:
    """IPv6 in its many spellings is read by Python, but each distinct text only once."""
    coded = texts.dictionary_encode()
    distinct = [_one_v6(text) for text in coded.dictionary.to_pylist()]
    codes = coded.indices.to_numpy(zero_copy_only=False)
    into.family[places] = np.array([family for family, _ in distinct], np.uint8)[codes]
    into.v6[places] = np.array([packed if f == 6 else b"" for f, packed in distinct], PACKED)[
        codes
    ]
    mapped = [int.from_bytes(packed) if f == 4 else 0 for f, packed in distinct]
    into.v4[places] = np.array(mapped, np.uint32)[codes]


def _one_v6(text: str | None) -> tuple[int, bytes]:
    if (
        not text or len(text) > _LONGEST_V6 or "%" in text
    ):  # a zone (RFC 4007) means one host's interface
        return 0, b""
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return 0, b""
    mapped = address.ipv4_mapped
    return (4, mapped.packed) if mapped else (6, address.packed)
