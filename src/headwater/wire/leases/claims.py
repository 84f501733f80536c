"""What every lease format shares: checked values, and rows that never crash a reader."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Final, TypeVar

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.lease import (
    EARLIEST_US,
    FOREVER_US,
    LATEST_US,
    LONGEST_SUBSCRIBER,
    Lease,
)
from headwater.records.window import to_us
from headwater.wire.prefix_text import read_prefix

Told = Lease | Refused

LONGEST_SESSION: Final = 128  # characters
_SHOWN: Final = 40
_EPOCH: Final = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)
_MICROSECONDS: Final = 1_000_000
# Names end up on terminals: those that could steer one are none.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

Raw = TypeVar("Raw")


def from_seconds(seconds: int) -> int:
    """Microseconds of an epoch time. Raises MalformedInput where no clock can mean it."""
    return in_range(seconds * _MICROSECONDS, str(seconds))


def in_range(microseconds: int, shown: str) -> int:
    """The instant itself. Raises MalformedInput before 1995 and from 2100 on."""
    if not EARLIEST_US <= microseconds < LATEST_US:
        raise MalformedInput(f"time out of range: {shown[:_SHOWN]!r}")
    return microseconds


def read_instant(text: str, zone: tzinfo) -> int:
    """An ISO 8601 or epoch time, microseconds UTC; without a zone of its own, ``zone``.

    A local time that a change of clocks skipped or repeated is refused: which was meant
    is anybody's guess. Raises MalformedInput.
    """
    if _EPOCH.fullmatch(text):
        whole, _, part = text.partition(".")
        return in_range(int(whole) * _MICROSECONDS + int(part.ljust(6, "0")), text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedInput(f"not a time: {text[:_SHOWN]!r}") from None
    return local_instant(moment, zone)


def local_instant(moment: datetime, zone: tzinfo) -> int:
    """The instant of a clock's time in ``zone``, if it has no zone. Raises MalformedInput."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            raise MalformedInput(f"local time that occurs twice or never: {str(moment)!r}")
    try:
        return in_range(to_us(moment), str(moment))
    except OverflowError:
        raise MalformedInput(f"time out of range: {str(moment)!r}") from None


def subscriber_name(*names: str | None) -> str:
    """The first of ``names`` that says something. Raises MalformedInput where none does."""
    name = next((n.strip() for n in names if n and n.strip()), "")
    if not name:
        raise MalformedInput("no subscriber")
    if len(name) > LONGEST_SUBSCRIBER:
        raise MalformedInput(f"subscriber too long: {len(name)} characters")
    if _UNPRINTABLE.search(name):
        raise MalformedInput(f"subscriber with control characters: {name[:_SHOWN]!r}")
    return name


def session_name(name: str) -> str:
    """What a source calls a session, in a form that is safe to print."""
    return _UNPRINTABLE.sub("?", name)[:LONGEST_SESSION]


def held_by(text: str) -> str:
    """The canonical address or prefix. Raises MalformedInput."""
    held, _ = read_prefix(text.strip())
    if held.partition("/")[0] in {"0.0.0.0", "::"}:  # noqa: S104 - "none yet", not a socket
        raise MalformedInput(f"not an address of anybody: {text[:_SHOWN]!r}")
    return held


def checked(lease: Lease) -> Lease:
    """The lease itself. Raises MalformedInput where its times contradict each other."""
    end = FOREVER_US if lease.ends_us is None else lease.ends_us
    if not lease.starts_us <= lease.sure_us <= end:
        raise MalformedInput("ends before it starts")
    if lease.ends_us == lease.starts_us:
        raise MalformedInput("held for no time")
    return lease


def each(
    items: Iterable[tuple[str, Raw]], source: str, read: Callable[[Raw], Iterable[Lease]]
) -> Iterator[Told]:
    """The leases that ``read`` finds in each item; an item it cannot read is refused.

    ``items``: positions and what stands there.
    """
    for position, raw in items:
        try:
            yield from read(raw)
        except MalformedInput as wrong:
            yield Refused(source=source, position=position, reason=str(wrong))
