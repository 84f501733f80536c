import pytest
from tests.wire.reports.cases import mail, multipart

from headwater.wire.reports.not_a_report import is_newsletter, not_a_report

TEXT = "Content-Type: text/plain\n\nx"


def test_a_delivery_status_is_a_bounce() -> None:
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
    assert not_a_report(multipart("x", TEXT, status)) == "bounce"


@pytest.mark.parametrize(
    ("subject", "text", "headers", "why"),
    [
        ("Undelivered Mail Returned to Sender", "x", "Return-Path: <>\n", "bounce"),
        ("Auto: away", "x", "Auto-Submitted: auto-replied\n", "automatic reply"),
        ("Out of Office: abuse", "x", "", "automatic reply"),
        ("Report Domain: isp.example Submitter: r.example", "x", "", "aggregate"),
        ("Re: Port scan", "Thank you for your report.\n> Source: 192.0.2.7", "", "answer"),
        ("AW: Scan", "Vielen Dank für Ihre Meldung, der Kunde ist informiert.", "", "answer"),
        ("Port scan", "Thank you for your report handling. Source: 192.0.2.7", "", None),
        ("Re: Port scan", "It goes on!\n> Thank you for your report.", "", None),
        ("Attack from 192.0.2.7", "x", "Auto-Submitted: auto-generated\n", None),
        ("Spam complaint", "x", "Return-Path: <>\n", None),
        ("Undelivered Mail Returned to Sender", "x", "X-ARF: yes\nReturn-Path: <>\n", None),
    ],
)
def test_what_is_set_apart(subject: str, text: str, headers: str, why: str | None) -> None:
    assert not_a_report(mail(subject, text, headers)) == why


def test_an_aggregate_is_known_by_its_attachment() -> None:
    part = (
        "Content-Type: application/gzip\n"
        'Content-Disposition: attachment; filename="r.example!isp.example!1!2.xml.gz"\n\nx'
    )
    assert not_a_report(multipart("report", TEXT, part)) == "aggregate"


def test_a_newsletter_needs_two_marks_and_no_word_of_abuse() -> None:
    marks = "List-Id: <news.example>\nList-Unsubscribe: <mailto:u@news.example>\n"
    assert is_newsletter(mail("Our offers", "x", marks))
    assert not is_newsletter(mail("Abuse report", "x", marks))
    assert not is_newsletter(mail("Our offers", "x"))
