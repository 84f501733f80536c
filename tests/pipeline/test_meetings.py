"""Records put together, against the slow way: pair by pair, record by record."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.measures.openers import NEVER, NOTHING_SAID, Meetings
from headwater.pipeline.carried import CARRIED_COLUMNS, Carried, carried
from headwater.pipeline.conversation_keys import Directory
from headwater.pipeline.hour_records import Records
from headwater.pipeline.meetings import meetings_of, sort_out
from headwater.pipeline.tangled import untangle
from headwater.records.tables import SESSIONS

SECOND = 1_000_000
NOBODY_YET = Directory(pa.array([], pa.string()))
NOTHING_BEFORE: Carried = carried(
    [SESSIONS.empty_table().select(CARRIED_COLUMNS)], 490_000, NOBODY_YET
)
TYPES: dict[str, type] = {"low": np.bool_} | dict.fromkeys(
    ("flags", "said", "sampling", "exporter"), np.int32
)
Row = dict[str, Any]


def some_records(count: int, exporters: int) -> list[Row]:
    rng = random.Random(count)
    return [
        {
            "low_end": 6 << 48 | rng.randrange(6) << 16 | 25,
            "high_end": 6 << 48 | 7 << 16 | rng.randrange(count // 3 + 1),
            "low": rng.random() < 0.5,
            "started": (at := rng.randrange(1000 * SECOND)),
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


def found_in(rows: Sequence[Row]) -> list[Row]:
    records = columns(rows)
    usual, tangle = sort_out(records, NOTHING_BEFORE)
    tangled, resumed, told = untangle(records, NOTHING_BEFORE, tangle)
    assert (resumed.opened == NEVER).all()
    assert len(told.records) == len(tangle.records)
    parts = [*(meetings_of(records, block) for block in usual.blocks()), tangled]
    return [row for part in parts for row in as_rows(part)]


def as_rows(part: Meetings) -> list[Row]:
    names = [field.name for field in fields(Meetings) if field.name != "again"]
    each = zip(*(getattr(part, name).tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in each]


def told_once(rows: Sequence[Row]) -> list[Row]:
    counted: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        counted[way(row), row["exporter"]] += row["packets"]
    best: dict[tuple[Any, ...], int] = {}
    for (where, exporter), packets in sorted(counted.items()):
        if where not in best or packets > counted[where, best[where]]:
            best[where] = exporter
    return [row for row in rows if row["exporter"] == best[way(row)]]


def way(row: Row) -> tuple[Any, ...]:
    return row["low_end"], row["high_end"], row["low"]


def conversations(rows: Sequence[Row]) -> list[list[Row]]:
    pairs: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["started"], row["ended"])):
        pairs[row["low_end"], row["high_end"]].append(row)
    found = []
    for of_pair in pairs.values():
        until = -NEVER
        for row in of_pair:
            fresh = row["flags"] != NOTHING_SAID and row["flags"] & 2
            silence = row["started"] - until
            if silence > 3600 * SECOND or (fresh and silence > SECOND):
                found.append([row])
            else:
                found[-1].append(row)
            until = max(until, row["ended"])
    return found


def added_up(rows: list[Row]) -> Row:
    whole: Row = {name: rows[0][name] for name in ("low_end", "high_end")}
    for name in ("ended", "said", "sampling", "exporter"):
        whole[name] = max(row[name] for row in rows)
    for side, low in (("low", True), ("high", False)):
        mine = [row for row in rows if row["low"] == low]
        flags = [row["flags"] for row in mine if row["flags"] != NOTHING_SAID]
        whole |= {
            f"{side}_packets": sum(row["packets"] for row in mine),
            f"{side}_bytes": sum(row["bytes"] for row in mine),
            f"{side}_start": min((row["started"] for row in mine), default=NEVER),
            f"{side}_flags": int(np.bitwise_or.reduce(flags)) if flags else NOTHING_SAID,
            f"{side}_first": flags[0] if flags else NOTHING_SAID,
            f"{side}_once": bool(mine) and mine[0]["packets"] == mine[0]["sampling"],
        }
    return whole


@pytest.mark.parametrize("exporters", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 40, 500])
def test_each_conversation_is_added_up(count: int, exporters: int) -> None:
    rows = some_records(count, exporters)
    expected = [added_up(part) for part in conversations(told_once(rows))]

    def key(row: Row) -> tuple[Any, ...]:
        return row["low_end"], row["high_end"], min(row["low_start"], row["high_start"])

    def same(row: Row) -> Row:
        # Of two records that met usually, one sampling is taken for both.
        return {name: value for name, value in row.items() if not name.endswith("_once")}

    found = sorted(found_in(rows), key=key)
    assert [same(row) for row in found] == [same(row) for row in sorted(expected, key=key)]


@pytest.mark.parametrize(("silence_us", "usual"), [(SECOND, 1), (SECOND + 1, 0)])
def test_two_records_are_usual_unless_a_silence_parts_them(silence_us: int, usual: int) -> None:
    there, back = some_records(2, 1)
    there |= {"low": True, "started": 0, "ended": 5}
    back |= {key: there[key] for key in ("low_end", "high_end")}
    back |= {"low": False, "started": 5 + silence_us, "ended": 6 + silence_us}
    found, tangle = sort_out(columns([there, back]), NOTHING_BEFORE)
    assert (len(found.low_at), len(tangle.records)) == (usual, 2 - 2 * usual)


def test_a_record_of_one_packet_is_told_from_several_added_up() -> None:
    there, back = some_records(2, 1)
    there |= {"low": True, "started": 0, "ended": 5, "packets": 4, "sampling": 4}
    back |= {key: there[key] for key in ("low_end", "high_end")}
    back |= {"low": False, "started": 3, "ended": 6, "packets": 5, "sampling": 4}
    (row,) = found_in([there, back])
    assert (row["low_once"], row["high_once"]) == (True, False)
    later = there | {"started": 10, "packets": 8}
    (row,) = found_in([there, back, later])
    assert (row["low_once"], row["high_once"], row["low_packets"]) == (True, False, 12)
