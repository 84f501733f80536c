"""Who knows where the open doors are, and who tries them all.

The threshold random walk (Jung, Paxson, Berger and Balakrishnan, *Fast Portscan Detection
Using Sequential Hypothesis Testing*, IEEE S&P 2004): each first contact with a new door
is a step, up where the door stays shut, down where it opens, each as long as the logarithm
of how much likelier that is of a scanner. Whoever passes the threshold is one.
"""

import math

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def walk(failed: Ints, opened: Ints, usual: float, scanning: float) -> Floats:
    """How far each has walked: natural log-odds for a scanner, one value per element.

    ``usual`` and ``scanning``: the share of doors that open for those who know where they
    go, and for those who do not; 0 < scanning < usual < 1.
    """
    up = math.log1p(-scanning) - math.log1p(-usual)
    down = math.log(scanning) - math.log(usual)
    return np.asarray(failed * up + opened * down, np.float64)


def blindness(touched: Ints, dark: Ints, known: float, blind: Floats) -> Floats:
    """Log-odds that addresses were chosen blindly: ``dark`` of ``touched`` are nobody's.

    ``blind``: the share of dark addresses that chance gives (of the whole network), for
    each element; ``known``: the share for those who were told where to go and are late.
    0.0 where chance gives hardly more than that: there the dark tells nothing.
    """
    chance = np.clip(blind, 0.01, 0.99)
    told = dark * np.log(chance / known) + (touched - dark) * np.log((1 - chance) / (1 - known))
    return np.asarray(np.where(chance >= 2 * known, told, 0.0), np.float64)
