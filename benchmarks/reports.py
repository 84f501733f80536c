"""Abuse reports: how many are read right, and how fast.

    HEADWATER_CORPORA=DIR python -m benchmarks.reports [MAILS]

First a table by family over third-party collections (left out where there are none), then
the speed over synthetic mails of every shape the tests know, each with its own addresses.
"""

import os
import re
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from time import perf_counter

from benchmarks.report_truth import Score, scores
from headwater.pipeline.read_reports import Reader, ReadMail, read_all
from headwater.sources.mailbox import RawMail
from headwater.wire.reports.words import default_words

SHAPES = Path(__file__).parent.parent / "tests" / "wire" / "reports" / "shapes.txt"
HEAD = (
    "From: Reporter <abuse@reporter{n}.example>\nTo: abuse@isp.example\n"
    "Message-ID: <{n}@x.example>\n"
    "Date: Tue, 12 Mar 2019 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n"
)
FILLING = "Please look into this matter and tell us what you have done about it. Thank you.\n"


def main() -> None:
    corpora = os.environ.get("HEADWATER_CORPORA")
    if corpora:
        for everything_own in (False, True):
            print_scores(scores(Path(corpora), default_words(), everything_own), everything_own)
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for processes in (1, 2):
        measure(mails, processes)


def print_scores(found: dict[str, Score], everything_own: bool) -> None:
    own = "every address counts as own" if everything_own else "own: the accused addresses only"
    print(f"\n{own}\n")
    print("| family | mails | accused | address | time | kind | none | wrong |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, score in [*sorted(found.items()), ("all", total(found))]:
        cells = (score.mails, score.accused, score.address, score.time, score.kind, score.none)
        print(f"| {name} | " + " | ".join(map(str, (*cells, score.wrong))) + " |")


def total(found: dict[str, Score]) -> Score:
    whole = Score()
    for score in found.values():
        for name in ("mails", "accused", "address", "time", "kind", "none", "wrong"):
            setattr(whole, name, getattr(whole, name) + getattr(score, name))
    return whole


def synthetic(count: int) -> Iterator[RawMail]:
    """Mails of every shape in turn; the last octets of own addresses go round."""
    shapes = SHAPES.read_text("utf-8").split("\n== ")[1:]
    for n in range(count):
        _, subject, rest = shapes[n % len(shapes)].split("\n", 2)
        moved = moved_on(rest.partition("\n=>")[0], n // len(shapes))
        raw = f"{HEAD.format(n=n)}Subject: {subject}\n\n{moved}\n{FILLING * 10}"
        yield RawMail(raw=raw.encode(), source="synthetic", position=f"mail {n}")


def cpu_seconds() -> float:
    """Of this process and of those that have ended."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def moved_on(text: str, by: int) -> str:
    return re.sub(
        r"192\.0\.2\.(\d+)", lambda last: f"192.0.2.{(int(last[1]) + by) % 250}", text
    )


def measure(count: int, processes: int) -> None:
    reader = Reader(
        own_networks=(ip_network("192.0.2.0/24"),), now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    started, busy_before = perf_counter(), cpu_seconds()
    incidents = mails = 0
    for mail in read_all(synthetic(count), reader, processes):
        mails += 1
        incidents += len(mail.opened.incidents) if isinstance(mail, ReadMail) else 0
    seconds = perf_counter() - started
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(
        f"{processes} process(es): {mails} mails, {incidents} incidents in {seconds:.1f} s,"
        f" ({cpu_seconds() - busy_before:.1f} s of processor time),"
        f" {mails / seconds:.0f} mails/s, at most {peak // 1024} MiB in one process"
    )


if __name__ == "__main__":
    main()
