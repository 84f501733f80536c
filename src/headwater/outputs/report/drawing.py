"""SVG from numbers: what every picture of the report is made of.

A picture fills whatever width it gets: shapes are drawn on a plot of their own units that
stretches, texts stand at percentages and keep their size. Colours come from the page's
style sheet, by class, so that dark mode and print need no second picture.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from markupsafe import Markup

from headwater.outputs.wording import printable

UNITS: Final = 1000  # across a plot
LONGEST: Final = 400  # characters of a label
SHORT: Final = 48  # of words in a picture
LEVELS: Final = 4  # of strength in a carpet

Cell = tuple[int, int, int]  # first bin, bins, level


def number(value: float) -> str:
    """As short as an SVG takes it, to a tenth of a unit."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def picture(height: float, label: str, *parts: Markup) -> Markup:
    """A picture of so many pixels' height; the label says in words what it shows."""
    return Markup('<svg class="plot" role="img" height="{}" aria-label="{}">{}</svg>').format(
        number(height), printable(label, LONGEST), Markup("").join(parts)
    )


def plot(top: float, height: float, parts: Iterable[Markup], units: int = UNITS) -> Markup:
    """A part of a picture that stretches: x from 0 to ``units``, y in pixels from its top."""
    return Markup(
        '<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">'
        "{}</svg>"
    ).format(number(top), number(height), units, number(height), Markup("").join(parts))


def path(kind: str, shape: str, title: str = "") -> Markup:
    """A shape of one class; nothing where the shape is empty."""
    if not shape:
        return Markup("")
    return Markup('<path class="{}" d="{}">{}</path>').format(kind, shape, _titled(title))


def text(percent: float, y: float, words: str, anchor: str = "start", kind: str = "") -> Markup:
    """Words at a percentage of the width; the anchor is start, middle or end."""
    return Markup('<text x="{}%" y="{}" class="{}">{}</text>').format(
        number(percent), number(y), f"{kind} {anchor}".strip(), printable(words, SHORT)
    )


def axis(ticks: Sequence[tuple[float, str]], y: float) -> Markup:
    """Words below a plot, each at its share (0 to 1) of the width."""
    return Markup("").join(
        text(share * 100, y, words, _anchor(share)) for share, words in ticks
    )


def _anchor(share: float) -> str:
    return "start" if share < 0.03 else "end" if share > 0.97 else "middle"


def grid(shares: Iterable[float], height: float, units: int = UNITS) -> Markup:
    """Upright lines at these shares of a plot's width."""
    return path("grid", "".join(f"M{number(s * units)} 0v{number(height)}" for s in shares))


def bars(
    heights: Sequence[float], base: float, *, down: bool = False, units: int = UNITS
) -> str:
    """The shape of bars side by side over the whole width, standing on ``base``."""
    width = units / max(len(heights), 1)
    sign = "" if down else "-"
    return "".join(
        f"M{number(at * width)} {number(base)}v{sign}{number(height)}"
        f"h{number(width * 0.86)}V{number(base)}"
        for at, height in enumerate(heights)
        if height > 0
    )


def levels(counts: Sequence[float], most: float) -> Iterator[Cell]:
    """Runs of equal strength: a quarter of the largest, each level a fourth of the next."""
    strengths = [_level(count, most) for count in counts]
    at = 0
    for level, run in groupby(strengths):
        length = len(list(run))
        if level:
            yield at, length, level
        at += length


def _level(count: float, most: float) -> int:
    if count <= 0:
        return 0
    level, part = LEVELS, most
    while level > 1 and count <= part / 4:
        level, part = level - 1, part / 4
    return level


def cells(
    kind: str, counts: Sequence[float], most: float, y: float, height: float, title: str = ""
) -> list[Markup]:
    """One row of cells, a shape for each level; a bin is one unit wide.

    Drawn as thick lines: a cell is a third as long to write as its outline.
    """
    middle = number(y + height / 2)
    shapes: dict[int, str] = {}
    for first, length, level in levels(counts, most):
        shapes[level] = shapes.get(level, "") + f"M{first} {middle}h{length}"
    return [
        Markup('<path class="cell {} l{}" stroke-width="{}" d="{}">{}</path>').format(
            kind, level, number(height), shape, _titled(title)
        )
        for level, shape in shapes.items()
    ]


def _titled(title: str) -> Markup:
    return Markup("<title>{}</title>").format(printable(title)) if title else Markup("")
