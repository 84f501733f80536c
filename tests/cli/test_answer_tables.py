from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from headwater.cli import answer_tables
from headwater.cli.answer_tables import SHEETS, Sheet, counts, listed
from headwater.cli.printing import WIDTH, Column, print_table
from headwater.outputs.wording import octets, period, share
from headwater.records.answer import (
    Answer,
    Counts,
    Master,
    NextSuspect,
    Operation,
    Proxy,
    Upstream,
)
from headwater.records.window import Window

START = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
LONG_V6 = "2001:db8:1111:2222:3333:4444:5555:6666"


def an_answer(address: str = "192.0.2.77", many: int = 1) -> Answer:
    proxy = Proxy(
        address=address, kind="synthetic-protected", kinds={"synthetic-protected": 1.0},
        port=41234, confidence=0.9999, first_seen=START, last_seen=START + timedelta(hours=1),
        mail_sessions=12345, reasons=("it relays",),
    )  # fmt: skip
    upstream = Upstream(
        address=address, role="driver", confidence=0.5, proxies=("192.0.2.77",), sessions=7,
        bytes=1_234_567, first_seen=START, last_seen=START, as_number=4200000000, country="ZZ",
    )  # fmt: skip
    master = Master(
        address=address, ports=(80, 443, 2222, 8080, 9999), confidence=0.97,
        proxies=("192.0.2.77",), clean_clients=1, period_s=300.0,
        next_suspects=(NextSuspect(address="192.0.2.9", confidence=0.3),),
    )  # fmt: skip
    operation = Operation(
        name="op-abcdef",
        proxies=("192.0.2.77",),
        upstreams=tuple(f"198.51.100.{n}" for n in range(9)),
        masters=(address,),
    )
    return Answer(
        window=Window(START, START + timedelta(hours=2)),
        proxies=(proxy,) * many,
        upstreams=(upstream,) * many,
        masters=(master,) * many,
        operations=(operation,) * many,
        counts=Counts(flows=1234567, sessions=600000, own_hosts=254, both_directions=0.989),
    )


def printed(sheet: Sheet) -> str:
    out = StringIO()
    fitted = sheet.fitted()
    print_table(fitted.columns, fitted.rows, title=fitted.title, stream=out)
    return out.getvalue()


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("address", ["192.0.2.77", LONG_V6])
def test_every_table_fits_and_keeps_addresses_whole(name: str, address: str) -> None:
    text = printed(SHEETS[name](an_answer(address), UTC))
    assert all(len(line.rstrip()) <= WIDTH for line in text.splitlines())
    assert address in text


@pytest.mark.parametrize("name", SHEETS)
def test_what_is_needed_stays_whatever_the_width(name: str) -> None:
    sheet = SHEETS[name](an_answer(LONG_V6), UTC)
    assert len(sheet.fitted(10).columns) == sheet.needed
    assert [len(row) for row in sheet.fitted(10).rows] == [sheet.needed]
    assert sheet.fitted(1000).columns == sheet.columns


def test_columns_go_one_by_one_from_the_right() -> None:
    sheet = Sheet(
        title="t",
        columns=[Column(name=name) for name in ("a", "b", "c")],
        rows=[("1234", "12\n1234", "1234")],
        needed=1,
        total=1,
    )
    assert len(sheet.fitted(16).columns) == 3
    assert len(sheet.fitted(15).columns) == 2
    assert len(sheet.fitted(9).columns) == 1


def test_a_table_shows_the_first_and_knows_how_many_there_are() -> None:
    sheet = answer_tables.proxies(an_answer(many=3), UTC, most=2)
    assert (len(sheet.rows), sheet.total) == (2, 3)


def test_counts_say_what_was_looked_at_and_what_was_not_seen() -> None:
    assert counts(an_answer(), UTC) == [
        "from 2026-01-31 23:59:00 to 2026-02-01 01:59:00 UTC",
        "1,234,567 flows, 600,000 sessions of 254 own hosts",
        "both directions 98 %; of the other sessions one side was silent or not exported",
    ]
    assert all(len(line) <= WIDTH for line in counts(an_answer(), UTC))


@pytest.mark.parametrize(
    ("probability", "text"), [(0.9999, "0.99"), (1.0, "1.00"), (0.29, "0.29"), (0.5, "0.50")]
)
def test_confidence_is_never_rounded_up(probability: float, text: str) -> None:
    assert share(probability) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_960, "10.0 kB"), (12_345, "12 kB"),
        (5_000_000, "5.0 MB"), (10**18, "1000000 TB"),
    ],
)  # fmt: skip
def test_octets(number: int, text: str) -> None:
    assert octets(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (20.0, "20 s"), (119.9, "120 s"), (300.0, "5 min"), (7200.0, "2 h")],
)
def test_periods(seconds: float | None, text: str) -> None:
    assert period(seconds) == text


def test_long_lists_are_cut_and_say_so() -> None:
    assert listed(["a", "b"], ", ") == "a, b"
    assert listed(list("abcdef"), ", ") == "a, b, c, d, and 2 more"


def test_a_master_keeps_its_last_column_however_many_ports_it_has() -> None:
    shown = printed(SHEETS["masters"](an_answer(), UTC))
    assert "80, 443, +3" in shown
    assert "go dark" in shown
    assert max(map(len, shown.splitlines())) <= WIDTH
