"""Runs of packets in stretches: what is plain all at once, what is odd one by one.

The order in which packets came is kept: an odd one may bring a template or a sampling rate
that the next ones are read by.
"""

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from headwater.records.intake import FlowReading
from headwater.wire.datagram_runs import DatagramRun

FEWEST: Final = 8  # packets that are worth being taken together
FARTHEST: Final = 1024  # packets looked at ahead: what an odd one changes is looked at again


class Plain(Protocol):
    """What knows, of one run, which packets are plain by all that was said before them."""

    def until(self, start: int, end: int) -> int:
        """The first packet from ``start`` that is not plain, else ``end``."""

    def take(self, start: int, end: int) -> list[FlowReading]:
        """Keep the rows of plain packets for `flush`; gaps at once."""

    def within(self, start: int, end: int) -> int:
        """Where to stop, so that no more rows are collected than make a batch."""


def walk(
    run: DatagramRun,
    plain: Plain,
    one: Callable[[int], list[FlowReading]],
    flush_full: Callable[[], Iterator[FlowReading]],
) -> Iterator[FlowReading]:
    """Everything that a run holds. ``one`` reads a single packet, by its place."""
    start, size = 0, len(run)
    while start < size:
        end = plain.until(start, min(start + FARTHEST, size))
        if end - start >= FEWEST:
            end = plain.within(start, end)
            yield from plain.take(start, end)
            start = end
        else:
            for place in range(start, min(end + 1, size)):
                yield from one(place)
                yield from flush_full()
            start = min(end + 1, size)
            continue
        yield from flush_full()
