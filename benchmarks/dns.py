"""Questions per CPU-second, p99 of waiting, memory per name: ours beside three others.

    python -m benchmarks.dns [--names 1000000] [--seconds 8] [--only Headwater,rbldnsd]

All traffic stays on loopback and ends by itself. What is counted is the CPU time of the
server's processes, system time included; dnsperf shares the machine, so the answers a
second are those of this machine under this load.
"""

import argparse
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dns_world.measure import cpu_seconds, dnsperf, memory_bytes
from benchmarks.dns_world.names import Names, write_questions
from benchmarks.dns_world.servers import SERVERS, Headwater, Server

QUESTIONS = 500_000
SAME_RATE = 20_000  # a second: half of full load is another rate for each server


@dataclass(frozen=True, slots=True)
class Result:
    """One server's line."""

    name: str
    start_seconds: float
    per_cpu_second: float
    per_second: float
    p99_ms: float
    p99_same_ms: float  # at SAME_RATE
    bytes_per_name: float
    touched_per_name: float  # what of it was in memory at the end
    codes: str


def main() -> None:
    asked = _arguments()
    today = int(time.time()) // 86400
    names = Names(asked.names, today)
    few = Names(1000, today)
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        folder.chmod(0o755)  # rbldnsd reads as nobody
        questions = folder / "questions"
        write_questions(names, questions, QUESTIONS)
        print(f"{names.count} names, {asked.seconds} s at full load, EDNS")
        for kind in SERVERS:
            if kind.installed() and (not asked.only or kind.name in asked.only.split(",")):
                empty = _memory(kind, few, folder / f"{kind.name}-few", questions)
                result = _measure(kind, names, folder / kind.name, questions, asked, empty)
                print(_line(result), flush=True)
                shutil.rmtree(folder / kind.name)  # fifty million names take gigabytes


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", default="")
    return parser.parse_args()


def _started(kind: type[Server], names: Names, folder: Path) -> tuple[Server, float]:
    folder.mkdir()
    server = kind(folder)
    server.prepare(names)
    return server, server.start()


def _memory(kind: type[Server], names: Names, folder: Path, questions: Path) -> int:
    """What the server takes with hardly any names, after the same questions."""
    server, _ = _started(kind, names, folder)
    try:
        dnsperf(server.port, questions, 2)
        return memory_bytes(server.pids)
    finally:
        server.stop()


def _measure(
    kind: type[Server],
    names: Names,
    folder: Path,
    questions: Path,
    asked: argparse.Namespace,
    empty: int,
) -> Result:
    server, took = _started(kind, names, folder)
    try:
        dnsperf(server.port, questions, 2)  # warm: pages touched, caches filled
        pids = server.pids
        before = cpu_seconds(pids)
        full = dnsperf(server.port, questions, asked.seconds)
        spent = cpu_seconds(pids) - before
        half = dnsperf(server.port, questions, 5, rate=int(full.per_second / 2))
        same = dnsperf(server.port, questions, 5, rate=SAME_RATE)
        used = touched = memory_bytes(pids)
    finally:
        server.stop()
    if isinstance(server, Headwater):
        # Mapped, not read: pages count only once touched. Say what it is when all are.
        used = max(used, empty + (folder / "dns" / "ages.snapshot").stat().st_size)
    return Result(
        name=kind.name,
        start_seconds=took,
        per_cpu_second=full.completed / spent,
        per_second=full.per_second,
        p99_ms=half.p99_ms or 0.0,
        p99_same_ms=same.p99_ms or 0.0,
        bytes_per_name=(used - empty) / names.count,
        touched_per_name=(touched - empty) / names.count,
        codes=full.codes,
    )


def _line(result: Result) -> str:
    parts = [
        f"{result.name:10} {result.per_cpu_second:9,.0f} q/CPU-s",
        f"{result.per_second:9,.0f} q/s",
        f"p99 at half load {result.p99_ms:6.2f} ms",
        f"at {SAME_RATE:,} q/s {result.p99_same_ms:6.2f} ms",
        f"{result.bytes_per_name:6.1f} bytes/name ({result.touched_per_name:.1f} touched)",
        f"started in {result.start_seconds:5.1f} s",
        result.codes,
    ]
    return "  ".join(parts)


if __name__ == "__main__":
    main()
