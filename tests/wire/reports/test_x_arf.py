import pytest
from tests.wire.reports.cases import multipart, opened, told

from headwater.wire.reports.x_arf import fields_of

TEXT = "Content-Type: text/plain\n\nYour server attacked us."


def read(fields: str, text: str = TEXT) -> list[tuple[str, int | None, str | None, str]]:
    given = multipart("report", text, f"Content-Type: text/plain; name=report.txt\n\n{fields}")
    return [told(i) for i in opened(given).incidents]


FIELDS = (
    "---\nReported-From: abuse@reporter.example\nCategory: abuse\nReport-Type: {kind}\n"
    "Service: {service}\nDate: Tue, 12 Mar 2019 09:15:27 +0100\nSource-Type: ip-address\n"
    "Source: {source}\nPort: 22\n"
)


@pytest.mark.parametrize(
    ("kind", "service", "expected"),
    [
        ("login-attack", "ssh", "login attack"),
        ("regbot", "regbot", "spam"),
        ("malware-attack", "http", "malware"),
        ("phishing", "http", "phishing"),
        ("portscan", "", "scan"),
    ],
)
def test_the_type_of_the_report_is_the_kind(kind: str, service: str, expected: str) -> None:
    (found,) = read(FIELDS.format(kind=kind, service=service, source="192.0.2.7"))
    assert (found[0], found[2], found[3]) == ("192.0.2.7", "08:15:27", expected)


def test_the_victim_s_port_is_not_the_source_s() -> None:
    assert (
        read(FIELDS.format(kind="login-attack", service="ssh", source="192.0.2.7"))[0][1]
        is None
    )


def test_a_source_that_is_a_link_lends_kind_and_time() -> None:
    text = "Content-Type: text/plain\n\nA fraud site:\nhttp://bad.example/x [192.0.2.7]\n"
    fields = FIELDS.format(kind="phishing", service="http", source="http://bad.example/x")
    (found,) = read(fields, text)
    assert (found[0], found[2], found[3]) == ("192.0.2.7", "08:15:27", "phishing")


def test_an_outside_source_ends_the_search() -> None:
    text = "Content-Type: text/plain\n\nAttack from 192.0.2.7.\n"
    assert read(FIELDS.format(kind="x", service="", source="198.51.100.7"), text) == []


def test_a_text_without_the_fields_is_none() -> None:
    assert fields_of(multipart("x", TEXT)) is None
