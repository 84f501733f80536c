"""Rows of equal key find one another in a few passes over whole arrays, without sorting.

Every row writes its number into the place that its key hashes to, and reads what remained
there: rows of one key read the same number. Rows that read the number of another key try
again with another hash. Records of one conversation stand near each other, so nearly all
of this stays in the processor's caches; sorting costs three times as much.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.measures.columns import picked

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Bools = NDArray[np.bool_]
Parts = NDArray[np.uint16]

# Odd numbers at random for multiply-shift hashing (Dietzfelbinger, Hagerup, Katajainen and
# Penttonen 1997): a pair for each round. Who knows them can make keys that collide in all
# rounds; such rows are sorted.
MULTIPLIERS: Final = np.array(
    [
        [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F],
        [0xA0761D6478BD642F, 0xE7037ED1A0B428DB],
        [0x8EBC6AF09C88C6E3, 0x589965CC75374CC3],
        [0x1D8E4E27C47D124F, 0xEB44ACCAB455D165],
    ],
    np.uint64,
)
PLACES_PER_ROW: Final = 2  # more places, fewer rounds, but more memory to miss the cache in
WORD: Final = 64
MARKS_BITS: Final = 20  # a table of so many stays in the cache
BLOCK: Final = 1 << 16  # rows at a time, whose columns stay in the nearest cache


def leaders(*key: Ints) -> Rows:
    """For each row the number of one row, the same for all rows of equal key.

    ``key``: one or two columns of int64, below 2^31 rows. Which of the equal rows leads is
    not said.
    """
    found = _met_there(key, MULTIPLIERS[0])
    rest = np.flatnonzero(_strangers(key, found))
    for multipliers in MULTIPLIERS[1:]:
        left = tuple(column[rest] for column in key)
        lead = _met_there(left, multipliers)
        found[rest] = rest[lead]
        rest = rest[_strangers(left, lead)]
    found[rest] = rest[_sorted_leaders(tuple(column[rest] for column in key))]
    return found


def counts(leader: Rows) -> Ints:
    """How many rows have each row's key."""
    return picked(np.bincount(leader, minlength=len(leader)), leader)


def likely_among(keys: Ints, chosen: Ints) -> Bools:
    """Which keys are among the chosen; a few others, too, which costs less than to be exact."""
    marked = np.zeros(1 << MARKS_BITS, np.bool_)
    marked[_marks(chosen)] = True
    return marked[_marks(keys)]


def parted(keys: Ints, parts: int) -> Parts:
    """For each row a part below ``parts``, the same for all rows of equal key."""
    mixed = keys.view(np.uint64) * MULTIPLIERS[1, 0]
    return ((mixed >> np.uint64(WORD - 32)) * np.uint64(parts) >> np.uint64(32)).astype(
        np.uint16
    )


def _marks(keys: Ints) -> NDArray[np.uint64]:
    mixed = keys.view(np.uint64) * MULTIPLIERS[0, 0]
    mixed >>= np.uint64(WORD - MARKS_BITS)
    return mixed


def _met_there(key: tuple[Ints, ...], multipliers: NDArray[np.uint64]) -> Rows:
    """For each row, which row's number remained in its place."""
    count = len(key[0])
    bits = (PLACES_PER_ROW * count).bit_length()
    place = np.empty(count, np.uint64)
    for rows in _blocks(count):
        mixed = key[0][rows].view(np.uint64) * multipliers[0]
        for column, multiplier in zip(key[1:], multipliers[1:], strict=False):
            mixed += column[rows].view(np.uint64) * multiplier
        np.right_shift(mixed, np.uint64(WORD - bits), out=place[rows])
    at = place.view(np.int64)
    table = np.empty(1 << bits, np.int32)
    table[at] = np.arange(count, dtype=np.int32)
    return picked(table, at)


def _strangers(key: tuple[Ints, ...], lead: Rows) -> Bools:
    """Whose key is not that of the row they met."""
    differs = np.zeros(len(lead), np.bool_)
    for rows in _blocks(len(lead)):
        at = lead[rows].astype(np.intp)
        for column in key:
            differs[rows] |= picked(column, at) != column[rows]
    return differs


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))


def _sorted_leaders(key: tuple[Ints, ...]) -> Ints:
    order = np.lexsort(key)
    begins = np.ones(len(order), np.bool_)
    begins[1:] = False
    for column in key:
        begins[1:] |= column[order][1:] != column[order][:-1]
    lead = np.empty(len(order), np.int64)
    lead[order] = order[begins][np.cumsum(begins) - 1]
    return lead
