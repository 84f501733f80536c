"""Rows of equal key find one another in a few passes over whole arrays, without sorting.

Every row writes its number into the place that its key hashes to, and reads what remained
there: rows of one key read the same number. Rows that read the number of another key try
again with another hash. Records of one conversation stand near each other, so nearly all
of this stays in the processor's caches; sorting costs three times as much.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

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


def leaders(first: Ints, second: Ints) -> Ints:
    """For each row the number of one row, the same for all rows of equal (first, second).

    Which of the equal rows leads is not said. Arrays of int64, of equal length.
    """
    found = np.empty(len(first), np.int64)
    rest = np.arange(len(first))
    for multipliers in MULTIPLIERS:
        lead = _met_there(first, second, multipliers)
        found[rest] = rest[lead]
        alone = (first[lead] != first) | (second[lead] != second)
        rest, first, second = rest[alone], first[alone], second[alone]
        if not len(rest):
            return found
    found[rest] = rest[_sorted_leaders(first, second)]
    return found


def counts(leader: Ints) -> Ints:
    """How many rows have each row's key."""
    counted: Ints = np.bincount(leader, minlength=len(leader))[leader]
    return counted


def _met_there(first: Ints, second: Ints, multipliers: NDArray[np.uint64]) -> Ints:
    bits = (PLACES_PER_ROW * len(first)).bit_length()
    place = first.view(np.uint64) * multipliers[0]
    place += second.view(np.uint64) * multipliers[1]
    place >>= np.uint64(WORD - bits)
    at = place.view(np.int64)
    table = np.empty(1 << bits, np.int32)  # half as much to keep in the cache
    table[at] = np.arange(len(first), dtype=np.int32)
    return table[at].astype(np.int64)


def _sorted_leaders(first: Ints, second: Ints) -> Ints:
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    lead = np.empty(len(order), np.int64)
    lead[order] = order[begins][np.cumsum(begins) - 1]
    return lead
