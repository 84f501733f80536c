"""Who calls a place as those do that must: as often, from the first call on."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from headwater.measures.calls import Calls
from headwater.measures.columns import Ints

FEWEST: Final = 3  # calls, of which a rate can be told
ONCE_OR_TWICE: Final = 0.25  # who called less often came by, most likely
HALF_AS_OFTEN: Final = 0.5  # from half the usual rate on, a caller is like the others


def as_often(host: Ints, at_us: Ints, usual: Ints, end_us: int) -> dict[int, float]:
    """For each host, 0 to 1, how like its calls (n) are to the middle one's of the ``usual``.

    Each rate is counted from the host's own first call to the end: who came late calls no
    less often for it. Where the usual ones call seldom themselves, everybody is like them.
    """
    hosts, place, calls = np.unique(host, return_inverse=True, return_counts=True)
    first = np.full(len(hosts), np.iinfo(np.int64).max)
    np.minimum.at(first, place, at_us)
    rate = calls / np.maximum(end_us - first, 1)
    among = np.isin(hosts, usual) & (calls >= FEWEST)
    if not among.any():
        return dict.fromkeys(hosts.tolist(), 1.0)
    like = np.minimum(rate / (HALF_AS_OFTEN * float(np.median(rate[among]))), 1.0)
    like = np.where(calls < FEWEST, np.minimum(like, ONCE_OR_TWICE), like)
    return dict(zip(hosts.tolist(), like.tolist(), strict=True))


def of_gateways(calls: Calls, places: Sequence[slice], end_us: int) -> dict[int, float]:
    """``as_often`` of those of the places that are dialled to be used, all together.

    Gateways take turns: of a dozen each is called but seldom by those who serve them all.
    """
    own = [np.arange(at.start, at.stop) for at in places if calls.gateway[at].any()]
    rows = np.concatenate([np.zeros(0, np.int64), *own])
    usual = np.unique(calls.host[rows][calls.suspect[rows]])
    return as_often(calls.host[rows], calls.opened_us[rows], usual, end_us)
