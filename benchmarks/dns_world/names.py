"""The same names for every server: listed ones, and questions about them.

A name is made from its number alone, so fifty million need not be in memory at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.dnslist.answers.age_rows import AGE_ROWS
from headwater.outputs.list_zone import Listed
from headwater.pipeline.list_export import aged_names

ZONE = "dal.example.org"
TOP_LEVELS = pa.array([".com", ".com", ".com", ".net", ".org", ".example", ".co.example"])
RULES = ("com", "net", "org", "example", "co.example")
LISTED_SHARE = 0.8  # of the questions; the others ask for names nobody listed
BELOW_SHARE = 0.3  # of the questions ask for a host below the domain
SYLLABLES = pa.array([a + b for a in "bdfgklmnprstvz" for b in "aeiou"])
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # neighbours get syllables far apart
CHUNK = 1_000_000
OLDEST = 9000  # days
Numbers = npt.NDArray[np.uint64]


def names_of(numbers: Numbers) -> Any:
    """(n) numbers to (n) different names, about as long as registered names are."""
    functions: Any = pc
    mixed = numbers * SPREAD
    parts = [
        SYLLABLES.take(pa.array((mixed >> np.uint64(shift)) % np.uint64(len(SYLLABLES))))
        for shift in (58, 48, 38)
    ]
    ends = TOP_LEVELS.take(pa.array(numbers % np.uint64(len(TOP_LEVELS))))
    digits = pa.array(numbers).cast(pa.string())
    return functions.binary_join_element_wise(*parts, digits, ends, "")


@dataclass(frozen=True, slots=True)
class Names:
    """``count`` names; most of them old, as registered names are."""

    count: int
    today: int  # days since 1970-01-01

    def batches(self) -> Iterator[pa.RecordBatch]:
        """As AGE_ROWS."""
        for start in range(0, self.count, CHUNK):
            numbers = np.arange(start, min(start + CHUNK, self.count), dtype=np.uint64)
            random = np.random.default_rng(start)
            ages = np.minimum(random.pareto(0.8, len(numbers)) * 60 + 1, OLDEST)
            days = pa.array((self.today - ages.astype(np.int64)).astype(np.int32))
            same = pa.array(np.zeros(len(numbers), np.int32))
            columns: list[Any] = [
                names_of(numbers),
                days,
                days,
                pa.nulls(len(numbers), pa.string()),
                pa.array(["feed"]).take(same),
                pa.array(np.full(len(numbers), self.today, np.int32)),
                pa.array(["known"]).take(same),
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=AGE_ROWS)

    def listed(self) -> Iterator[Listed]:
        """Names with the address each has today, and no text."""
        for columns in aged_names(self.batches(), self.today):
            yield Listed(columns.subjects, columns.addresses)


def write_questions(names: Names, path: Path, count: int, seed: int = 7) -> None:
    """A question file for dnsperf."""
    functions: Any = pc
    random = np.random.default_rng(seed)
    asked = names_of(random.integers(0, names.count, count).astype(np.uint64))
    hosts = np.where(random.random(count) < BELOW_SHARE, "www.", "")
    # Nobody is listed under these: no name of ours begins with "un".
    strangers = np.where(random.random(count) < LISTED_SHARE, "", "un")
    lines = functions.binary_join_element_wise(
        pa.array(hosts.tolist()), pa.array(strangers.tolist()), asked, f".{ZONE} A", ""
    )
    path.write_text("\n".join(lines.to_pylist()) + "\n")
