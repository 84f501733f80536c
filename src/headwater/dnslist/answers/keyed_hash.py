"""A keyed hash of every suffix of a name, whole columns of names at a time.

Multilinear: the sum, modulo 2**64, of each byte of the name in wire form times a secret
random number for its distance from the end of the name. With 8-bit characters the top
57 bits are strongly universal (Lemire and Kaser, "Strongly universal string hashing is
fast", theorem 3.1): without the keys nobody can find two names that collide, so nobody
can choose a young name that looks like an old one. Since distance counts from the end,
the hash of a suffix is a partial sum of the hash of the name.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.records.errors import MalformedInput
from headwater.wire.dns import LONGEST_NAME

KEYS: Final = LONGEST_NAME + 1
KEY_BYTES: Final = KEYS * 8
UNIVERSAL_BITS: Final = 57
WORD: Final = (1 << 64) - 1
DOT: Final = ord(".")

Hashes = npt.NDArray[np.uint64]
Octets = npt.NDArray[np.uint8]


class KeyedHash:
    """Hashes names under one secret; ``secret`` holds KEY_BYTES random bytes."""

    __slots__ = ("_numbers", "keys")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise MalformedInput(f"a hash secret has {KEY_BYTES} bytes, not {len(secret)}")
        self.keys: Hashes = np.frombuffer(secret, "<u8").astype(np.uint64)
        self._numbers: list[int] = self.keys.tolist()

    def suffixes(self, labels: Sequence[bytes], most: int) -> list[int]:
        """Hashes of the last one, two, ... up to ``most`` labels (lower case, wire limits)."""
        total, distance = 0, 0
        found = []
        for label in reversed(labels[-most:]):
            for octet in reversed(label):
                total += self._numbers[distance] * octet
                distance += 1
            total = total + self._numbers[distance] * len(label) & WORD
            distance += 1
            found.append(total)
        return found

    def names(self, names: "pa.StringArray") -> Hashes:
        """The hash of each of (n) names in lower-case ASCII text, dots between labels.

        Names must keep DNS limits (``well_formed``); others hash to nothing useful.
        """
        if not len(names):
            return np.zeros(0, np.uint64)
        chars, starts = dotted(names)
        at = np.flatnonzero(chars == DOT)
        after = np.append(at[1:], len(chars))
        # Where a name ends the next one's leading dot stands: lengths never run over it.
        lengths = after - at - 1
        chars[at] = np.minimum(lengths, 255)
        ends = np.append(starts[1:], len(chars))
        distance = np.repeat(ends, ends - starts) - 1 - np.arange(len(chars))
        weighed = self.keys[np.minimum(distance, KEYS - 1)] * chars
        sums: Hashes = np.add.reduceat(weighed, starts)
        return sums


def dotted(names: "pa.StringArray") -> tuple[Octets, npt.NDArray[np.int64]]:
    """All names in one row of characters, a dot before each; and where each begins."""
    sizes = np.asarray(_offsets(names), np.int64)
    lengths = np.diff(sizes)
    body = np.frombuffer(names.buffers()[2] or b"", np.uint8)[sizes[0] : sizes[-1]]
    starts = np.concatenate(([0], np.cumsum(lengths + 1)[:-1]))
    chars = np.full(len(body) + len(names), DOT, np.uint8)
    text = np.ones(len(chars), np.bool_)
    text[starts] = False
    chars[text] = body
    return chars, starts


def _offsets(names: "pa.StringArray") -> npt.NDArray[Any]:
    buffer = names.buffers()[1]
    return np.frombuffer(buffer, np.int32)[names.offset : names.offset + len(names) + 1]
