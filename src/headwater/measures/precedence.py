"""Order of events: does a client meet a server before something happens to it, or after?

Who is told what to do was told by somebody: the first call home comes before the first
thing done. A place that what happens leads to is met afterwards, and any other place at any
time.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# A call may go unseen, or the event has begun unseen: one client in twenty is out of order.
OUT_OF_ORDER: Final = 0.05
NEWCOMERS: Final = 0.1  # of clients, met for the first time within the time watched
# Hosts of one farm are told at once: many of them are few witnesses.
MOST_WEIGHT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Meeting:
    """One client: when it first called, how often it did, and when the event was, from 0 to 1.

    Of the time watched. An event in the first ``QUIET`` of it may have begun before.
    """

    first: float
    calls: int
    event: float


QUIET: Final = 0.125


@dataclass(frozen=True, slots=True)
class Order:
    """How many clients called first, of those of which it can be said; the evidence."""

    before: int
    told: int
    weight: float  # natural logarithm of the likelihood ratio


def precedence(meetings: Iterable[Meeting]) -> Order:
    """Evidence that calls come first, against calls strewn over the time by chance."""
    told = [meeting for meeting in meetings if meeting.event >= QUIET]
    weight = sum((math.log(_likelier(meeting)) for meeting in told), 0.0)
    before = sum(meeting.first < meeting.event for meeting in told)
    return Order(before, len(told), min(max(weight, -MOST_WEIGHT), MOST_WEIGHT))


def _likelier(one: Meeting) -> float:
    """How many times likelier the first call is there, if it has to come first."""
    calls, event = max(one.calls, 1), min(one.event, 1.0)
    after = max((1.0 - event) ** calls, OUT_OF_ORDER)  # by chance
    if one.first >= event:
        return OUT_OF_ORDER / after
    # Strewn: the least of so many uniform instants. In order: most clients were in touch
    # before the time watched, and look the same; some began in it, at any time till then.
    strewn = calls * (1.0 - one.first) ** (calls - 1)
    begun = NEWCOMERS / (event * max(strewn, 1e-9))
    likelier = (1.0 - OUT_OF_ORDER) * ((1.0 - NEWCOMERS) / max(1.0 - after, 0.05) + begun)
    return max(likelier, 1.0)  # to call before is never against it
