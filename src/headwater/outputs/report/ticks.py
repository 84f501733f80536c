"""Where the marks of an axis go, and what they say."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Final

from headwater.records.window import Window, from_us, to_us

Tick = tuple[float, str]  # share of the axis, words

STEPS_S: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_592_000,
)  # fmt: skip
SECOND_US: Final = 1_000_000
DAY_S: Final = 86_400


def time_ticks(window: Window, zone: tzinfo, most: int = 8) -> list[Tick]:
    """Round instants of the zone inside the window."""
    length_s = (window.end_us - window.start_us) / SECOND_US
    step = next((s for s in STEPS_S if length_s / s <= most), STEPS_S[-1])
    ticks = []
    for instant in _round_instants(window, zone, step):
        share = (to_us(instant) - window.start_us) / max(window.end_us - window.start_us, 1)
        ticks.append((share, _said(instant.astimezone(zone), step)))
    return ticks


def _round_instants(window: Window, zone: tzinfo, step: int) -> Iterator[datetime]:
    first = window.start.astimezone(zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (window.start - midnight) // timedelta(seconds=step)
    instant = midnight + timedelta(seconds=step * passed)
    while to_us(instant) < window.end_us:
        if to_us(instant) >= window.start_us:
            yield instant
        instant += timedelta(seconds=step)


def _said(instant: datetime, step: int) -> str:
    if step >= DAY_S or (instant.hour == 0 and instant.minute == 0 and step >= 60):
        return f"{instant:%b} {instant.day}"
    return f"{instant:%H:%M}" if step >= 60 else f"{instant:%H:%M:%S}"


def short_ticks(length_us: int, most: int = 6) -> list[Tick]:
    """Seconds (or minutes) since the start of a stretch."""
    length_s = length_us / SECOND_US
    step = next((s for s in STEPS_S if length_s / s <= most), STEPS_S[-1])
    unit, size = ("min", 60) if step >= 60 else ("s", 1)
    return [
        (at * step / length_s, f"{at * step // size} {unit}")
        for at in range(int(length_s // step) + 1)
    ]


def decade_ticks(low: float, high: float, words: dict[int, str]) -> list[Tick]:
    """Powers of ten between two positive numbers, on a logarithmic axis."""
    return [
        (log_share(10.0**power, low, high), said)
        for power, said in words.items()
        if low <= 10.0**power <= high
    ]


def log_share(value: float, low: float, high: float) -> float:
    """How far along a logarithmic axis from ``low`` to ``high`` a value lies, 0 to 1."""
    part = math.log(max(value, low) / low) / math.log(high / low)
    return min(max(part, 0.0), 1.0)


def bin_window(window: Window, bin_us: int, bins: int) -> Window:
    """The stretch that so many bins cover; the last may reach beyond the window."""
    return Window(window.start, from_us(window.start_us + bin_us * bins))
