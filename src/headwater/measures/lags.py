"""How long after one kind of event another follows: a histogram, and the same by chance.

What follows at once piles up in one place of the histogram; what only happens at the same
busy hours spreads evenly. Chance is measured as in `coupling`: the same events, shifted.
"""

from typing import Final

import numpy as np

from headwater.measures.columns import Floats, Ints
from headwater.measures.coupling import SHIFTS_S

MOST_PAIRS: Final = 1_000_000  # counted for one histogram; of more, the first events' are


def lags(first_us: Ints, second_us: Ints, step_us: int, steps: int) -> Ints:
    """Pairs by how long the second event starts after the first; 2 * ``steps`` counts.

    Both sorted. The count at i is of lags from ``(i - steps) * step_us`` on to less than a
    step more.
    """
    reach = step_us * steps
    begin = np.searchsorted(second_us, first_us - reach)
    end = np.searchsorted(second_us, first_us + reach)
    total = np.cumsum(end - begin)
    kept = int(np.searchsorted(total, MOST_PAIRS, side="right"))
    begin, count = begin[:kept], (end - begin)[:kept]
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    waits = second_us[np.repeat(begin, count) + within] - np.repeat(first_us[:kept], count)
    return np.bincount((waits + reach) // step_us, minlength=2 * steps).astype(np.int64)


def lags_by_chance(first_us: Ints, second_us: Ints, step_us: int, steps: int) -> Floats:
    """The mean count of each lag after the first events were shifted in time."""
    found = np.zeros(2 * steps)
    for shift_s in SHIFTS_S:
        found += lags(first_us + shift_s * 1_000_000, second_us, step_us, steps)
    return found / len(SHIFTS_S)


def liveliest(events_us: Ints, wanted: int, lengths_us: tuple[int, ...]) -> tuple[int, int]:
    """Start and length of a stretch with about ``wanted`` events, at the usual pace.

    Events sorted and not empty; the length is one of ``lengths_us`` (ascending).
    """
    span = max(int(events_us[-1] - events_us[0]), 1)
    pace = len(events_us) / span
    length = next((each for each in lengths_us if each * pace >= wanted), lengths_us[-1])
    inside = np.searchsorted(events_us, events_us + length) - np.arange(len(events_us))
    best = int(np.argmin(np.abs(inside - wanted)))
    return int(events_us[best]), length
