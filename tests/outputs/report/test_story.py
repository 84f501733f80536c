"""Sentences of the story, one by one."""

from dataclasses import replace
from datetime import UTC

import pytest

from headwater.outputs.report.story import story
from headwater.records.answer import Answer, NextSuspect
from headwater.records.report import Report


def told(report: Report, **answer: object) -> str:
    changed: Answer = replace(report.answer, **answer)  # type: ignore[arg-type]
    return " ".join(story(replace(report, answer=changed), UTC))


def test_one_host_was_and_several_were(report: Report) -> None:
    proxies = report.answer.proxies
    assert "1 of 200 own host was found" in told(report, proxies=proxies[:1])
    assert "2 of 200 own hosts were found" in told(report, proxies=proxies[:2])


def test_the_rarest_kinds_are_told_together(report: Report) -> None:
    first = report.answer.proxies[0]
    kinds = ["backconnect"] * 3 + ["open-relay"] * 2 + ["natural-open", "synthetic-open"]
    rare = [*kinds, "content-proxy", "direct-sender"]
    text = told(report, proxies=tuple(replace(first, kind=kind) for kind in rare))
    assert "3 backconnect, 2 open-relay" in text
    assert "and 2 of other kinds." in text
    assert "direct-sender" not in text


def test_mail_to_one_network_is_said_once(report: Report) -> None:
    one = replace(report, deliveries=report.deliveries[:2])
    assert "opened 70 mail sessions to servers in one network, AS64501 Mail." in told(one)
    assert "servers in 2 networks, most of them to AS64501 Mail (70)" in told(report)


def test_who_only_sends_mail_is_at_work(report: Report) -> None:
    """All three are in the fourth hour: two driven, and the sender at its mail."""
    sender = replace(report.activity[2], mail=(0, 0, 0, 9, 0, 0), driven=(0,) * 6)
    busy = replace(report, activity=(*report.activity[:2], sender))
    assert "At the busiest, 1 March 15:00 UTC, 3 proxies were at work" in told(busy)


@pytest.mark.parametrize(
    ("suspects", "words"),
    [
        (["192.0.2.98"], "1 more own host calls a master and shows nothing else yet"),
        (["192.0.2.98", "192.0.2.99"], "2 more own hosts call a master and show nothing"),
    ],
)
def test_next_suspects_are_counted_once_each(
    report: Report, suspects: list[str], words: str
) -> None:
    called = tuple(NextSuspect(address=each, confidence=0.5) for each in suspects)
    one = replace(report.answer.masters[0], next_suspects=called)
    other = replace(one, address="203.0.113.6")
    assert words in told(report, masters=(one, other))


def test_who_calls_what_lawful_hosts_call_is_hardly_next(report: Report) -> None:
    called = (
        NextSuspect(address="192.0.2.98", confidence=0.1),
        NextSuspect(address="192.0.2.99", confidence=0.2),
    )
    one = replace(report.answer.masters[0], next_suspects=called)
    words = told(report, masters=(one,))
    assert "2 other own hosts call one, but so do lawful hosts" in words
    assert "next with a probability of 0.20 at most" in words
    assert "probably next" not in words
