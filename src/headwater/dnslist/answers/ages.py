"""The age table: what is known of each registrable name, in about 14 bytes.

Names are kept as keyed hashes, not as text: the first ``bits`` bits of the hash say in
which bucket a name is, the next 32 bits are its fingerprint there. A name that is not in
the table is taken for one that is with a probability of about 1e-9 (entries in a bucket
times 2**-32). Everything is a flat array over a memory-mapped file; looking up is
arithmetic, for one name or for many.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.keyed_hash import Hashes
from headwater.records.errors import MalformedInput

FINGERPRINT_BITS: Final = 32
MOST_BITS: Final = 25  # 25 + 32 = the 57 universal bits of the hash
FULLEST: Final = 4  # names in a bucket, on average, at most
WIDEST: Final = 1024  # names in one bucket: more is a damaged file
DAY_ZERO: Final = 3651  # 1979-12-31, before the first domain; in days since 1970-01-01
LATEST_DAY: Final = 0xFFFF
NO_SUCH_DOMAIN: Final = 0  # of a registration day


class AgeFact(NamedTuple):
    """Days count from 1970-01-01. ``registered`` None: the registry knows no such domain."""

    registered: int | None
    changed: int
    registrar: int  # place in the snapshot's list of texts
    provenance: int


def pack_facts(
    registered: npt.NDArray[np.int64],
    changed: npt.NDArray[np.int64],
    registrar: npt.NDArray[np.int64],
    provenance: npt.NDArray[np.int64],
) -> Hashes:
    """Four columns (n) of 16 bits into one of 64. Days as stored: since DAY_ZERO, 0 none."""
    packed = registered.astype(np.uint64)
    for place, column in enumerate((changed, registrar, provenance), start=1):
        packed |= column.astype(np.uint64) << np.uint64(16 * place)
    return packed


def stored_day(days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Days since 1970-01-01 as stored; days before 1980 count as the first of 1980."""
    return np.clip(days - DAY_ZERO, 1, LATEST_DAY)


class AgeTable:
    """``starts`` (buckets + 1), ``fingerprints`` (names) 32-bit, ``facts`` (names) 64-bit."""

    __slots__ = ("_shift", "_views", "bits", "facts", "fingerprints", "starts")

    def __init__(
        self,
        starts: npt.NDArray[np.uint32],
        fingerprints: npt.NDArray[np.uint32],
        facts: Hashes,
    ) -> None:
        buckets = len(starts) - 1
        if buckets < 2 or buckets & (buckets - 1) or len(fingerprints) != len(facts):
            raise MalformedInput("the age table has an odd shape")
        self.bits = buckets.bit_length() - 1
        if self.bits > MOST_BITS or int(starts[-1]) != len(facts):
            raise MalformedInput("the age table does not end where it says")
        # A start before the one before it wraps around to a very wide bucket.
        if int((starts[1:] - starts[:-1]).max()) > WIDEST:
            raise MalformedInput("the age table's buckets are out of order")
        self._shift = 64 - self.bits
        self.starts, self.fingerprints, self.facts = starts, fingerprints, facts
        views: tuple[Any, Any, Any] = (starts.data, fingerprints.data, facts.data)
        self._views = views

    def __len__(self) -> int:
        return len(self.facts)

    def find(self, hashed: int) -> AgeFact | None:
        """What is known of the name with this hash; None where nothing is."""
        fact = self.packed(hashed)
        return None if fact is None else unpack_fact(fact)

    def packed(self, hashed: int) -> int | None:
        """The same, as stored."""
        starts, fingerprints, facts = self._views
        bucket = hashed >> self._shift
        wanted = hashed >> (self._shift - FINGERPRINT_BITS) & 0xFFFFFFFF
        for place in range(starts[bucket], starts[bucket + 1]):
            if fingerprints[place] == wanted:
                fact: int = facts[place]
                return fact
        return None

    def find_many(self, hashes: Hashes) -> tuple[npt.NDArray[np.bool_], Hashes]:
        """Which of (n) names are in the table, and their packed facts (0 where not)."""
        if not len(self.facts):
            return np.zeros(len(hashes), np.bool_), np.zeros(len(hashes), np.uint64)
        bucket = (hashes >> np.uint64(self._shift)).astype(np.int64)
        low, high = self.starts[bucket].astype(np.int64), self.starts[bucket + 1]
        widest = int((high - low).max(initial=1)) or 1
        places = low[:, None] + np.arange(widest)
        wanted = (hashes >> np.uint64(self._shift - FINGERPRINT_BITS)).astype(np.uint32)
        same = self.fingerprints.take(places, mode="clip") == wanted[:, None]
        same &= places < high[:, None]
        way = same.argmax(axis=1)
        found = same.any(axis=1)
        return found, self.facts.take(low + way, mode="clip") * found


def unpack_fact(packed: int) -> AgeFact:
    """One packed fact. A registration day of 0 stands for "no such domain"."""
    registered = packed & 0xFFFF
    return AgeFact(
        None if registered == NO_SUCH_DOMAIN else registered + DAY_ZERO,
        (packed >> 16 & 0xFFFF) + DAY_ZERO,
        packed >> 32 & 0xFFFF,
        packed >> 48,
    )


def build_ages(hashes: Hashes, facts: Hashes) -> AgeTable:
    """Sort (n) names into buckets. Of two with the same hash the later one counts."""
    bits = 1
    while len(hashes) > FULLEST << bits and bits < MOST_BITS:
        bits += 1
    spare = np.uint64(64 - bits - FINGERPRINT_BITS)
    keys = hashes >> spare
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    last = np.append(keys[1:] != keys[:-1], True) if len(keys) else np.zeros(0, np.bool_)
    keys, order = keys[last], order[last]
    edges = np.arange((1 << bits) + 1, dtype=np.uint64) << np.uint64(FINGERPRINT_BITS)
    starts = np.searchsorted(keys, edges).astype(np.uint32)
    return AgeTable(starts, keys.astype(np.uint32), facts[order])
