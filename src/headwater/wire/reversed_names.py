"""Addresses as DNS lists name them: last octet or nibble first (RFC 5782 sections 2.1, 2.4)."""

import re
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.prefix_text import Subject, read_prefix

_NIBBLE: Final = re.compile(r"[0-9A-Fa-f]")
_NUMBER: Final = re.compile(r"[0-9]{1,3}")
V6_NIBBLES: Final = 32
V4_OCTETS: Final = 4


def read_reversed(name: str) -> Subject:
    """``1.2.0.192.list.example`` is 192.0.2.1, ``*.2.0.192`` is 192.0.2.0/24.

    Names of addresses may have a zone after them. Raises MalformedInput for others.
    """
    labels = name.rstrip(".").split(".")
    wild = labels[0] == "*"
    nibbles = _leading(labels[wild:], _NIBBLE, V6_NIBBLES)
    if len(nibbles) == V6_NIBBLES or (wild and len(nibbles) > V4_OCTETS):
        return _v6(nibbles)
    octets = _leading(labels[wild:], _NUMBER, V4_OCTETS)
    if len(octets) == V4_OCTETS or (wild and octets):
        return _v4(octets)
    raise MalformedInput(f"not the name of an address: {name[:64]!r}")


def _leading(labels: list[str], form: re.Pattern[str], most: int) -> list[str]:
    taken = []
    for label in labels[:most]:
        if not form.fullmatch(label):
            break
        taken.append(label)
    return taken


def _v4(octets: list[str]) -> Subject:
    missing = V4_OCTETS - len(octets)
    quad = ".".join([*reversed(octets), *["0"] * missing])
    return read_prefix(f"{quad}/{len(octets) * 8}")


def _v6(nibbles: list[str]) -> Subject:
    digits = "".join(reversed(nibbles)).ljust(V6_NIBBLES, "0")
    groups = [digits[at : at + 4] for at in range(0, V6_NIBBLES, 4)]
    return read_prefix(f"{':'.join(groups)}/{len(nibbles) * 4}")
