"""Kea's lease files (memfile backend), IPv4 and IPv6: CSV with a header, a log.

Each change of a lease is a new row; ``expire`` is its end in epoch seconds, and the last
transaction was ``valid_lifetime`` seconds before. A row with a lifetime of 0 says that the
lease was deleted (released, or cleared away after its end), but not when: it was after
every transaction that stands above it in the file.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.lease import FOREVER_US, Lease
from headwater.wire.leases.claims import (
    Told,
    checked,
    from_seconds,
    held_by,
    subscriber_name,
)
from headwater.wire.leases.rows import LONGEST_LINE

V4: Final = "address,hwaddr,client_id,valid_lifetime,expire,"
V6: Final = "address,duid,valid_lifetime,expire,"
_ACTIVE, _DECLINED, _EXPIRED, _RELEASED = "0", "1", "2", "3"
_PREFIX: Final = "2"  # lease_type of a delegated prefix
_INFINITE: Final = 0xFFFFFFFF  # RFC 8415 section 7.7
_MOST_REMEMBERED: Final = 1_000_000  # addresses


def read_kea(lines: Iterable[str], source: str) -> Iterator[Told]:
    """Leases of the file, in its order."""
    log = _Log()
    columns: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line.startswith((V4, V6)):
            columns = line.strip().split(",")
            continue
        try:
            yield from log.read(_cells(line, columns))
        except MalformedInput as wrong:
            yield Refused(source=source, position=f"line {number}", reason=str(wrong))


def _cells(line: str, columns: list[str]) -> dict[str, str]:
    if not columns:
        raise MalformedInput("no header")
    if len(line) > LONGEST_LINE:
        raise MalformedInput(f"line too long: {len(line)} characters, {LONGEST_LINE} are read")
    # Kea writes commas inside values as &#x2c, and quotes nothing.
    cells = [cell.replace("&#x2c", ",") for cell in line.strip("\r\n").split(",")]
    if len(cells) < len(columns):
        raise MalformedInput(f"wrong number of values: {len(cells)} of {len(columns)}")
    return dict(zip(columns, cells, strict=False))


class _Log:
    """What the rows so far said: the clock, and the end of each lease."""

    __slots__ = ("_clock_us", "_last")

    def __init__(self) -> None:
        self._clock_us = 0
        self._last: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def read(self, row: Mapping[str, str]) -> Iterator[Lease]:
        held, subscriber = _held(row), None
        lifetime = _number(row, "valid_lifetime")
        expire = _number(row, "expire")
        if row.get("state", _ACTIVE) == _DECLINED:
            raise MalformedInput("held by nobody: state declined")
        subscriber = subscriber_name(*_names(row))
        if lifetime == 0:
            yield from self._deleted(held, subscriber)
            return
        starts = from_seconds(expire - lifetime)
        forever = lifetime == _INFINITE
        ends = FOREVER_US if forever else from_seconds(expire)
        self._clock_us = max(self._clock_us, starts)
        self._remember(held, starts, ends)
        past = row.get("state", _ACTIVE) in {_EXPIRED, _RELEASED}
        yield checked(
            Lease(
                held=held,
                starts_us=starts,
                sure_us=ends,
                ends_us=ends,
                told_us=ends if past and not forever else starts,
                subscriber=subscriber,
            )
        )

    def _deleted(self, held: str, subscriber: str) -> Iterator[Lease]:
        starts, ends = self._last.pop(held, (0, 0))
        if ends <= self._clock_us:
            return  # it had ended, or the lease itself stands in an older file
        yield Lease(
            held=held,
            starts_us=starts,
            sure_us=self._clock_us,
            ends_us=ends,
            told_us=self._clock_us,
            subscriber=subscriber,
        )

    def _remember(self, held: str, starts: int, ends: int) -> None:
        self._last[held] = (starts, ends)
        self._last.move_to_end(held)
        if len(self._last) > _MOST_REMEMBERED:
            self._last.popitem(last=False)


def _held(row: Mapping[str, str]) -> str:
    address = row["address"]
    if row.get("lease_type") == _PREFIX:
        return held_by(f"{address}/{row.get('prefix_len', '')}")
    return held_by(address)


def _names(row: Mapping[str, str]) -> tuple[str, ...]:
    """The device: its hardware address, for IPv6 its DUID; else its client identifier."""
    if "duid" in row:
        return (row["duid"].replace(":", ""),)
    return row.get("hwaddr", ""), row.get("client_id", "").replace(":", "")


def _number(row: Mapping[str, str], name: str) -> int:
    text = row.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise MalformedInput(f"{name} is no number: {text[:40]!r}")
    return int(text)
