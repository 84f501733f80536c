from pathlib import Path

import pytest
from tests.pipeline.lease_files import said, taken
from tests.wire.leases.samples import DETAIL, ISC, KEA4, RADACCT

from headwater.lake.tables import Lake
from headwater.pipeline import import_leases
from headwater.pipeline.lease_writer import alone
from headwater.records.errors import MalformedInput, RemoteFault
from headwater.records.lease import LeaseFormat


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.mark.parametrize("text", [ISC, KEA4, DETAIL, RADACCT])
def test_the_same_file_twice_changes_nothing(text: str, tmp_path: Path, lake: Lake) -> None:
    first = taken(lake, tmp_path, text)
    rows = lake.read("leases")
    again = taken(lake, tmp_path, text)
    assert (again.rows, again.known, again.already) == (0, first.rows, True)
    assert lake.read("leases").equals(rows)


@pytest.mark.parametrize("text", [ISC, KEA4, DETAIL, RADACCT])
def test_a_file_that_grows_adds_only_what_is_new(
    text: str, tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_leases, "ROWS_AT_ONCE", 1)
    lines = text.splitlines(keepends=True)
    whole = Lake(tmp_path / "whole")
    wanted = taken(whole, tmp_path, text).rows
    added = 0
    for count in range(3, len(lines) + 1):
        try:
            added += taken(lake, tmp_path, "".join(lines[:count])).rows
        except MalformedInput as wrong:
            assert "none of the formats" in str(wrong)  # noqa: PT017 - before its first lease
    assert added >= wanted
    held = set(map(str, lake.read("leases").to_pylist()))
    assert len(held) == added
    assert set(map(str, whole.read("leases").to_pylist())) <= held


def test_a_statement_of_another_file_is_no_second_one(tmp_path: Path, lake: Lake) -> None:
    taken(lake, tmp_path, KEA4, name="first")
    report = taken(lake, tmp_path, KEA4, name="second")
    assert (report.rows, report.known, report.already) == (0, 3, False)


def test_what_cannot_be_read_is_counted(tmp_path: Path, lake: Lake) -> None:
    report = taken(lake, tmp_path, RADACCT + "3,u3,,192.0.2.1,,,x,,\n")
    assert report.kind is LeaseFormat.RADIUS_CSV
    assert report.refused == {"not a time": 1}
    assert report.examples[0].position == "line 4"


def test_old_leases_are_not_taken_in(tmp_path: Path, lake: Lake) -> None:
    old = "address,starts,ends,subscriber\n192.0.2.1,2025-01-01,2025-01-02,a\n"
    report = taken(lake, tmp_path, old, days=30)
    assert (report.rows, report.refused) == (0, {"older than leases.retention_days": 1})
    assert taken(lake, tmp_path, old + "\n", days=0).rows == 1


def test_other_files_are_refused(tmp_path: Path, lake: Lake) -> None:
    with pytest.raises(MalformedInput, match="in none of the formats of leases"):
        taken(lake, tmp_path, "hello\n")
    assert lake.rows("leases") == 0


def test_leases_are_changed_by_one_at_a_time(tmp_path: Path, lake: Lake) -> None:
    with alone(lake), pytest.raises(RemoteFault, match="another command"):
        taken(lake, tmp_path, KEA4)
    assert taken(lake, tmp_path, KEA4).rows == 3
    assert said(lake, "192.0.2.11", "09:30:00") == "010203"
