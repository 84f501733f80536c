"""Addresses, protocols and TCP flags: few distinct values, each read once."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.records.errors import MalformedInput
from headwater.wire.addresses import canonical
from headwater.wire.columns.numbers import (
    Mask,
    Values,
    all_bad,
    is_text,
    matches,
    nulls,
    of_distinct,
    trimmed,
    values,
    whole_numbers,
)

# Leading zeros are refused: some read them as octal (RFC 6943 section 3.1.1).
OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
DOTTED_QUAD: Final = rf"\A{OCTET}(?:\.{OCTET}){{3}}\z"

# IANA Assigned Internet Protocol Numbers: keywords as flow tools write them.
PROTOCOLS: Final = {
    "icmp": 1,
    "igmp": 2,
    "ipip": 4,
    "tcp": 6,
    "udp": 17,
    "ipv6": 41,
    "rsvp": 46,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "icmp6": 58,
    "icmpv6": 58,
    "ipv6-icmp": 58,
    "eigrp": 88,
    "ospf": 89,
    "pim": 103,
    "vrrp": 112,
    "l2tp": 115,
    "sctp": 132,
    "udplite": 136,
}

# RFC 9293 section 3.1, from the lowest bit; E and C: RFC 3168.
FLAG_LETTERS: Final = {letter: 1 << bit for bit, letter in enumerate("FSRPAUEC")}
LARGEST_FLAGS: Final = 0xFFFF
LONGEST_NAME: Final = 64  # of an exporter


class Coded(NamedTuple):
    """Canonical text as a dictionary array (n), null where missing or bad."""

    texts: pa.DictionaryArray
    missing: Mask
    bad: Mask


def exporters(column: pa.Array) -> Coded:
    """Who exported: an address in its canonical spelling, or a name or number of its own."""
    if not pa.types.is_dictionary(column.type) and not is_text(column.type):
        column = column.cast(pa.string())
    return _coded(column, _names)


def addresses(column: pa.Array) -> Coded:
    """Each address in its canonical spelling (see wire.addresses)."""
    return _coded(column, _canonical)


def _coded(column: pa.Array, read: Callable[[pa.Array], tuple[pa.Array, Mask]]) -> Coded:
    if not pa.types.is_dictionary(column.type):
        if not is_text(column.type):
            none = all_bad(column)
            empty = pa.nulls(len(column), pa.string()).dictionary_encode()
            return Coded(empty, none.missing, none.bad)
        column = column.dictionary_encode()
    known = column.dictionary.cast(pa.string())
    plain = not known.null_count and bool(matches(known, DOTTED_QUAD).all())  # nearly always
    texts, wrong = (known, np.zeros(len(known), np.bool_)) if plain else read(trimmed(known))
    places = np.arange(len(texts), dtype=np.int64)
    found = of_distinct(column, lambda _: values(places, nulls(texts), wrong))
    codes = pa.array(found.numbers.astype(np.int32), mask=found.missing | found.bad)
    # Two spellings of one address are two entries of the dictionary with the same text.
    return Coded(pa.DictionaryArray.from_arrays(codes, texts), found.missing, found.bad)


def _canonical(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """Distinct texts, each in its canonical spelling; and which are no address."""
    others = ~matches(texts, DOTTED_QUAD) & ~nulls(texts)  # dotted quads are canonical already
    bad = np.zeros(len(texts), np.bool_)
    if not others.any():
        return texts, bad
    read = [_spelt(text) for text in texts.filter(pa.array(others)).to_pylist()]
    bad[others] = [text is None for text in read]
    spelt = [text or "" for text in read]
    return pc.replace_with_mask(texts, pa.array(others), pa.array(spelt, pa.string())), bad


def _names(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """As ``_canonical``; what is no address may be any short printable text."""
    spelt, bad = _canonical(texts)
    known = [text or "" for text in texts.to_pylist()]
    kept = bad & np.array([t.isprintable() and len(t) <= LONGEST_NAME for t in known], np.bool_)
    mask = pa.array(kept)
    chosen = pa.array(known, pa.string()).filter(mask)
    return pc.replace_with_mask(spelt, mask, chosen), bad & ~kept


@lru_cache(maxsize=1 << 18)
def _spelt(text: str) -> str | None:
    try:
        return canonical(text)
    except MalformedInput:
        return None


def protocols(column: pa.Array) -> Values:
    """Protocol numbers, from numbers or names such as ``tcp``; not yet held to 0..255."""
    return _numbers_or_words(column, _protocol)


def tcp_flags(column: pa.Array) -> Values:
    """Flag bits, from numbers (also ``0x1b``) or letters such as ``.AP.SF``."""
    return _numbers_or_words(column, _flags)


def _numbers_or_words(column: pa.Array, read: Callable[[str], int]) -> Values:
    if pa.types.is_dictionary(column.type):
        if not is_text(column.type.value_type):
            return whole_numbers(column)
        return of_distinct(column, lambda known: _words(trimmed(known), read))
    if not is_text(column.type):
        return whole_numbers(column)
    return of_distinct(column.dictionary_encode(), lambda known: _words(trimmed(known), read))


def _words(texts: pa.Array, read: Callable[[str], int]) -> Values:
    numbers = [-1 if text is None else read(text) for text in texts.to_pylist()]
    found = np.array(numbers, np.int64)
    return values(found, nulls(texts), found < 0)


def _protocol(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= 4:
        return int(text)
    return PROTOCOLS.get(text.lower(), -1)


def _flags(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= 5:
        return int(text)
    if text.lower().startswith("0x"):
        return _hexadecimal(text[2:])
    letters = text.replace(".", "").replace("-", "").upper()
    if any(letter not in FLAG_LETTERS for letter in letters):
        return -1
    return sum(FLAG_LETTERS[letter] for letter in set(letters))


def _hexadecimal(digits: str) -> int:
    try:
        number = int(digits, 16) if len(digits) <= 4 else -1
    except ValueError:
        return -1
    return number if 0 <= number <= LARGEST_FLAGS else -1
