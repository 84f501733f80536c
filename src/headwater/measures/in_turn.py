"""In turn: what a host opens while a visit lasts, one errand after the other, taken together.

A proxy's visitor may keep his connection for what he wants next (RFC 9112 section 9.3), or
share it among errands: then each session onward is smaller than the visit, and all together
are as large. So are those that a called gateway asks for by one call.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.coupling import (
    FEWEST_MATCHES,
    HANDSHAKE_OCTETS,
    SHIFTS_S,
    Coupling,
    Legs,
    Matches,
    alike_anyway,
    close_by,
    counted,
    same_bytes,
)
from headwater.measures.order import order
from headwater.measures.pairing import Pairing

SIZES: Final = ("up_bytes", "up_packets", "down_bytes", "down_packets")


@dataclass(frozen=True, slots=True)
class Errands:
    """Of each visit: the first outbound session that belongs to it, and how many do.

    Among these may be some to the visitor himself, which are none.
    """

    first: Ints
    count: Ints

    @classmethod
    def single(cls, matches: Matches) -> "Errands":
        """Each visit's partner."""
        return cls(matches.partner, (matches.partner >= 0).astype(np.int64))

    def of(self, visits: Ints, pairing: Pairing) -> tuple[Ints, Ints]:
        """(outbound session, its visit) of each errand of these visits."""
        count = self.count[visits]
        begin = np.repeat(self.first[visits] - (np.cumsum(count) - count), count)
        errand, visit = begin + np.arange(len(begin)), np.repeat(visits, count)
        far = pairing.outbound.legs.far[errand] != pairing.inbound.legs.far[visit]
        return errand[far], visit[far]


def in_turn(
    pairing: Pairing, lasted_us: Ints, before_us: int, told: tuple[Matches, Coupling]
) -> tuple[Matches, Coupling, Errands]:
    """What was told; of groups where all errands of each visit tell more, by these.

    ``lasted_us``: how long each visit was open; errands may begin ``before_us`` earlier.
    """
    matches, counts = told
    single = Errands.single(matches)
    rows = _promising(pairing, lasted_us, before_us, told)
    if not len(rows):
        return matches, counts, single
    visits = Visits(pairing.inbound.legs, pairing.outbound.legs, before_us, lasted_us, rows)
    of, same, errands = pairing.of[rows], visits.same(), visits.errands()
    by_chance = _by_chance(visits, of, pairing.groups)
    hits = counted(of, same, pairing.groups)
    better = hits - by_chance > counts.balanced - counts.balanced_by_chance
    chosen = better[of]
    into = rows[chosen]
    balanced = _with(matches.balanced, into, same[chosen])
    first = _with(single.first, into, errands.first[chosen])
    count = _with(single.count, into, errands.count[chosen])
    return (
        Matches(matches.followed, balanced, matches.partner),
        replace(
            counts,
            balanced=np.where(better, hits, counts.balanced),
            balanced_by_chance=np.where(better, by_chance, counts.balanced_by_chance),
        ),
        Errands(first, count),
    )


def done_in_turn(
    inbound: Legs, lasted_us: Ints, outbound: Legs, before_us: int, matches: Matches
) -> Bools:
    """Which of the visits are of the size of several errands together.

    Of most, what follows is larger already: these are not added up.
    """
    rows = np.flatnonzero(matches.followed & ~matches.balanced)
    for way in ("up_bytes", "down_bytes"):
        here, there = getattr(inbound, way)[rows], getattr(outbound, way)
        rows = rows[here + HANDSHAKE_OCTETS > there[matches.partner[rows]]]
    visits = Visits(inbound, outbound, before_us, lasted_us, rows)
    found = visits.same() & (visits.together()[0] > 1)
    return _with(np.zeros(len(inbound), np.bool_), rows, found)


