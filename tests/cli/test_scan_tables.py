"""Who scans, as tables: they fit the page, and addresses stay whole."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from tests.e2e.hunting import told

from headwater.cli.answer_tables import Sheet
from headwater.cli.printing import WIDTH, print_table
from headwater.cli.scan_tables import SCAN_SHEETS
from headwater.lab.recordings import Recording
from headwater.records.answer import Answer, Change, Counts, Scanner, Scanning
from headwater.records.window import Window

START = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
LONG_V6 = "2001:db8:1111:2222:3333:4444:5555:6666"


def an_answer(address: str = "192.0.2.77", many: int = 1) -> Answer:
    scanning = Scanning(
        address=address, confidence=0.98, port=37215, server=None, protocol=6, targets=1234567,
        opened=12345, per_hour=99999.6, first_seen=START, last_seen=START + timedelta(hours=1),
    )  # fmt: skip
    scanner = Scanner(
        address=address, confidence=0.99, ports=(23, 37215, 52869, 60001, 8080), doors=12345678,
        opened=12, hosts=12345, dark=11111, answered_by=("192.0.2.9",),
        changed=(Change(address="192.0.2.9", what="mail", port=25, after_s=60.0),),
        first_seen=START, last_seen=START, as_number=4200000000, country="ZZ",
    )  # fmt: skip
    return Answer(
        window=Window(START, START + timedelta(hours=2)),
        proxies=(), upstreams=(), masters=(), operations=(),
        counts=Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0),
        scanning=(scanning,) * many,
        scanners=(scanner,) * many,
    )  # fmt: skip


def printed(sheet: Sheet) -> str:
    out = StringIO()
    fitted = sheet.fitted()
    print_table(fitted.columns, fitted.rows, title=fitted.title, stream=out)
    return out.getvalue()


@pytest.mark.parametrize("name", SCAN_SHEETS)
@pytest.mark.parametrize("address", ["192.0.2.77", LONG_V6])
def test_every_table_fits_and_keeps_addresses_whole(name: str, address: str) -> None:
    text = printed(SCAN_SHEETS[name](an_answer(address), UTC))
    assert all(len(line.rstrip()) <= WIDTH for line in text.splitlines())
    assert address in text


@pytest.mark.parametrize("name", SCAN_SHEETS)
def test_only_so_many_rows_of_how_many(name: str) -> None:
    sheet = SCAN_SHEETS[name](an_answer(many=5), UTC, 2)
    assert (len(sheet.rows), sheet.total) == (2, 5)


def test_what_is_told_of_each() -> None:
    answer = an_answer()
    (host,) = SCAN_SHEETS["scanning hosts"](answer, UTC).rows
    assert host[:6] == ("192.0.2.77", "37215/tcp", "0.98", "1,234,567", "12,345", "100,000")
    (outsider,) = SCAN_SHEETS["scanners"](answer, UTC).rows
    assert outsider[1:7] == ("23, 37215, 52869", "0.99", "12,345,678", "11,111", "12", 1)


def test_the_planted_scanner_is_named_and_no_tester(
    hunted_place: Path, recording: Recording
) -> None:
    text = told("show", "scanners", "-w", hunted_place)
    assert "No scanning hosts found." in text
    assert [one for one in recording.truth.scanners if one not in text] == []
    assert [one for one in recording.truth.testers if one in text] == []
