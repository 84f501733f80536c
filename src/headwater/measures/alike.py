"""Rows of equal key find one another in a few passes over whole arrays, without sorting.

Every row writes its number into the place that its key hashes to, and reads what remained
there: rows of one key read the same number. Rows that read the number of another key try
again with another hash. Records of one conversation stand near each other, so nearly all
of this stays in the processor's caches; sorting costs three times as much.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
NOBODY: Final = -1  # the number of a row where there is none
BLOCK: Final = 1 << 16  # rows at a time, whose columns stay in the nearest cache


@dataclass(frozen=True, slots=True)
class _Round:
    multipliers: NDArray[np.uint64]
    table: Rows  # of each place the last row of those asked whose key hashes to it


class Leaders:
    """Of each key the row that leads it, for rows and for others that have the same keys.

    Holds some four numbers of 32 bits for each row, besides the keys.
    """

    def __init__(self, *key: Ints) -> None:
        """``key``: one or two columns of int64, below 2^31 rows."""
        self._key = key
        self._rounds: list[_Round] = []
        found = np.empty(len(key[0]), np.int32)
        left, rest = key, np.arange(len(found), dtype=np.int32)
        for multipliers in MULTIPLIERS:
            table, lead = _met_there(left, rest, multipliers)
            self._rounds.append(_Round(multipliers, table))
            found[rest] = lead
            rest = rest[_strangers(key, left, lead)]
            left = tuple(column[rest] for column in key)
        found[rest] = rest[_sorted_leaders(left)]
        self._sorted = rest
        self.of_rows: Rows = found
        """For each row the number of one row, the same for all rows of equal key."""

    def of(self, *key: Ints) -> Rows:
        """For each row of other columns the number of the row that leads its key, or NOBODY."""
        found = np.full(len(key[0]), NOBODY, np.int32)
        left, rest = key, np.arange(len(found))
        for asked in self._rounds:
            met = picked(asked.table, _places(left, asked.multipliers, len(asked.table)))
            # Where nobody wrote there is no such key; nor is it among those asked later.
            some = np.flatnonzero(met != NOBODY)
            met, rest = met[some], rest[some]
            stranger = _strangers(self._key, tuple(column[rest] for column in key), met)
            found[rest[~stranger]] = self.of_rows[met[~stranger]]
            rest = rest[stranger]
            left = tuple(column[rest] for column in key)
        return self._among_sorted(key, found, rest)

    def _among_sorted(self, key: tuple[Ints, ...], found: Rows, rest: Ints) -> Rows:
        """The same for keys that collide with others in every round."""
        known = len(self._sorted)
        both = zip(self._key, key, strict=True)
        lead = _sorted_leaders(
            tuple(np.concatenate([mine[self._sorted], its[rest]]) for mine, its in both)
        )
        by_lead = np.full(len(lead), NOBODY, np.int32)
        by_lead[lead[:known]] = self.of_rows[self._sorted]
        found[rest] = by_lead[lead[known:]]
        return found


def leaders(*key: Ints) -> Rows:
    """For each row the number of one row, the same for all rows of equal key.

    ``key``: one or two columns of int64, below 2^31 rows. Which of the equal rows leads is
    not said.
    """
    return Leaders(*key).of_rows


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


def _met_there(
    key: tuple[Ints, ...], rows: Rows, multipliers: NDArray[np.uint64]
) -> tuple[Rows, Rows]:
    """The places, and for each row the number that remained in its place."""
    table = np.full(1 << (PLACES_PER_ROW * len(rows)).bit_length(), NOBODY, np.int32)
    at = _places(key, multipliers, len(table))
    table[at] = rows
    return table, picked(table, at)


def _places(key: tuple[Ints, ...], multipliers: NDArray[np.uint64], of: int) -> Ints:
    """For each row a place below ``of``, a power of two."""
    shift = np.uint64(WORD - of.bit_length() + 1)
    place = np.empty(len(key[0]), np.uint64)
    for rows in _blocks(len(place)):
        mixed = key[0][rows].view(np.uint64) * multipliers[0]
        for column, multiplier in zip(key[1:], multipliers[1:], strict=False):
            mixed += column[rows].view(np.uint64) * multiplier
        np.right_shift(mixed, shift, out=place[rows])
    return place.view(np.int64)


def _strangers(key: tuple[Ints, ...], asked: tuple[Ints, ...], lead: Rows) -> Bools:
    """Which of those asked are of another key than the row of ``key`` they met."""
    differs = np.zeros(len(lead), np.bool_)
    for rows in _blocks(len(lead)):
        at = lead[rows].astype(np.intp)
        for column, mine in zip(key, asked, strict=True):
            differs[rows] |= picked(column, at) != mine[rows]
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
