from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.reports.cases import mail, multipart, opened, told

from headwater.records.incident import Zone


class Shape(NamedTuple):
    name: str
    subject: str
    text: str
    accused: frozenset[tuple[str, int | None, str | None, str]]


def shapes() -> list[Shape]:
    files = sorted(Path(__file__).parent.glob("*shapes.txt"))
    pieces = [p for file in files for p in file.read_text("utf-8").split("\n== ")[1:]]
    return [_shape(piece) for piece in pieces]


def _shape(piece: str) -> Shape:
    name, subject, rest = piece.split("\n", 2)
    text, _, lines = rest.partition("\n=>")
    accused = frozenset(_accused(line) for line in lines.strip().split("\n") if line)
    return Shape(name, subject, text, accused)


def _accused(line: str) -> tuple[str, int | None, str | None, str]:
    address, port, time, kind = line.split(" ", 3)
    return address, None if port == "-" else int(port), None if time == "-" else time, kind


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
def test_each_shape_of_evidence_accuses_exactly_whom_it_should(shape: Shape) -> None:
    found = opened(mail(shape.subject, shape.text + "\n")).incidents
    assert {told(i) for i in found} == shape.accused


def test_rows_of_an_html_table_are_rows() -> None:
    page = (
        "<html><head><style>p {}</style></head><body><table>"
        "<tr><th><p>Source IP</p></th><th>Time (UTC)</th><th>Port</th></tr>"
        "<tr><td><p>192.0.2.7</p></td><td>2019-03-12 08:15:27</td><td><b>4711</b></td></tr>"
        "</table></body></html>"
    )
    found = opened(mail("Port scan", page, "Content-Type: text/html\n")).incidents
    assert [told(i) for i in found] == [("192.0.2.7", 4711, "08:15:27", "scan")]


def test_an_attached_spam_accuses_who_handed_it_over() -> None:
    spam = (
        "Content-Type: message/rfc822\n\n"
        "Received: from dsl.example (unknown [192.0.2.7]) by mx.example; "
        "Tue, 12 Mar 2019 08:15:27 +0000\nFrom: a@example.com\nSubject: pills\n\nbuy"
    )
    found = opened(multipart("Spam complaint", "Content-Type: text/plain\n\nSee below.", spam))
    assert [told(i) for i in found.incidents] == [("192.0.2.7", None, "08:15:27", "spam")]


def test_a_spam_that_our_server_took_in_accuses_nobody() -> None:
    spam = (
        "Content-Type: message/rfc822\n\n"
        "Received: from mx.isp.example ([192.0.2.25]) by store.isp.example ([192.0.2.26]); "
        "Tue, 12 Mar 2019 08:15:29 +0000\n"
        "Received: from bad.example ([198.51.100.7]) by mx.isp.example ([192.0.2.25]); "
        "Tue, 12 Mar 2019 08:15:27 +0000\nSubject: pills\n\nbuy"
    )
    given_mail = multipart("Spam complaint", "Content-Type: text/plain\n\nSee below.", spam)
    assert opened(given_mail).incidents == ()


def test_a_thousand_addresses_are_a_thousand_incidents() -> None:
    lines = "\n".join(f"2001:db8:1::{n:x} 2019-03-12 08:15:27Z" for n in range(1, 1001))
    assert (
        len(opened(mail("Botnet infections", f"Infected hosts:\n\n{lines}\n")).incidents)
        == 1000
    )


def test_many_lines_on_one_address_are_one_incident_from_first_to_last() -> None:
    lines = "\n".join(
        f"Mar 12 08:15:{n:02} srv sshd[1]: Failed password for root from 192.0.2.7 port 4{n:03}"
        for n in range(30)
    )
    (one,) = opened(mail("ssh attack", lines)).incidents
    assert (one.times, one.seen.at.second, one.until and one.until.second) == (30, 0, 29)
    assert one.port == 4000
    assert one.seen.zone is Zone.ASSUMED


def test_which_day_may_be_meant_is_said_to_be_ambiguous() -> None:
    (one,) = opened(
        mail("Port scan", "Source IP: 192.0.2.7\nDate: 02/03/2019 08:15:27\n")
    ).incidents
    assert one.seen.zone is Zone.AMBIGUOUS


def test_a_zone_stated_once_holds_for_every_time() -> None:
    text = "All times are in GMT+2.\nSource IP: 192.0.2.7\nTime: 2019-03-12 10:15:27\n"
    (one,) = opened(mail("Port scan", text)).incidents
    assert (one.seen.at.hour, one.seen.zone) == (8, Zone.KNOWN)


def test_without_a_time_the_mail_s_is_taken_and_said_so() -> None:
    (one,) = opened(mail("Port scan", "Source IP: 192.0.2.7\n")).incidents
    assert one.seen.of_mail
    assert one.seen.at.hour == 10


def test_a_mention_without_words_of_abuse_accuses_nobody() -> None:
    found = opened(mail("Hello", "my address is 192.0.2.7, is that good?"))
    assert found.incidents == ()
    assert found.unread


def test_several_mentions_in_prose_are_for_a_person() -> None:
    text = "abuse and attacks: maybe 192.0.2.7 or rather 192.0.2.8, who knows; malware"
    assert opened(mail("abuse", text)).incidents == ()


def test_excerpts_carry_no_escape_sequences() -> None:
    (one,) = opened(
        mail("Scan", "Source IP: 192.0.2.7 \x1b[2J\x1b]0;evil\x07 port scan")
    ).incidents
    assert "\x1b" not in one.excerpt
    assert "\x07" not in one.excerpt


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_left(text: str) -> None:
    result = opened(mail("attack", f"192.0.2.7 {text}".replace("\ud800", "")))
    assert {i.address for i in result.incidents} <= {"192.0.2.7"} or result.incidents


WORDS = ("from", "to", "IP:", "192.0.2.7", "198.51.100.1", "->", "[", "]", "\n", ":", "|",
         "port", "2019-03-12", "08:15:27", "UTC", "attack", "src=", "dst=", ",",
         "\t")  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_nobody_outside_is_ever_accused(words: list[str]) -> None:
    result = opened(mail("attack from your network", " ".join(words)))
    assert {i.address for i in result.incidents} <= {"192.0.2.7"}


@pytest.mark.parametrize(
    "piece", ["192.0.2.7 ", "192.0.2.7,", "is 192.0.2.7; ", "IP: 192.0.2.7\n"]
)
def test_an_endless_line_of_addresses_is_read_in_time_that_grows_with_it(piece: str) -> None:
    found = opened(mail("attack", piece * 6_000))
    assert {i.address for i in found.incidents} <= {"192.0.2.7"}
