"""How well answers of registries are read: per suite right, none and wrong for each fact.

    HEADWATER_CORPORA=... python -m benchmarks.parse_table [--wrong]

`none`: a value was expected and none was given. `wrong`: another value was given, or one
where the suite expects none ("made up" in the last column).
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.parse_suites import FACTS, Case, suites, verdict

HEAD = "| suite | fact | expected | right | none | wrong | none expected | made up |"
RULE = "|---|---|---:|---:|---:|---:|---:|---:|"


def table(name: str, cases: Iterable[Case]) -> tuple[list[str], list[str]]:
    """Rows of one suite, and a line for each case that is not right."""
    counts: dict[str, Counter[str]] = {fact: Counter() for fact in FACTS}
    misses = []
    for case in cases:
        for fact in FACTS:
            said = verdict(case, fact)
            if said is None:
                continue
            counts[fact][said] += 1
            if said in {"none", "wrong", "made up"}:
                given, wanted = case.given.get(fact), case.wanted[fact]
                misses.append(f"{said:8} {fact:11} {case.key}: {given!r} for {wanted!r}")
    return [_row(name, fact, counts[fact]) for fact in FACTS if counts[fact]], misses


def _row(name: str, fact: str, count: Counter[str]) -> str:
    expected = count["right"] + count["none"] + count["wrong"]
    nothing = count["nothing"] + count["made up"]
    return (
        f"| {name} | {fact} | {expected} | {count['right']} | {count['none']} |"
        f" {count['wrong']} | {nothing} | {count['made up']} |"
    )


def main(arguments: list[str]) -> None:
    corpora = Path(os.environ["HEADWATER_CORPORA"])
    print(HEAD, RULE, sep="\n")
    missed: list[str] = []
    for name, cases in suites(corpora):
        rows, misses = table(name, cases)
        print(*rows, sep="\n")
        missed += misses
    if "--wrong" in arguments:
        print(*missed, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
