"""How far the clocks that stamped the records stand apart, as questions and answers tell.

No answer comes before its question. So where the one clock stamps questions and the other
their answers, it is ahead of the first by no more than the answers take; and what is asked
the other way bounds the difference from below, as in NTP (RFC 5905 section 8). Equal clocks
always lie between both bounds, and are left alone.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headwater.measures.openers import CLOCK_TICK_US, LEAST_TRIED
from headwater.measures.parting import edges

Ints: TypeAlias = NDArray[np.int64]

# Whoever has no answer to a SYN by then sends it again (RFC 6298 section 2.1): where half of
# all answers took longer, that was the clock.
SENT_AGAIN_US: Final = 1_000_000
# What is wrong by more is no drift and is left as it is: records keep to the hour that their
# own exporter says, and those of so long a time would stand at its edge.
FARTHEST_US: Final = 60_000_000

Tie: TypeAlias = tuple[int, int, int, int]  # how often seen; of which clocks; the second's lead


def ahead_us(asked: Ints, answered: Ints, took_us: Ints, clocks: int) -> Ints:
    """Of each clock by how much it is ahead of what most say that are tied to it.

    Of each question and its answer: the clocks that stamped them, and the difference. Half
    of them may be anything: what counts is the middle one.
    """
    found = np.zeros(clocks, np.int64)
    one_of = np.arange(clocks)  # clocks that are tied together have one number
    for _, one, other, lead in sorted(_ties(asked, answered, took_us, clocks), reverse=True):
        if one_of[one] == one_of[other]:
            continue
        joining = one_of == one_of[other]
        found[joining] += found[one] + lead - found[other]
        one_of[joining] = one_of[one]
    for number in np.unique(one_of):
        together = one_of == number
        # The lower of two middle ones: of two clocks always the same one is believed.
        found[together] -= np.sort(found[together])[(np.count_nonzero(together) - 1) // 2]
    return found


def _ties(asked: Ints, answered: Ints, took_us: Ints, clocks: int) -> Iterable[Tie]:
    ways = _middles(asked, answered, took_us, clocks)
    for (one, other), (there_us, seen) in ways.items():
        back = ways.get((other, one))
        if back is not None and other < one:
            continue  # told already
        lead = _lead_us(there_us, None if back is None else back[0])
        if abs(lead) <= FARTHEST_US:
            yield seen + (back[1] if back else 0), one, other, lead


def _middles(
    asked: Ints, answered: Ints, took_us: Ints, clocks: int
) -> dict[tuple[int, int], tuple[int, int]]:
    """Of each two clocks, in order, what the middle answer took, and how many there were."""
    both = asked * clocks + answered
    rows = np.lexsort((took_us, both))
    both, took_us = both[rows], took_us[rows]
    starts = np.flatnonzero(edges(both))
    seen = np.diff(starts, append=len(both))
    enough = (seen >= LEAST_TRIED) & (asked[rows][starts] != answered[rows][starts])
    starts, seen = starts[enough], seen[enough]
    pairs = zip(
        (both[starts] // clocks).tolist(), (both[starts] % clocks).tolist(), strict=True
    )
    middle = took_us[starts + (seen - 1) // 2].tolist()
    return dict(zip(pairs, zip(middle, seen.tolist(), strict=True), strict=True))


def _lead_us(there_us: int, back_us: int | None) -> int:
    """By how much the clock of answers is ahead; ``back_us``: where it stamps questions."""
    if back_us is None:
        return 0 if -CLOCK_TICK_US <= there_us <= SENT_AGAIN_US else there_us
    if -back_us - CLOCK_TICK_US <= 0 <= there_us + CLOCK_TICK_US:
        return 0
    return (there_us - back_us) // 2
