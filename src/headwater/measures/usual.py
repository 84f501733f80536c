"""What is usual among many places, so that what is more can be told from it.

Where people are at work their hosts do all things in the same minutes, and every place that
they call stands out a little: the more of them call it, the surer. So the null hypothesis is no
place that does not stand out at all, but one that does so as others do, and it is told by the
others themselves (B. Efron, Large-scale simultaneous hypothesis testing, JASA 99, 2004): how
much of what would stand out if all went on does so, and how much places differ in that beyond
chance (R. C. Paule and J. Mandel, J. Res. NBS 87, 1982), by medians, as some are gateways.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Floats
from headwater.measures.series import log10_tail

MANY: Final = 50  # places: of fewer nothing is taken off
TELLS: Final = 1.0  # deviations, by fewer of which nobody ever stands out
HALVINGS: Final = 12  # of 1: finer than that no difference is known
MIDDLE: Final = 0.455  # of the square of a normal deviation, the median


@dataclass(frozen=True, slots=True)
class Usual:
    """Of what would stand out, the share that does where nothing is carried, there and back."""

    middle: Floats
    spread: Floats

    @classmethod
    def of(cls, apart: Floats, worth: Floats) -> "Usual":
        """``apart``, ``worth``: (2, places), in deviations: how far each stands out, and
        how far it would if all that came went on."""
        told = worth.min(axis=0) >= TELLS
        if np.count_nonzero(told) < MANY:
            return cls(np.zeros(2), np.zeros(2))
        ways = zip(apart[:, told], worth[:, told], strict=True)
        middle, spread = zip(*(_usual(*way) for way in ways), strict=True)
        return cls(np.maximum(middle, 0.0), np.array(spread))

    def beyond(self, apart: Floats, worth: Floats) -> Floats:
        """-log10 of the chance of each, there and back."""
        more = apart - self.middle[:, None] * worth
        return -log10_tail(more / np.sqrt(1.0 + (self.spread[:, None] * worth) ** 2))

    def strength(self, apart: Floats, worth: Floats) -> Floats:
        """Two directions of the same sessions are not two witnesses; nor are they one."""
        one, other = self.beyond(apart, worth)
        return np.asarray(np.maximum(one, other) + np.minimum(one, other) / 2)


def _usual(apart: Floats, worth: Floats) -> tuple[float, float]:
    """The middle share, and how far shares differ: the least that explains the middle one."""
    shares, spread, step = apart / worth, 0.0, 1.0
    for _ in range(HALVINGS):
        step /= 2
        if _unexplained(shares, worth, spread + step) > MIDDLE:
            spread += step
    spread += step if spread else 0.0
    return _middle(shares, _known(worth, spread)), spread


def _unexplained(shares: Floats, worth: Floats, spread: float) -> float:
    known = _known(worth, spread)
    away = shares - _middle(shares, known)
    return _middle(known * away * away, known)


def _known(worth: Floats, spread: float) -> Floats:
    """How well each share is known as one of many that differ: one over its variance."""
    return np.asarray(worth**2 / (1.0 + (spread * worth) ** 2))


def _middle(values: Floats, weights: Floats) -> float:
    """The median, of which each value has its weight."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
