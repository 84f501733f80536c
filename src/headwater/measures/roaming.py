"""How far one of a crowd goes: what share of it goes to so many hosts, as its own spread tells.

Of those who choose blindly few go far, and hardly any very far (Poisson's law); of those of
whom some are keener than others each further host is as likely as the one before (the
geometric law), or likelier. One family has them all: each share is to the one before as
a + b / k (H. H. Panjer, ASTIN Bulletin 12, 1981), here without those who go nowhere.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Floats, Ints

# As if two more had gone on from each host half of the time.
UNKNOWN: Final = 2.0
HALF: Final = 0.5
# Steps on from a first host, of which a spread is told; of twice as many it is half believed.
FEWEST_STEPS: Final = 75.0
HEAVIEST: Final = 0.9  # the tail that falls no faster than this needs no more than its mean
LEAST: Final = 1e-3


def believed(going: Ints, weight: Floats) -> float:
    """How far the crowd's spread is known, from 0 to 1.

    ``going``: to how many hosts each goes; ``weight``: how surely it is of the crowd.
    """
    steps = float((weight * np.maximum(going - 1, 0)).sum())
    return max(1.0 - FEWEST_STEPS / max(steps, FEWEST_STEPS), 0.0)


def log_shares(going: Ints, weight: Floats) -> Floats:
    """The natural logarithms of the shares that go to one host, to two, and so on.

    As far as the farthest of all goes; by the mean and the spread of those of the crowd.
    """
    count = np.arange(1, max(int(going.max(initial=0)), 2) + 1)
    went = np.maximum(going, 0)
    seen = np.bincount(went, weight, len(count) + 1)[1:] + UNKNOWN * HALF**count
    slope, start = _fitted(count, seen / seen.sum())
    ratios = np.maximum(slope + start / count[1:], LEAST)
    shares = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    return np.asarray(shares - np.logaddexp.reduce(shares), np.float64)


def _fitted(count: Ints, share: Floats) -> tuple[float, float]:
    """``a`` and ``b``: the recursion summed over all counts, and over count times share."""
    mean, square, first = float(count @ share), float(count**2 @ share), float(share[0])
    # (k + 1) p(k + 1) = (a (k + 1) + b) p(k), once summed and once times k + 1.
    sides = np.array([[mean + 1.0, 1.0], [square + 2.0 * mean + 1.0, mean + 1.0]])
    slope = float(np.linalg.solve(sides, np.array([mean - first, square - first]))[0])
    slope = min(max(slope, 0.0), HEAVIEST)
    return slope, mean - first - slope * (mean + 1.0)
