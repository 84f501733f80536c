"""Records put together, against the slow way: pair by pair, record by record."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.pipeline.some_records import SECOND, Row, columns, some_records

from headwater.measures.openers import NEVER, NOTHING_SAID, Meetings
from headwater.pipeline.carried import CARRIED_COLUMNS, Carried, carried
from headwater.pipeline.conversation_keys import Directory
from headwater.pipeline.meetings import BLOCK_ROWS, Usual, meetings_of, paired, sort_out
from headwater.pipeline.tangled import untangle
from headwater.records.tables import SESSIONS

NOBODY_YET = Directory(pa.array([], pa.string()))
NOTHING_BEFORE: Carried = carried(
    [SESSIONS.empty_table().select(CARRIED_COLUMNS)], 490_000, NOBODY_YET
)


def found_in(rows: Sequence[Row]) -> list[Row]:
    records = columns(rows)
    usual, tangle = sort_out(paired(records), NOTHING_BEFORE)
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
        counted[way(row), row["exporter"]] += row["packets"] // row["sampling"]
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
    for name in ("ended", "said", "sampling"):
        whole[name] = max(row[name] for row in rows)
    for side, low in (("low", True), ("high", False)):
        mine = [row for row in rows if row["low"] == low]
        flags = [row["flags"] for row in mine if row["flags"] != NOTHING_SAID]
        whole |= {
            f"{side}_packets": sum(row["packets"] for row in mine),
            f"{side}_bytes": sum(row["bytes"] for row in mine),
            f"{side}_start": min((row["started"] for row in mine), default=NEVER),
            f"{side}_exporter": max((row["exporter"] for row in mine), default=NOTHING_SAID),
            f"{side}_flags": int(np.bitwise_or.reduce(flags)) if flags else NOTHING_SAID,
            f"{side}_first": flags[0] if flags else NOTHING_SAID,
            f"{side}_once": bool(mine) and mine[0]["packets"] == mine[0]["sampling"],
        }
    return whole


@pytest.mark.parametrize("exporters", [1, 3])
@pytest.mark.parametrize(
    ("count", "over_s"), [(0, 1000), (1, 1000), (2, 1000), (40, 1000), (500, 1000), (3000, 5)]
)
def test_each_conversation_is_added_up(count: int, over_s: int, exporters: int) -> None:
    rows = some_records(count, exporters, over_s=over_s)
    expected = [added_up(part) for part in conversations(told_once(rows))]

    def key(row: Row) -> tuple[Any, ...]:
        return row["low_end"], row["high_end"], min(row["low_start"], row["high_start"])

    assert sorted(found_in(rows), key=key) == sorted(expected, key=key)


@pytest.mark.parametrize(("silence_us", "usual"), [(SECOND, 1), (SECOND + 1, 0)])
def test_two_records_are_usual_unless_a_silence_parts_them(silence_us: int, usual: int) -> None:
    there, back = some_records(2, 1)
    there |= {"low": True, "started": 0, "ended": 5}
    back |= {key: there[key] for key in ("low_end", "high_end")}
    back |= {"low": False, "started": 5 + silence_us, "ended": 6 + silence_us}
    found, tangle = sort_out(paired(columns([there, back])), NOTHING_BEFORE)
    assert (len(found.low_at), len(tangle.records)) == (usual, 2 - 2 * usual)


def test_two_records_of_one_side_are_no_answer() -> None:
    """A flow that nobody answers is exported in pieces all the same."""
    first, second = some_records(2, 1)
    second |= {key: first[key] for key in ("low_end", "high_end")}
    for at, piece in enumerate((first, second)):
        piece |= {"low": True, "started": at * SECOND, "ended": (at + 1) * SECOND}
    (row,) = found_in([first, second])
    assert (row["high_packets"], row["high_start"]) == (0, NEVER)
    assert row["low_packets"] == first["packets"] + second["packets"]


def test_blocks_come_to_the_whole() -> None:
    many = np.arange(2 * BLOCK_ROWS + 1)
    blocks = list(Usual(many, many + 7).blocks())
    assert max(len(block.low_at) for block in blocks) == BLOCK_ROWS
    assert np.concatenate([block.low_at for block in blocks]).tolist() == many.tolist()
    assert np.concatenate([block.high_at for block in blocks]).tolist() == (many + 7).tolist()


def test_a_record_of_one_packet_is_told_from_several_added_up() -> None:
    there, back = some_records(2, 1)
    there |= {"low": True, "started": 0, "ended": 5, "packets": 4, "sampling": 4}
    back |= {key: there[key] for key in ("low_end", "high_end")}
    back |= {"low": False, "started": 3, "ended": 6, "packets": 5, "sampling": 4}
    (row,) = found_in([there, back])
    assert (row["low_once"], row["high_once"]) == (True, False)
    finer = back | {"packets": 2, "sampling": 2}
    (row,) = found_in([there, finer])
    assert (row["low_once"], row["high_once"], row["sampling"]) == (True, True, 4)
    later = there | {"started": 10, "packets": 8}
    (row,) = found_in([there, back, later])
    assert (row["low_once"], row["high_once"], row["low_packets"]) == (True, False, 12)
