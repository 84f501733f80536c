"""The list of proxies: which of our own addresses relay for strangers, and of what kind.

RFC 5782: reversed octets (section 2.1) or nibbles (section 2.4), 127.0.0.2 and its
IPv4-mapped form always listed, 127.0.0.1 never (section 5), the reason in TXT.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.dnslist.answers.zone import DAY, Apex, Moment, Standing, Verdict
from headwater.records.finding import Kind

LISTED: Final = 0x7F000000
TEST_CODE: Final = 2
V4_LABELS: Final = 4
V6_LABELS: Final = 32
NIBBLE: Final = frozenset(b"0123456789abcdef")
MAPPED: Final = 0xFFFF
TEST_V4: Final = 0x7F000002  # RFC 5782 section 5
DEFAULT_TTL: Final = 900

# The last octet of the answer. 127.0.0.2 is the test entry and "listed" in general.
CODES: Final[Mapping[str, int]] = {
    Kind.NATURAL_OPEN: 3,
    Kind.SYNTHETIC_OPEN: 4,
    Kind.SYNTHETIC_PROTECTED: 5,
    Kind.BACKCONNECT: 6,
    Kind.OPEN_RELAY: 7,
    Kind.DIRECT_SENDER: 8,
    Kind.CONTENT_PROXY: 9,
}
PROXY_ROWS: Final = pa.schema(
    [
        pa.field("address", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("found_at", pa.int64(), nullable=False),  # seconds since 1970-01-01 UTC
        pa.field("until", pa.int64(), nullable=False),  # when the entry ends by itself
    ]
)


class ProxyTable:
    """Listed addresses. Rows of a kind that lists nobody, or of no address, are left out."""

    __slots__ = ("_entries", "made_at", "refused")

    def __init__(self, rows: pa.Table, made_at: int) -> None:
        self.made_at = made_at
        self.refused = 0
        self._entries: dict[bytes, tuple[str, int, int]] = {}
        for address, kind, found_at, until in _rows(rows):
            packed = _packed(address)
            if packed is None or kind not in CODES:
                self.refused += 1
                continue
            before = self._entries.get(packed)
            if before is None or before[2] < until:
                self._entries[packed] = (kind, found_at, until)

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, packed: bytes, now: int) -> tuple[str, int, int] | None:
        """Kind, found_at and until of a listed address, unless its time is over."""
        entry = self._entries.get(packed)
        return entry if entry is not None and entry[2] > now else None


def _rows(rows: pa.Table) -> Any:
    return zip(*(rows[name].to_pylist() for name in PROXY_ROWS.names), strict=True)


def _packed(address: str) -> bytes | None:
    try:
        known = ip_address(address)
    except ValueError:
        return None
    mapped = known.ipv4_mapped if isinstance(known, IPv6Address) else None
    return (mapped or known).packed


class ProxiesZone:
    """``reason`` is the text of the TXT record; {kind}, {since} and {address} are filled in."""

    __slots__ = ("apex", "reason", "table", "ttl")

    def __init__(
        self,
        apex: Apex,
        table: ProxyTable,
        *,
        reason: str = "{address} relays for strangers: {kind}, since {since}",
        ttl: int = DEFAULT_TTL,
    ) -> None:
        self.apex = apex
        self.table = table
        self.reason = reason
        self.ttl = ttl

    @property
    def serial(self) -> int:
        return self.table.made_at

    def look(self, labels: tuple[bytes, ...], moment: Moment) -> Verdict:
        packed = read_reversed_labels(labels)
        if packed is None:
            # RFC 8020: half an address must not deny the whole ones below it.
            part = _is_part(labels)
            return Verdict(
                Standing.NO_DATA if part else Standing.ABSENT, min(self.apex.absent_ttl, DAY)
            )
        if len(packed) == V4_LABELS and int.from_bytes(packed) == TEST_V4:
            return Verdict(Standing.LISTED, self.ttl, LISTED | TEST_CODE, b"test entry")
        entry = self.table.find(packed, moment.seconds)
        if entry is None:
            return Verdict(Standing.ABSENT, min(self.apex.absent_ttl, self.ttl))
        kind, found_at, until = entry
        ttl = max(1, min(self.ttl, until - moment.seconds))
        day = np.datetime64(found_at, "s").astype("datetime64[D]")
        said = self.reason.format(address=_address(packed), kind=kind, since=day)
        return Verdict(Standing.LISTED, ttl, LISTED | CODES[kind], said.encode())


def _address(packed: bytes) -> IPv4Address | IPv6Address:
    return ip_address(packed)


def read_reversed_labels(labels: tuple[bytes, ...]) -> bytes | None:
    """The packed address of a whole reversed name; an IPv4-mapped one is its IPv4."""
    if len(labels) == V4_LABELS and all(_is_octet(label) for label in labels):
        return bytes(int(label) for label in reversed(labels))
    if len(labels) == V6_LABELS and all(_is_nibble(label) for label in labels):
        packed = bytes.fromhex(b"".join(reversed(labels)).decode())
        mapped = int.from_bytes(packed[:12]) == MAPPED
        return packed[12:] if mapped else packed
    return None


def _is_part(labels: tuple[bytes, ...]) -> bool:
    octets = len(labels) < V4_LABELS and all(_is_octet(label) for label in labels)
    return octets or (len(labels) < V6_LABELS and all(_is_nibble(label) for label in labels))


def _is_octet(label: bytes) -> bool:
    # One name for one address: no leading zeros.
    plain = label.isdigit() and len(label) <= 3 and int(label) < 256
    return plain and (label == b"0" or not label.startswith(b"0"))


def _is_nibble(label: bytes) -> bool:
    return len(label) == 1 and label[0] in NIBBLE
