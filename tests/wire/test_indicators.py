from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.sighting import Sighting
from headwater.records.window import to_us
from headwater.wire.indicators import read_indicators, read_instant


def read(*lines: str) -> list[Sighting | Refused]:
    return list(read_indicators(lines, "iocs.csv"))


def subjects(seen: list[Sighting | Refused]) -> Iterator[tuple[str, int | None, str | None]]:
    return ((s.subject, s.port, s.detail) for s in seen if isinstance(s, Sighting))


@pytest.mark.parametrize(
    "lines",
    [
        ("indicator,type,port,description", "192.0.2.1,ipv4,8080,bot x"),
        ("\ufeffIndicator,Port,Description", "192.0.2.1,8080,bot x"),
        ("type,value,dst_port,malware", "ip-dst,192.0.2.1,8080,bot x"),
        ("# a feed", "# first_seen,ioc_value,malware", '"2026-01-01","192.0.2.1:8080","bot x"'),
        ("ioc , comment", '"192.0.2.1:8080","bot\n x"'),
    ],
)
def test_columns_are_found_whatever_they_are_called(lines: tuple[str, ...]) -> None:
    assert list(subjects(read(*lines))) == [("192.0.2.1", 8080, "bot x")]


def test_times_are_kept() -> None:
    (seen,) = read(
        "ioc,first_seen,valid_until",
        "c2.bad.example,2026-01-01 10:00:00 UTC,2026-02-01T00:00:00+01:00",
    )
    assert isinstance(seen, Sighting)
    assert seen.from_us == to_us(datetime(2026, 1, 1, 10, tzinfo=UTC))
    assert seen.until_us == to_us(datetime(2026, 1, 31, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "d41d8cd98f00b204e9800998ecf8427e,md5,,",
            "not met in flows: indicators of type 'md5'",
        ),
        ("bad,domain,,", "not an address or domain: 'bad'"),
        ("192.0.2.1,ip,70000,", "not a port"),
        ("192.0.2.1,ip,,tomorrow", "not a time: 'tomorrow'"),
        (",,,", None),
    ],
)
def test_rows_that_cannot_be_read_cost_only_themselves(row: str, reason: str | None) -> None:
    seen = read("ioc,type,port,until", "192.0.2.1,ip,,", "", row, "192.0.2.2,ip,,")
    assert [s for s, *_ in subjects(seen)] == ["192.0.2.1", "192.0.2.2"]
    refused = [s for s in seen if isinstance(s, Refused)]
    assert [r.position for r in refused] == (["line 4"] if reason else [])
    assert all(r.reason.startswith(reason or "") for r in refused)


def test_without_a_header_nothing_can_be_read() -> None:
    with pytest.raises(MalformedInput, match="the first line must name the columns"):
        read("192.0.2.1,80,bot")


def test_a_quote_without_end_is_counted_with_what_it_swallowed() -> None:
    swallowed = ["192.0.2.9,x"] * 99
    seen = read("ioc,type", "192.0.2.1,ip", '192.0.2.2,"never closed', *swallowed)
    assert [s for s, *_ in subjects(seen)] == ["192.0.2.1"]
    (refused,) = (s for s in seen if isinstance(s, Refused))
    assert (refused.position, refused.records) == ("line 3", 100)
    assert refused.reason.startswith("quoted cell spans too many lines")


def test_a_giant_cell_costs_only_itself() -> None:
    seen = read("ioc,type", '192.0.2.2,"' + "x" * 200_000 + '"', "192.0.2.1,ip")
    assert [s.reason for s in seen if isinstance(s, Refused)] == ["not CSV: a cell is too long"]
    assert [s for s, *_ in subjects(seen)] == ["192.0.2.1"]


def test_an_empty_file_says_nothing() -> None:
    assert read() == []


@pytest.mark.parametrize("text", ["x", "2026-13-01", "2026-01-01T25:00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(MalformedInput, match="not a time"):
        read_instant(text)


@given(st.lists(st.text(max_size=40)))
def test_any_rows_are_read_or_refused(lines: list[str]) -> None:
    header = "ioc,type,port,until"
    assert all(isinstance(s, Sighting | Refused) for s in read(header, *lines))
