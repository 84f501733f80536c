"""What a server's processes cost, and what dnsperf says of it."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

TICKS = sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """One run of dnsperf."""

    sent: int
    completed: int
    seconds: float
    average_ms: float
    p99_ms: float | None
    codes: str

    @property
    def per_second(self) -> float:
        return self.completed / self.seconds


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        for word in child.read_text().split():
            found += family(int(word))
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of whole processes so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_bytes(pids: Sequence[int]) -> int:
    """Proportional set size: shared pages are counted once over the processes."""
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        total += int(found[1]) * 1024 if found else 0
    return total


def dnsperf(
    port: int, questions: Path, seconds: int, *, rate: int = 0, waiting: int = 1000
) -> Load:
    """Ask at full speed, or at ``rate`` a second, with EDNS. Stops by itself."""
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(questions),
               "-l", str(seconds), "-e", "-c", "8", "-q", str(waiting), "-t", "1"]  # fmt: skip
    if rate:
        command += ["-Q", str(rate), "-v"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=seconds + 60, check=True
    )
    return _read(done.stdout)


def _read(text: str) -> Load:
    def number(label: str) -> float:
        found = re.search(rf"{label}:\s+([\d.]+)", text)
        return float(found[1]) if found else 0.0

    codes = re.search(r"Response codes:\s+(.*)", text)
    times = sorted(
        float(t) for t in re.findall(r"^> \S+ \S+ \S+ ([\d.]+)$", text, re.MULTILINE)
    )
    return Load(
        sent=int(number("Queries sent")),
        completed=int(number("Queries completed")),
        seconds=number(r"Run time \(s\)"),
        average_ms=number(r"Average Latency \(s\)") * 1000,
        p99_ms=times[int(len(times) * 0.99)] * 1000 if times else None,
        codes=codes[1] if codes else "",
    )
