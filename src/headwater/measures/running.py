"""Sums over spans of time, for many groups at once, by running totals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headwater.measures.columns import picked
from headwater.measures.order import order

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Running:
    """Events sorted by (group, instant), with the running total of each amount."""

    place: Ints  # (group, instant) as one number
    totals: tuple[Ints, ...]  # each one longer than the events
    span: int

    def between(self, group: Ints, start_us: Ints, end_us: Ints) -> tuple[Ints, ...]:
        """Sums of each amount over the events of ``group`` in [start, end), element-wise."""
        first = np.searchsorted(self.place, group * self.span + np.clip(start_us, 0, None))
        last = np.searchsorted(self.place, group * self.span + np.clip(end_us, 0, None))
        return tuple(total[last] - total[first] for total in self.totals)


def running(group: Ints, at_us: Ints, amounts: tuple[Ints, ...], latest_us: int) -> Running:
    """``latest_us``: no instant asked about, or of an event, lies beyond it."""
    span = latest_us + 2
    at_us = np.clip(at_us, 0, None)
    place = group * span + at_us
    rows = order(at_us, group)
    totals = tuple(_running_total(amount, rows) for amount in amounts)
    return Running(place=place[rows], totals=totals, span=span)


def _running_total(amount: Ints, rows: Ints) -> Ints:
    total = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(picked(amount, rows), out=total[1:])
    return total
