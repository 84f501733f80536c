"""How old a domain is, in days as the DNS list counts them."""

from datetime import UTC, datetime
from typing import Final

from headwater.records.domain import day_of

YOUNGEST: Final = 1  # a domain registered today is one day old: 0 is left to mean "not known"


def age_days(stamp: str, now: datetime) -> int:
    """Whole UTC days since the day of ``stamp``, at least 1; ``now`` is aware.

    Days, not hours: the age changes at midnight UTC and is the same all day. Raises
    ValueError where ``stamp`` is no date.
    """
    return max((now.astimezone(UTC).date() - day_of(stamp)).days, YOUNGEST)
