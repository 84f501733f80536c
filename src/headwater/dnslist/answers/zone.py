"""What every zone is: an apex, and a verdict on each name below it."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple, Protocol

from headwater.wire.dns import labels_of, wire_name

DAY: Final = 86400
TEST: Final = b"test"  # RFC 5782 section 5: always listed
INVALID: Final = b"invalid"  # and this one never


class Standing(IntEnum):
    """The answers a list can give. Numbers from 1: 0 means "not answered" in batches."""

    LISTED = 1
    NO_DATA = 2  # the name exists, but has nothing to say (suffixes, half an address)
    UNKNOWN = 3  # not known yet: sent as NODATA with a short TTL
    ABSENT = 4  # NXDOMAIN


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as a zone sees it."""

    seconds: int  # since 1970-01-01 UTC

    @property
    def day(self) -> int:
        return self.seconds // DAY

    @property
    def left(self) -> int:
        """Seconds until the next UTC midnight, when every age changes: 1 to 86400."""
        return DAY - self.seconds % DAY


class Verdict(NamedTuple):
    """``wanted`` is a name nobody has asked a registry about yet."""

    standing: Standing
    ttl: int
    address: int = 0
    text: bytes = b""
    wanted: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Apex:
    """Where a zone is, who serves it, and how long its silence may be remembered."""

    labels: tuple[bytes, ...]
    wire: bytes
    servers: tuple[bytes, ...]  # wire names
    mailbox: bytes  # wire name
    unknown_ttl: int
    absent_ttl: int


class Zone(Protocol):
    """``look`` gets the labels below the apex (at least one), in lower case."""

    @property
    def apex(self) -> Apex: ...

    @property
    def serial(self) -> int: ...

    def look(self, labels: tuple[bytes, ...], moment: Moment) -> Verdict: ...


def make_apex(
    name: str,
    *,
    servers: tuple[str, ...],
    mailbox: str,
    unknown_ttl: int = 60,
    absent_ttl: int = 3600,
) -> Apex:
    """Names as text. ``mailbox`` is a mail address. Raises MalformedInput."""
    local, _, domain = mailbox.partition("@")
    return Apex(
        labels=labels_of(name),
        wire=wire_name(labels_of(name)),
        servers=tuple(wire_name(labels_of(server)) for server in servers),
        # RFC 1035 section 8: the local part is one label, dots and all.
        mailbox=wire_name((local.encode(), *labels_of(domain))),
        unknown_ttl=unknown_ttl,
        absent_ttl=absent_ttl,
    )
