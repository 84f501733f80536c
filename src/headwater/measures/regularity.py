"""How much like a clock a series of calls is.

The three scores of RITA v5's beacon analysis (active countermeasures), each 0 to 1, and
their mean: symmetry of the intervals (Bowley's skewness, 1901), their spread (median
absolute deviation about the median), and how evenly the calls fill the time watched.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

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
    intervals = np.diff(calls) / 1e6
    low, middle, high = np.percentile(intervals, [25, 50, 75])
    spread = float(np.median(np.abs(intervals - middle)))
    skew = (low + high - 2 * middle) / (high - low) if high > low else 0.0
    filled, _ = np.histogram(calls, bins=BINS, range=(start_us, max(end_us, start_us + 1)))
    return Regularity(
        period_s=float(middle),
        symmetry=1.0 - abs(float(skew)),
        # Relative to the period as well as absolute: an hourly call may stray by minutes.
        steadiness=max(0.0, 1.0 - spread / max(SPREAD_LIMIT_S, float(middle) / 2)),
        evenness=float(np.count_nonzero(filled)) / BINS,
    )
