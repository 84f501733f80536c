"""One address, prefix or range written as text, in the spellings that lists use."""

import re
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    summarize_address_range,
)
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.sighting import SubjectKind

Subject = tuple[str, SubjectKind]

# Leading zeros are refused: some read them as octal (RFC 6943 section 3.1.1).
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_QUAD: Final = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
BARE_ADDRESS: Final = re.compile(rf"\s*({_QUAD})\s*")
_V4: Final = re.compile(rf"({_QUAD})(?:/([0-9]{{1,2}}))?")
# rbldnsd writes 10/8 and 0/0 for 10.0.0.0/8 and 0.0.0.0/0.
_SHORT: Final = re.compile(rf"({_OCTET}(?:\.{_OCTET}){{0,2}})/([0-9]{{1,2}})")
_GROUP: Final = r"(?:0|[1-9a-f][0-9a-f]{0,3})"
_WHOLE_V6: Final = re.compile(rf"{_GROUP}(?::{_GROUP}){{7}}")
_CUT_V6: Final = re.compile(rf"({_GROUP}(?::{_GROUP}){{0,5}})::({_GROUP}(?::{_GROUP}){{0,5}})?")
_MOST_COLONS: Final = 6  # at most six groups beside "::" (RFC 5952 section 4.2.2)
_LAST_OCTET: Final = re.compile(_OCTET)
_LONGEST: Final = 49  # eight groups with an embedded IPv4 address and /128
_SHOWN: Final = 64


def read_prefix(text: str) -> Subject:
    """The canonical text of one address or prefix, and which of the two it is.

    Raises MalformedInput for anything else, prefixes with host bits included.
    """
    if plain := _V4.fullmatch(text):
        quad, bits = plain.groups()
        if bits is None or bits == "32":
            return quad, SubjectKind.ADDRESS
        return _v4_prefix(quad, bits, text)
    if short := _SHORT.fullmatch(text):
        octets = short[1].count(".") + 1
        return _v4_prefix(short[1] + ".0" * (4 - octets), short[2], text)
    if ":" in text and len(text) <= _LONGEST:
        return _v6(text)
    raise MalformedInput(f"not an address: {text[:_SHOWN]!r}")


def read_range(text: str) -> list[Subject]:
    """One address, prefix, or range such as ``192.0.2.1-192.0.2.9`` or ``192.0.2.1-9``.

    A range becomes the fewest prefixes that cover it. Raises MalformedInput.
    """
    first, dash, last = text.partition("-")
    if not dash:
        return [read_prefix(text)]
    start, kind = read_prefix(first)
    if ":" not in start and _LAST_OCTET.fullmatch(last):
        last = f"{start.rpartition('.')[0]}.{last}"
    end, end_kind = read_prefix(last)
    if {kind, end_kind} != {SubjectKind.ADDRESS} or (":" in start) != (":" in end):
        raise MalformedInput(f"not a range: {text[:_SHOWN]!r}")
    return covering(start, end)


def covering(start: str, end: str) -> list[Subject]:
    """The fewest prefixes that cover two canonical addresses and what is between them."""
    try:
        if ":" in start:
            return [
                _named(n) for n in summarize_address_range(IPv6Address(start), IPv6Address(end))
            ]
        return [
            _named(n) for n in summarize_address_range(IPv4Address(start), IPv4Address(end))
        ]
    except ValueError:
        raise MalformedInput(f"range ends before it starts: {start}-{end}") from None


def _v4_prefix(quad: str, bits: str, text: str) -> Subject:
    length = int(bits)
    a, b, c, d = quad.split(".")
    number = int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)
    if length > 32:
        raise MalformedInput(f"prefix too long: {text!r}")
    if number & ((1 << (32 - length)) - 1):
        raise MalformedInput(f"prefix with host bits: {text!r}")
    return f"{quad}/{length}", SubjectKind.NETWORK


def _v6(text: str) -> Subject:
    address, slash, _ = text.partition("/")
    if not slash and _is_canonical(address):
        return address, SubjectKind.ADDRESS
    try:
        return _v6_network(text) if slash else _v6_address(address)
    except AddressValueError:
        raise MalformedInput(f"not an address: {text!r}") from None
    except ValueError as wrong:
        reason = "prefix with host bits" if "host bits" in str(wrong) else "not a prefix"
        raise MalformedInput(f"{reason}: {text!r}") from None


def _is_canonical(text: str) -> bool:
    """True for most IPv6 text in the form of RFC 5952; where in doubt, false.

    Lists hold millions of addresses and most are written so: looking is ten times as
    fast as reading.
    """
    if ":0:0" in text or text.startswith("0:0:"):
        return False
    if _WHOLE_V6.fullmatch(text):
        return True
    cut = _CUT_V6.fullmatch(text)
    if cut is None or text.count(":") > _MOST_COLONS:
        return False
    head, tail = cut[1], cut[2] or ""
    zero_beside = head == "0" or head.endswith(":0") or tail == "0" or tail.startswith("0:")
    return not zero_beside


def _v6_address(text: str) -> Subject:
    address = IPv6Address(text)
    if address.scope_id is not None:  # RFC 4007 section 11: it means one host's interface
        raise MalformedInput(f"address with a zone: {text!r}")
    return str(address.ipv4_mapped or address), SubjectKind.ADDRESS


def _v6_network(text: str) -> Subject:
    network = IPv6Network(text)
    if network.network_address.scope_id is not None:
        raise MalformedInput(f"address with a zone: {text!r}")
    return _named(network)


def _named(network: IPv4Network | IPv6Network) -> Subject:
    if network.prefixlen == network.max_prefixlen:
        return read_prefix(str(network.network_address))
    mapped = network.version == 6 and network.network_address.ipv4_mapped
    if mapped and network.prefixlen >= 96:
        return f"{mapped}/{network.prefixlen - 96}", SubjectKind.NETWORK
    return str(network), SubjectKind.NETWORK
