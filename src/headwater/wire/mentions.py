"""Addresses as they stand in running text, with the port beside them.

Text is expected plain (``mail_text.plain``): defanged addresses already made whole. What only
looks like an address (versions, host names that begin with one, prefixes) is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PORT: Final = (
    r"(?:(?::|\#|\]:(?=\d)|\s?[(\[]?[Pp]orts?[ :=#]{1,3}|:[Pp]ort:?\s?"
    r"|,\s[Pp]ort[ :=#]{1,3}"
    r"|,?\s(?:source|src)[ _]?port[ :=]{1,3}|\((?=\d{1,5}\))|/(?=\d{3,5}\b(?!/))"
    r"|/(?=\d\d\b\s*\()|\s{1,8}(?=\d{2,5}\s{1,8}[-=]{1,2}>)|\.(?=\d{1,5}(?:\s*>|:(?:\s|$))))(?P<port>\d{1,5})(?!\d|\.\d|/\d))?"
)
_V4: Final = (
    rf"(?P<v4>{_OCTET}(?:\.{_OCTET}){{3}})(?!\d)(?!\.\d{{1,3}}(?:\.|\b(?!\s*>|:(?:\s|$))))"
    r"(?![-@]?\.?[A-Za-z])(?!-\d{1,3}-)(?:/(?P<width>[12]?\d|3[0-2])(?![\d/]))?" + _PORT
)
_V6: Final = (
    r"(?P<v6>(?:[0-9A-Fa-f]{1,4}:|:(?=:))(?:[0-9A-Fa-f]{0,4}:){1,6}"
    rf"(?:{_OCTET}(?:\.{_OCTET}){{3}}|[0-9A-Fa-f]{{0,4}}))(?![\w:])"
    r"(?:/(?P<width6>\d{1,3})(?!\d))?(?:(?:\]:|\]?\s?[Pp]ort[ :=]{1,3})(?P<port6>\d{1,5}))?"
)
_ANY: Final = re.compile(rf"(?<![\w.:]){_V6}|(?<![\w.]){_V4}")
_RANGE: Final = re.compile(rf"\s?[-\u2013]\s?{_OCTET}(?:\.{_OCTET}){{3}}(?!\d)")
_WHOLE: Final = {4: 32, 6: 128}
_VERSION_BEFORE: Final = re.compile(
    r"(?:[A-Za-z][\w.+-]*[/-]|\bv(?:er(?:sion)?)?[.:\s]{0,2}|\brelease |\bbuild )$",
    re.IGNORECASE,
)
# Zones of firewalls stand before an address as versions do: "inside/192.0.2.1(4711)".
_ZONE_BEFORE: Final = re.compile(
    r"(?:inside|outside|dmz|trust|untrust|wan|lan|internal|external|interface|ip|tcp|udp)\d?[/-]$",
    re.IGNORECASE,
)
_LONGEST_TOKEN: Final = 300


class Setting(StrEnum):
    """What a mention stands in."""

    TEXT = "text"
    HOST = "host"  # the host of a link
    PATH = "path"  # further right in a link


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """``start`` and ``end`` enclose address and port in the text they were found in."""

    address: str  # canonical
    port: int | None
    start: int
    end: int
    setting: Setting


def find_mentions(text: str) -> Iterator[Mention]:
    """Each single address, first to last; the two ends of a range are none."""
    after_range = 0
    for match in _ANY.finditer(text):
        ends = _RANGE.match(text, match.end())
        if ends:
            after_range = ends.end()
        if match.start() < after_range:
            continue
        address = _canonical(match)
        setting = _setting(text, match.start()) if address else None
        if address and setting:
            port = match["port"] or match["port6"]
            yield Mention(
                address=address,
                port=read_port(port) if port else None,
                start=match.start(),
                end=match.end(),
                setting=setting,
            )


def read_port(text: str) -> int | None:
    """A port that can be one, else None."""
    digits = text.strip()[:6]
    number = int(digits) if digits.isascii() and digits.isdigit() else 0
    return number if 0 < number < 65_536 else None


def _canonical(match: re.Match[str]) -> str | None:
    width = match["width"] or match["width6"]
    v4 = match["v4"]
    if v4:
        return None if width and int(width) != _WHOLE[4] else canonical_or_none(v4)
    text = match["v6"]
    # A clock or a list of colons is no address; a MAC address has no "::" and six groups.
    if "::" not in text and text.count(":") != 7:
        return None
    return None if width and int(width) != _WHOLE[6] else canonical_or_none(text)


def canonical_or_none(text: str) -> str | None:
    """RFC 5952 text of an address that can belong to a host; None for others."""
    try:
        if ":" not in text:
            v4 = IPv4Address(text)
            nobody = v4.is_unspecified or v4.is_multicast or text.startswith("127.0.0.")
            return None if nobody else str(v4)
        v6 = IPv6Address(text)
    except (AddressValueError, ValueError):
        return None
    if v6.scope_id is not None or v6.is_unspecified or v6.is_loopback or v6.is_multicast:
        return None
    return str(v6.ipv4_mapped or v6)


def _setting(text: str, start: int) -> Setting | None:
    """Where the mention stands; None where it is part of something that is no address."""
    before = text[max(0, start - _LONGEST_TOKEN) : start]
    token = before[max(before.rfind(mark) for mark in " \t\n\"'<>|") + 1 :]
    if "://" in token:
        rest = token.rpartition("://")[2]
        return Setting.HOST if "/" not in rest and "?" not in rest else Setting.PATH
    if _VERSION_BEFORE.search(before[-24:]) and not _ZONE_BEFORE.search(before[-24:]):
        return None
    if token.endswith("@["):
        return None
    return Setting.PATH if "/" in token and "." in token else Setting.TEXT
