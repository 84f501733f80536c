"""Programs are started, watched and ended."""

import sys
from pathlib import Path

import pytest

from headwater.lab.processes import OWNER, Troupe, ask
from headwater.records.errors import RemoteFault

SLEEP = (sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('ready', flush=True); time.sleep(60)"
    ),
)
END = (sys.executable, "-c", "print('bye')")
FAIL = (sys.executable, "-c", "raise SystemExit('no licence')")


def test_everybody_is_ended(tmp_path: Path) -> None:
    troupe = Troupe(tmp_path)
    members = [troupe.start("one", SLEEP), troupe.start("two", SLEEP)]
    troupe.wait_for("one", "ready", 20)
    troupe.stop_all()
    assert all(member.process.poll() is not None for member in members)
    assert troupe.running == {}


def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    troupe = Troupe(tmp_path)
    member = troupe.start("stubborn", STUBBORN)
    troupe.wait_for("stubborn", "ready", 20)
    troupe.stop("stubborn", grace_s=0.1)
    assert member.process.returncode == -9


@pytest.mark.parametrize(("argv", "words"), [(FAIL, "no licence"), (END, "bye")])
def test_who_ends_too_early_is_reported_with_his_last_words(
    tmp_path: Path, argv: tuple[str, ...], words: str
) -> None:
    troupe = Troupe(tmp_path)
    troupe.start("actor", argv).process.wait(20)
    with pytest.raises(RemoteFault, match=words):
        troupe.check()


def test_who_may_end_may_end(tmp_path: Path) -> None:
    troupe = Troupe(tmp_path)
    troupe.start("actor", END, may_end=True).process.wait(20)
    troupe.check()
    troupe.stop_all()
    assert troupe.running == {}


def test_who_is_never_ready_is_reported(tmp_path: Path) -> None:
    troupe = Troupe(tmp_path)
    troupe.start("actor", SLEEP)
    with pytest.raises(RemoteFault, match="actor was not ready"):
        troupe.wait_for("actor", "never said", 0.2)
    troupe.stop_all()


def test_a_short_command_fails_with_its_own_words() -> None:
    with pytest.raises(RemoteFault, match="no licence"):
        ask(*FAIL)
    assert ask(*END) == "bye\n"


def test_programs_know_nearly_nothing_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET", "x")
    seen = ask(sys.executable, "-c", "import os; print(*sorted(os.environ))").split()
    assert "SECRET" not in seen
    assert OWNER in seen
