"""What a killed lab left is removed by the next one."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from headwater.lab.leftovers import sweep
from headwater.lab.topology import NAMESPACES_DIR


def _dead_process() -> int:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def test_directories_of_the_dead_go_and_those_of_the_living_stay() -> None:
    dead, alive = _dead_process(), os.getpid()
    folder = Path(tempfile.gettempdir())
    theirs, ours = folder / f"hwlab-{dead}-x", folder / f"hwlab-{alive}-x"
    for directory in (theirs, ours):
        directory.mkdir()
        (directory / "file").write_text("x")
    try:
        assert dead in sweep()
        assert not theirs.exists()
        assert ours.exists()
    finally:
        (ours / "file").unlink()
        ours.rmdir()


@pytest.mark.root
@pytest.mark.programs
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_namespaces_of_the_dead_go_with_their_processes() -> None:
    dead = _dead_process()
    name = f"hwlab-{dead}-edge"
    subprocess.run(["ip", "netns", "add", name], check=True)
    with subprocess.Popen(["ip", "netns", "exec", name, "sleep", "60"]) as sleeper:
        while not subprocess.run(
            ["ip", "netns", "pids", name], capture_output=True, check=True
        ).stdout:
            pass
        assert dead in sweep()
        assert sleeper.wait(10) == -9
    assert not (NAMESPACES_DIR / name).exists()
