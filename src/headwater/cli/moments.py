"""Instants as people type them: ISO 8601, a while ago, or the start of a day."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from headwater.records.errors import Misconfigured

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
AGO: Final = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
DAYS: Final = {"today": 0, "yesterday": 1}

EXPECTED: Final = (
    'expected a time such as 2026-01-31T12:00 (UTC), "6h" or "2d" (ago), "today" or "yesterday"'
)


def read_moment(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The instant meant, in UTC. Days begin in ``zone``; no zone means UTC.

    Raises Misconfigured.
    """
    word = text.strip().lower()
    try:
        if word == "now":
            return now
        if word in DAYS:
            midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            return (midnight - timedelta(days=DAYS[word])).astimezone(UTC)
        if ago := AGO.fullmatch(word):
            return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misconfigured(f"{text!r}: {EXPECTED}") from None
