"""The text for mail."""

import re
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from headwater.outputs.report.text import MOST_REASONS, MOST_ROWS, WIDTH, render_text
from headwater.records.report import Report

BERLIN = ZoneInfo("Europe/Berlin")
LONG = "2001:db8:1111:2222:3333:4444:5555:6666"


def test_as_it_was_seen_and_approved(
    report: Report, approved: Callable[[str, str], str]
) -> None:
    page = render_text(report, BERLIN)
    assert page == approved("golden.txt", page)


def test_only_what_is_new(report: Report) -> None:
    text = render_text(report, BERLIN, only_new=True)
    proxies = text.split("Proxies\n")[1].split("\n\n")[0]
    assert "192.0.2.10" in proxies
    assert "192.0.2.11" not in proxies
    assert "Masters\n" not in text
    assert "Proxies not found again: 192.0.2.50." in text


def test_suspects_that_were_known_are_not_new(report: Report) -> None:
    assert "Next suspects" in render_text(report, BERLIN, only_new=True)
    assert report.changes
    known = replace(report, changes=replace(report.changes, next_suspects=()))
    assert "Next suspects" not in render_text(known, BERLIN, only_new=True)


def test_the_first_reasons_are_enough(report: Report) -> None:
    many = tuple(f"reason {number}" for number in range(MOST_REASONS + 2))
    proxy = replace(report.answer.proxies[0], reasons=many)
    answer = replace(report.answer, proxies=(proxy,))
    text = render_text(replace(report, answer=answer, changes=None), BERLIN)
    assert [reason in text for reason in many] == [True] * MOST_REASONS + [False] * 2


def test_long_addresses_stay_whole_and_other_columns_go(report: Report) -> None:
    first = replace(report.answer.proxies[0], address=LONG)
    answer = replace(report.answer, proxies=(first, *report.answer.proxies[1:]))
    text = render_text(replace(report, answer=answer), BERLIN)
    assert any(
        line.startswith(f"{LONG}  synthetic-open  1080  0.98") for line in text.split("\n")
    )
    assert all(len(line) <= WIDTH for line in text.splitlines())


def test_hostile_words_cannot_steer_a_terminal(report: Report) -> None:
    evil = replace(
        report.answer.proxies[0], subscriber="\x1b[2J\r\nX", reasons=("\u202e\x07 evil",)
    )
    answer = replace(report.answer, proxies=(evil,))
    text = render_text(replace(report, answer=answer, changes=None), BERLIN)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", text)


def test_many_rows_are_counted(report: Report) -> None:
    first = report.answer.proxies[0]
    rows = tuple(replace(first, address=f"192.0.2.{n}") for n in range(MOST_ROWS + 7))
    text = render_text(replace(report, answer=replace(report.answer, proxies=rows)), BERLIN)
    assert "... and 7 more" in text
