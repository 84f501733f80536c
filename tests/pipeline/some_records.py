"""Records of an hour by chance, and as columns."""

import random
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from headwater.measures.openers import NOTHING_SAID
from headwater.pipeline.hour_records import Records

SECOND = 1_000_000
TYPES: dict[str, type] = {"low": np.bool_} | dict.fromkeys(
    ("flags", "said", "sampling", "exporter"), np.int32
)
Row = dict[str, Any]


def some_records(count: int, exporters: int, *, over_s: int = 1000) -> list[Row]:
    """``over_s``: within so many seconds; of few, most pairs meet within a second or so."""
    rng = random.Random(count)
    return [
        {
            "low_end": 6 << 48 | rng.randrange(6) << 16 | 25,
            "high_end": 6 << 48 | 7 << 16 | rng.randrange(count // 3 + 1),
            "low": rng.random() < 0.5,
            "started": (at := rng.randrange(over_s * SECOND)),
            "ended": at + rng.randrange(3 * SECOND),
            "packets": rng.randrange(1, 9),
            "bytes": rng.randrange(40, 900),
            "flags": rng.choice([NOTHING_SAID, 2, 16, 24]),
            "said": rng.choice([NOTHING_SAID, NOTHING_SAID, 0, 1]),
            "sampling": rng.choice([1, 4]),
            "exporter": rng.randrange(exporters),
        }
        for _ in range(count)
    ]


def columns(rows: Sequence[Row]) -> Records:
    names = [field.name for field in fields(Records)]
    given: dict[str, Any] = {
        name: np.array([row[name] for row in rows], TYPES.get(name, np.int64)) for name in names
    }
    return Records(**given)
