"""Numbers that never arrived: gaps in what exporters count.

All arithmetic is modulo 2^32. A packet that comes late fills its hole, so a hole is
reported only when `PATIENCE` more packets have come. A jump ahead by more than `FARTHEST`,
or back by more than `LATEST`, is a restart of the exporter and no gap.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from headwater.records.intake import SequenceUnit

MODULUS: Final = 2**32
PATIENCE: Final = 32  # packets
MOST_HOLES: Final = 32
RECORDS_PER_PACKET: Final = 32
LATEST: Final = 256  # packets that may arrive after their successors
FARTHEST: Final = 1_000_000  # packets: hours of a busy exporter

Ints = npt.NDArray[np.int64]


class SequenceTracker:
    """The sequence numbers of one stream of packets."""

    __slots__ = (
        "_expected", "_farthest", "_holes", "_latest", "_options", "_previous", "_turn",
    )  # fmt: skip

    def __init__(self, unit: SequenceUnit) -> None:
        scale = 1 if unit is SequenceUnit.PACKETS else RECORDS_PER_PACKET
        self._farthest = FARTHEST * scale
        self._latest = LATEST * scale
        self._expected: int | None = None
        self._previous: int | None = None
        self._options = 0  # of the packet before: records that not every exporter counts
        self._holes: list[tuple[int, int, int]] = []  # first number, how many, since turn
        self._turn = 0

    def arrived(self, number: int, count: int | None, options: int = 0) -> int:
        """A packet numbered ``number`` with ``count`` units (None: cannot be counted).

        ``options`` of them are records of options: RFC 7011 counts those too, softflowd and
        others do not. How many units are now given up as lost.
        """
        self._turn += 1
        if number == self._expected and count is not None and not self._holes:
            self._expected = (number + count) % MODULUS  # as nearly always
            self._previous, self._options = number, options
            return 0
        ahead = 0 if self._expected is None else (number - self._expected) % MODULUS
        if self._follows(number, count or 0, options):
            ahead = 0
        if ahead and not self._jumped(number, count or 0, ahead):
            return self._given_up()
        self._previous, self._options = number, options
        self._expected = None if count is None else (number + count) % MODULUS
        return self._given_up() if self._holes else 0

    def _follows(self, number: int, count: int, options: int) -> bool:
        """Whether nothing is missing, however the exporter counts: with its options or
        without, a message before its records or, as softflowd's IPFIX, behind them.
        """
        if self._expected is None or self._previous is None:
            return False
        before = (self._expected - number) % MODULUS <= self._options
        return before or (self._previous + count - number) % MODULUS <= options

    def arrived_in_turn(self, numbers: Ints, counts: Ints) -> list[tuple[int, int]]:
        """As ``arrived`` for each packet (n); places after which units are given up as lost."""
        follow = (numbers[:-1] + counts[:-1]) % MODULUS == numbers[1:]
        if numbers[0] == self._expected and not self._holes and follow.all():
            self._turn += len(numbers)
            self._previous, self._options = int(numbers[-1]), 0
            self._expected = int(numbers[-1] + counts[-1]) % MODULUS
            return []
        pairs = zip(numbers.tolist(), counts.tolist(), strict=True)
        found = ((place, self.arrived(*pair)) for place, pair in enumerate(pairs))
        return [(place, missing) for place, missing in found if missing]

    def _jumped(self, number: int, count: int, ahead: int) -> bool:
        """Whether the stream goes on from here; False for a packet that came late."""
        if MODULUS - ahead <= self._latest:
            self._fill(number, count)
            return False
        if ahead <= self._farthest and self._expected is not None:
            self._holes.append((self._expected, ahead, self._turn))
        return True

    def _fill(self, number: int, count: int) -> None:
        for place, (first, size, turn) in enumerate(self._holes):
            offset = (number - first) % MODULUS
            if offset + count <= size:
                after = (number + count) % MODULUS
                parts = [(first, offset, turn), (after, size - offset - count, turn)]
                self._holes[place : place + 1] = [part for part in parts if part[1]]
                return

    def _given_up(self) -> int:
        keep_from = len(self._holes) - MOST_HOLES
        old = [
            hole[2] <= self._turn - PATIENCE or place < keep_from
            for place, hole in enumerate(self._holes)
        ]
        missing = sum(hole[1] for hole, is_old in zip(self._holes, old, strict=True) if is_old)
        self._holes = [h for h, is_old in zip(self._holes, old, strict=True) if not is_old]
        return missing

    def finish(self) -> int:
        """How many units are still missing; none is waited for any longer."""
        missing = sum(size for _, size, _ in self._holes)
        self._holes = []
        return missing
