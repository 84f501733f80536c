import signal
import subprocess
import sys
import time
from pathlib import Path

from headwater.cli.init import make_workspace

READY_SECONDS = 30


def test_ctrl_c_leaves_nothing_behind_and_says_so(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    code = "from headwater.cli.main import main; main()"
    words = ["import", "indicators", "-", "-w", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdin is not None
        running.stdin.write("ioc\n192.0.2.1\n")
        running.stdin.flush()
        give_up = time.monotonic() + READY_SECONDS
        while not list((tmp_path / "spool").iterdir()) and time.monotonic() < give_up:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=READY_SECONDS)
    assert running.returncode == 130
    assert out == ""
    assert err.startswith("headwater: stopped. ")
    assert list((tmp_path / "spool").iterdir()) == []
    assert list((tmp_path / "lake").iterdir()) == []
