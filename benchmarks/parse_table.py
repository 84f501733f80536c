"""How well answers of registries are read: per suite right, none and wrong for each fact.

    HEADWATER_CORPORA=... python -m benchmarks.parse_table [--misses]

`none`: a value was expected and none was given. `wrong`: another value was given. `made
up`: one was given where the suite expects none. `without reason`: of these three, those
that benchmarks/parse_reasons.csv does not explain.
"""

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from benchmarks.parse_suites import FACTS, Case, suites, verdict

HEAD = (
    "| suite | fact | expected | right | none | wrong | none expected | made up"
    " | without reason |"
)
RULE = "|---|---|---:|---:|---:|---:|---:|---:|---:|"
REASONS = Path(__file__).parent / "parse_reasons.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One value that is not the suite's."""

    key: str
    fact: str
    verdict: str
    given: object
    wanted: object
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fact of one suite."""

    suite: str
    fact: str
    counts: Counter[str]
    misses: tuple[Miss, ...]

    @property
    def expected(self) -> int:
        return self.counts["right"] + self.counts["none"] + self.counts["wrong"]

    @property
    def right_share(self) -> float:
        return self.counts["right"] / self.expected if self.expected else 1.0

    @property
    def unexplained(self) -> list[Miss]:
        return [miss for miss in self.misses if miss.reason is None]

    def line(self) -> str:
        count = self.counts
        nothing = count["nothing"] + count["made up"]
        return (
            f"| {self.suite} | {self.fact} | {self.expected} | {count['right']} |"
            f" {count['none']} | {count['wrong']} | {nothing} | {count['made up']} |"
            f" {len(self.unexplained)} |"
        )


def read_reasons() -> list[dict[str, str]]:
    lines = REASONS.read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def table(corpora: Path) -> list[Row]:
    """Every suite that is there, fact by fact."""
    reasons = read_reasons()
    return [row for name, cases in suites(corpora) for row in _rows(name, cases, reasons)]


def _rows(
    suite: str, cases: Sequence[Case], reasons: Iterable[dict[str, str]]
) -> Iterable[Row]:
    for fact in FACTS:
        said = [(case, verdict(case, fact)) for case in cases]
        counts = Counter(word for _, word in said if word)
        misses = tuple(
            _miss(case, fact, word, reasons)
            for case, word in said
            if word in {"none", "wrong", "made up"}
        )
        if counts:
            yield Row(suite=suite, fact=fact, counts=counts, misses=misses)


def _miss(case: Case, fact: str, word: str, reasons: Iterable[dict[str, str]]) -> Miss:
    fitting = (
        r["reason"]
        for r in reasons
        if r["fact"] == fact and fnmatchcase(case.key, r["pattern"])
    )
    return Miss(
        key=case.key,
        fact=fact,
        verdict=word,
        given=case.given.get(fact),
        wanted=case.wanted[fact],
        reason=next(fitting, None),
    )


def main(arguments: list[str]) -> None:
    rows = table(Path(os.environ["HEADWATER_CORPORA"]))
    print(HEAD, RULE, *(row.line() for row in rows), sep="\n")
    if "--misses" in arguments:
        for miss in (miss for row in rows for miss in row.misses):
            print(f"{miss.verdict:8} {miss.fact:11} {miss.key}: {miss.given!r} for", end=" ")
            print(f"{miss.wanted!r}; {miss.reason or 'NO REASON'}")


if __name__ == "__main__":
    main(sys.argv[1:])
