"""Information elements by name, from the published register (RFC 7012).

NetFlow v9 field types are the same numbers up to 127 (RFC 7011 section 4, RFC 5102).
"""

import csv
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final, NamedTuple

IANA: Final = 0  # stands for "no enterprise number"
REVERSE: Final = 29305  # RFC 5103 section 6.1: the reverse information element
CERT: Final = 6871  # CERT/SEI, exporter of YAF: TCP flags and the reverse delay of biflows


class Element(NamedTuple):
    """Which field: its enterprise (0 for the public register) and number."""

    enterprise: int
    number: int


class Entry(NamedTuple):
    number: int
    name: str
    type: str


def read_register(lines: Iterable[str]) -> dict[str, Entry]:
    """Entries by name; lines that begin with # are remarks."""
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["name"]: Entry(int(row["number"]), row["name"], row["type"]) for row in rows}


_PLACE = files("headwater.wire.registers") / "information_elements.csv"
REGISTER: Final[Mapping[str, Entry]] = read_register(_PLACE.read_text("utf-8").splitlines())


def element(name: str) -> Element:
    """The public element of this name. Raises KeyError where the register has none."""
    return Element(IANA, REGISTER[name].number)


def reverse(forward: Element) -> Element:
    """The same element for the other direction of a biflow (RFC 5103 section 6.1)."""
    # RFC 5103 section 6.2: enterprises set the highest of their own 15 bits instead.
    if forward.enterprise:
        return Element(forward.enterprise, forward.number | 0x4000)
    return Element(REVERSE, forward.number)


# Enterprise 6871: YAF writes TCP flags in two pieces, first packet and all the others.
INITIAL_TCP_FLAGS: Final = Element(CERT, 14)
UNION_TCP_FLAGS: Final = Element(CERT, 15)
REVERSE_DELAY_MILLISECONDS: Final = Element(CERT, 21)
