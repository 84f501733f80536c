import gzip
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.lake.tables import Lake
from headwater.pipeline import import_lists
from headwater.pipeline.import_lists import (
    ListReport,
    Told,
    import_blocklist,
    import_indicators,
    import_networks,
)
from headwater.records.errors import MalformedInput
from headwater.records.sighting import Means

Door = Callable[[Path, Told, Lake], ListReport]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOLD = Told(
    file="list.txt", name="bl", means=Means.PROXY, seen_at=NOON, now=NOON + timedelta(days=9)
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(lines))
    return path


def test_a_blocklist_becomes_sightings(tmp_path: Path, lake: Lake) -> None:
    path = file(
        tmp_path, "# x", "192.0.2.1:8080", "198.51.100.0/30 seen", "!198.51.100.1", "bad"
    )
    report = import_blocklist(path, TOLD, lake)
    assert (report.rows, report.refused, report.already) == (3, {"not an address": 1}, False)
    assert [(r.source, r.position) for r in report.examples] == [("list.txt", "line 5")]
    rows = sorted(lake.read("sightings").to_pylist(), key=lambda row: str(row["subject"]))
    assert rows[0] == {
        "seen_at": NOON,
        "subject": "192.0.2.1",
        "subject_kind": "address",
        "kind": "listed",
        "means": "proxy",
        "source": "bl",
        "until": None,
        "port": 8080,
        "detail": None,
    }
    assert [(row["subject"], row["subject_kind"]) for row in rows[1:]] == [
        ("198.51.100.0", "address"),
        ("198.51.100.2/31", "network"),
    ]


def test_a_policy_list_says_that_it_is_one(tmp_path: Path, lake: Lake) -> None:
    import_blocklist(file(tmp_path, "192.0.2.0/24"), replace(TOLD, means=Means.POLICY), lake)
    assert lake.read("sightings")["means"].to_pylist() == ["policy"]


def test_indicators_from_csv_keep_their_own_times(tmp_path: Path, lake: Lake) -> None:
    path = file(tmp_path, "ioc,port,first_seen,until", "c2.example,443,2025-12-01,2026-06-01",
                "192.0.2.7,,,")  # fmt: skip
    assert import_indicators(path, TOLD, lake).rows == 2
    first, second = sorted(lake.read("sightings").to_pylist(), key=lambda r: r["seen_at"])
    assert (first["subject"], first["kind"], first["port"]) == ("c2.example", "indicator", 443)
    assert first["seen_at"] == datetime(2025, 12, 1, tzinfo=UTC)
    assert first["until"] == datetime(2026, 6, 1, tzinfo=UTC)
    assert (second["subject"], second["seen_at"], second["until"]) == ("192.0.2.7", NOON, None)


def test_indicators_from_a_packed_bundle(tmp_path: Path, lake: Lake) -> None:
    bundle = {"type": "bundle", "objects": [
        {"type": "indicator", "pattern": "[ipv6-addr:value = '2001:db8::7']"},
        {"type": "indicator", "pattern": "[file:name = 'x']"},
    ]}  # fmt: skip
    path = tmp_path / "bundle.json.gz"
    path.write_bytes(gzip.compress(json.dumps(bundle, indent=1).encode()))
    report = import_indicators(path, TOLD, lake)
    assert (report.rows, report.refused) == (1, {"not met in flows": 1})
    assert lake.read("sightings")["subject"].to_pylist() == ["2001:db8::7"]


@pytest.mark.parametrize("door", [import_blocklist, import_indicators, import_networks])
def test_a_damaged_file_is_named_and_changes_nothing(
    door: Door, tmp_path: Path, lake: Lake
) -> None:
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(b"192.0.2.1\n" * 100)[:-5])
    with pytest.raises(MalformedInput, match=r"^list\.txt: .*damaged or cut short"):
        door(path, TOLD, lake)
    assert lake.rows("sightings") == lake.rows("networks") == 0


def test_networks_are_kept_as_of_a_time(tmp_path: Path, lake: Lake) -> None:
    path = file(tmp_path, "192.0.2.0\t24\t64500", "2001:db8:: 32 64501")
    assert import_networks(path, TOLD, lake).rows == 2
    rows = lake.read("networks").to_pylist()
    assert {(r["prefix"], r["as_number"], r["as_of"]) for r in rows} == {
        ("192.0.2.0/24", 64500, NOON),
        ("2001:db8::/32", 64501, NOON),
    }


IMPORTS = [
    (import_blocklist, "sightings", "192.0.2.1"),
    (import_indicators, "sightings", "ioc\n192.0.2.1"),
    (import_networks, "networks", "192.0.2.0/24 1"),
]


@pytest.mark.parametrize(("door", "table", "text"), IMPORTS)
def test_the_same_file_twice_changes_nothing(
    door: Door, table: str, text: str, tmp_path: Path, lake: Lake
) -> None:
    path = file(tmp_path, text, "bad")
    first = door(path, TOLD, lake)
    generation = lake.manifest(table).generation
    second = door(path, replace(TOLD, now=TOLD.now + timedelta(days=1)), lake)
    assert (first.already, second.already) == (False, True)
    assert (second.rows, second.refused) == (first.rows, first.refused)
    assert lake.rows(table) == 1
    assert lake.manifest(table).generation == generation


@pytest.mark.parametrize(("door", "table", "text"), IMPORTS)
@pytest.mark.parametrize(
    "later", [{"seen_at": NOON + timedelta(days=1)}, {"name": "other"}, {"means": Means.SPAM}]
)
def test_another_time_or_name_is_a_new_observation(
    door: Door, table: str, text: str, later: dict[str, object], tmp_path: Path, lake: Lake
) -> None:
    path = file(tmp_path, text)
    door(path, TOLD, lake)
    door(path, Told(**{**TOLD_WORDS, **later}), lake)  # type: ignore[arg-type]
    assert lake.rows(table) == 2


TOLD_WORDS = {
    "file": "list.txt",
    "name": "bl",
    "means": Means.PROXY,
    "seen_at": NOON,
    "now": NOON,
}


def test_what_is_neither_csv_nor_stix_changes_nothing(tmp_path: Path, lake: Lake) -> None:
    for text in ("hello", '{"type": "report"}', '{"type": "bundle", '):
        with pytest.raises(MalformedInput, match=r"^list\.txt: "):
            import_indicators(file(tmp_path, text), TOLD, lake)
    assert lake.rows("sightings") == 0


def test_long_lists_are_written_in_pieces(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_lists, "ROWS_AT_ONCE", 7)
    lines = [f"192.0.2.{n}" for n in range(100)]
    assert import_blocklist(file(tmp_path, *lines), TOLD, lake).rows == 100
    assert Counter(lake.read("sightings")["subject"].to_pylist()) == Counter(lines)


def test_an_empty_list_is_remembered(tmp_path: Path, lake: Lake) -> None:
    path = file(tmp_path, "# nothing today")
    assert import_blocklist(path, TOLD, lake).rows == 0
    assert import_blocklist(path, TOLD, lake).already
