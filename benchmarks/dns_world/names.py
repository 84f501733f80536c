"""The same names for every server: listed ones, and questions about them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater.dnslist.answers.age_rows import AGE_ROWS
from headwater.dnslist.answers.ages import AgeFact
from headwater.dnslist.answers.dal import age_code

ZONE = "dal.example.org"
TOP_LEVELS = ("com", "com", "com", "net", "org", "example", "co.example")
LISTED_SHARE = 0.8  # of the questions; the others ask for names nobody listed
BELOW_SHARE = 0.3  # of the questions ask for a host below the domain
SYLLABLES = np.array([a + b for a in "bdfgklmnprstvz" for b in "aeiou"])


@dataclass(frozen=True, slots=True)
class Names:
    """``names`` (n), ``registered`` (n) in days since 1970-01-01."""

    names: list[str]
    registered: np.ndarray[tuple[int], np.dtype[np.int32]]

    def batches(self) -> list[pa.RecordBatch]:
        count = len(self.names)
        table = pa.table(
            {
                "name": self.names,
                "registered": pa.array(self.registered),
                "changed": pa.array(self.registered),
                "registrar": pa.nulls(count, pa.string()),
                "source": pa.array(["feed"]).take(pa.array(np.zeros(count, np.int32))),
                "as_of": pa.array(np.full(count, 20000, np.int32)),
                "state": pa.array(["known"]).take(pa.array(np.zeros(count, np.int32))),
            },
            AGE_ROWS,
        )
        return table.to_batches()

    def codes(self, today: int) -> list[tuple[str, str]]:
        """Each name with its address, as it is today."""
        found = []
        for name, day in zip(self.names, self.registered.tolist(), strict=True):
            code = age_code(AgeFact(day, day, 0, 0), today)
            found.append((name, f"127.0.{code >> 8}.{code & 255}"))
        return found


def make_names(count: int, today: int, seed: int = 20050101) -> Names:
    """``count`` different names of the length registered names have (about 12 letters)."""
    random = np.random.default_rng(seed)
    parts = SYLLABLES[random.integers(0, len(SYLLABLES), (count, 3))]
    ages = np.minimum(random.pareto(0.8, count) * 60 + 1, 9000).astype(np.int32)
    names = [
        f"{a}{b}{c}{number:x}.{TOP_LEVELS[number % len(TOP_LEVELS)]}"
        for number, (a, b, c) in enumerate(parts.tolist())
    ]
    return Names(names, (today - ages).astype(np.int32))


def write_questions(names: Names, path: Path, count: int, seed: int = 7) -> None:
    """A question file for dnsperf."""
    random = np.random.default_rng(seed)
    chosen = random.integers(0, len(names.names), count).tolist()
    listed = random.random(count) < LISTED_SHARE
    below = random.random(count) < BELOW_SHARE
    lines = []
    for place, number in enumerate(chosen):
        name = names.names[number] if listed[place] else f"un{names.names[number]}"
        host = "www." if below[place] else ""
        lines.append(f"{host}{name}.{ZONE} A\n")
    path.write_text("".join(lines))
