"""Imports, sessions and the hunt beside nfdump, on the same flows, in the same run.

    python -m benchmarks.speed --short             # one million flows
    python -m benchmarks.speed --millions 10       # also 1, 100 ...

Every step is a process of its own, run ``--times``, of which the middle one is told: the same
step may take half as long again, where another machine shares the memory. "wall" is what one
waits, "CPU" what all cores worked.
nfdump (Debian's package of that name, with nfcapd) is asked where it is installed.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path
from typing import Final

from benchmarks.speed import nfcapd
from benchmarks.speed.inputs import Inputs, captured, make
from benchmarks.speed.meter import Cost, copied_gib, cost_of, octets

HEADWATER: Final = [str(Path(sys.executable).with_name("headwater"))]
OURS: Final = [sys.executable, "-m", "benchmarks.speed.ours"]
FOUND_NOTHING: Final = 1
NFDUMP: Final = {
    "aggregate": ["-A", "srcip,dstip,dstport"],
    "top": ["-s", "srcip/bytes", "-n", "10"],
    "filter": ["proto tcp and dst port 25"],
}
NAMED: Final = {
    "aggregate": "all by source, destination, port",
    "top": "ten sources with most octets",
    "filter": "TCP to port 25",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one million flows, for CI")
    parser.add_argument("--millions", type=int, default=10, help="of flows, about")
    parser.add_argument("--world", type=int, default=10, help="millions of flows in one day")
    parser.add_argument("--times", type=int, help="each step; 3, or 1 if short")
    parser.add_argument("--memory", type=float, default=3.0, help="GiB for the engine")
    parser.add_argument("--folder", type=Path, help="where to work; else a temporary one")
    return parser.parse_args()


def main() -> None:
    asked = _arguments()
    millions = 1 if asked.short else asked.millions
    times = asked.times or (1 if asked.short else 3)
    cores, memory = os.cpu_count(), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    print(
        f"{platform.machine()}, {cores} processors, {memory / 2**30:.0f} GiB,"
        f" Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start"
    )
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="speed-") as folder:
        place = Path(folder)
        # A process of its own: the kernel counts its memory as that of all it starts later.
        with get_context("spawn").Pool(1) as apart:
            inputs = apart.apply(make, (place, millions, min(asked.world, millions)))
            copied = apart.apply(copied_gib)
        print(f"{inputs.flows:,} flows of {inputs.hours} hours")
        print(f"memory is copied at {copied:.1f} GiB/s by one core")
        print(f"each step {times} times, of which the middle one\n")
        Run(place, inputs, asked.memory, times).everything()
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


class Run:
    """One size, all steps."""

    def __init__(self, folder: Path, inputs: Inputs, memory_gib: float, times: int) -> None:
        self._folder, self._inputs, self._memory = folder, inputs, memory_gib
        self._flows, self._times = inputs.flows, times

    def everything(self) -> None:
        print(f"{'':36}{'wall s':>9}{'CPU s':>9}{'M flows/s':>11}{'peak MiB':>10}")
        print(f"{'headwater --help':36}{_help():>9.2f}")
        self._import("captures", "capture -> lake")
        lake = self._import("parquet", "Parquet -> lake")
        self._step("lake read, nothing done", [*OURS, "read", str(lake)])
        joined = [lake / "lake" / table for table in ("sessions", "slices", "facts")]
        orient = self._step("orient", [*OURS, "orient", str(lake)], anew=joined)
        hunted = self._step("hunt", [*HEADWATER, "hunt", "-w", str(lake)], allowed=True)
        ours = {key: self._step(NAMED[key], [*OURS, key, str(lake)]) for key in NFDUMP}
        self._sizes(lake)
        if nfcapd.available():
            self._beside(lake, orient.wall_s + hunted.wall_s, ours)
        else:
            print("\nnfdump is not installed: ours was measured alone.")

    def _import(self, kind: str, name: str) -> Path:
        workspace = self._folder / f"workspace-{kind}"
        held = [workspace / "lake", workspace / "spool"]
        workspace.mkdir()
        told = f"{self._inputs.settings}\n[engine]\nmemory_gib = {self._memory}\n"
        (workspace / "headwater.toml").write_text(told)
        source = getattr(self._inputs, kind)
        command = [*HEADWATER, "import", "flows", str(source), "-w", str(workspace)]
        self._step(name, command, anew=held)
        return workspace

    def _step(
        self, name: str, command: list[str], *, allowed: bool = False, anew: Sequence[Path] = ()
    ) -> Cost:
        """``anew``: folders that it fills, empty each time."""
        costs = []
        for _ in range(self._times):
            for folder in anew:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
            costs.append(cost_of(command, allowed=(0, FOUND_NOTHING) if allowed else (0,)))
        cost = sorted(costs, key=attrgetter("wall_s"))[len(costs) // 2]
        print(
            f"{name:36}{cost.wall_s:9.2f}{cost.cpu_s:9.2f}"
            f"{cost.per_second(self._flows) / 1e6:11.2f}{cost.peak_mib:10.0f}",
            flush=True,
        )
        return cost

    def _sizes(self, lake: Path) -> None:
        print("\noctets a flow on disk")
        for table in ("flows", "sessions", "slices", "facts"):
            size = octets(lake / "lake" / table)
            print(f"  lake: {table:28}{size / self._flows:9.1f}")

    def _beside(self, lake: Path, ours_s: float, ours: dict[str, Cost]) -> None:
        files = self._folder / "nfcapd"
        nfcapd.collect(captured(self._inputs.captures), files)
        packed = self._folder / "nfcapd-lz4"
        cost_of(["nfdump", "-R", str(files), "-y", "-w", str(packed)])
        for name, size in (
            ("nfcapd's files", octets(files)),
            ("nfcapd's, LZ4", packed.stat().st_size),
        ):
            print(f"  {name:34}{size / self._flows:9.1f}")
        held = _held(files)
        print(f"\nnfdump on {held:,} of these flows")
        theirs = {
            key: self._step(
                NAMED[key], ["nfdump", "-q", "-R", str(files), "-o", "null", *asked]
            )
            for key, asked in NFDUMP.items()
        }
        to_file = [*NFDUMP["aggregate"], "-w", str(self._folder / "aggregated")]
        command = ["nfdump", "-q", "-R", str(files), *to_file]
        written = self._step("the first, written to a file", command)
        print("\nnfdump's time / Headwater's")
        for key, cost in ours.items():
            print(f"  {NAMED[key]:34}{theirs[key].wall_s / cost.wall_s:9.2f}")
        print(f"  {'its first / orient + hunt':34}{theirs['aggregate'].wall_s / ours_s:9.2f}")
        print(f"  {'its first, written / orient + hunt':34}{written.wall_s / ours_s:9.2f}")


def _help() -> float:
    """The second of two: the first fills the disk's cache."""
    return [cost_of([*HEADWATER, "--help"]).wall_s for _ in range(2)][1]


def _held(files: Path) -> int:
    """How many flows nfcapd kept: datagrams may be lost even on loopback."""
    told = subprocess.run(
        ["nfdump", "-R", str(files), "-I"], capture_output=True, text=True, check=True
    ).stdout
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Flows:"))


if __name__ == "__main__":
    main()
