import json
from typing import Any

import pytest
from tests.wire.reports.cases import mail, opened, told

from headwater.wire.reports.xarf import breaches

CONTACT = {"org": "R", "contact": "r@reporter.example", "domain": "reporter.example"}
REPORT: dict[str, Any] = {
    "xarf_version": "4.2.0",
    "report_id": "dbf79f17-f4f4-4c22-ae58-19991f52a1e8",
    "timestamp": "2019-03-12T08:15:27Z",
    "reporter": CONTACT,
    "sender": CONTACT,
    "source_identifier": "192.0.2.7",
    "source_port": 4711,
    "category": "connection",
    "type": "login_attack",
    "destination_ip": "198.51.100.1",
}
V3 = {
    "Version": "3",
    "ReporterInfo": {"ReporterOrgDomain": "reporter.example"},
    "Report": {
        "ReportClass": "Activity",
        "ReportType": "LoginAttack",
        "Date": "2019-03-12T08:15:27Z",
        "SourceIp": "192.0.2.7",
        "SourcePort": 4711,
        "DestinationIp": "192.0.2.8",
    },
}
EXPECTED = [("192.0.2.7", 4711, "08:15:27", "login attack")]


def read(report: object) -> list[tuple[str, int | None, str | None, str]]:
    return [told(i) for i in opened(mail("report", json.dumps(report))).incidents]


def test_version_4() -> None:
    assert read(REPORT) == EXPECTED


def test_version_3() -> None:
    assert read(V3) == EXPECTED


def test_the_reporter_is_the_one_named() -> None:
    assert (
        opened(mail("report", json.dumps(REPORT))).incidents[0].reporter == "reporter.example"
    )


def test_a_whole_report_breaks_nothing() -> None:
    assert breaches(REPORT) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("report_id", "7"),
        ("timestamp", "yesterday"),
        ("category", "gossip"),
        ("type", "spam"),
        ("reporter", "me"),
        ("source_port", 70_000),
        ("confidence", 2),
        ("evidence", {}),
        ("xarf_version", "4"),
    ],
)
def test_a_breach_is_named(key: str, value: object) -> None:
    assert any(key in breach for breach in breaches({**REPORT, key: value}))


def test_what_is_missing_is_named() -> None:
    assert breaches({}) == [f"{key} is missing" for key in (
        "xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier",
        "category", "type",
    )]  # fmt: skip


def test_a_breach_that_does_not_matter_lowers_the_confidence() -> None:
    whole = opened(mail("report", json.dumps(REPORT))).incidents[0]
    broken = opened(mail("report", json.dumps({**REPORT, "report_id": "7"}))).incidents[0]
    assert broken.confidence < whole.confidence
    assert "report_id" in broken.excerpt
