"""Data sets whose template has not come yet, within a bound."""

from collections import deque
from typing import Final, NamedTuple

from headwater.wire.flow_columns import Origin

MOST_SETS: Final = 4_096
MOST_OCTETS: Final = 8 * 2**20


class WaitingSet(NamedTuple):
    """The body of a data set and the packet it came with."""

    key: tuple[str, int, int]  # exporter, domain and template
    body: bytes
    origin: Origin


class WaitingRoom:
    """First in, first out per key; when it is full, the oldest of all must leave."""

    __slots__ = ("_next", "_octets", "_queues", "_sets")

    def __init__(self) -> None:
        self._sets: dict[int, WaitingSet] = {}  # in order of arrival
        self._queues: dict[tuple[str, int, int], deque[int]] = {}
        self._octets = 0
        self._next = 0

    def put(self, waiting: WaitingSet) -> list[WaitingSet]:
        """Keep one set; those that must leave for it are returned, oldest first."""
        self._sets[self._next] = waiting
        self._queues.setdefault(waiting.key, deque()).append(self._next)
        self._octets += len(waiting.body)
        self._next += 1
        leaving = []
        while len(self._sets) > MOST_SETS or self._octets > MOST_OCTETS:
            leaving.append(self._drop(next(iter(self._sets))))
        return leaving

    def take(self, key: tuple[str, int, int]) -> list[WaitingSet]:
        """All sets of one key, in order of arrival; they wait no longer."""
        return [self._drop(number) for number in list(self._queues.get(key, ()))]

    def take_all(self) -> list[WaitingSet]:
        """Everything that still waits, in order of arrival."""
        return [self._drop(number) for number in list(self._sets)]

    def _drop(self, number: int) -> WaitingSet:
        waiting = self._sets.pop(number)
        queue = self._queues[waiting.key]
        queue.popleft()  # the oldest of all is the oldest of its key
        if not queue:
            del self._queues[waiting.key]
        self._octets -= len(waiting.body)
        return waiting
