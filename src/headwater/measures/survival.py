"""How long things last, where some had not ended when the watching did.

The product-limit estimate (Kaplan and Meier 1958) with Greenwood's variance; the bounds are
on the log-log scale, so that they stay between 0 and 1.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints

_Z95: Final = 1.959963984540054  # of the normal distribution, two-sided


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Parallel arrays, one entry per duration at which something ended; shares 0 to 1."""

    durations: Ints
    surviving: Floats  # the share that lasts longer
    lower: Floats  # 95 % bounds, each duration by itself
    upper: Floats
    count: int  # all that were watched
    ended: int  # of them; the others lasted longer than they were watched

    def at(self, duration: int) -> float:
        """The share that lasts longer than ``duration``."""
        place = int(np.searchsorted(self.durations, duration, side="right"))
        return float(self.surviving[place - 1]) if place else 1.0

    def lasting(self, share: float) -> int | None:
        """The duration that at most this share outlasts; None where that was not seen."""
        # Shares are products of fractions: equality holds but for the last bits.
        reached = np.flatnonzero(self.surviving <= share + 1e-12)
        return int(self.durations[reached[0]]) if len(reached) else None

    def corners(self, most: int) -> Ints:
        """At most so many of the durations' places, at which the curve has come down a level.

        So that a steep fall, as where all connections are cut once a day, stays at its time,
        and between two of them the curve falls by no more than its whole fall / (most - 1).
        """
        if len(self.surviving) <= most:
            return np.arange(len(self.surviving))
        levels = np.linspace(self.surviving[0], self.surviving[-1], most)
        return np.unique(np.searchsorted(-self.surviving, -levels - 1e-12))


def survival(durations: Ints, ended: Bools) -> Curve:
    """The curve of things that lasted so long; those not ``ended`` lasted longer."""
    order = np.argsort(durations, kind="stable")
    sorted_durations, gone = durations[order], ended[order]
    times = np.unique(sorted_durations[gone])
    first = np.searchsorted(sorted_durations, times)
    at_risk = (len(durations) - first).astype(np.float64)
    endings = np.searchsorted(np.sort(durations[ended]), times, side="right")
    deaths = np.diff(endings, prepend=0).astype(np.float64)
    surviving: Floats = np.cumprod(1 - deaths / at_risk, dtype=np.float64)
    lower, upper = _bounds(surviving, deaths, at_risk)
    return Curve(
        durations=times,
        surviving=surviving,
        lower=lower,
        upper=upper,
        count=len(durations),
        ended=int(ended.sum()),
    )


def _bounds(surviving: Floats, deaths: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    left = at_risk - deaths
    inside = (surviving > 0) & (surviving < 1) & (left > 0)
    safe_left = np.where(left > 0, left, 1)
    greenwood = np.cumsum(np.where(left > 0, deaths / (at_risk * safe_left), 0))
    log_share = np.log(np.where(inside, surviving, 0.5))
    spread = np.exp(_Z95 * np.sqrt(greenwood) / np.abs(log_share))
    lower = np.where(inside, np.exp(log_share * spread), surviving)
    upper = np.where(inside, np.exp(log_share / spread), surviving)
    return lower, upper
