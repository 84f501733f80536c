"""Numbers, sizes and times as people read them."""

import math
from datetime import datetime, tzinfo
from typing import Final

SECONDS_IN: Final = {"s": 1, "min": 60, "h": 3600}


def share(probability: float) -> str:
    """Two digits, rounded down: nothing is ever quite sure."""
    return f"{math.floor(probability * 100 + 1e-9) / 100:.2f}"


def grouped(number: int) -> str:
    """With a comma between thousands."""
    return f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """The number with its noun."""
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"


def octets(number: int) -> str:
    """A number of bytes with the largest unit that leaves a digit before the point."""
    size, unit = float(number), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"


def moment(instant: datetime, zone: tzinfo) -> str:
    """Month, day and minute."""
    return f"{instant.astimezone(zone):%m-%d %H:%M}"


def period(seconds: float | None) -> str:
    """A length of time with one unit; "-" where there is none."""
    if seconds is None:
        return "-"
    unit = "h" if seconds >= 7200 else "min" if seconds >= 120 else "s"
    return f"{seconds / SECONDS_IN[unit]:.3g} {unit}"


def printable(text: str, longest: int = 200) -> str:
    """Foreign text without anything that steers a terminal, a page or its direction."""
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)
