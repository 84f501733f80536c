import random
from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.pipeline import meetings as room
from headwater.pipeline.meetings import meetings, runs_of, told_by_several

SCHEMA = pa.schema(
    [
        *((name, pa.int64()) for name in ("k1", "k2", "started_at", "ended_at")),
        ("low", pa.bool_()),
        *((name, pa.int64()) for name in ("packets", "bytes")),
        *((name, pa.int32()) for name in ("tcp_flags", "said", "sampling", "exporter")),
    ]
)
Row = dict[str, Any]


def some_records(count: int) -> list[Row]:
    rng = random.Random(5)
    return [
        {
            "k1": rng.randrange(6) << 32 | rng.randrange(6),
            "k2": rng.randrange(4),
            "started_at": rng.randrange(1000),
            "ended_at": 1000 + rng.randrange(1000),
            "low": rng.random() < 0.5,
            "packets": rng.randrange(1, 9),
            "bytes": rng.randrange(40, 900),
            "tcp_flags": rng.choice([None, 2, 16, 24]),
            "said": rng.choice([None, None, 0, 1]),
            "sampling": rng.choice([1, 100]),
            "exporter": rng.randrange(3),
        }
        for _ in range(count)
    ]


def added_up(rows: list[Row]) -> Row:
    """One pair's records, the slow way."""
    whole: Row = {name: rows[0][name] for name in ("k1", "k2")}
    whole["started_at"] = min(row["started_at"] for row in rows)
    for name in ("ended_at", "said", "sampling", "exporter"):
        whole[name] = max((row[name] for row in rows if row[name] is not None), default=None)
    for side, low in (("low", True), ("high", False)):
        mine = [row for row in rows if row["low"] == low]
        flags = [row["tcp_flags"] for row in mine if row["tcp_flags"] is not None]
        whole |= {
            f"{side}_records": len(mine),
            f"{side}_packets": sum(row["packets"] for row in mine),
            f"{side}_bytes": sum(row["bytes"] for row in mine),
            f"{side}_start": min((row["started_at"] for row in mine), default=None),
            f"{side}_end": max((row["ended_at"] for row in mine), default=None),
            f"{side}_flags": int(np.bitwise_or.reduce(flags)) if flags else None,
        }
    return whole


@pytest.mark.parametrize("count", [1, 2, 40, 500])
def test_each_pair_is_added_up(count: int) -> None:
    records = some_records(count)
    keyed = pa.Table.from_pylist(records, schema=SCHEMA)
    found = meetings(keyed, runs_of(keyed)).to_pylist()
    pairs = defaultdict(list)
    for row in records:
        pairs[row["k1"], row["k2"]].append(row)
    assert len(found) == len(pairs)
    for row in found:
        assert row == added_up(pairs[row["k1"], row["k2"]])


def test_pairs_of_one_hash_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    records = some_records(200)
    keyed = pa.Table.from_pylist(records, schema=SCHEMA)
    apart = meetings(keyed, runs_of(keyed)).sort_by([("k1", "ascending"), ("k2", "ascending")])
    monkeypatch.setattr(room, "mixed", lambda values: values & np.uint64(2))
    together = meetings(keyed, runs_of(keyed))
    assert together.sort_by([("k1", "ascending"), ("k2", "ascending")]) == apart


def test_who_was_seen_by_several_exporters() -> None:
    records = some_records(60)
    keyed = pa.Table.from_pylist(records, schema=SCHEMA)
    seen = defaultdict(set)
    for row in records:
        seen[row["k1"], row["k2"], row["low"]].add(row["exporter"])
    expected = [len(seen[row["k1"], row["k2"], row["low"]]) > 1 for row in records]
    assert told_by_several(keyed, runs_of(keyed)).tolist() == expected
