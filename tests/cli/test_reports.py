import io
import json
from pathlib import Path

import pytest
from tests.wire.reports.cases import raw_mail

from headwater.cli.init import make_workspace
from headwater.cli.main import run
from headwater.lake.tables import Lake

SCAN = raw_mail("Port scan", "Source IP: 192.0.2.7\nTime: 2019-03-12 08:15:27 UTC\n")
RIDDLES = [
    raw_mail(
        f"Riddle {n} \x1b[2J", f"glorp 1 zib 192.0.2.{n} / seen 2019-03-12 08:00:00 \x1b[2J\n"
    )
    for n in (1, 2, 3)
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    make_workspace(tmp_path / "ws")
    mails = tmp_path / "mails"
    mails.mkdir()
    for n, raw in enumerate([SCAN, *RIDDLES]):
        (mails / f"{n}.eml").write_bytes(raw)
    return tmp_path


def headwater(place: Path, *words: str) -> int:
    return run([*words, "--workspace", str(place / "ws")])


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_from_the_mails_to_the_pile_and_back(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mails = str(place / "mails")
    assert headwater(place, "import", "reports", mails, "--processes", "1") == 0
    assert "1 new sightings" in printed(capsys)

    assert headwater(place, "reports", "unread", "--json") == 0
    rows = json.loads(printed(capsys))
    assert len(rows) == 3
    name = next(row["mail"] for row in rows if row["subject"].startswith("Riddle 1"))

    assert headwater(place, "reports", "unread", name) == 0
    shown = printed(capsys)
    assert "glorp" in shown
    assert "\x1b" not in shown

    lesson = ["reports", "teach", name, "--pattern", "riddler", "--address", "192.0.2.1",
              "--time", "2019-03-12 08:00:00", "--kind", "spam"]  # fmt: skip
    assert headwater(place, *lesson, "--try") == 0
    assert "3 of 3" in printed(capsys)
    assert headwater(place, *lesson) == 0
    assert "3 new sightings" in printed(capsys)
    assert headwater(place, "reports", "unread") == 1
    assert Lake(place / "ws" / "lake").rows("sightings") == 4


def test_importing_twice_changes_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["import", "reports", str(place / "mails"), "--processes", "1", "--json"]
    assert headwater(place, *words) == 0
    first = json.loads(printed(capsys))
    assert headwater(place, *words) == 0
    second = json.loads(printed(capsys))
    assert (first["sightings"], second["sightings"], second["repeated"]) == (1, 0, 1)


def test_standard_input(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"From x\n" + SCAN)))
    assert headwater(place, "import", "reports", "-", "--processes", "1") == 0
    assert "1 mails: 1 reports" in printed(capsys)


def test_nothing_found_is_1_and_wrong_use_is_2(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "empty").mkdir()
    assert headwater(place, "import", "reports", str(place / "empty"), "--processes", "1") == 1
    assert headwater(place, "import", "reports", str(place / "none"), "--processes", "1") == 2
    assert headwater(place, "reports", "teach", "abc", "--pattern", "x", "--address", "y") == 2
    assert headwater(place, "mailbox", "follow") == 2
    assert "nothing to follow" in capsys.readouterr().err
