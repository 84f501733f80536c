"""The names of a batch of queries: found, checked and hashed without a loop over them.

Of names made of letters, digits, hyphens and the like, with labels shorter than 45 bytes,
exactly the length bytes are below 45 ("-"). So the places of such bytes, each agreeing
with the distance to the next, are the label boundaries; any name for which they do not
agree is left to the exact reader. Nothing wrong is accepted: a chain of lengths that
leads from the first byte to the root is what RFC 1035 section 3.1 calls a name.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headwater.dnslist.answers.keyed_hash import Hashes, KeyedHash, Octets

NAME_AT: Final = 12  # the question's name comes after the header
FIRST_PRINTABLE: Final = ord("-")
WIDTHS: Final = (32, 48, 64, 96, 128)  # bytes of the longest name a batch reads
COLUMNS: Final = np.arange(WIDTHS[-1], dtype=np.uint8)
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of some rows of a batch: (m) each, but for the flat lists of all labels.

    ``rows``: which row of the batch. ``ends``: offset of the root label in the name.
    ``last``: place of the root label in ``labels``, the flat places of all length bytes in
    ``text``; the label before it is the top-level domain's. ``counts``: labels of the name.
    """

    rows: Places
    ends: Places
    last: Places
    counts: Places
    labels: Places
    text: Octets  # (n, width), lower case
    width: int


def read_names(block: Octets, lengths: Places) -> Names:
    """``block`` (n, row size) holds datagrams of the given ``lengths`` (n)."""
    width = _width(int(lengths.max(initial=0)) - NAME_AT)
    text = _lower(block[:, NAME_AT : NAME_AT + width])
    count = len(text)
    ends = (text == 0).argmax(axis=1)
    # No root within reach: argmax says 0, and so does the name of the root itself.
    marks = text < FIRST_PRINTABLE
    marks &= COLUMNS[:width] <= ends.astype(np.uint8)[:, None]
    labels = marks.ravel().nonzero()[0]
    values = text.ravel()[labels]
    roots = (values == 0).nonzero()[0]
    rows = labels[roots] // width
    if _all_sound(labels, values, roots, count, width):
        counts = roots - 1
        counts[1:] -= roots[:-1]
        counts[0] += 1
    else:
        keep = _sound_rows(labels, values, width, count)[rows]
        rows, roots = rows[keep], roots[keep]
        counts = roots - np.searchsorted(labels, rows * width)
    return Names(rows, ends[rows], roots, counts, labels, text, width)


def _all_sound(labels: Places, values: Octets, roots: Places, count: int, width: int) -> bool:
    """The usual case: each row has a root, begins at 0 and leads there."""
    if len(roots) != count:
        return False
    leads = labels[:-1] + values[:-1]
    leads += 1
    leads[roots[:-1]] = -1  # a root leads nowhere
    if np.count_nonzero(leads == labels[1:]) != len(labels) - count:
        return False
    firsts = labels[roots[:-1] + 1]
    return labels[0] == 0 and bool((firsts == np.arange(1, count) * width).all())


def _width(longest: int) -> int:
    return next((width for width in WIDTHS if width >= longest), WIDTHS[-1])


def _lower(text: Octets) -> Octets:
    # A letter is in upper case if and only if it is less than 26 above "A" (unsigned).
    upper = text - np.uint8(65) < np.uint8(26)
    return text + (upper.view(np.uint8) << np.uint8(5))


def _sound_rows(
    labels: Places, values: Octets, width: int, count: int
) -> npt.NDArray[np.bool_]:
    """Rows (count) in which every length byte leads to the next, the first at 0."""
    sound = np.ones(count, np.bool_)
    rows = labels // width
    leads = (labels[:-1] + values[:-1] + 1 == labels[1:]) & (rows[:-1] == rows[1:])
    broken = ~leads & (values[:-1] != 0)
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    late = labels[first] != rows[first] * width
    if broken.any() or late.any() or (len(labels) and values[-1] != 0):
        sound[rows[:-1][broken]] = False
        sound[rows[first][late]] = False
        sound[rows[-1]] &= values[-1] == 0
    return sound


class SuffixHasher:
    """Keyed hashes of labels for names that end before a zone's apex."""

    __slots__ = ("_shifted",)

    def __init__(self, keyed: KeyedHash) -> None:
        # Row a holds, for each column c < a, the key of distance a - 1 - c; else 0.
        top = WIDTHS[-1]
        distance = np.arange(top + 1)[:, None] - 1 - np.arange(top)
        table = np.where(distance >= 0, keyed.keys[np.maximum(distance, 0)], np.uint64(0))
        self._shifted = {w: np.ascontiguousarray(table[: w + 1, :w]) for w in WIDTHS}

    def running(self, names: Names, apex_at: Places) -> Hashes:
        """Running sums over ``names.labels``: differences are hashes of suffixes.

        ``apex_at`` (n): for every row of the batch, where the apex begins in the name (0
        for rows that do not count). The hash of the labels from place i up to before place
        j is ``running[j] - running[i]``.
        """
        weighed = self._shifted[names.width].take(apex_at, axis=0)
        weighed *= names.text
        sums: Any = np.add.reduceat(weighed.ravel(), names.labels)
        running = np.zeros(len(sums) + 1, np.uint64)
        np.cumsum(sums, out=running[1:])
        return running