def _promising(
    pairing: Pairing, lasted_us: Ints, before_us: int, told: tuple[Matches, Coupling]
) -> Ints:
    """Visits of groups of which enough that were followed saw more than one errand."""
    matches, counts = told
    rows = np.flatnonzero((counts.followed >= FEWEST_MATCHES)[pairing.of])
    visits = Visits(pairing.inbound.legs, pairing.outbound.legs, before_us, lasted_us, rows)
    several = matches.followed[rows] & (visits.together()[0] > 1)
    of = pairing.of[rows]
    found = counted(of, several, pairing.groups) >= FEWEST_MATCHES
    return np.asarray(rows[found[of]])


def _with(column: NDArray[Any], rows: Ints, values: NDArray[Any]) -> NDArray[Any]:
    """A copy, of which these rows have these values."""
    changed = column.copy()
    changed[rows] = values
    return changed


class _Opened:
    """Outbound sessions by (group, start), to be added up over any stretch of time."""

    def __init__(self, legs: Legs) -> None:
        self.legs = legs
        columns = np.stack([getattr(legs, name) for name in SIZES])
        self._until = np.concatenate(
            [np.zeros((4, 1), np.int64), columns.cumsum(axis=1)], axis=1
        )

    def sums(self, errands: Errands) -> NDArray[np.int64]:
        """The ``SIZES`` of each visit's errands together."""
        begin, end = errands.first, errands.first + errands.count
        return np.asarray(self._until[:, end] - self._until[:, begin])


class Visits:
    """Some of the visits, and what their hosts open while they last."""

    def __init__(
        self, visits: Legs, opened: Legs, before_us: int, lasted_us: Ints, rows: Ints
    ) -> None:
        self.legs = visits.only(rows)
        self._within = before_us, lasted_us[rows]
        self._every = _Opened(opened)
        self._pairs, self._back = _to_visitors(self.legs, opened)

    def moved(self, shift_s: int) -> Ints:
        """So many seconds, and beyond the whole of each visit."""
        beyond = self._within[0] + self._within[1] + 1_000_000
        return np.asarray(shift_s * 1_000_000 + (beyond if shift_s > 0 else -beyond))

    def errands(self, moved_us: Ints | int = 0) -> Errands:
        """What is opened while each lasts, were it ``moved_us`` later."""
        legs = self.legs, self._every.legs
        return Errands(*close_by(*legs, *self._within, moved_us))

    def together(self, moved_us: Ints | int = 0) -> tuple[Ints, Legs]:
        """How many errands each has, and these as though they were one session."""
        done = self.errands(moved_us)
        back = Errands(*close_by(self._pairs, self._back.legs, *self._within, moved_us))
        sums = self._every.sums(done) - self._back.sums(back)
        legs = replace(self.legs, **dict(zip(SIZES, sums, strict=True)))
        return done.count - back.count, legs

    def same(self, moved_us: Ints | int = 0) -> Bools:
        """Which are of the size of their errands together."""
        count, legs = self.together(moved_us)
        every = np.arange(len(count))
        return np.asarray(same_bytes(self.legs, every, legs, every) & (count > 0))


def _to_visitors(visits: Legs, opened: Legs) -> tuple[Legs, _Opened]:
    """The visits, and what is opened to visitors themselves, both by (host, visitor)."""
    most = 1 + int(max(opened.far.max(initial=0), visits.far.max(initial=0)))
    ours, theirs = (legs.group * most + legs.far for legs in (visits, opened))
    pairs, pair = np.unique(ours, return_inverse=True)
    rows = np.flatnonzero(np.isin(theirs, pairs))
    code = np.searchsorted(pairs, theirs[rows])
    by_pair = order(opened.start_us[rows], code)
    back = replace(opened.only(rows[by_pair]), group=code[by_pair])
    return replace(visits, group=pair), _Opened(back)


def _by_chance(visits: Visits, of: Ints, groups: int) -> Floats:
    """How many are of the size of what is opened at other times, or during another visit."""
    at_other_times = np.zeros(groups)
    for shift_s in SHIFTS_S:
        at_other_times += counted(of, visits.same(visits.moved(shift_s)), groups)
    count, sums = visits.together()
    done = count > 0
    seen = Matches(done, done, np.where(done, np.arange(len(done)), -1))
    anyway = alike_anyway(visits.legs, sums, seen, of, groups)
    return np.maximum(at_other_times / len(SHIFTS_S), anyway)
