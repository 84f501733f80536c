"""What one RADIUS accounting message says on who held what (RFC 2866, RFC 2869)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.lease import Lease
from headwater.wire.leases.claims import (
    checked,
    held_by,
    in_range,
    session_name,
    subscriber_name,
)

START: Final = frozenset({"start", "1"})
INTERIM: Final = frozenset({"interim-update", "interim", "alive", "3"})
STOP: Final = frozenset({"stop", "2"})
_OTHER: Final = frozenset({"accounting-on", "accounting-off", "7", "8", "tunnel-start"})
_LONGEST_SESSION_S: Final = 10 * 366 * 86_400
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One accounting message."""

    status: str
    at_us: int  # when the access server wrote it
    seconds: int | None  # how long the session had lasted (RFC 2866 section 5.7)
    held: tuple[str, ...]
    user: str = ""
    device: str = ""
    session: str = ""


def leases_in(message: Message) -> Iterator[Lease]:
    """A lease for each address and prefix. Raises MalformedInput where there is none.

    A start says since when; an update until when it certainly lasted; only a stop tells
    the end.
    """
    status = message.status.lower()
    if status not in START | INTERIM | STOP:
        what = "not about a session" if status in _OTHER else "unknown status"
        raise MalformedInput(f"{what}: {message.status[:40]!r}")
    if not message.held:
        raise MalformedInput("no address or prefix")
    seconds = 0 if status in START else message.seconds or 0
    if not 0 <= seconds <= _LONGEST_SESSION_S:
        raise MalformedInput(f"session time out of range: {seconds}")
    starts = in_range(message.at_us - seconds * _MICROSECONDS, str(seconds))
    if status in STOP and message.seconds is None:
        raise MalformedInput("stop without a session time")
    lease = Lease(
        held="",
        starts_us=starts,
        sure_us=message.at_us,
        ends_us=message.at_us if status in STOP else None,
        told_us=message.at_us,
        subscriber=subscriber_name(message.user, message.device),
        session=session_name(message.session),
    )
    for held in message.held:
        yield checked(replace(lease, held=held_by(held)))
