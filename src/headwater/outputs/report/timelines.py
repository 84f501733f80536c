"""When proxies were at work: how many at once, and each in a row of its own."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

from markupsafe import Markup

from headwater.outputs.report.drawing import axis, bars, cells, grid, path, picture, plot, text
from headwater.outputs.report.ticks import Tick, bin_window, time_ticks
from headwater.outputs.wording import counted, grouped
from headwater.records.report import Activity, Report

ROW, CELL = 18.0, 7.0  # pixels of a row with a name, of one of its two lines
CARPETS: Final = (1.5, 4.0)  # of a row without, the least and the most
HIGHEST: Final = 900.0  # of a carpet, where rows may still be thinner
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
        text(0, 11, f"at most {grouped(most)} at once", kind="note"),
        plot(
            16, SKYLINE, [grid((s for s, _ in ticks), SKYLINE, bins), path("bar", shape)], bins
        ),
        axis(ticks, SKYLINE + 16 + 14),
    )


def named(rows: Sequence[Activity]) -> bool:
    """Whether there is room for a name beside each row."""
    return len(rows) <= MOST_NAMED


def carpet(rows: Sequence[Activity], ticks: Sequence[Tick], what: str) -> Markup:
    """A row for each proxy: when upstreams pushed work in, and when mail left."""
    bins = len(rows[0].driven)
    if named(rows):
        row, shapes = ROW, _two_lines(rows)
        said = "for each, above, sessions with its upstreams, and below them its mail sessions"
    else:
        row, shapes = _thin(len(rows)), list(_one_line(rows))
        said = "coloured by whether it was driven, sent mail, or both"
    height = row * len(rows)
    label = (
        f"Timeline of {counted(len(rows), 'proxy', 'proxies')} of {what}: {said}. The table"
        " gives first and last times."
    )
    lines = grid((s for s, _ in ticks), height, bins)
    return picture(
        height + AXIS, label, plot(0, height, [lines, *shapes], bins), axis(ticks, height + 14)
    )


def _two_lines(rows: Sequence[Activity]) -> list[Markup]:
    most_driven = max(max(r.driven) for r in rows)
    most_mail = max(max(r.mail) for r in rows)
    shapes: list[Markup] = []
    for at, one in enumerate(rows):
        y = at * ROW + 1
        shapes += cells("upstream", one.driven, most_driven, y, CELL, one.proxy)
        shapes += cells("mail", one.mail, most_mail, y + CELL + 1, CELL, one.proxy)
    return shapes


def _thin(rows: int) -> float:
    least, most = CARPETS
    return min(max(HIGHEST / rows, least), most)


def _one_line(rows: Sequence[Activity]) -> Iterator[Markup]:
    """Cells of three sorts; one shape for each sort of a row."""
    height = _thin(len(rows))
    for at, one in enumerate(rows):
        states = [bool(d) + 2 * bool(m) for d, m in zip(one.driven, one.mail, strict=True)]
        for state, kind in ((1, "upstream"), (2, "mail"), (3, "proxy")):
            marks = [int(each == state) for each in states]
            yield from cells(kind, marks, 1, at * height, height, one.proxy)


def life(one: Activity, ticks: Sequence[Tick]) -> Markup:
    """One proxy's day: driven, mail, and everything else it opened."""
    height, bins = 3 * ROW, len(one.driven)
    shapes: list[Markup] = [grid((s for s, _ in ticks), height, bins)]
    lines = (("upstream", one.driven), ("mail", one.mail), ("other", one.other))
    for at, (kind, counts) in enumerate(lines):
        shapes += cells(kind, counts, max(counts, default=1), at * ROW + 3, 12.0)
    driven, mail, other = (sum(counts) for _, counts in lines)
    label = (
        f"Sessions over time: {grouped(driven)} with upstreams, {grouped(mail)} of mail,"
        f" {grouped(other)} others that it opened."
    )
    return picture(
        height + AXIS, label, plot(0, height, shapes, bins), axis(ticks, height + 14)
    )


def ticks_of(report: Report, zone: tzinfo) -> list[Tick]:
    """The marks under every timeline of the report."""
    bins = len(report.activity[0].driven) if report.activity else 1
    return time_ticks(bin_window(report.answer.window, report.bin_us, bins), zone)
