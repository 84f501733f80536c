"""Whether what goes to an outsider, as several hosts fetch things, was fetched for it.

A camera tells its maker's cloud that something moved, and sends the pictures elsewhere; what
one of a ring has new all fetch, from each other. A loudspeaker sends what was said to it, and
then fetches a song.
"""

import math
from dataclasses import replace
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Ints
from headwater.measures.pieces import Pieces
from headwater.measures.pooling import Pool
from headwater.measures.ports import WEB_PORTS

# Of what coincides: what merely goes by cancels out, so that a quarter is no chance.
NO_CHANCE: Final = 0.25
# Octets a packet: headers of IP and TCP with time stamps take half of it (RFC 9293 section
# 3.1, RFC 7323 section 3.2), so that most packets of the piece say no more than that they came.
BARE: Final = 120
# Nobody hands over what has not come yet. Of sampled packets now one of the one is seen first
# and now one of the other; where it is four times in five the upload, the fetch answered it.
AT_ONCE_US: Final = 5_000_000  # nobody waits longer for what he asked for
MOSTLY_FIRST: Final = 0.8
SURELY: Final = 2.0  # standard errors
SHIFTS_US: Final = (-120_000_000, -60_000_000, 60_000_000, 120_000_000)  # to other minutes
LATER_US: Final = (60_000_000, 120_000_000, 180_000_000)  # nobody waits so long for a page
LIKELY: Final = 0.5


def fetched_for(pool: Pool) -> bool:
    """Whether most of what comes while something is handed over is contents, of others."""
    handed, came = _legs(pool)
    known = len(handed.host) > 0 and len(came.host) > 0
    if known and (_told_first(handed, came) or _kept_waiting(handed, came)):
        return False
    rows = np.flatnonzero(_may_be_handed_over(pool))
    seen = replace(pool, outer=pool.outer.only(rows), shares=pool.shares[rows])
    return max(seen.share(_bare(seen.outer)), seen.share(_among_equals(seen))) < NO_CHANCE


def _legs(pool: Pool) -> tuple[Pieces, Pieces]:
    """What the likely members hand over, and what comes to them."""
    likely = pool.hosts[pool.members > LIKELY]
    inner, outer = pool.inner, pool.outer
    handed = inner.only(np.flatnonzero(np.isin(inner.host, likely) & (inner.sent > 0)))
    opened = ~outer.inward & (outer.got > 0)
    return handed, outer.only(np.flatnonzero(np.isin(outer.host, likely) & opened))


def _kept_waiting(handed: Pieces, came: Pieces) -> bool:
    """Whether what came is handed over minutes later, not at once: it was worked on.

    Who builds something fetches its parts, and stores what he made of them, as large as they.
    """
    later = max(_beside(handed, came, by) for by in LATER_US)
    at_other_times = max(_beside(handed, came, -by) for by in (0, *LATER_US))
    return later - at_other_times > SURELY * math.sqrt(later + at_other_times)


def _beside(handed: Pieces, came: Pieces, shift_us: int = 0) -> int:
    """Beside how many pieces that were handed over anything came, if that is moved in time."""
    (begin, end), (first, last), _ = _in_a_row(handed, came, 2 * max(LATER_US))
    begun = np.searchsorted(np.sort(first) + shift_us, end + AT_ONCE_US, side="right")
    over = np.searchsorted(np.sort(last) + shift_us, begin - AT_ONCE_US)
    return int(np.count_nonzero(begun > over))


def _in_a_row(
    handed: Pieces, came: Pieces, pause_us: int
) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints], int]:
    """When the pieces of each began and ended, one host's day after the other's, and how long
    such a day is, with the pause after it."""
    start = min(handed.began_us.min(), came.began_us.min())
    lasts = int(max(handed.ended_us.max(), came.ended_us.max()) - start) + pause_us

    def placed(pieces: Pieces) -> tuple[Ints, Ints]:
        day = pieces.host * lasts - start
        return np.asarray(day + pieces.began_us), np.asarray(day + pieces.ended_us)

    return placed(handed), placed(came), lasts


def _told_first(handed: Pieces, came: Pieces) -> bool:
    """Whether something is handed over before anything comes, time after time."""
    told, seen = _apart(handed, came)
    # What merely happens about then comes as often before as after.
    by_chance = sum(_apart(handed, came, shift)[1] for shift in SHIFTS_US) / len(SHIFTS_US)
    doubt = math.sqrt(seen * MOSTLY_FIRST * (1 - MOSTLY_FIRST))
    beyond = told - by_chance / 2 - MOSTLY_FIRST * (seen - by_chance)
    return seen > by_chance and beyond > SURELY * doubt


def _apart(handed: Pieces, came: Pieces, shift_us: int = 0) -> tuple[int, int]:
    """How often something comes soon after a piece was handed over, but not meanwhile; and
    how often soon after or before. What comes is moved by ``shift_us``."""
    (begin, end), (began, ended), lasts = _in_a_row(handed, came, 2 * AT_ONCE_US)
    first, last = np.sort(began) + shift_us, np.sort(ended) + shift_us
    begun, over = np.searchsorted(first, end, side="right"), np.searchsorted(last, begin)
    after = np.append(first, first[-1] + lasts)[begun] - end
    before = begin - np.insert(last, 0, begin.min() - lasts)[over]
    near = (begun == over) & (np.minimum(after, before) < AT_ONCE_US)
    return int(np.count_nonzero(near & (after < before))), int(np.count_nonzero(near))


def _may_be_handed_over(pool: Pool) -> Bools:
    """Of which sessions no more came than the host handed over in all: films are its own."""
    handed = np.bincount(
        pool.inner.host, pool.inner.sent, int(pool.outer.host.max(initial=0)) + 1
    )
    session = np.unique(pool.outer.conversation, return_inverse=True)[1]
    return np.asarray(np.bincount(session, pool.outer.got)[session] <= handed[pool.outer.host])


def _bare(outer: Pieces) -> Bools:
    """Of which pieces nothing but headers comes back: whoever sends is told that it came."""
    return np.asarray(outer.got < BARE * outer.got_packets)


def _among_equals(pool: Pool) -> Bools:
    """Which pieces go by the port at which the outsider is called, if that is no web site's."""
    own = np.setdiff1d(pool.inner.port, WEB_PORTS)
    return np.asarray(np.isin(pool.outer.port, own))
