"""The whole lab, for a few seconds; and that nothing of it stays, however it ends."""

import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from gzip import decompress
from pathlib import Path

import pytest

from headwater.lab import programs
from headwater.lab.exporters import Exporter
from headwater.lab.processes import OWNER
from headwater.lab.run import run
from headwater.lab.scenario import SHORT
from headwater.lab.topology import ETC_NETNS, NAMESPACES_DIR
from headwater.lab.truth import from_json
from headwater.records.errors import RemoteFault

READY = os.geteuid() == 0 and not programs.missing("softflowd") and programs.TUN_DEVICE.exists()
pytestmark = [
    pytest.mark.root,
    pytest.mark.programs,
    pytest.mark.skipif(not READY, reason="needs root, TUN and the lab's Debian programs"),
]
SKETCH = replace(
    SHORT, seconds=6, subscribers=20, hijacked_from_s=0.5, hijacked_until_s=0.8,
    mails_per_proxy=10, scanned_ports=(25,),
)  # fmt: skip
# Every proxy must have passed on a mail, on a machine that is busy with other things as well.
PATIENT = replace(SKETCH, seconds=15)


def _traces(owner: int) -> list[str]:
    """Namespaces, settings, directories and processes that carry this owner's mark."""
    folders = (NAMESPACES_DIR, ETC_NETNS, Path(tempfile.gettempdir()))
    traces = [str(p) for folder in folders if folder.is_dir()
              for p in folder.glob(f"hwlab-{owner}-*")]  # fmt: skip
    return traces + [f"process {pid}" for pid in _marked(owner)]


def _marked(owner: int) -> list[str]:
    """Processes with our mark in their environment, or at work in our directories."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            words = (process / "cmdline").read_bytes() + os.fsencode(
                (process / "cwd").readlink()
            )
        except OSError:
            continue  # it has just ended
        marks = (
            f"{OWNER}={owner}\0".encode() in environment,
            f"hwlab-{owner}-".encode() in words,
        )
        if any(marks) and process.name != str(owner):
            found.append(process.name)
    return found


def test_a_run_leaves_packets_and_truth_and_nothing_else(tmp_path: Path) -> None:
    seen: list[float] = []
    truth = run(PATIENT, Exporter.V9, tmp_path, lambda _, share: seen.append(share))
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "short-v9.pcap.gz",
        "short-v9.truth.json",
    ]
    assert from_json((tmp_path / "short-v9.truth.json").read_text()) == truth
    packets = decompress((tmp_path / "short-v9.pcap.gz").read_bytes())
    assert struct.unpack("!H", packets[24 + 16 + 42 :][:2]) == (9,)
    assert all(proxy.relayed > 0 for proxy in truth.proxies)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert _traces(os.getpid()) == []


class Enough(Exception):
    """A failure of ours, in mid-run."""


def _fail_at(share: float, act: Callable[[], None]) -> Callable[[str, float], None]:
    def progress(_: str, now: float) -> None:
        if now >= share:
            act()

    return progress


def test_a_failure_in_mid_run_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        raise Enough

    with pytest.raises(Enough):
        run(SKETCH, Exporter.V9, tmp_path, _fail_at(0.3, fail))
    assert _traces(os.getpid()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_dies_ends_the_run_and_is_named(tmp_path: Path) -> None:
    def kill_exporter() -> None:
        edge = f"hwlab-{os.getpid()}-edge"
        pids = subprocess.check_output(["ip", "netns", "pids", edge], text=True).split()
        for pid in pids:
            if "softflowd" in Path(f"/proc/{pid}/comm").read_text():
                os.kill(int(pid), signal.SIGKILL)

    with pytest.raises(RemoteFault, match="exporter ended by itself"):
        run(SKETCH, Exporter.V9, tmp_path, _fail_at(0.2, kill_exporter))
    assert _traces(os.getpid()) == []


@pytest.mark.parametrize(
    ("number", "pause"), [(signal.SIGINT, 0.3), (signal.SIGINT, 7.0), (signal.SIGTERM, 2.0)]
)
def test_an_interrupt_leaves_nothing(tmp_path: Path, number: int, pause: float) -> None:
    command = "from headwater.cli.lab import app; app()"
    with subprocess.Popen(
        [sys.executable, "-c", command, "run", "--short", "--out", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as lab:  # fmt: skip
        while not (NAMESPACES_DIR / f"hwlab-{lab.pid}-edge").exists():
            assert lab.poll() is None
            time.sleep(0.02)
        time.sleep(pause)
        lab.send_signal(number)
        time.sleep(0.1)  # an impatient operator
        lab.send_signal(number)
        words, _ = lab.communicate(timeout=60)
    # the second signal may come when all is removed and Python is about to leave
    assert lab.returncode in (130, -number), words
    assert _traces(lab.pid) == []
    assert list(tmp_path.iterdir()) == []
