"""Upstreams' hours of day: who keeps office hours betrays a time zone."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from headwater.outputs.report.drawing import cells, grid, path, picture, plot
from headwater.records.report import HOURS

HEIGHT: Final = 18.0
LEAST_COVERED: Final = 1 / 60  # hours of an hour of day, below which it was not watched
QUIET: Final = 0.02  # of the busiest hour's pace
FEWEST_WATCHED: Final = 20  # hours of day, before anything is said of rest
FEWEST_QUIET: Final = 4


def watched(covered: Sequence[float]) -> int:
    """How many hours of day the window touches."""
    return sum(1 for hours in covered if hours >= LEAST_COVERED)


def paces(counts: Sequence[int], covered: Sequence[float]) -> list[float]:
    """Sessions an hour in each hour of day; 0 where the window hardly covers it."""
    both = zip(counts, covered, strict=True)
    return [n / hours if hours >= LEAST_COVERED else 0.0 for n, hours in both]


def dial(counts: Sequence[int], covered: Sequence[float], zone: str) -> Markup:
    """Twenty-four cells, the busiest hour the strongest; hours not watched are marked."""
    pace = paces(counts, covered)
    shapes = cells("upstream", pace, max(pace), 0, HEIGHT)
    unseen = "".join(
        f"M{hour} 0h1v{HEIGHT:.0f}h-1z" for hour, h in enumerate(covered) if h < LEAST_COVERED
    )
    busiest = max(range(HOURS), key=lambda hour: pace[hour])
    label = f"Hours of day in {zone}: busiest from {busiest:02}:00" if any(pace) else "No hours"
    quiet = rest(counts, covered)
    label += f", at rest {quiet}" if quiet else ""
    return picture(
        HEIGHT,
        label,
        plot(
            0,
            HEIGHT,
            [path("unseen", unseen), *shapes, grid((0.25, 0.5, 0.75), HEIGHT, HOURS)],
            HOURS,
        ),
    )


def rest(counts: Sequence[int], covered: Sequence[float]) -> str:
    """The longest stretch of hours at rest, as "22:00-06:00"; nothing where none is seen."""
    pace = paces(counts, covered)
    if watched(covered) < FEWEST_WATCHED or not any(pace):
        return ""
    quiet = [
        hours >= LEAST_COVERED and p <= QUIET * max(pace)
        for hours, p in zip(covered, pace, strict=True)
    ]
    length, begin = max((_run(quiet, hour), hour) for hour in range(HOURS))
    if length < FEWEST_QUIET:
        return ""
    return f"{begin:02}:00-{(begin + length) % HOURS:02}:00"


def _run(quiet: Sequence[bool], hour: int) -> int:
    """How many hours from this one on are quiet, round the clock."""
    length = 0
    while length < HOURS and quiet[(hour + length) % HOURS]:
        length += 1
    return length
