"""Which of an hour's records belong to one conversation.

Most pairs of endpoints meet once, with one record each way: these *usual* ones are found
and added up without putting anything in order. The others, and those that were open when
the hour before ended, are *tangled*: see tangled.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from headwater.measures.alike import NOBODY, Leaders
from headwater.measures.columns import picked
from headwater.measures.openers import NEVER, NOTHING_SAID, Meetings
from headwater.measures.parting import SYN_AFTER_US
from headwater.pipeline import told_once
from headwater.pipeline.carried import Carried
from headwater.pipeline.conversation_keys import Bools, Codes, Ints
from headwater.pipeline.hour_records import Records

T = TypeVar("T", np.int32, np.int64)
Sides = list[tuple[Ints, Ints]]  # of each side its records, and which pairs have none

BLOCK_ROWS: Final = 1 << 16  # few enough for their columns to stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Usual:
    """Of each pair that met once its record of either side, or NOBODY."""

    low_at: Ints
    high_at: Ints

    def blocks(self) -> Iterator["Usual"]:
        for start in range(0, len(self.low_at), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            yield Usual(self.low_at[rows], self.high_at[rows])


@dataclass(frozen=True, slots=True)
class Tangle:
    """The records and carried conversations of all other pairs; a group for each pair."""

    records: Ints
    group: Codes
    carried: Ints
    carried_group: Codes


@dataclass(frozen=True, slots=True)
class Pairs:
    """An hour's records by the pair of endpoints they are of, whatever was open before.

    A pair is called by the number of one of its records.
    """

    of_records: Leaders
    rows: Ints  # the records that count
    pair: Codes  # of each of them
    usual: Usual
    usual_pair: Ints
    tangled: Bools  # which pairs are not usual


def paired(records: Records) -> Pairs:
    """Which records are of one pair, and which pairs met once."""
    of_records = Leaders(records.low_end, records.high_end)
    rows, pair, one, other, size = _by_pair(records, of_records.of_rows)
    tangled = size > 2
    heads = np.flatnonzero((size > 0) & ~tangled)
    usual, together = _met_once(records, one[heads], other[heads])
    tangled[heads[~together]] = True
    return Pairs(of_records, rows, pair, usual, heads[together], tangled)


def in_twos(records: Records) -> tuple[Ints, Ints]:
    """Of each pair of endpoints with two records both, however far apart."""
    of_records = Leaders(records.low_end, records.high_end)
    _, _, one, other, size = _by_pair(records, of_records.of_rows)
    return one[size == 2], other[size == 2]


def _by_pair(records: Records, each: Codes) -> tuple[Ints, Codes, Ints, Ints, Ints]:
    """The records that count and the pair of each; two of each pair's, and how many it has."""
    rows = told_once.believed(records, each)
    found = _in_pairs(each, rows)
    again = told_once.twins(records, *found)
    return _in_pairs(each, np.delete(rows, again)) if len(again) else found


def _in_pairs(each: Codes, rows: Ints) -> tuple[Ints, Codes, Ints, Ints, Ints]:
    pair = each if len(rows) == len(each) else each[rows]
    one, other = (np.full(len(each), NOBODY) for _ in range(2))
    one[pair] = rows
    more = np.flatnonzero(one[pair] != rows)
    other[pair[more]] = rows[more]
    return rows, pair, one, other, np.bincount(pair, minlength=len(each))


def sort_out(pairs: Pairs, carried: Carried) -> tuple[Usual, Tangle]:
    """Which records meet usually, and which do not: what goes on is tangled."""
    carried_pair = pairs.of_records.of(carried.low_end, carried.high_end)
    goes_on = np.flatnonzero(carried_pair != NOBODY)
    tangled = pairs.tangled.copy()
    tangled[carried_pair[goes_on]] = True
    rests = ~tangled[pairs.usual_pair]
    usual = Usual(pairs.usual.low_at[rests], pairs.usual.high_at[rests])
    knotted = tangled[pairs.pair]
    tangle = Tangle(pairs.rows[knotted], pairs.pair[knotted], goes_on, carried_pair[goes_on])
    return usual, tangle


def _met_once(records: Records, one: Ints, other: Ints) -> tuple[Usual, Bools]:
    """Those of pairs of records that are one conversation, and which they are."""
    alone = other == NOBODY
    both = np.where(alone, one, other)
    low = records.low[one]
    opposite = low != records.low[both]
    # Of two records, one must have begun before the other was long over.
    latest = np.maximum(records.started[one], records.started[both])
    first_over = np.minimum(records.ended[one], records.ended[both])
    together = alone | (opposite & (latest - first_over <= SYN_AFTER_US))
    one, other, low = one[together], other[together], low[together]
    return Usual(np.where(low, one, other), np.where(low, other, one)), together


def meetings_of(records: Records, usual: Usual) -> Meetings:
    """What each side sent, between when and when."""
    someone = np.where(usual.low_at == NOBODY, usual.high_at, usual.low_at)
    sides = [(at, np.flatnonzero(at == NOBODY)) for at in (usual.low_at, usual.high_at)]
    low_packets, high_packets = _sides(sides, records.packets, 0)
    low_bytes, high_bytes = _sides(sides, records.bytes, 0)
    low_start, high_start = _sides(sides, records.started, NEVER)
    low_flags, high_flags = _sides(sides, records.flags, NOTHING_SAID)
    low_rate, high_rate = _sides(sides, records.sampling, 1)
    low_exporter, high_exporter = _sides(sides, records.exporter, NOTHING_SAID)
    return Meetings(
        low_end=records.low_end[someone],
        high_end=records.high_end[someone],
        low_start=low_start,
        high_start=high_start,
        ended=np.maximum(*_sides(sides, records.ended, -NEVER)),
        low_packets=low_packets,
        high_packets=high_packets,
        low_bytes=low_bytes,
        high_bytes=high_bytes,
        low_flags=low_flags,
        high_flags=high_flags,
        low_first=low_flags,
        high_first=high_flags,
        low_once=low_packets == low_rate,
        high_once=high_packets == high_rate,
        said=np.maximum(*_sides(sides, records.said, NOTHING_SAID)),
        sampling=np.maximum(low_rate, high_rate),
        low_exporter=low_exporter,
        high_exporter=high_exporter,
        again=np.zeros(len(someone), np.bool_),
    )


def _sides(sides: Sides, values: NDArray[T], nothing: int) -> list[NDArray[T]]:
    """The values of the low and of the high side's records, ``nothing`` where there is none."""
    found = [picked(values, at) for at, _ in sides]  # of NOBODY anything
    for side, (_, missing) in zip(found, sides, strict=True):
        side[missing] = nothing
    return found
