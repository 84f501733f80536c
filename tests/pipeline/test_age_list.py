"""Which facts make an age, and what becomes of them in the snapshot and in files."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater.dnslist.answers.age_rows import AGE_ROWS
from headwater.dnslist.serve.snapshot_file import open_snapshot
from headwater.lake.duck import DuckEngine
from headwater.lake.tables import Lake
from headwater.pipeline.age_list import age_rows, publish_ages, rows_in
from headwater.pipeline.domain_facts import keep
from headwater.pipeline.list_export import aged_names, young_names
from headwater.records.domain import DomainFact
from headwater.records.errors import MalformedInput

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
EPOCH = date(1970, 1, 1)
SECRET = random.Random(5).randbytes(2048)
TODAY = (NOON.date() - EPOCH).days


def fact(
    name: str, kind: str, value: str, source: str = "rdap:r.example", ago: int = 0
) -> DomainFact:
    as_of = NOON - timedelta(days=ago)
    return DomainFact(
        name=f"{name}.example", fact=kind, value=value, as_of=as_of, source=source
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def rows_of(lake: Lake, tmp_path: Path) -> dict[str, Any]:
    engine = DuckEngine(lake, spill_dir=tmp_path / "spill")
    table = pa.Table.from_batches(age_rows(engine), AGE_ROWS)
    return {row.pop("name").removesuffix(".example"): row for row in table.to_pylist()}


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


def test_nothing_known_makes_an_empty_list(lake: Lake, tmp_path: Path) -> None:
    assert rows_of(lake, tmp_path) == {}


def test_one_domain(lake: Lake, tmp_path: Path) -> None:
    keep(lake, [
        fact("a", "standing", "registered"),
        fact("a", "registered", "2003-09-26T23:30:00-05:00"),
        fact("a", "changed", "2026-03-03"),
        fact("a", "registrar", "Example Registrar"),
        fact("a", "nameserver", "ns.example.org"),
    ])  # fmt: skip
    assert rows_of(lake, tmp_path) == {
        "a": {
            "registered": day("2003-09-27"),  # the UTC day
            "changed": day("2026-03-03"),
            "registrar": "Example Registrar",
            "source": "rdap",
            "as_of": TODAY,
            "state": "known",
        }
    }


def test_the_registry_counts_before_lists_and_the_latest_word_before_earlier(
    lake: Lake, tmp_path: Path
) -> None:
    keep(lake, [
        fact("a", "registered", "2026-03-01", "feed"),
        fact("a", "registered", "2001-01-01", "whois:w.example", ago=5),
        fact("a", "registered", "2002-02-02", "rdap:r.example", ago=9),
        fact("a", "registered", "2003-03-03", "rdap:r.example", ago=8),
    ])  # fmt: skip
    assert rows_of(lake, tmp_path)["a"]["registered"] == day("2003-03-03")


def test_first_seen_stands_in_and_says_so(lake: Lake, tmp_path: Path) -> None:
    keep(lake, [
        fact("a", "first-seen", "2026-03-05", "zone"),
        fact("a", "first-seen", "2026-03-04", "feed"),
        fact("b", "first-seen", "2026-03-04", "feed"),
        fact("b", "registered", "2020-01-01"),
    ])  # fmt: skip
    rows = rows_of(lake, tmp_path)
    assert (rows["a"]["registered"], rows["a"]["source"]) == (
        day("2026-03-04"),
        "first seen: feed",
    )
    assert (rows["b"]["registered"], rows["b"]["source"]) == (day("2020-01-01"), "rdap")


def test_a_registration_that_ended_counts_no_more(lake: Lake, tmp_path: Path) -> None:
    keep(lake, [
        fact("gone", "registered", "2001-01-01", ago=9),
        fact("gone", "standing", "free", ago=1),
        fact("back", "registered", "2001-01-01", ago=9),
        fact("back", "standing", "free", ago=5),
        fact("back", "standing", "registered"),
        fact("back", "registered", "2026-03-08"),
        fact("held", "standing", "reserved"),
        fact("odd", "registered", "soon"),
    ])  # fmt: skip
    rows = rows_of(lake, tmp_path)
    assert (rows["gone"]["state"], rows["gone"]["registered"]) == ("no-such-domain", None)
    assert (rows["back"]["state"], rows["back"]["registered"]) == ("known", day("2026-03-08"))
    assert "held" not in rows  # nobody can say how old it is: asked, and unknown
    assert rows["odd"]["registered"] is None  # refused when the snapshot is built


def table() -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"name": "fresh.example", "registered": TODAY - 2, "state": "known"},
            {
                "name": "edge.example",
                "registered": TODAY - 30,
                "changed": TODAY - 7,
                "state": "known",
            },
            {"name": "gone.example", "state": "no-such-domain"},
            {"name": "odd.example", "state": "known"},
        ],
        AGE_ROWS,
    )


def test_a_snapshot_from_a_file(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "ages.parquet")
    path = tmp_path / "dns" / "ages.snapshot"
    built = publish_ages(rows_in(tmp_path / "ages.parquet"), path, secret=SECRET, made_at=9)
    assert (built.names, built.refused) == (3, 1)
    assert built.size == path.stat().st_size
    assert open_snapshot(path).made_at == 9


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no table")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "other.parquet")
    for name in ("text", "other.parquet"):
        with pytest.raises(MalformedInput):
            list(rows_in(tmp_path / name))


def test_exported_ages_are_those_the_server_answers() -> None:
    batches = table().to_batches()
    listed = next(aged_names(batches, TODAY))
    assert listed.texts is not None
    assert list(
        zip(
            *(c.to_pylist() for c in (listed.subjects, listed.addresses, listed.texts)),
            strict=True,
        )
    ) == [
        ("fresh.example", "127.0.2.2", "20260308"),
        ("edge.example", "127.0.30.7", "20260208"),
    ]
    young = next(young_names(batches, TODAY, 30))
    assert young.subjects.to_pylist() == ["fresh.example"]
    assert young.addresses.to_pylist() == ["127.0.0.2"]
