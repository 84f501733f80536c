"""FreeRADIUS detail files: a date, then one indented attribute a line, then a blank line.

The time of a message is its Event-Timestamp (RFC 2869 section 5.3) where that names its
zone, else the server's Timestamp less Acct-Delay-Time (RFC 2866 section 5.2), else the
date above it, which is local time.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.lease import Lease
from headwater.wire.leases.accounting import Message, leases_in
from headwater.wire.leases.claims import Told, each, from_seconds, local_instant

MOST_ATTRIBUTES: Final = 500  # of one message; RFC 2865 bounds it by 4096 octets
LONGEST_VALUE: Final = 1024
HELD: Final = (
    "Framed-IP-Address",
    "Framed-IPv6-Address",  # RFC 6911
    "Framed-IPv6-Prefix",  # RFC 3162
    "Delegated-IPv6-Prefix",  # RFC 4818
)
_HEAD: Final = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})", re.ASCII
)
_EVENT: Final = re.compile(
    r"([A-Z][a-z]{2}) +(\d{1,2}) (\d{4}) (\d\d):(\d\d):(\d\d) (UTC|GMT)", re.ASCII
)
_NAMES: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MONTHS: Final = {_NAMES[at : at + 3]: at // 3 + 1 for at in range(0, 36, 3)}

Attributes = Mapping[str, list[str]]
Raw = tuple[str, dict[str, list[str]], bool]  # the date line, the attributes, too many of them


def read_radius_detail(lines: Iterable[str], source: str, zone: tzinfo) -> Iterator[Told]:
    """Leases of the file's messages. ``zone``: of the server's local times."""

    def read(raw: Raw) -> Iterator[Lease]:
        head, attributes, too_many = raw
        if too_many:
            raise MalformedInput(f"more than {MOST_ATTRIBUTES} attributes")
        return leases_in(_message(head, attributes, zone))

    return each(_messages(lines), source, read)


def is_head(line: str) -> bool:
    """Whether the line is the date that begins a message."""
    return bool(_HEAD.fullmatch(line.strip())) and not line[:1].isspace()


def _messages(lines: Iterable[str]) -> Iterator[tuple[str, Raw]]:
    head, attributes, count, start = "", dict[str, list[str]](), 0, 0
    for number, line in enumerate(lines, 1):
        if line[:1] in "\t " and line.strip():
            name, equals, value = line.strip().partition("=")
            count += 1
            if equals and count <= MOST_ATTRIBUTES:
                attributes.setdefault(name.strip(), []).append(_plain(value))
            start = start or number
            continue
        if attributes:
            yield f"line {start}", (head, attributes, count > MOST_ATTRIBUTES)
        head, attributes, count, start = line.strip(), {}, 0, number
    if attributes:
        yield f"line {start}", (head, attributes, count > MOST_ATTRIBUTES)


def _plain(value: str) -> str:
    text = value.strip()[:LONGEST_VALUE]
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return text


def _message(head: str, said: Attributes, zone: tzinfo) -> Message:
    def one(*names: str) -> str:
        return next((said[name][0] for name in names if name in said), "")

    return Message(
        status=one("Acct-Status-Type"),
        at_us=_written_at(head, said, zone),
        seconds=_number(one("Acct-Session-Time")),
        held=tuple(dict.fromkeys(v for name in HELD for v in said.get(name, ()))),
        user=one("User-Name"),
        device=one("Calling-Station-Id"),
        session=one("Acct-Unique-Session-Id", "Acct-Session-Id"),
    )


def _written_at(head: str, said: Attributes, zone: tzinfo) -> int:
    event = said.get("Event-Timestamp", [""])[0]
    if found := _EVENT.fullmatch(event):
        month, day, year, hour, minute, second, _ = found.groups()
        return _instant((year, month, day, hour, minute, second), UTC)
    for name, delayed in (("Event-Timestamp", 0), ("Timestamp", _delay(said))):
        seconds = _number(said.get(name, [""])[0])
        if seconds is not None:
            return from_seconds(seconds - delayed)
    if found := _HEAD.fullmatch(head):
        month, day, hour, minute, second, year = found.groups()
        return _instant((year, month, day, hour, minute, second), zone) - _delay(said) * 10**6
    raise MalformedInput("message without a time")


def _instant(parts: tuple[str, ...], zone: tzinfo) -> int:
    year, name, day, hour, minute, second = parts
    try:
        month = _MONTHS[name]
        moment = datetime(int(year), month, int(day), int(hour), int(minute), int(second))  # noqa: DTZ001 - its zone comes next
    except (KeyError, ValueError):
        raise MalformedInput(f"not a time: {' '.join(parts)!r}") from None
    return local_instant(moment.replace(tzinfo=UTC) if zone is UTC else moment, zone)


def _delay(said: Attributes) -> int:
    return _number(said.get("Acct-Delay-Time", [""])[0]) or 0


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
