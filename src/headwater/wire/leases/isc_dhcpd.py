"""ISC dhcpd's lease database, dhcpd.leases(5), IPv4 and IPv6.

The file is a log: each change of a lease is written behind the others, and the last entry
of an address says how it stands. Earlier entries are its history; every entry becomes a
lease, and which of them counts when is decided where they meet (measures/intervals.py).
Times are UTC, or local time behind the word "epoch".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.lease import FOREVER_US, Lease
from headwater.wire.leases.claims import (
    Told,
    checked,
    from_seconds,
    held_by,
    local_instant,
    subscriber_name,
)
from headwater.wire.leases.isc_syntax import Statement, read_statements

# The states in which somebody holds the address, or held it until the lease's end.
ACTIVE: Final = "active"
PAST: Final = frozenset({"free", "expired", "released", "backup", "reset"})
_ADDRESSES: Final = {"iaaddr": "na", "iaprefix": "pd"}
_MAC: Final = re.compile(r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){0,31}")
_DATE: Final = re.compile(r"[0-6] (\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_EPOCH: Final = re.compile(r"epoch (\d{1,12})", re.ASCII)
_IAID_OCTETS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it stands in the file. Instants are microseconds UTC."""

    held: str
    state: str
    starts_us: int | None
    ends_us: int | None  # FOREVER_US: never
    told_us: int | None  # the client's last transaction
    hardware: str | None = None  # "ethernet"
    mac: str | None = None
    client: bytes | None = None  # IPv4: client identifier; IPv6: IAID and DUID
    hostname: str = ""
    kind: str = ""  # na or pd, of IPv6
    preferred_life: int | None = None
    max_life: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)


def read_isc_dhcpd(lines: Iterable[str], source: str) -> Iterator[Told]:
    """Leases of the file, in its order."""
    for position, entry in read_entries(lines, source):
        if isinstance(entry, Refused):
            yield entry
            continue
        try:
            yield as_lease(entry)
        except MalformedInput as wrong:
            yield Refused(source=source, position=position, reason=str(wrong))


def read_entries(lines: Iterable[str], source: str) -> Iterator[tuple[str, Entry | Refused]]:
    """Every entry with its place, whatever its state; what is no entry is refused."""
    for statement in read_statements(lines):
        where = f"line {statement.line}"
        if statement.fault:
            yield where, Refused(source=source, position=where, reason=statement.fault)
            continue
        for parent, found in _holdings(statement):
            at = f"line {found.line}"
            try:
                yield at, _entry(found, parent)
            except MalformedInput as wrong:
                yield at, Refused(source=source, position=at, reason=str(wrong))


def as_lease(entry: Entry) -> Lease:
    """What an entry says on who held the address. Raises MalformedInput where nothing."""
    if entry.state != ACTIVE and entry.state not in PAST:
        raise MalformedInput(f"held by nobody: state {entry.state[:20]}")
    starts = entry.starts_us if entry.starts_us is not None else entry.told_us
    if starts is None or entry.ends_us is None:
        raise MalformedInput("no start or no end")
    active = entry.state == ACTIVE
    if not active and entry.ends_us == FOREVER_US:
        raise MalformedInput("past, but without an end")
    return checked(
        Lease(
            held=entry.held,
            starts_us=starts,
            sure_us=entry.ends_us,
            ends_us=entry.ends_us,
            told_us=max(starts, entry.told_us or starts) if active else entry.ends_us,
            subscriber=_subscriber(entry),
        )
    )


def _subscriber(entry: Entry) -> str:
    """The line where the access network names it (RFC 3046), else the device."""
    line = [entry.options.get(name) for name in ("agent.remote-id", "agent.circuit-id")]
    duid = entry.client[_IAID_OCTETS:].hex() if entry.kind and entry.client else None
    client = entry.client.hex() if entry.client else None
    return subscriber_name("/".join(part for part in line if part), entry.mac, duid, client)


def _holdings(statement: Statement) -> Iterator[tuple[Statement | None, Statement]]:
    """The entries in a top-level statement, each with the identity it stands in."""
    if statement.words[:1] == ("lease",):
        yield None, statement
    elif statement.words[:1] in {("ia-na",), ("ia-ta",), ("ia-pd",)}:
        for inner in statement.inner:
            if inner.words and inner.words[0] in _ADDRESSES:
                yield statement, inner


def _entry(found: Statement, parent: Statement | None) -> Entry:
    said = _Said(found.inner)
    around = _Said(parent.inner if parent else ())
    if len(found.words) != 2:
        raise MalformedInput("lease without an address")
    hardware = said.words("hardware")
    return Entry(
        held=held_by(found.words[1]),
        kind=_ADDRESSES[found.words[0]] if parent else "",
        state=" ".join(said.words("binding", "state")) or "free",
        starts_us=_instant(said.words("starts")),
        ends_us=_instant(said.words("ends")),
        told_us=_instant(said.words("cltt") or around.words("cltt")),
        hardware=hardware[0] if hardware else None,
        mac=_mac(hardware),
        client=_octets(parent.words[1:] if parent else said.words("uid")),
        hostname=" ".join(said.words("client-hostname")),
        preferred_life=_number(said.words("preferred-life")),
        max_life=_number(said.words("max-life")),
        options=said.named("option"),
        sets=said.named("set"),
    )


class _Said:
    """The statements inside an entry by their first words."""

    __slots__ = ("_statements",)

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self._statements = statements

    def words(self, *head: str) -> tuple[str, ...]:
        """What follows ``head`` in the last statement that begins so."""
        length = len(head)
        found = [s.words[length:] for s in self._statements if s.words[:length] == head]
        return found[-1] if found else ()

    def named(self, word: str) -> dict[str, str]:
        return {
            s.words[1]: " ".join(s.words[2:]).removeprefix("= ")
            for s in self._statements
            if s.words[:1] == (word,) and len(s.words) > 2
        }


def _instant(words: tuple[str, ...]) -> int | None:
    text = " ".join(words)
    if not words:
        return None
    if text == "never":
        return FOREVER_US
    if epoch := _EPOCH.fullmatch(text):
        return from_seconds(int(epoch[1]))
    date = _DATE.fullmatch(text)
    try:
        if date:
            year, month, day, hour, minute, second = map(int, date.groups())
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            return local_instant(moment, UTC)
    except ValueError:
        pass
    raise MalformedInput(f"not a time: {text[:40]!r}")


def _mac(words: tuple[str, ...]) -> str | None:
    if len(words) != 2 or not _MAC.fullmatch(words[1].lower()):
        return None
    return ":".join(part.zfill(2) for part in words[1].lower().split(":"))


def _octets(words: tuple[str, ...]) -> bytes | None:
    """A text with octal escapes, already undone, or octets in hex between colons."""
    if not words:
        return None
    if _MAC.fullmatch(words[0].lower()):
        return bytes(int(part, 16) for part in words[0].split(":"))
    return words[0].encode("latin-1", "replace")


def _number(words: tuple[str, ...]) -> int | None:
    text = words[0] if words else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
