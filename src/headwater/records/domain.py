"""What a registry says about one domain name, whichever way it was asked."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final


class Standing(StrEnum):
    """What an answer amounts to. "No", "ask again" and "cannot say" are kept apart."""

    REGISTERED = "registered"  # with its date or without
    FREE = "free"  # the registry says there is no such domain
    RESERVED = "reserved"  # nobody holds it and nobody can have it, or not in the usual way
    ASK_AGAIN = "ask-again"  # refused, rate limited, out of order: nothing about the name
    CANNOT_SAY = "cannot-say"  # nothing that can be read as any of these


# A day (`2003-09-26`), or an instant with the offset the registry gave, or with none where
# it gave none: what was not said is not added, and the day as printed is kept.
STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainAnswer:
    """One answer about one name. Times are text in the form of ``STAMP``."""

    standing: Standing
    name: str | None = None  # as the answer names it: lower case, A-labels
    registered: str | None = None
    changed: str | None = None
    expires: str | None = None
    registrar: str | None = None
    nameservers: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    referral: str | None = None  # whom to ask next: a WHOIS server or an RDAP address
    remarks: tuple[str, ...] = ()  # what was there and could not be told, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainFact:
    """One row of the ``domains`` table."""

    name: str
    fact: str  # registered | changed | expires | registrar | nameserver | status | ...
    value: str
    as_of: datetime
    source: str


def instant_of(stamp: str) -> datetime:
    """The UTC instant of a stamp; midnight for a day, UTC where no zone was given.

    Raises ValueError where ``stamp`` has another form or names no day of the calendar.
    """
    if not STAMP.fullmatch(stamp):
        raise ValueError(f"no date or instant: {stamp!r}")
    moment = datetime.fromisoformat(stamp)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"outside the calendar: {stamp!r}") from None


def day_of(stamp: str) -> date:
    """The UTC day of a stamp. Raises ValueError as ``instant_of`` does."""
    return instant_of(stamp).date()
