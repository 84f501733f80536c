"""Live files are followed by a real process, until it is told to stop."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from tests.wire.leases.samples import DETAIL

from headwater.cli.main import run
from headwater.lake.tables import Lake

DEADLINE_S = 40.0
HEAD = "address,starts,ends,subscriber\n"
ALICE = "192.0.2.10,2026-03-01T09:00Z,2026-03-01T10:00Z,alice\n"
BOB = "192.0.2.10,2026-03-01T10:00Z,2026-03-01T11:00Z,bob\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "headwater.toml").write_text('own_networks = ["192.0.2.0/24"]\n')
    return tmp_path / "ws"


@contextmanager
def following(place: Path, *files: Path) -> Iterator["subprocess.Popen[str]"]:
    words = ["leases", "follow", *map(str, files), "-w", str(place), "--every", "0.1"]
    with subprocess.Popen(
        [sys.executable, "-m", "headwater.cli.main", *words, "--json", "--name", "dhcp"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def soon(found: Callable[[], bool]) -> None:
    until = monotonic() + DEADLINE_S
    while not found():
        assert monotonic() < until
        sleep(0.1)


def subscribers(place: Path) -> list[str]:
    lake = Lake(place / "lake")
    if not lake.manifest("leases").files:
        return []
    return sorted(lake.read("leases")["subscriber"].to_pylist())


def test_a_live_file_is_read_as_it_grows(place: Path, tmp_path: Path) -> None:
    live = tmp_path / "leases.csv"
    with following(place, live) as process:
        sleep(0.5)  # it is not there yet, and that is no failure
        live.write_text(HEAD + ALICE + BOB[:-3])
        soon(lambda: subscribers(place) == ["alice"])
        with live.open("a") as file:
            file.write(BOB[-3:])
        soon(lambda: subscribers(place) == ["alice", "bob"])
        rotated = tmp_path / "new.csv"
        rotated.write_text(HEAD + BOB.replace("bob", "carol").replace("T1", "T2"))
        rotated.rename(live)
        soon(lambda: subscribers(place) == ["alice", "bob", "carol"])
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    told = [json.loads(one) for one in out.replace("}\n{", "}\0{").split("\0")]
    assert [one["rows"] for one in told] == [1, 1, 1]
    assert not list((place / "spool").iterdir())


def test_half_a_message_is_waited_for(place: Path, tmp_path: Path) -> None:
    """Without its User-Name the message would be somebody else's."""
    live = tmp_path / "detail"
    start = DETAIL.partition("\n\n")[0] + "\n"
    name = '\tUser-Name = "alice"\n'
    live.write_text(start + "\n" + start.replace(name, '\tCalling-Station-Id = "02"\n'))
    with following(place, live):
        soon(lambda: subscribers(place) == ["alice", "alice"])
        with live.open("a") as file:
            file.write(name.replace("alice", "bob") + "\n")
        soon(lambda: subscribers(place) == ["alice", "alice", "bob", "bob"])


def test_a_file_of_another_kind_is_told_of_and_passed_over(place: Path, tmp_path: Path) -> None:
    other, live = tmp_path / "other", tmp_path / "leases.csv"
    other.write_text("no leases\n" * 5)
    live.write_text(HEAD + ALICE)
    with following(place, other, live):
        soon(lambda: subscribers(place) == ["alice"])


def test_what_cannot_be_meant(place: Path) -> None:
    assert run(["leases", "follow", "-w", str(place)]) == 2
    assert run(["leases", "follow", "x", "-w", str(place), "--zone", "Nowhere"]) == 2
    assert run(["leases", "follow", "x", "-w", str(place), "--every", "0"]) == 2
