"""Every process the lab starts, and the end of each."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import headwater
from headwater.lab.programs import SEARCHED
from headwater.records.errors import RemoteFault

GRACE_S = 3.0
OWNER = "HEADWATER_LAB"  # marks our processes with the number of the one that made them


@dataclass(frozen=True, slots=True)
class Running:
    """A program in the foreground of its own session, its words in a log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    may_end: bool  # its part can be over before the play is

    @property
    def has_failed(self) -> bool:
        """Whether it ended though it should not have, or in another way than it should."""
        code = self.process.poll()
        return code is not None and (code != 0 or not self.may_end)

    def stop(self, grace_s: float = GRACE_S) -> None:
        """SIGTERM, then SIGKILL when that was not heard."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def ask(*argv: str) -> str:
    """Run a short command to its end. Raises RemoteFault with its own words when it fails."""
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=30, env=environment(), check=False
    )
    if done.returncode != 0:
        raise RemoteFault(f"{' '.join(argv[:6])}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def environment() -> dict[str, str]:
    """What our programs may know of the caller's environment: nearly nothing."""
    package_home = str(Path(headwater.__file__).parents[1])
    return {"PATH": SEARCHED, "LANG": "C", "PYTHONPATH": package_home, OWNER: str(os.getpid())}


@dataclass(slots=True)
class Troupe:
    """All programs of one run. `log_dir` gets one file each."""

    log_dir: Path
    running: dict[str, Running] = field(default_factory=dict)

    def start(self, name: str, argv: Sequence[str], *, may_end: bool = False) -> Running:
        """Start a program that stays in the foreground; it survives the terminal's Ctrl-C,
        so that only our own orderly end reaches it."""
        log = self.log_dir / f"{name}.log"
        with log.open("wb") as words:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self.log_dir,
                env=environment(),
            )
        self.running[name] = Running(name, process, log, may_end)
        return self.running[name]

    def check(self) -> None:
        """Raises RemoteFault when a program that should run has ended by itself."""
        for member in self.running.values():
            if member.has_failed:
                raise RemoteFault(f"{member.name} ended by itself: {last_words(member.log)}")

    def wait_for(self, name: str, word: str, seconds: float) -> None:
        """Until the program has said a word. Raises RemoteFault when it does not."""
        deadline = time.monotonic() + seconds
        while word not in self.running[name].log.read_text(errors="replace"):
            self.check()
            if time.monotonic() > deadline:
                raise RemoteFault(f"{name} was not ready in {seconds:.0f} s")
            time.sleep(0.05)

    def stop(self, name: str, grace_s: float = GRACE_S) -> None:
        """End one program."""
        self.running.pop(name).stop(grace_s)

    def stop_all(self) -> None:
        """End all: everybody hears it first, then everybody is waited for."""
        for member in self.running.values():
            with suppress(ProcessLookupError):
                member.process.terminate()
        for name in reversed(list(self.running)):
            self.stop(name)


def last_words(log: Path) -> str:
    """The end of a log, for an error message."""
    return log.read_text(errors="replace").strip()[-300:] or "it said nothing"


def kill(pids: Iterable[int]) -> None:
    """End processes by number: what our own programs left in our own namespaces."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
