import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire import mail as mail_module
from headwater.wire.mail import read_mail, sent_at

WHOLE = (
    b"From x@example.com Tue Mar 12 10:00:00 2019\n"
    b"From: =?utf-8?q?Rep=C3=B6rter?= <Abuse@Reporter.example>\n"
    b"Subject: =?utf-8?b?QW5ncmlmZg==?=\n"
    b"Date: Tue, 12 Mar 2019 11:00:00 +0100\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\nContent-Type: multipart/alternative; boundary=c\n\n"
    b"--c\nContent-Type: text/plain; charset=iso-8859-1\n"
    b"Content-Transfer-Encoding: quoted-printable\n\n"
    b"Gr=FC=DFe\n--c\nContent-Type: text/html\n\n<p>Gr&uuml;sse</p>\n--c--\n"
    b"--b\nContent-Type: text/plain; name=log.txt\n\nlog line\n"
    b"--b\nContent-Type: image/png; name=x.png\nContent-Transfer-Encoding: base64\n\nAAAA\n"
    b"--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n"
    b"--b\nContent-Type: message/feedback-report\n\n"
    b"Feedback-Type: abuse\nSource-IP: 192.0.2.7\n"
    b"--b\nContent-Type: message/delivery-status\n\n"
    b"Reporting-MTA: dns; x\n\nAction: failed\n--b--\n"
)


def test_a_mail_in_all_its_parts() -> None:
    mail = read_mail(WHOLE)
    assert (mail.subject, mail.sender) == ("Angriff", "abuse@reporter.example")
    assert mail.texts == ["Grüße", "log line"]
    assert [p.kind for p in mail.parts] == [
        "text/plain",
        "text/html",
        "text/plain",
        "image/png",
    ]
    assert mail.parts[-1].body == b""
    assert [inner.subject for inner in mail.attached] == ["inner"]
    assert dict(mail.feedback[0]) == {"feedback-type": "abuse", "source-ip": "192.0.2.7"}
    assert mail.statuses == 1
    assert sent_at(mail) == datetime(2019, 3, 12, 10, tzinfo=UTC)


def test_html_is_the_body_where_there_is_no_other_text() -> None:
    assert read_mail(b"Content-Type: text/html\n\n<b>a</b>").body == "a"


def test_a_mail_in_base64_inside_is_read() -> None:
    inner = base64.b64encode(b"Subject: inner\n\nx")
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n"
        b"Content-Transfer-Encoding: base64\n\n" + inner + b"\n--b--\n"
    )
    assert [m.subject for m in read_mail(raw).attached] in (["inner"], [""])


def test_a_multipart_whose_boundary_never_comes_keeps_its_text() -> None:
    mail = read_mail(b"Content-Type: multipart/mixed; boundary=b\n\nhello 192.0.2.7\n")
    assert "192.0.2.7" in "".join(p.text for p in mail.parts)


def test_where_no_date_is_written_the_newest_received_line_tells() -> None:
    mail = read_mail(
        b"Received: from a by b; Tue, 12 Mar 2019 10:00:00 +0000\nDate: (invalid)\n\nx"
    )
    assert sent_at(mail) == datetime(2019, 3, 12, 10, tzinfo=UTC)
    assert sent_at(read_mail(b"Subject: x\n\ny")) is None


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(500)
)
FORWARDED = b"Content-Type: message/rfc822\n\n" * 500


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (NESTED, "nested too deep"),
        (FORWARDED, "nested too deep"),
        (b"".join(b"X-%d: y\n" % n for n in range(5000)) + b"\nx", "flood of headers"),
        (b"Subject: x\n\n" + b"\n" * (mail_module.MOST_LINES + 1), "mail too long"),
        (b"Subject: x\n\n" + b"x" * (mail_module.MOST_BYTES + 1), "mail too big"),
    ],
    ids=["parts", "mails", "headers", "lines", "bytes"],
)
def test_hostile_mails_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedInput, match=reason):
        read_mail(raw)


def test_a_monstrous_header_costs_its_part_only() -> None:
    raw = b"Content-Type: text/plain; " + b"a=b; " * 50_000 + b"\n\n192.0.2.7"
    assert read_mail(raw).parts[0].kind == "application/x-too-long"


def test_mails_inside_mails_end_at_a_depth() -> None:
    raw = (
        b"".join(b"Subject: %d\nContent-Type: message/rfc822\n\n" % n for n in range(20)) + b"x"
    )
    depth, mail = 0, read_mail(raw)
    while mail.attached:
        depth, mail = depth + 1, mail.attached[0]
    assert depth <= mail_module.DEEPEST_MAIL + 1


PIECES = (
    b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: message/rfc822\n", b"\n",
    b"--b\n", b"--b--\n", b"Content-Type: text/html; charset=utf-7\n", b"=?utf-8?q?=FF?=",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Disposition: attachment; filename*=x''%FF\n",
    b"Content-Type: message/feedback-report\n", b"\xff\x00", b"192.0.2.7 ", b"Date: x\n",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=40))
def test_any_bytes_give_a_mail_or_malformed_input(pieces: list[bytes]) -> None:
    try:
        mail = read_mail(b"".join(pieces))
    except MalformedInput:
        return
    assert isinstance(mail.subject + mail.sender + "".join(mail.texts), str)
    assert len(mail.parts) <= mail_module.MOST_PARTS
