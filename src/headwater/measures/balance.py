"""Do two series of amounts balance, interval by interval, more than chance would have it?

What goes into a tunnel comes out beside it in the same interval. The null is made by
turning one series round against the other, which keeps its rhythm and its sizes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from headwater.measures.coupling import log10_chance

Floats = NDArray[np.float64]
Amounts = Floats | NDArray[np.int64]

SLACK_SHARE = 0.15  # headers, retransmissions, a piece's edges
SLACK_OCTETS = 300
FEWEST_OCTETS = 600  # less than this in an interval is keep-alive, and balances with anything
MOST_TURNS = 200
FEWEST_BALANCED = 4  # intervals, before their number can mean anything
# Of a tunnel nearly every piece balances, two thirds where the host's own traffic disturbs. Who
# works on it from afar, or stores what it fetches, makes some pieces balance more often than
# chance does, but not most.
STRAY_SHARE = 0.2
TUNNELS_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Of the intervals in which something went in: in how many the same came out."""

    intervals: int
    balanced: int
    by_chance: float
    log10_chance: float


def balance(went_in: Floats, came_out: Floats) -> Balance:
    """Compare octets per interval; both series in the same order of time."""
    active = int(np.count_nonzero(went_in > FEWEST_OCTETS))
    seen = int(np.count_nonzero(balanced(went_in, came_out)))
    if seen < FEWEST_BALANCED:  # most pairs of series: not worth the turns
        return Balance(intervals=active, balanced=seen, by_chance=0.0, log10_chance=0.0)
    turns = np.unique(np.linspace(1, max(len(went_in) - 1, 1), MOST_TURNS).astype(int))
    by_chance = float(np.mean(balanced(_turned(went_in, turns), came_out).sum(axis=1)))
    chance = log10_chance(np.array([seen]), np.array([by_chance]), np.array([active]))
    return Balance(
        intervals=active,
        balanced=seen,
        by_chance=round(by_chance, 2),
        log10_chance=round(float(chance[0]), 2),
    )


def _turned(series: Floats, turns: NDArray[np.int64]) -> Floats:
    """The series (n) turned round by each of so many turns (t): one row each (t, n)."""
    twice = np.concatenate([series, series])
    return sliding_window_view(twice, len(series))[len(series) - turns]


def balanced(here: Amounts, there: Amounts) -> NDArray[np.bool_]:
    """In which intervals the same amount, more than keep-alives, went in and came out."""
    slack = SLACK_SHARE * np.maximum(here, there) + SLACK_OCTETS
    return np.asarray((here > FEWEST_OCTETS) & (np.abs(here - there) <= slack))


def effect(way: Balance, seen: float = 1.0) -> float:
    """How far the intervals balance as a tunnel's do, 0 to 1.

    ``seen``: the share of what leaves that the records show.
    """
    share = (way.balanced - way.by_chance) / max(way.intervals, 1) / seen
    return min(max((share - STRAY_SHARE) / (TUNNELS_SHARE - STRAY_SHARE), 0.0), 1.0)
