"""Where one conversation of two endpoints ends and their next begins."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# A SYN this long after the last packet opens a new conversation: no host reuses a pair of
# ports sooner (TIME_WAIT, RFC 9293 section 3.3.2).
SYN_AFTER_US: Final = 1_000_000
# The shortest life of a UDP mapping in a NAT (RFC 4787 REQ-5).
NAT_FORGETS_US: Final = 120_000_000
# After a silence like this two TCP records are not one conversation.
SILENCE_US: Final = 3_600_000_000


def begins(
    group: NDArray[Any], started_us: Ints, ended_us: Ints, tcp: Bools, syn: Bools
) -> Bools:
    """For each record: is it the first of a conversation?

    Records stand in order of ``group`` (their pair of endpoints, any numbers) and, within
    it, of their start. ``syn``: the record's flags hold a SYN.
    """
    first = edges(group)
    silence = started_us - _heard_until(first, started_us, ended_us)
    fresh = silence > np.where(tcp, SILENCE_US, NAT_FORGETS_US)
    return first | fresh | (tcp & syn & (silence > SYN_AFTER_US))


def edges(*columns: NDArray[Any]) -> Bools:
    """Where any of the columns differs from the row before; so the first row always."""
    differs = np.ones(len(columns[0]), np.bool_)
    differs[1:] = False
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    return differs


def _heard_until(first: Bools, started_us: Ints, ended_us: Ints) -> Ints:
    """The latest end of all earlier records of the group; of its first record anything."""
    if not len(first):
        return ended_us
    # Groups are lifted one above the other, so that one running maximum serves all. An end
    # outside these bounds is as good as the bound: no silence is measured beyond them.
    floor, roof = int(started_us.min()) - SILENCE_US - 1, int(started_us.max())
    lift = np.cumsum(first) * (roof - floor + 1) - floor
    heard = np.maximum.accumulate(np.clip(ended_us, floor, roof) + lift) - lift
    before = np.empty_like(heard)
    before[0], before[1:] = floor, heard[:-1]
    return before
