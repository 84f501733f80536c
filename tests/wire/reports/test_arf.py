from tests.wire.reports.cases import DESK, multipart, opened, told

from headwater.records.incident import IncidentKind
from headwater.wire.reports import arf

TEXT = "Content-Type: text/plain\n\nThis is an email abuse report."
SAMPLE = (
    "Content-Type: message/rfc822\n\nReceived: from x.example ([192.0.2.9]) by mx.example; "
    "Tue, 12 Mar 2019 08:00:00 +0000\nSubject: pills\n\nbuy"
)


def feedback(
    fields: str, sample: str = SAMPLE
) -> list[tuple[str, int | None, str | None, str]]:
    given = multipart(
        "FW: pills", TEXT, f"Content-Type: message/feedback-report\n\n{fields}", sample
    )
    return [told(i) for i in opened(given).incidents]


def test_source_and_arrival_are_taken() -> None:
    fields = (
        "Feedback-Type: abuse\nVersion: 1\nSource-IP: 192.0.2.7\nSource-Port: 4711\n"
        "Arrival-Date: Tue, 12 Mar 2019 09:15:27 +0100\n"
    )
    assert feedback(fields) == [("192.0.2.7", 4711, "08:15:27", "spam")]


def test_a_dialect_s_received_date_will_do() -> None:
    fields = (
        "Feedback-Type: abuse\nReceived-Date: Tue, 12 Mar 2019 08:15:27 UTC\n"
        "Source-IP: 192.0.2.7\n"
    )
    assert feedback(fields) == [("192.0.2.7", None, "08:15:27", "spam")]


def test_without_source_the_sample_tells() -> None:
    assert feedback("Feedback-Type: abuse\n") == [("192.0.2.9", None, "08:00:00", "spam")]


def test_who_says_it_is_no_spam_accuses_nobody() -> None:
    assert feedback("Feedback-Type: not-spam\nSource-IP: 192.0.2.7\n") == []


def test_an_outside_source_ends_the_search() -> None:
    assert feedback("Feedback-Type: abuse\nSource-IP: 198.51.100.7\n") == []


def test_failed_authentication_is_weak_evidence() -> None:
    fields = "Feedback-Type: auth-failure\nSource-IP: 192.0.2.7\n"
    given = multipart("x", TEXT, f"Content-Type: message/feedback-report\n\n{fields}")
    (claim,) = arf.takes(given, DESK).claims
    assert claim.confidence < 0.5
    assert claim.kind is IncidentKind.OTHER


def test_other_mails_are_not_recognised() -> None:
    assert not arf.recognises(multipart("x", TEXT))
