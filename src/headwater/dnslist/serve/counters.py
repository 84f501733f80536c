"""Counters that all server processes share, and their Prometheus form."""

import mmap
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


class Count(IntEnum):
    """What is counted. The first ones are Standing numbers, as batches answer them."""

    OTHER = 0  # answered by the exact path; its codes are not told apart
    LISTED = 1
    NO_DATA = 2
    UNKNOWN = 3
    ABSENT = 4
    REFUSED = 5
    LIMITED = 6
    TRUNCATED = 7
    SILENT = 8
    UDP = 9
    TCP = 10
    TCP_CONNECTIONS = 11
    TCP_TURNED_AWAY = 12
    SEND_FAILED = 13
    RELOADS = 14
    DAMAGED_FILES = 15
    UNKNOWN_DROPPED = 16
    LOG_FAILED = 17


RESPONSES: Final = range(Count.OTHER, Count.SILENT + 1)
TRANSPORTS: Final = (Count.UDP, Count.TCP)
PLAIN: Final = {
    Count.TCP_CONNECTIONS: "TCP connections taken",
    Count.TCP_TURNED_AWAY: "TCP connections over a limit",
    Count.SEND_FAILED: "answers the kernel would not send",
    Count.RELOADS: "snapshots taken up",
    Count.DAMAGED_FILES: "files found damaged; the old snapshot stays",
    Count.UNKNOWN_DROPPED: "unknown names that did not fit the file",
    Count.LOG_FAILED: "queries that could not be written to the sampled log",
}
Row = npt.NDArray[np.uint64]


def shared_counters(processes: int) -> npt.NDArray[np.uint64]:
    """One row of counters for each process, in memory that forked processes share."""
    size = processes * len(Count) * 8
    numbers: npt.NDArray[np.uint64] = np.frombuffer(mmap.mmap(-1, size), np.uint64)
    return numbers.reshape(processes, len(Count))


class CounterCollector(Collector):
    """Sums the processes' counters whenever Prometheus asks."""

    __slots__ = ("_table",)

    def __init__(self, table: npt.NDArray[np.uint64]) -> None:
        self._table = table

    def collect(self) -> Iterator[Metric]:
        totals: Any = self._table.sum(axis=0).tolist()
        queries = CounterMetricFamily("headwater_dns_queries", "Queries", labels=["transport"])
        for count in TRANSPORTS:
            queries.add_metric([count.name.lower()], totals[count])
        yield queries
        answers = CounterMetricFamily(
            "headwater_dns_responses", "Responses", labels=["outcome"]
        )
        for number in RESPONSES:
            answers.add_metric([Count(number).name.lower()], totals[number])
        yield answers
        for count, says in PLAIN.items():
            yield CounterMetricFamily(
                f"headwater_dns_{count.name.lower()}", says, value=totals[count]
            )


def registry(table: npt.NDArray[np.uint64]) -> CollectorRegistry:
    made = CollectorRegistry()
    made.register(CounterCollector(table))
    return made
