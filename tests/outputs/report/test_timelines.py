"""Rows over time: at work, driven, mailing, or both."""

from dataclasses import replace

from headwater.outputs.report.timelines import MOST_NAMED, carpet, named, skyline
from headwater.records.report import Activity, Report


def row(driven: tuple[int, ...], mail: tuple[int, ...]) -> Activity:
    return Activity(proxy="192.0.2.10", driven=driven, mail=mail, other=(0,) * len(mail))


def test_mail_alone_is_work_too(report: Report) -> None:
    rows = (row((1, 0, 0), (0, 1, 0)), row((0, 0, 0), (0, 1, 0)))
    drawn = skyline(replace(report, activity=rows), [])
    assert "at most 2 proxies at once, in 2 of 3 stretches" in str(drawn)


def test_of_many_rows_each_cell_says_driven_or_mail_or_both() -> None:
    rows = [row((1, 0, 1), (0, 1, 1))] * (MOST_NAMED + 1)
    assert not named(rows)
    assert named(rows[1:])
    drawn = str(carpet(rows, [], "all"))
    for kind, first in (("upstream", 0), ("mail", 1), ("proxy", 2)):
        shapes = drawn.split(f'class="cell {kind} ')[1]
        assert shapes.split(' d="')[1].startswith(f"M{first} ")
