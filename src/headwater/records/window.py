"""A stretch of time, in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exactly (no float on the way)."""
    return (moment - EPOCH) // MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The UTC instant so many microseconds after 1970-01-01."""
    return EPOCH + timedelta(microseconds=microseconds)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time, ``start <= t < end``; both ends aware and in UTC."""

    start: datetime
    end: datetime

    @property
    def start_us(self) -> int:
        return to_us(self.start)

    @property
    def end_us(self) -> int:
        return to_us(self.end)

    @property
    def hours(self) -> float:
        """How long it lasts; a microsecond at least, so that one may divide by it."""
        return max(self.end_us - self.start_us, 1) / 3_600_000_000
