"""Whether bots ask a place for orders, or visitors fetch pages there: how full its packets are.

Of a dozen packets that an order takes a few are full; of what a page takes hardly one is not.
Each sampled packet shows it, whatever became of the rest. And who shares a place with visitors
uses it otherwise than they do; where all use it alike, all are visitors.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headwater.measures.columns import Floats, Ints

BARE: Final = 60.0  # octets of a packet that carries nothing
FULL: Final = 1440.0  # of one that carries all it can: lines and tunnels take some of 1500
# The packets of one caller are of few answers, alike: they count as so many at most.
OF_ONE: Final = 3.0
# What share of the packets is full (shapes of beta laws): a quarter of those of orders, and
# hardly ever most; four fifths of those of pages.
ORDERS: Final = (1.0, 3.0)
PAGES: Final = (8.0, 2.0)
# Others may ask short questions as well, and who shares a place unlike things.
MOST: Final = 2.5
LEAST: Final = 1.0  # masters hand out programs, letters and lists, too, in full packets


@dataclass(frozen=True, slots=True)
class Packets:
    """Of what a place sends to some callers: packets, and how many of them are full."""

    full: float
    all: float


def packets_of(caller: Ints, octets: Ints | Floats, packets: Ints | Floats) -> Packets:
    """``octets``, ``packets``: those seen, of single calls; ``caller``: who made each."""
    who = np.unique(caller, return_inverse=True)[1]
    carried = np.clip((octets - BARE * packets) / (FULL - BARE), 0.0, packets)
    full, seen = np.bincount(who, carried), np.bincount(who, packets)
    part = np.minimum(OF_ONE / np.maximum(seen, OF_ONE), 1.0)
    return Packets(full=float((full * part).sum()), all=float((seen * part).sum()))


def fetching(sick: Packets, well: Packets) -> float:
    """Natural log-odds that the sick ask for orders, not for what the well fetch there.

    Were they visitors, their packets would be drawn as the well's are, who may fetch pages or
    ask short questions.
    """
    together = Packets(sick.full + well.full, sick.all + well.all)
    kinds = (ORDERS, PAGES)
    visiting = np.logaddexp.reduce([_log_chance(together, kind) for kind in kinds])
    before = np.logaddexp.reduce([_log_chance(well, kind) for kind in kinds])
    told = _log_chance(sick, ORDERS) - float(visiting - before)
    return min(max(told, -LEAST), MOST)


def _log_chance(seen: Packets, shape: tuple[float, float]) -> float:
    from scipy.special import betaln  # noqa: PLC0415  # slow to load: while the engine works

    full, rest = shape
    return float(betaln(seen.full + full, seen.all - seen.full + rest) - betaln(full, rest))
