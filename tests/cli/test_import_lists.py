import io
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.lake.tables import Lake


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_workspace(tmp_path / "ws")
    monkeypatch.setenv("HEADWATER_WORKSPACE", str(tmp_path / "ws"))
    return tmp_path


def rows(place: Path, table: str = "sightings") -> list[dict[str, object]]:
    found: list[dict[str, object]] = Lake(place / "ws" / "lake").read(table).to_pylist()
    return found


BLOCKLIST = ["import", "blocklist", "--name", "bl", "--means", "proxy"]


def test_a_blocklist_is_read_and_what_was_not_is_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = place / "list.txt"
    path.write_text("192.0.2.1\n2001:db8::/48\nbad.example\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert run([*BLOCKLIST, str(path)]) == 0
    told = capsys.readouterr().out
    assert "2 entries" in told
    assert "1 not read: not an address" in told
    assert "line 3: not an address: 'bad.example'" in told
    assert {row["seen_at"] for row in rows(place)} == {
        datetime.fromtimestamp(1_700_000_000, UTC)
    }
    assert run([*BLOCKLIST, str(path)]) == 0
    assert "imported before" in capsys.readouterr().out
    assert len(rows(place)) == 2


def test_seen_at_makes_it_a_new_observation(place: Path) -> None:
    path = place / "list.txt"
    path.write_text("192.0.2.1\n")
    for day in ("2026-01-01", "2026-01-02T01:00:00+01:00"):
        assert run([*BLOCKLIST, str(path), "--seen-at", day]) == 0
    assert {row["seen_at"] for row in rows(place)} == {
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 2, tzinfo=UTC),
    }


def test_standard_input_and_json(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO(b"ioc,port\n192.0.2.7,443\nx,\n"))
    )
    assert run(["import", "indicators", "-", "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert (report["source"], report["rows"], report["already"]) == ("-", 1, False)
    assert report["examples"][0]["position"] == "line 3"
    assert rows(place)[0]["kind"] == "indicator"
    assert list((place / "ws" / "spool").iterdir()) == []


def test_networks(place: Path) -> None:
    path = place / "routes.txt"
    path.write_text("192.0.2.0/24 64500\n")
    assert run(["import", "networks", str(path), "--as-of", "2026-01-01"]) == 0
    assert rows(place, "networks")[0]["as_number"] == 64500


def test_nothing_found_ends_with_1(place: Path) -> None:
    path = place / "list.txt"
    path.write_text("# nothing\n")
    assert run([*BLOCKLIST, str(path)]) == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["import", "blocklist", "x", "--name", "n"], 2, "--means"),
        (["import", "blocklist", "x", "--name", "n", "--means", "evil"], 2, "policy"),
        ([*BLOCKLIST, "/nowhere/list"], 3, "/nowhere/list: No such file"),
        ([*BLOCKLIST, "{here}/x.csv", "--seen-at", "noon"], 2, "'noon': expected a time"),
        (["import", "indicators", "{here}/x.csv"], 3, "no column holds the indicator"),
        (["import", "networks", "{here}/x.csv", "-w", "{here}"], 2, "headwater init"),
        (["import"], 2, ""),
    ],
)
def test_wrong_use_and_failures(
    words: list[str], code: int, told: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "x.csv").write_text("a,b\n1,2\n")
    assert run([word.replace("{here}", str(place)) for word in words]) == code
    assert told in capsys.readouterr().err
