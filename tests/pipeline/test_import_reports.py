import json
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.wire.reports.cases import raw_mail

from headwater.lake.tables import Lake
from headwater.pipeline.import_reports import KnownIncidents, ReportsTold, import_reports
from headwater.pipeline.read_reports import Reader, read_all
from headwater.records.intake import Refused
from headwater.sources.mailbox import RawMail
from headwater.sources.report_pile import Pile

NOW = datetime(2026, 1, 1, tzinfo=UTC)
READER = Reader(own_networks=(ip_network("192.0.2.0/24"),), now=NOW)
SCAN = raw_mail(
    "Port scan", "Source IP: 192.0.2.7\nSource Port: 4711\nTime: 2019-03-12 08:15:27 UTC\n"
)
VIRUS = raw_mail("Malware", "Infected hosts (malware):\n\n192.0.2.8\n192.0.2.9\n")
BOUNCE = raw_mail("Undelivered Mail Returned to Sender", "x", "Return-Path: <>\n")
RIDDLE = raw_mail("Riddle", "who am I?")


def given(*raws: bytes) -> list[RawMail | Refused]:
    return [RawMail(raw=raw, source="box", position=f"mail {n}") for n, raw in enumerate(raws)]


class Desk:
    def __init__(self, folder: Path) -> None:
        self.lake, self.pile = Lake(folder / "lake"), Pile(folder / "reports")

    def take(
        self, mails: Iterable[RawMail | Refused], reader: Reader = READER, processes: int = 1
    ) -> ReportsTold:
        return import_reports(mails, reader, self.lake, self.pile, processes)

    def rows(self) -> list[dict[str, Any]]:
        return sorted(self.lake.read("sightings").to_pylist(), key=lambda r: r["subject"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_incidents_become_sightings(desk: Desk) -> None:
    told = desk.take(given(SCAN, VIRUS, BOUNCE, RIDDLE, b"\xff" * 10))
    assert (told.mails, told.reports, told.sightings) == (5, 2, 3)
    assert dict(told.apart) == {"bounce": 1}
    assert sum(told.unread.values()) == 2
    scan, virus, _ = desk.rows()
    assert (scan["subject"], scan["port"], scan["kind"], scan["means"]) == (
        "192.0.2.7", 4711, "reported", "other",
    )  # fmt: skip
    assert scan["seen_at"] == datetime(2019, 3, 12, 8, 15, 27, tzinfo=UTC)
    assert scan["source"] == "report reporter.example"
    detail = json.loads(scan["detail"])
    assert (detail["incident_kind"], detail["zone"], detail["time_from"]) == (
        "scan", "known", "evidence",
    )  # fmt: skip
    assert virus["kind"] == "malware"


def test_the_same_incident_is_one_in_a_mail_an_import_and_later(desk: Desk) -> None:
    again = SCAN.replace(b"Subject: Port scan", b"Subject: Port scan (reminder)")
    assert desk.take(given(SCAN, again)).sightings == 1
    told = desk.take(given(SCAN, again, VIRUS))
    assert (told.sightings, told.repeated) == (2, 2)
    assert len(desk.rows()) == 3


def test_another_time_is_another_incident(desk: Desk) -> None:
    later = SCAN.replace(b"08:15:27", b"09:15:27")
    assert desk.take(given(SCAN, later)).sightings == 2


def test_addresses_of_others_are_set_aside_and_counted(desk: Desk) -> None:
    told = desk.take(given(raw_mail("Port scan", "Source IP: 198.51.100.7\n")))
    assert (told.sightings, told.outside) == (0, 1)
    assert desk.lake.rows("sightings") == 0


def test_whom_nobody_may_accuse_is_not_accused(desk: Desk) -> None:
    reader = Reader(
        own_networks=READER.own_networks, never_accuse=(ip_network("192.0.2.7/32"),), now=NOW
    )
    assert desk.take(given(SCAN), reader).sightings == 0


def test_a_trusted_mailbox_is_worth_more(desk: Desk) -> None:
    desk.take(given(SCAN))
    plain = json.loads(desk.rows()[0]["detail"])["confidence"]
    other = Desk(desk.lake.root.parent / "other")
    other.take(given(SCAN), Reader(own_networks=READER.own_networks, now=NOW, trusted=True))
    assert json.loads(other.rows()[0]["detail"])["confidence"] > plain


def test_what_nothing_understands_waits_in_the_pile(desk: Desk) -> None:
    desk.take(given(RIDDLE, RIDDLE, SCAN))
    assert [raw for _, raw in desk.pile.all()] == [RIDDLE]


def test_what_is_refused_is_counted_with_its_reason(desk: Desk) -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(99)
    )
    refused = Refused(source="box", position="mail 9", reason="mail too big: 9 bytes")
    told = desk.take([*given(nested), refused])
    assert set(told.refusals.counts) == {"nested too deep", "mail too big"}


def test_several_processes_read_alike(desk: Desk) -> None:
    mails = given(*(SCAN.replace(b".7\n", b".%d\n" % n) for n in range(1, 121)), RIDDLE)
    alone = [m.opened for m in read_all(mails, READER) if not isinstance(m, Refused)]
    together = [m.opened for m in read_all(mails, READER, 2) if not isinstance(m, Refused)]
    assert alone == together
    assert desk.take(mails, processes=2).sightings == 120


def test_what_the_table_holds_is_known(desk: Desk) -> None:
    desk.take(given(SCAN))
    name = json.loads(desk.rows()[0]["detail"])["incident"]
    assert not KnownIncidents(desk.lake).is_new(name)
    assert KnownIncidents(desk.lake).is_new("0" * 16)


def test_extra_words_tell_the_kind(desk: Desk) -> None:
    reader = Reader(
        own_networks=READER.own_networks,
        now=NOW,
        extra_words='[kinds.proxy]\nstrong = ["blinkenlight"]\n',
    )
    mail = raw_mail("Blinkenlight", "Source IP: 192.0.2.7\n")
    assert dict(desk.take(given(mail), reader).kinds) == {"proxy": 1}
