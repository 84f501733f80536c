"""Each session with the nearest of another kind in time, none of which serves two.

In a burst everything is near to everything: who takes the first that is near leaves nothing
for the others. The nearest pair goes first, then the nearest of what is left.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Ints
from headwater.measures.coupling import Legs, close_by

MOST_NEAR: Final = 64  # others looked at for each session: longer bursts go by their order
ROUNDS: Final = 12  # what is left after these are ends of long chains: a pair in hundreds


@dataclass(frozen=True, slots=True)
class Edges:
    """What is near to what, the nearest first."""

    one: Ints  # place of the session
    other: Ints
    slot: Ints  # of the other, within the group of the one: each group has it once

    def only(self, rows: Bools) -> "Edges":
        return Edges(self.one[rows], self.other[rows], self.slot[rows])


def near(ones: Legs, others: Legs, of: Ints, reach_us: int, shift_us: int = 0) -> Edges:
    """Sessions of one host that open within ``reach_us`` of each other, with other far ends.

    ``ones`` are moved by ``shift_us``. ``others`` must be sorted; ``of``: the group of each
    one, of which several may have the same host.
    """
    begin, count = close_by(ones, others, reach_us, reach_us, shift_us)
    count = np.minimum(count, MOST_NEAR)
    one = np.repeat(np.arange(len(ones)), count)
    other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count - begin, count)
    apart = np.abs(others.start_us[other] - ones.start_us[one] - shift_us)
    chosen = np.flatnonzero(others.far[other] != ones.far[one])
    chosen = chosen[np.argsort(apart[chosen], kind="stable")]
    one, other = one[chosen], other[chosen]
    slots = np.unique(of[one] * (len(others) + 1) + other, return_inverse=True)[1]
    return Edges(one, other, slots.astype(np.int64))


def paired(edges: Edges, ones: int) -> Ints:
    """Of each of so many ones its partner, or -1: nearest pairs first, each but once."""
    partner = np.full(ones, -1, np.int64)
    taken = np.zeros(int(edges.slot.max(initial=-1)) + 1, bool)
    for _ in range(ROUNDS):
        if not len(edges.one):
            break
        mutual = _first(edges.one) & _first(edges.slot)
        partner[edges.one[mutual]] = edges.other[mutual]
        taken[edges.slot[mutual]] = True
        edges = edges.only((partner[edges.one] < 0) & ~taken[edges.slot])
    return partner


def _first(codes: Ints) -> Bools:
    """Where each code is met for the first time."""
    first = np.zeros(len(codes), bool)
    first[np.unique(codes, return_index=True)[1]] = True
    return first
