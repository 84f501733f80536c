"""When a flow began and ended, out of the many clocks exporters use. Microseconds, UTC.

A side that was not exported takes the other side's time (and the duration, if there is
one); where neither was, the time of observation; at last, the time of export.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.wire.information_elements import (
    REVERSE_DELAY_MILLISECONDS,
    Element,
    element,
    reverse,
)
from headwater.wire.templates import Rows, column, first_of, integers, numbers

Ints = npt.NDArray[np.int64]

# Later than any clock can honestly say; keeps absurd values inside 64-bit microseconds.
LATEST_MS: Final = 253_402_300_799_999  # the end of the year 9999
NTP_TO_UNIX_S: Final = 2_208_988_800  # RFC 5905 section 6: 1900 to 1970
NTP_ERA_S: Final = 2**32
UNKNOWN_MS: Final = -1
WRAP_US: Final = 2**32 * 1_000  # 49.7 days
MOST_WRAPS: Final = 40  # of an exporter that has run for more than five years

START: Final = tuple(
    element(f"flowStart{unit}")
    for unit in (
        "Milliseconds", "Microseconds", "Nanoseconds", "DeltaMicroseconds", "Seconds",
        "SysUpTime",
    )
)  # fmt: skip
END: Final = tuple(
    element(f"flowEnd{unit}")
    for unit in (
        "Milliseconds", "Microseconds", "Nanoseconds", "DeltaMicroseconds", "Seconds",
        "SysUpTime",
    )
)  # fmt: skip
OBSERVED: Final = tuple(
    element(f"observationTime{unit}")
    for unit in ("Milliseconds", "Microseconds", "Nanoseconds", "Seconds")
)
DURATION_MS: Final = element("flowDurationMilliseconds")
DURATION_US: Final = element("flowDurationMicroseconds")
BOOT_MS: Final = element("systemInitTimeMilliseconds")
UPTIME_START: Final = element("flowStartSysUpTime")
UPTIME_END: Final = element("flowEndSysUpTime")


class Clock:
    """The clocks of some rows: their packets' (n each), and the exporter's start."""

    __slots__ = ("boot_ms", "exported_us", "rows", "uptime_ms")

    def __init__(self, rows: Rows, exported_us: Ints, uptime_ms: Ints, boot_ms: int) -> None:
        self.rows = rows
        self.exported_us = exported_us
        self.uptime_ms = uptime_ms
        self.boot_ms = boot_ms

    def read(self, which: Element) -> Ints | None:
        """One time column; None where it hangs on a clock that nobody told us."""
        if which.number in UPTIMES:
            return self._uptime(which)
        raw = integers(self.rows, which)
        if which.number in MILLISECONDS:
            return clipped_ms(raw)
        if which.number in SECONDS:
            return clipped_ms(np.minimum(raw, np.uint64(LATEST_MS)) * np.uint64(1000))
        if which.number in DELTAS:  # RFC 5102 section 5.9.9: before the export time
            return self.exported_us - np.minimum(raw, np.uint64(2**48)).astype(np.int64)
        return from_ntp(raw)

    def _uptime(self, which: Element) -> Ints | None:
        if column(BOOT_MS) in (self.rows.dtype.names or ()):
            return self._since(clipped_ms(integers(self.rows, BOOT_MS)), which)
        if len(self.uptime_ms) and int(self.uptime_ms[0]) != UNKNOWN_MS:
            return uptime_to_us(numbers(self.rows, which), self.uptime_ms, self.exported_us)
        if self.boot_ms != UNKNOWN_MS:
            return self._since(np.int64(self.boot_ms * 1000), which)
        return None

    def _since(self, boot_us: Ints | np.int64, which: Element) -> Ints:
        """So long after the exporter's start; its 32-bit uptime may have wrapped since."""
        stamp = boot_us + clipped_ms(integers(self.rows, which))
        wraps = np.rint((self.exported_us - stamp) / WRAP_US).astype(np.int64)
        # More would be no running exporter but a start that is not true.
        possible = (wraps >= -1) & (wraps <= MOST_WRAPS)
        return np.where(possible, stamp + wraps * WRAP_US, stamp)

    def duration(self, names: frozenset[Element]) -> Ints | None:
        if DURATION_MS in names:
            return clipped_ms(np.minimum(integers(self.rows, DURATION_MS), np.uint64(2**32)))
        if DURATION_US in names:
            return np.minimum(integers(self.rows, DURATION_US), np.uint64(2**48)).astype(
                np.int64
            )
        if UPTIME_START in names and UPTIME_END in names:
            first, last = (integers(self.rows, e) for e in (UPTIME_START, UPTIME_END))
            return (last - first).astype(np.uint32).astype(np.int32).astype(np.int64) * 1000
        return None


