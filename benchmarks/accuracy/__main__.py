"""How right the answers are, over seeded worlds: ``python -m benchmarks.accuracy``.

Prints the tables; writes them with every failure to --out, and with --page as the page
docs/understand/accuracy.md.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from benchmarks.accuracy import page
from benchmarks.accuracy.outcome import Outcome
from benchmarks.accuracy.plan import Job, chosen, short, whole
from benchmarks.accuracy.trial import run

PAGE = Path(__file__).parents[2] / "docs" / "understand" / "accuracy.md"
SHORT_SEEDS = (21, 22)
WHOLE_SEEDS = (21, 22, 23, 24, 25, 26)  # those of the published table are kept for it


def main() -> None:
    asked = _arguments()
    seeds = tuple(asked.seeds or (SHORT_SEEDS if asked.short else WHOLE_SEEDS))
    jobs = chosen(short(seeds) if asked.short else whole(seeds), asked.only)
    begun = time.monotonic()
    made = f"Seeds {', '.join(map(str, seeds))}; {len(jobs)} worlds."
    outcomes: list[Outcome] = []
    for done, outcomes in enumerate(_all(jobs, asked.processes), 1):
        took = time.monotonic() - begun
        print(f"{done} of {len(jobs)} worlds, {took:.0f} s", file=sys.stderr, flush=True)
        if asked.out:
            _write(asked.out, outcomes, made)
    print(page.text(outcomes))
    if asked.page:
        PAGE.write_text(page.markdown(outcomes, made), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small worlds, two minutes")
    parser.add_argument("--seeds", type=int, nargs="+", help="one world of each for each seed")
    parser.add_argument("--only", nargs="+", default=(), help='these views only: "1:1" "1 h"')
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder for tables, outcomes and failures")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.name} in the docs")
    return parser.parse_args()


def _all(jobs: Sequence[Job], processes: int) -> Iterator[list[Outcome]]:
    """After each world all outcomes so far, in the order of the jobs.

    A process serves one world and ends, so that no world's memory outlives it.
    """
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh, max_tasks_per_child=1) as pool:
        bigger = sorted(enumerate(jobs), key=lambda job: -job[1].subscribers * job[1].hours)
        running = {pool.submit(run, job): place for place, job in bigger}
        found: dict[int, list[Outcome]] = {}
        for done in as_completed(running):
            found[running[done]] = done.result()
            yield [outcome for place in sorted(found) for outcome in found[place]]


def _write(folder: Path, outcomes: Sequence[Outcome], made: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    plain = [asdict(each) for each in outcomes]
    (folder / "outcomes.json").write_text(json.dumps(plain, indent=1), encoding="utf-8")
    (folder / "accuracy.txt").write_text(page.text(outcomes) + "\n", encoding="utf-8")
    (folder / "accuracy.md").write_text(page.markdown(outcomes, made), encoding="utf-8")
    (folder / "failures.txt").write_text(page.failures(outcomes), encoding="utf-8")


if __name__ == "__main__":
    main()
