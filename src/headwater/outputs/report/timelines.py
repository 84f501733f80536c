"""When proxies were at work: how many at once, and each in a row of its own."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final

from markupsafe import Markup

from headwater.outputs.report.drawing import axis, bars, cells, grid, path, picture, plot, text
from headwater.outputs.report.ticks import Tick, bin_window, time_ticks
from headwater.outputs.wording import counted, grouped
from headwater.records.report import Activity, Report

ROW, CELL = 18.0, 7.0  # pixels of a row with a name, of one of its two lines
CARPET: Final = 4.0  # of a row without
MOST_NAMED: Final = 40
AXIS: Final = 20.0
SKYLINE: Final = 96.0


def skyline(report: Report, ticks: Sequence[Tick]) -> Markup | None:
    """How many proxies were at work in each bin."""
    if not report.activity:
        return None
    at_work = [
        sum(1 for d, m in both if d or m)
        for both in zip(
            *(tuple(zip(a.driven, a.mail, strict=True)) for a in report.activity), strict=True
        )
    ]
    most = max(at_work)
    if not most:
        return None
    bins = len(at_work)
    shape = bars([n / most * SKYLINE for n in at_work], SKYLINE, units=bins)
    label = (
        f"Proxies at work over time: at most {counted(most, 'proxy', 'proxies')} at once,"
        f" in {sum(1 for n in at_work if n)} of {bins} stretches any at all."
    )
    return picture(
        SKYLINE + AXIS + 16,
        label,
        text(0, 11, f"{grouped(most)} at once", kind="note"),
        plot(
            16, SKYLINE, [grid((s for s, _ in ticks), SKYLINE, bins), path("bar", shape)], bins
        ),
        axis(ticks, SKYLINE + 16 + 14),
    )


def carpet(rows: Sequence[Activity], ticks: Sequence[Tick], what: str) -> Markup:
    """A row for each proxy: above what upstreams pushed in, below the mail that left."""
    named = len(rows) <= MOST_NAMED
    row, cell = (ROW, CELL) if named else (CARPET, CARPET / 2)
    bins = len(rows[0].driven) if rows else 1
    height = row * len(rows)
    most_driven = max((max(r.driven) for r in rows), default=1)
    most_mail = max((max(r.mail) for r in rows), default=1)
    shapes: list[Markup] = [grid((s for s, _ in ticks), height, bins)]
    top = 1.0 if named else 0.0
    for at, one in enumerate(rows):
        y = at * row + top
        shapes += _line("upstream", cells(one.driven, most_driven, y, cell), one.proxy)
        shapes += _line("mail", cells(one.mail, most_mail, y + cell + top, cell), one.proxy)
    label = (
        f"Timeline of {counted(len(rows), 'proxy', 'proxies')} of {what}: for each, above,"
        " sessions with its upstreams, and below them its mail sessions. The table gives"
        " first and last times."
    )
    return picture(
        height + AXIS, label, plot(0, height, shapes, bins), axis(ticks, height + 14)
    )


def life(one: Activity, ticks: Sequence[Tick]) -> Markup:
    """One proxy's day: driven, mail, and everything else it opened."""
    height, bins = 3 * ROW, len(one.driven)
    shapes: list[Markup] = [grid((s for s, _ in ticks), height, bins)]
    lines = (("upstream", one.driven), ("mail", one.mail), ("other", one.other))
    for at, (kind, counts) in enumerate(lines):
        shapes += _line(kind, cells(counts, max(counts, default=1), at * ROW + 3, 12.0), "")
    driven, mail, other = (sum(counts) for _, counts in lines)
    label = (
        f"Sessions over time: {grouped(driven)} with upstreams, {grouped(mail)} of mail,"
        f" {grouped(other)} others that it opened."
    )
    return picture(
        height + AXIS, label, plot(0, height, shapes, bins), axis(ticks, height + 14)
    )


def _line(kind: str, shapes: dict[int, str], title: str) -> Iterable[Markup]:
    return [path(f"{kind} l{level}", shape, title) for level, shape in shapes.items()]


def ticks_of(report: Report, zone: tzinfo) -> list[Tick]:
    """The marks under every timeline of the report."""
    bins = len(report.activity[0].driven) if report.activity else 1
    return time_ticks(bin_window(report.answer.window, report.bin_us, bins), zone)
