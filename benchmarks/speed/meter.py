"""What a command costs: it runs as a process of its own, and the kernel says."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one command, its own children included."""

    wall_s: float
    cpu_s: float
    peak_mib: float  # of its largest process
    code: int

    def per_second(self, flows: int) -> float:
        return flows / self.wall_s


def cost_of(command: Sequence[str], *, allowed: Sequence[int] = (0,)) -> Cost:
    """Run it; what it prints is thrown away unless it ends otherwise than allowed.

    The disk is at rest when it starts: nobody waits for what was written before.
    """
    os.sync()
    with TemporaryFile() as said:
        start = perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        wall = perf_counter() - start
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code not in allowed:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with {code}:\n{said.read().decode()}")
    cpu = used.ru_utime + used.ru_stime
    return Cost(wall_s=wall, cpu_s=cpu, peak_mib=used.ru_maxrss / 1024, code=code)


def octets(folder: Path) -> int:
    """Of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def copied_gib() -> float:
    """GiB a second, the best of some copies of what no cache holds."""
    here, there = np.ones(1 << 25), np.empty(1 << 25)
    spent = []
    for _ in range(5):
        start = perf_counter()
        np.copyto(there, here)
        spent.append(perf_counter() - start)
    return here.nbytes / 2**30 / min(spent)
