"""From what sources said to who held what when: statements settled, vectorised.

Sources lose messages and promise what does not come. Three rules bring their statements
together:

1. Of statements on the same lease (same holder, same start, no session to tell them
   apart) the one told last counts: a release shortens what was promised.
2. The stop of a session also ends the session's earlier statements.
3. What a source said of the time after it spoke gives way to the next start on the same
   holding: a DHCP promise is cut there, and so is a session whose stop was lost.

What was certain and is contradicted by something certain stays: both are candidates.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from headwater.measures.columns import Bools, Ints

OPEN: Final = np.int64(1 << 62)  # an end that was not told
NO_SESSION: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Parallel arrays, one entry per lease as a source told it. Times in microseconds."""

    holding: Ints  # a number for each address or prefix and block of ports
    starts: Ints
    sure: Ints  # certainly held until then
    ends: Ints  # OPEN: no end was told
    told: Ints
    subscriber: Ints  # a number for each
    session: Ints  # a number for each; NO_SESSION: nothing ties statements together
    margin: Ints  # by how much the clock of who said so may be wrong

    def take(self, chosen: Ints | Bools) -> Self:
        """The chosen entries, in that order."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Stretches of time, sorted by holding and start; each certain, or only possible."""

    holding: Ints
    starts: Ints
    ends: Ints
    subscriber: Ints
    certain: Bools
    margin: Ints  # within which both ends are as sure as the clocks that told them

    @property
    def count(self) -> int:
        return len(self.holding)


def settle(said: Statements) -> Statements:
    """The statements with what was withdrawn taken out, sorted by holding and start."""
    return _cut(_close(_superseded(said)))


def _superseded(said: Statements) -> Statements:
    """Rule 1: of each lease the statement told last; of those, the one that ends first."""
    order = np.lexsort((-said.sure, said.told, said.session, said.subscriber, said.starts))
    order = order[np.argsort(said.holding[order], kind="stable")]
    one = said.take(order)
    same = _same_as_next(one.holding, one.starts, one.subscriber, one.session)
    return one.take(~(same & (one.session == NO_SESSION)))


def _close(said: Statements) -> Statements:
    """Rule 2: open statements get the end that their session's next stop told."""
    if not (said.session != NO_SESSION).any():
        return said
    open_first = said.ends != OPEN
    keys = (open_first, said.told, said.session, said.subscriber, said.holding)
    one = said.take(np.lexsort(keys))
    count = len(one.holding)
    places = np.where(one.ends != OPEN, np.arange(count), count)
    stop = np.minimum.accumulate(places[::-1])[::-1]  # the next closed entry, here or later
    at = np.minimum(stop, count - 1)
    ours = (stop < count) & (one.ends == OPEN) & (one.session != NO_SESSION)
    for key in (one.holding, one.subscriber, one.session):
        ours &= key[at] == key
    ends = np.where(ours, np.maximum(one.ends[at], one.sure), one.ends)
    told = np.where(ours, np.maximum(one.told, one.told[at]), one.told)
    return replace(one, ends=ends, told=told)


def _cut(said: Statements) -> Statements:
    """Rule 3: promises and open ends give way to the next start on the holding."""
    one = said.take(np.lexsort((said.told, said.starts, said.holding)))
    limit = _next_start(one.holding, one.starts)
    early = np.flatnonzero(limit < one.told)  # others began before it spoke: look further
    last = np.searchsorted(one.holding, one.holding[early], side="right")
    at = bisect((one.starts,), (one.told[early],), early, last, or_equal=False)
    limit[early] = np.where(at < last, np.append(one.starts, OPEN)[at], OPEN)
    return replace(one, sure=np.minimum(one.sure, limit), ends=np.minimum(one.ends, limit))


def _next_start(holding: Ints, starts: Ints) -> Ints:
    """For each sorted entry, the first greater start on the same holding; OPEN: none."""
    count = len(holding)
    if not count:
        return starts.copy()
    new = ~_same_as_previous(holding, starts)
    firsts = np.flatnonzero(new)
    behind = np.append(firsts[1:], count)[np.cumsum(new) - 1]
    at = np.minimum(behind, count - 1)
    following = (behind < count) & (holding[at] == holding)
    return np.where(following, starts[at], OPEN)


def stretches(settled: Statements) -> Holdings:
    """Certain stretches, joined where one subscriber's meet, and the possible tails.

    Renewals leave no gap between them; clocks may, of up to their margin.
    """
    certain = _joined(settled.take(settled.sure > settled.starts))
    tails = settled.take(settled.ends > settled.sure)
    both = [
        (certain.holding, tails.holding),
        (certain.starts, tails.starts),
        (certain.sure, tails.ends),
        (certain.subscriber, tails.subscriber),
        (certain.margin, tails.margin),
        (np.ones(len(certain.holding), bool), np.zeros(len(tails.holding), bool)),
    ]
    holding, starts, ends, subscriber, margin, sure = (np.concatenate(pair) for pair in both)
    order = np.lexsort((starts, holding))
    return Holdings(
        holding=holding[order],
        starts=starts[order],
        ends=ends[order],
        subscriber=subscriber[order],
        certain=sure[order],
        margin=margin[order],
    )


def _joined(said: Statements) -> Statements:
    """One entry for each stretch of a holding and subscriber without gaps over the margin.

    Of what was joined the widest margin counts.
    """
    one = said.take(np.lexsort((said.starts, said.subscriber, said.holding)))
    if not len(one.holding):
        return one
    group = np.cumsum(~_same_as_previous(one.holding, one.subscriber), dtype=np.int64)
    reach = running_max(group, one.sure)
    gap = np.maximum(one.margin[1:], one.margin[:-1])
    fresh = np.append(True, (group[1:] != group[:-1]) | (one.starts[1:] > reach[:-1] + gap))
    firsts = np.flatnonzero(fresh)
    lasts = np.append(firsts[1:], len(fresh)) - 1
    margin = np.maximum.reduceat(one.margin, firsts)
    return replace(one.take(firsts), sure=reach[lasts], margin=margin)


def running_max(group: Ints, values: Ints) -> Ints:
    """The largest value of the same group so far; entries are sorted by group."""
    order = np.lexsort((values, group))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))  # later groups rank above all earlier ones
    return values[order][np.maximum.accumulate(rank)]


def bisect(
    columns: tuple[npt.NDArray[Any], ...],
    values: tuple[npt.NDArray[Any], ...],
    begin: Ints,
    end: Ints,
    *,
    or_equal: bool = True,
) -> Ints:
    """For each value the first place in its own [begin, end) that is greater than it.

    ``columns`` are sorted there, the first before the second and so on; without
    ``or_equal`` the first place that is not smaller.
    """
    low, high = begin.copy(), end.copy()
    while (searching := low < high).any():
        middle = (low + high) >> 1
        at = np.where(searching, middle, 0)
        below = np.full(len(low), or_equal)
        for column, value in zip(reversed(columns), reversed(values), strict=True):
            here = column[at]
            below = (here < value) | ((here == value) & below)
        low = np.where(searching & below, middle + 1, low)
        high = np.where(searching & ~below, middle, high)
    return low


def _same_as_previous(*keys: Ints) -> npt.NDArray[np.bool_]:
    same = np.ones(len(keys[0]), bool)
    same[:1] = False
    for key in keys:
        same[1:] &= key[1:] == key[:-1]
    return same


def _same_as_next(*keys: Ints) -> npt.NDArray[np.bool_]:
    same = np.ones(len(keys[0]), bool)
    same[-1:] = False
    for key in keys:
        same[:-1] &= key[1:] == key[:-1]
    return same
