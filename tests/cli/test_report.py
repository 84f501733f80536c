import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from tests.e2e.hunting import hunted, told, workspace

from headwater.cli.main import run
from headwater.lab.recordings import Recording

OWN = 'own_networks = ["192.0.2.0/24", "2001:db8:100::/48"]\n'


def test_a_page_that_needs_nothing_else(
    hunted_place: Path, recording: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert told("report", "-w", hunted_place, "--html", page) == ""
    assert f"Wrote {page}" in capsys.readouterr().err
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=\"(?!#)", text)
    assert all(f'id="p-{proxy.address}"' in text for proxy in recording.truth.proxies)
    assert list(tmp_path.iterdir()) == [page]


def test_without_a_name_the_page_is_in_the_workspace(hunted_place: Path) -> None:
    told("report", "-w", hunted_place, "--zone", "Europe/Berlin")
    page = hunted_place / "report.html"
    assert "times in Europe/Berlin" in page.read_text()
    page.unlink()


def test_a_text_for_mail(hunted_place: Path, recording: Recording) -> None:
    text = told("report", "-w", hunted_place, "--text")
    assert all(len(line) <= 78 for line in text.splitlines())
    assert all(proxy.address in text for proxy in recording.truth.proxies)
    assert "\x1b" not in text
    assert not (hunted_place / "report.html").exists()


def test_json_holds_the_answer_and_the_pictures_numbers(hunted_place: Path) -> None:
    found = json.loads(told("report", "-w", hunted_place, "--json"))
    latest = json.loads(told("show", "proxies", "--json", "-w", hunted_place))
    assert found["answer"] == latest
    assert {"ties", "deliveries", "activity", "clocks", "calls", "evidence"} <= set(found)
    assert found["changes"] is None


def test_a_zone_nobody_knows(hunted_place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "-w", str(hunted_place), "--zone", "Middle/Earth"]) == 2
    assert "--zone" in capsys.readouterr().err


def test_nobody_hunted_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = workspace(tmp_path, OWN)
    assert run(["report", "-w", str(place)]) == 2
    assert "headwater hunt" in capsys.readouterr().err


def test_nothing_new_the_second_time(recording: Recording, tmp_path: Path) -> None:
    place = workspace(tmp_path, OWN)
    with recording.packets() as packets:
        told("import", "flows", "-w", place, packets)
    hunted(place)
    text = told("report", "-w", place, "--text", "--new")
    assert "everything is new" in text
    assert all(proxy.address in text for proxy in recording.truth.proxies)
    hunted(place)
    quiet = told("report", "-w", place, "--text", "--new", code=1)
    assert "0 proxies, 0 upstreams" in quiet
    assert recording.truth.proxies[0].address not in quiet


def test_since_hunts_first(recording: Recording, tmp_path: Path) -> None:
    place = workspace(tmp_path, OWN)
    with recording.packets() as packets:
        told("import", "flows", "-w", place, packets)
    text = told("report", "-w", place, "--text", "--since", "2020-01-01")
    assert recording.truth.proxies[0].address in text
    assert run(["report", "-w", str(place), "--until", "2020-01-01"]) == 2


def test_since_a_time_compares_with_what_was_known_by_then(
    recording: Recording, tmp_path: Path
) -> None:
    place = workspace(tmp_path, OWN)
    with recording.packets() as packets:
        told("import", "flows", "-w", place, packets)
    whole = hunted(place)["window"]
    start, end = (datetime.fromisoformat(whole[name]) for name in ("start", "end"))
    middle = f"{start + (end - start) / 2:%Y-%m-%dT%H:%M:%S}"
    hunted(place, "--until", middle)
    found = json.loads(told("report", "-w", place, "--json", "--new", "--since", middle))
    before = found["changes"]["before"]
    assert before["start"] == whole["start"]
    assert datetime.fromisoformat(before["end"]) == datetime.fromisoformat(f"{middle}Z")
    assert found["answer"]["window"]["start"] == before["end"]
