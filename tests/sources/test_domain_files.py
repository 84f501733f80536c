"""Files of domains: every form, what is cleaned, what is refused."""

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.sources.domain_files import Telling, read_domains
from headwater.wire.names import registrable

Facts = list[tuple[str, str, str]]
Read = Callable[[str | bytes], tuple[Facts, list[Refused]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str | bytes) -> tuple[Facts, list[Refused]]:
        path = tmp_path / "file"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        telling = Telling(fact="first-seen", day=date(2026, 1, 2), spill=tmp_path / "spill")
        facts: Facts = []
        refused: list[Refused] = []
        for one in read_domains(path, telling):
            if isinstance(one, Refused):
                refused.append(one)
            else:
                facts += _rows(one)
        return facts, refused

    return read


def _rows(batch: pa.RecordBatch) -> Facts:
    return [(row["name"], row["fact"], row["value"]) for row in batch.to_pylist()]


def seen(*names: str) -> Facts:
    return [(name, "first-seen", "2026-01-02") for name in names]


def test_names_are_cleaned_and_each_counts_once(read: Read) -> None:
    text = "# feed\nShop.Example.\n\nwww.shop.example\n*.b.example\na.co.uk\nbücher.example\n"
    facts, refused = read(text)
    assert facts == seen("a.co.uk", "b.example", "shop.example", "xn--bcher-kva.example")
    assert refused == []


def test_what_is_no_registrable_name_is_refused(read: Read) -> None:
    facts, refused = read(
        "ok.example\nco.uk\n192.0.2.1\ntwo words\n-a-.example\n\x00☃.example\n"
    )
    assert facts == seen("ok.example")
    counts: dict[str, int] = {}
    for one in refused:
        counts[one.reason] = counts.get(one.reason, 0) + one.records
    assert counts == {"a public suffix": 1, "not a domain name": 4}
    assert {one.position for one in refused} >= {"co.uk", "two words"}


def test_columns_give_their_facts(read: Read) -> None:
    text = (
        "num,domain_name,create_date,update_date,expiry_date,registrar\n"
        '1,shop.example,2003-09-26,2020-01-01T10:00:00Z,20280926,"One, Ltd"\n'
        "2,b.example,26-Sep-2003,,not a date,\n"
    )
    facts, _ = read(text)
    assert sorted(facts) == [
        ("b.example", "registered", "2003-09-26"),
        ("shop.example", "changed", "2020-01-01"),
        ("shop.example", "expires", "2028-09-26"),
        ("shop.example", "registered", "2003-09-26"),
        ("shop.example", "registrar", "One, Ltd"),
    ]


def test_dates_that_cannot_be_told_are_refused_and_counted(read: Read) -> None:
    text = (
        "domain,registered\na.example,2026-01-01\nb.example,03/04/2005\nc.example,1066-10-14\n"
    )
    facts, refused = read(text + "d.example,\n,2026-01-01\n")
    assert facts == [("a.example", "registered", "2026-01-01")]
    assert {one.position for one in refused} >= {"b.example 03/04/2005", "c.example 1066-10-14"}
    dates = [one for one in refused if one.reason == "no date that can be told: registered"]
    assert sum(one.records for one in dates) == 2


def test_the_earliest_date_of_a_name_counts(read: Read) -> None:
    facts, _ = read("b.example;2026-01-01\nb.example;2025-01-01\nwww.b.example;2024-01-01\n")
    assert facts == [("b.example", "first-seen", "2024-01-01")]


def test_a_zone_file_gives_its_delegations(read: Read) -> None:
    zone = (
        "example.\t86400\tin\tsoa\ta. b. 1 2 3 4 5\n"
        "shop.example.\t3600\tin\tns\tns1.example.net.\n"
        "shop.example.\t3600\tin\tns\tns2.example.net.\n"
        "ns1.glue.example.\t3600\tin\ta\t192.0.2.1\n"
        "other.example. NS ns1.example.net.\n"
    )
    assert read(zone) == (seen("other.example", "shop.example"), [])
    assert read("$ORIGIN example.\nshop 3600 IN NS ns1\n")[0] == seen("shop.example")


def test_packed_files(read: Read) -> None:
    assert read(gzip.compress(b"shop.example\n"))[0] == seen("shop.example")
    with pytest.raises(MalformedInput):
        read(gzip.compress(b"shop.example\n" * 10_000)[:-40])


def test_an_empty_file_has_nothing(read: Read) -> None:
    assert read("") == ([], [])


def test_names_of_wildcards_and_exceptions(read: Read) -> None:
    hosts = ["www.city.kawasaki.jp", "a.b.kawasaki.jp", "x.www.ck", "a.b.ck"]
    assert {name for name, _, _ in read("\n".join(hosts))[0]} == {registrable(h) for h in hosts}


@pytest.mark.parametrize("content", [b"\r,", b"a\rb,c.example"])
def test_a_first_line_that_is_no_row_is_refused(read: Read, content: bytes) -> None:
    with pytest.raises(MalformedInput, match="its first line of data"):
        read(content)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(read: Read, content: bytes) -> None:
    try:
        facts, _ = read(content)
    except MalformedInput:
        return
    assert all(registrable(name) == name for name, _, _ in facts)
