"""Who held an address, a prefix or a block of ports, from when to when.

A source seldom knows it all: the message that ends a session may be lost, and a DHCP
server only promises until when an address stays given. So a lease says three things about
its end: until when it was certainly held, until when it may have been, and when the source
said so. What a source says later about what was still to come then counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from headwater.records.window import to_us

FOREVER_US: Final = to_us(datetime(9999, 12, 31, tzinfo=UTC))  # a lease that never ends
EARLIEST_US: Final = to_us(datetime(1995, 1, 1, tzinfo=UTC))  # before: a clock never set
LATEST_US: Final = to_us(datetime(2100, 1, 1, tzinfo=UTC))
HIGHEST_PORT: Final = 65_535
LONGEST_SUBSCRIBER: Final = 256  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One statement of a source. Times are microseconds since 1970-01-01 UTC."""

    held: str  # canonical address or prefix
    starts_us: int
    sure_us: int  # certainly held from starts_us to just before this
    ends_us: int | None  # from here on certainly not; None: no end was told
    told_us: int  # when the source said so, by its own clock
    subscriber: str
    session: str = ""  # what ties the statements on one session together; "": nothing does
    port_from: int | None = None  # both or none: the block of ports that was held
    port_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """By how much each source's clock may be wrong."""

    default: timedelta
    by_source: Mapping[str, timedelta] = field(default_factory=dict)

    def of(self, source: str) -> timedelta:
        return self.by_source.get(source, self.default)

    @property
    def widest(self) -> timedelta:
        return max([self.default, *self.by_source.values()])


class LeaseFormat(StrEnum):
    """Files that leases are read from."""

    ISC_DHCPD = "ISC dhcpd.leases"
    KEA = "Kea lease file"
    RADIUS_DETAIL = "RADIUS detail"
    RADIUS_CSV = "RADIUS accounting as CSV"
    CGN_BLOCKS = "CGN port blocks"
    CSV = "leases as CSV"
