"""How much like a clock a series of calls is.

The three scores of RITA v5's beacon analysis (active countermeasures), each 0 to 1, and
their mean: symmetry of the intervals (Bowley's skewness, 1901), their spread (median
absolute deviation about the median), and how evenly the calls fill the time watched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_CALLS = 4  # three intervals: fewer have no quartiles worth the name
SPREAD_LIMIT_S = 30.0  # jitter at which an interval of a minute or two says nothing
BINS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Regularity:
    """Of one series of calls. ``period_s`` is the median interval."""

    period_s: float
    symmetry: float
    steadiness: float
    evenness: float

    @property
    def score(self) -> float:
        return (self.symmetry + self.steadiness + self.evenness) / 3.0


def regularity(calls_us: Ints, start_us: int, end_us: int) -> Regularity | None:
    """The regularity of calls at these instants, seen from start to end; None: too few."""
    calls = np.unique(calls_us)
    if len(calls) < FEWEST_CALLS:
        return None
    intervals = np.sort(np.diff(calls) / 1e6)
    low, middle, high = (_quantile(intervals, share) for share in (0.25, 0.5, 0.75))
    spread = _quantile(np.sort(np.abs(intervals - middle)), 0.5)
    skew = (low + high - 2 * middle) / (high - low) if high > low else 0.0
    part = (calls - start_us) * BINS // max(end_us - start_us, 1)
    return Regularity(
        period_s=middle,
        symmetry=1.0 - abs(skew),
        # Relative to the period as well as absolute: an hourly call may stray by minutes.
        steadiness=max(0.0, 1.0 - spread / max(SPREAD_LIMIT_S, middle / 2)),
        evenness=len(set(part[(part >= 0) & (part < BINS)].tolist())) / BINS,
    )


def _quantile(ordered: Floats, share: float) -> float:
    """Linear between neighbours; NumPy's own costs twenty times as much for a few values."""
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return low + (high - low) * (place - below)


def series_of(host: Ints, calls_us: Ints) -> list[Ints]:
    """The instants of calls (n), one series a host, in the order given."""
    order = np.argsort(host, kind="stable")
    edges = np.flatnonzero(np.diff(host[order])) + 1
    return np.split(calls_us[order], edges) if len(order) else []


def middle_regularity(series: Sequence[Ints]) -> Regularity | None:
    """Of calls by several hosts, one series each: as regular as the middle one of them."""
    each = (regularity(calls, int(calls.min()), int(calls.max()) + 1) for calls in series)
    found = sorted((one for one in each if one), key=lambda one: one.score)
    return found[len(found) // 2] if found else None


PARTS: Final = 8  # of the time watched


def constancy(series: Sequence[Ints], start_us: int, end_us: int) -> float:
    """From -1 for one visit to 1 for calls in every part of the time from the first on.

    By the middle one of several hosts, one series each; -1 where there are none.
    """
    shares = []
    part_us = max((end_us - start_us) // PARTS, 1)
    for calls in series:
        parts = len(np.unique(calls // part_us))
        possible = max(1, (end_us - 1) // part_us - int(calls.min()) // part_us + 1)
        shares.append(min(1.0, parts / possible))
    return 2 * float(np.median(shares)) - 1 if shares else -1.0


# How close to the common period an interval is, and how many are by chance: of people's
# intervals, spread by a factor of about two about their middle (log-normal, sigma 0.8), a
# tenth is within a tenth of it, half within a half. Of intervals by pure chance fewer are.
CLOSENESS: Final = ((0.1, 0.1), (0.5, 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One clock that several keep. ``log10_chance``: of so many intervals about the period."""

    period_s: float
    intervals: int
    near: float  # share within half of the period
    log10_chance: float


def common_beat(series: Sequence[Ints]) -> Beat | None:
    """Of calls by several hosts, one series each: do their intervals have one length?

    A host that called twice has one interval, which says nothing; fifty such hosts say a lot.
    None where there are fewer than four intervals in all.
    """
    each = [np.diff(np.unique(calls)) / 1e6 for calls in series]
    intervals = np.concatenate([np.zeros(0), *each])
    if len(intervals) < FEWEST_CALLS:
        return None
    period = float(np.median(intervals))
    away = np.abs(intervals - period) / max(period, 1e-6)
    # One is spent on finding the middle, and two questions are asked.
    chances = [
        log_tail(int(np.count_nonzero(away <= close)) - 1, len(away) - 1, chance) + np.log(2)
        for close, chance in CLOSENESS
    ]
    return Beat(
        period_s=period,
        intervals=len(away),
        near=float(np.mean(away <= CLOSENESS[-1][0])),
        log10_chance=min(0.0, float(min(chances)) / np.log(10.0)),
    )


def log_tail(hits: int, tries: int, chance: float) -> float:
    """Natural log of the chance of so many hits or more: the incomplete beta function."""
    if hits <= 0:
        return 0.0
    from scipy.special import betainc  # noqa: PLC0415  # slow to load: while the engine works

    with np.errstate(divide="ignore"):
        return float(np.log(betainc(float(hits), float(tries - hits + 1), chance)))
