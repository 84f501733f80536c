"""Where a registrable name begins: public suffix rules as a table of keyed hashes.

The rules are those of the public suffix list (its ICANN section): a plain rule, a
wildcard (``*.ck``) or an exception (``!www.ck``); of several that match the exception
wins, then the longest; where none matches, ``*`` does. Each rule, and each of its
parents, is one entry; a name is walked from its last label while deeper rules exist.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.keyed_hash import Hashes, KeyedHash
from headwater.records.errors import MalformedInput
from headwater.wire.dns import labels_of

WAYS: Final = 4  # entries side by side; a bucket is 32 bytes, half a cache line
FLAG_BITS: Final = 7  # below the universal bits of the hash
FEWEST_BUCKETS: Final = 1 << 10
MOST_BUCKETS: Final = 1 << 22
DEEPEST: Final = 8  # labels of the longest rule we take
FLAG_MASK: Final = (1 << FLAG_BITS) - 1


# What is known about one suffix, as bits. Plain numbers: they are tested for every query.
PLAIN: Final = 1
WILDCARD: Final = 2  # each label below is a suffix, too
EXCEPTION: Final = 4  # not a suffix although a wildcard says so
DEEPER: Final = 8  # rules exist below
RESERVED: Final = 16  # RFC 5782 section 5: TEST and INVALID have answers of their own


class SuffixRules:
    """Suffix lengths for one name or many. ``slots``: (buckets, WAYS) unsigned 64-bit."""

    __slots__ = ("_known", "_shift", "slots")

    def __init__(self, slots: Hashes) -> None:
        buckets = len(slots)
        if slots.shape != (buckets, WAYS) or not buckets or buckets & (buckets - 1):
            raise MalformedInput("the table of suffix rules has an odd shape")
        self.slots = slots
        self._shift = np.uint64(64 - (buckets.bit_length() - 1))
        taken = slots[slots != 0].tolist()
        self._known = {entry & ~FLAG_MASK: entry & FLAG_MASK for entry in taken}

    def suffix_length(self, hashes: Sequence[int]) -> tuple[int, int]:
        """Labels of the public suffix, and the flags of the last label.

        ``hashes`` are those of the last one, two, ... labels of the name.
        """
        length, above, top = 1, DEEPER, 0
        for depth, value in enumerate(hashes, start=1):
            if not above & DEEPER:
                break
            flags = self._known.get(value & ~FLAG_MASK, 0)
            top = flags if depth == 1 else top
            if flags & EXCEPTION:
                return depth - 1, top
            if flags & PLAIN or above & WILDCARD:
                length = depth
            above = flags
        return length, top

    def flags(self, hashes: Hashes) -> npt.NDArray[np.uint64]:
        """The flags of each of (n) suffixes; 0 where no rule names it."""
        rows = self.slots.take((hashes >> self._shift).astype(np.int64), axis=0)
        same = (rows ^ hashes[:, None]) >> np.uint64(FLAG_BITS) == 0
        found: npt.NDArray[np.uint64] = (rows * same).max(axis=1) & np.uint64(FLAG_MASK)
        return found


def compile_rules(rules: Iterable[str], keyed: KeyedHash) -> Hashes:
    """Rules as the list writes them (A-labels) to slots for SuffixRules."""
    flags: dict[tuple[bytes, ...], int] = {
        (b"test",): RESERVED,
        (b"invalid",): RESERVED,
    }
    for rule in rules:
        labels, kind = _read_rule(rule)
        flags[labels] = flags.get(labels, 0) | kind
        for start in range(1, len(labels)):
            parent = labels[start:]
            flags[parent] = flags.get(parent, 0) | DEEPER
    entries = [
        keyed.suffixes(labels, DEEPEST)[-1] & ~FLAG_MASK | kind
        for labels, kind in flags.items()
    ]
    return _placed(np.array(entries, np.uint64))


def _read_rule(rule: str) -> tuple[tuple[bytes, ...], int]:
    bare, kind = rule.strip(), PLAIN
    if bare.startswith("!"):
        bare, kind = bare[1:], EXCEPTION
    elif bare.startswith("*."):
        # What is a suffix at each name below is one itself: nobody can register it.
        bare, kind = bare[2:], PLAIN | WILDCARD | DEEPER
    labels = labels_of(bare)
    if not 0 < len(labels) < DEEPEST or b"*" in labels:
        raise MalformedInput(f"not a public suffix rule: {rule[:64]!r}")
    return labels, kind


def _placed(entries: Hashes) -> Hashes:
    buckets = FEWEST_BUCKETS
    while buckets <= MOST_BUCKETS:
        home = (entries >> np.uint64(64 - (buckets.bit_length() - 1))).astype(np.int64)
        order = np.argsort(home, kind="stable")
        home, sorted_entries = home[order], entries[order]
        way = np.arange(len(home)) - np.searchsorted(home, home)
        if not len(way) or way.max() < WAYS:
            slots = np.zeros((buckets, WAYS), np.uint64)
            slots[home, way] = sorted_entries
            return slots
        buckets *= 2
    raise MalformedInput("the suffix rules do not fit: the same rule many times over?")
