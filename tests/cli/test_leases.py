import json
from pathlib import Path
from typing import Any

import pytest
from tests.wire.leases.samples import BLOCKS, DETAIL, ISC

from headwater.cli.main import run

ROWS = """\
address,starts,ends,subscriber
192.0.2.10,2026-03-01T09:00Z,2026-03-01T10:00Z,alice
192.0.2.10,2026-03-01T10:00Z,2026-03-03T10:00Z,bob
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "headwater.toml").write_text('own_networks = ["192.0.2.0/24"]\n')
    for name, text in {"isc": ISC, "detail": DETAIL, "blocks": BLOCKS, "rows": ROWS}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    capsys.readouterr()
    assert run([str(word) for word in words]) == code
    return capsys.readouterr().out


def told_json(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    return json.loads(told(capsys, *words, "--json", code=code))


def test_import_says_the_format_and_what_is_new(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(capsys, "import", "leases", place / "isc", "-w", place)
    assert "ISC dhcpd.leases; 4 new, 0 known; times without a zone taken as UTC" in out
    again = told_json(capsys, "import", "leases", place / "isc", "-w", place)
    assert (again[0]["rows"], again[0]["known"], again[0]["already"]) == (0, 4, True)
    assert run(["import", "leases", str(place / "headwater.toml"), "-w", str(place)]) == 3
    assert "in none of the formats of leases" in capsys.readouterr().err
    assert run(["import", "leases", "-w", str(place), "x", "--zone", "Nowhere"]) == 2


def test_who_names_proves_or_cannot_say(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "import", "leases", place / "rows", "-w", place)
    asked = ("who", "192.0.2.10", "-w", place, "--at")
    out = told(capsys, *asked, "2026-03-01T09:30")
    assert out.startswith("192.0.2.10 at 2026-03-01 09:30:00 UTC: alice\n")
    assert "Margin: 5 s" in out
    assert "rows" in out
    out = told(capsys, *asked, "2026-03-01T10:00:03", code=1)
    assert "cannot say" in out
    assert "perhaps alice: within the margin of a start or end" in out
    found = told_json(capsys, *asked, "2026-03-01T11:00")
    assert (found["verdict"], found["subscriber"]) == ("subscriber", "bob")
    assert found["leases"][0]["ends_at"] == "2026-03-03T10:00:00.000000Z"
    assert told_json(capsys, *asked, "2026-02-01T11:00", code=1)["verdict"] == "no lease"


def test_who_asks_for_a_port_and_refuses_what_is_no_address(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "import", "leases", place / "blocks", "-w", place)
    asked = ("who", "192.0.2.1", "-w", place, "--at", "2026-03-01T09:30")
    assert "no port was given" in told(capsys, *asked, code=1)
    assert told_json(capsys, *asked, "--port", 1024)["subscriber"] == "alice"
    told(capsys, "who", "192.0.2.0/24", "-w", place, "--at", "1h", code=2)
    told(capsys, "who", "192.0.2.1", "-w", place, "--at", "never", code=2)


def test_the_margin_is_a_setting(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (place / "headwater.toml").open("a") as file:
        file.write("[leases]\nmargin_s = 0\n")
    told(capsys, "import", "leases", place / "rows", "-w", place)
    out = told(capsys, "who", "192.0.2.10", "-w", place, "--at", "2026-03-01T10:00")
    assert ": bob\n" in out


def test_a_source_has_a_margin_of_its_own(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (place / "headwater.toml").open("a") as file:
        file.write("[leases]\nmargin_s = 3600\nmargins = {exact = 0.5, poor = 7200}\n")
    asked = ("who", "192.0.2.10", "-w", place, "--at", "2026-03-01T10:00:01")
    told(capsys, "import", "leases", place / "rows", "-w", place, "--name", "exact")
    out = told(capsys, *asked)
    assert ": bob\n" in out
    assert "Margin: 0.5 s" in out
    other = place / "other"
    head = ROWS.splitlines()[0]
    other.write_text(f"{head}\n192.0.2.10,2026-03-01T08:00Z,2026-03-01T09:00Z,cyd\n")
    told(capsys, "import", "leases", other, "-w", place, "--name", "poor")
    found = told_json(capsys, *asked, code=1)
    assert found["margin_s"] == 7200
    assert [one["subscriber"] for one in found["candidates"]] == ["bob", "cyd"]


def test_churn(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "leases", "churn", "-w", place, code=1)
    told(capsys, "import", "leases", place / "rows", "-w", place)
    assert "192.0.2.0/24" in told(capsys, "leases", "churn", "-w", place)
    [pool] = told_json(capsys, "leases", "churn", "-w", place)
    assert (pool["tenures"], pool["ended"], pool["median_s"]) == (2, 2, 3600.0)
    assert [p["surviving"] for p in pool["curve"]] == [0.5, 0.0]


def test_forget_and_expire(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "import", "leases", place / "rows", "-w", place)
    assert told(capsys, "forget", "alice", "-w", place) == "1 leases removed\n"
    assert told_json(capsys, "forget", "alice", "-w", place, code=1) == {"removed": 0}
    told(capsys, "leases", "expire", "-w", place, code=2)
    gone = told_json(capsys, "leases", "expire", "-w", place, "--days", 1)["removed"]
    assert gone == 1
    told(capsys, "who", "192.0.2.10", "-w", place, "--at", "2026-03-01T11:00", code=1)