def _numbers(*names: str) -> frozenset[int]:
    return frozenset(element(name).number for name in names)


MILLISECONDS: Final = _numbers(
    "flowStartMilliseconds", "flowEndMilliseconds", "observationTimeMilliseconds"
)
SECONDS: Final = _numbers("flowStartSeconds", "flowEndSeconds", "observationTimeSeconds")
UPTIMES: Final = _numbers("flowStartSysUpTime", "flowEndSysUpTime")
DELTAS: Final = _numbers("flowStartDeltaMicroseconds", "flowEndDeltaMicroseconds")


def clipped_ms(milliseconds: npt.NDArray[np.uint64]) -> Ints:
    """Milliseconds to microseconds; the absurd become the year 9999, never wrap."""
    return np.minimum(milliseconds, np.uint64(LATEST_MS)).astype(np.int64) * 1000


def from_ntp(stamps: npt.NDArray[np.uint64]) -> Ints:
    """NTP 64-bit time stamps to microseconds (RFC 7011 section 6.1.9 and 6.1.10)."""
    seconds = (stamps >> np.uint64(32)).astype(np.int64)
    # RFC 5905 section 6: the era turns in 2036; no flow is older than 1970.
    seconds = np.where(seconds < NTP_TO_UNIX_S, seconds + NTP_ERA_S, seconds)
    fraction = (stamps & np.uint64(0xFFFFFFFF)) * np.uint64(1_000_000) + np.uint64(2**31)
    return (seconds - NTP_TO_UNIX_S) * 1_000_000 + (fraction >> np.uint64(32)).astype(np.int64)


def uptime_to_us(stamps: npt.NDArray[Any], uptime_ms: Ints, exported_us: Ints) -> Ints:
    """32-bit uptime stamps (n) to microseconds, given uptime and time of export (n)."""
    # The difference of two 32-bit clocks, so that a wrap between them is harmless; a
    # little negative where the exporter read its clock before the last packet came.
    age_ms = (uptime_ms.astype(np.uint32) - stamps.astype(np.uint32)).view(np.int32)
    return exported_us - age_ms.astype(np.int64) * 1_000


def times(clock: Clock, names: frozenset[Element]) -> tuple[Ints, Ints]:
    """Starts and ends (n each) of flows with these elements."""
    started, ended = (_read(clock, names, wanted) for wanted in (START, END))
    if started is None or ended is None:
        observed = _read(clock, names, OBSERVED)
        started, ended = _fill(started, ended, observed, clock, clock.duration(names))
    return np.maximum(started, 0), np.maximum(ended, 0)


def _read(clock: Clock, names: frozenset[Element], wanted: tuple[Element, ...]) -> Ints | None:
    which = first_of(names, wanted)
    return None if which is None else clock.read(which)


def _fill(
    started: Ints | None,
    ended: Ints | None,
    observed: Ints | None,
    clock: Clock,
    duration: Ints | None,
) -> tuple[Ints, Ints]:
    if started is not None:
        if duration is not None:
            return started, started + duration
        return started, started if observed is None else np.maximum(started, observed)
    if ended is None:
        ended = clock.exported_us if observed is None else observed
    return (ended if duration is None else ended - duration), ended


REVERSE_START: Final = tuple(reverse(which) for which in START)
REVERSE_END: Final = tuple(reverse(which) for which in END)


def reverse_times(
    clock: Clock, names: frozenset[Element], forward: tuple[Ints, Ints]
) -> tuple[Ints, Ints]:
    """Starts and ends of the other direction; the forward ones where it has none.

    RFC 5103 section 5: times of a biflow are those of both directions together, unless
    the reverse ones are there; YAF gives the delay of the first answer.
    """
    started, ended = forward
    if (own := _read(clock, names, REVERSE_START)) is not None:
        started = own
    elif REVERSE_DELAY_MILLISECONDS in names:
        delay = clipped_ms(integers(clock.rows, REVERSE_DELAY_MILLISECONDS))
        started = np.minimum(started + delay, np.maximum(started, ended))
    own = _read(clock, names, REVERSE_END)
    return started, ended if own is None else own
