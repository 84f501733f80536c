"""Whether the octets of one leg leave by another: the two legs of many hosts, bin by bin.

The inner leg is what the visitors of one port, or one outsider that the host calls, exchange
with the host; the outer leg is everything else that the host opened to others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Floats, Ints
from headwater.measures.elephants import LEVELS, beside
from headwater.measures.pieces import Pieces
from headwater.measures.series import (
    Grid,
    breadth,
    log10_tail,
    peaks,
    risen,
    slopes,
    steadied,
    together,
)

LOCAL: Final = 10  # bins before and after, whose mean is the level that a burst rises from
CELLS: Final = 2_000_000  # of one block of series: 16 MB each
LEAST_EVIDENCE: Final = 2.0  # -log10: the priors ask for more
FAINT_EVIDENCE: Final = 0.3  # in coarse bins: below it fine bins have nothing to add

# Of each octet that comes in one leaves. Of sampled octets that is known to within a factor
# of two; what a host fetches for itself has nothing to do with it and misses it by tens.
LEAST_LEAVES: Final = 0.4
MOST_LEAVES: Final = 2.0
# The way back carries requests, or acknowledgements: small, and the most disturbed by what
# else the host does in those minutes.
MOST_LEAVES_BACK: Final = 4.0
# A host's own downloads are greater by tens than what passes through it: what leaves in a bin
# beyond as many times the most that ever came in one is its own, and would drown the rest.
# Whether the amounts are alike is asked of all that left.
MOST_AT_ONCE: Final = MOST_LEAVES_BACK
LEAST_SHOWN: Final = 1 / 3  # of the sessions: fewer tell nothing of the whole
SURE_DEVIATIONS: Final = 2.0  # below this a slope is anything
Packed = tuple[Floats, Floats]  # octets, and in how many packets


@dataclass(frozen=True, slots=True)
class Legs:
    """The inner leg of every group of a block, and all that their hosts opened."""

    inner: Pieces
    group: Ints  # of each inner piece
    outer: Pieces
    owner: Ints  # of each outer piece: place of its host among the block's
    host: Ints  # of each group: the place of its host
    calls: Bools  # of each group: its outsider is one that the host calls

    @property
    def groups(self) -> int:
        return len(self.host)

    @property
    def hosts(self) -> int:
        return int(max(self.host.max(initial=0), self.owner.max(initial=0))) + 1

    def added(self, amounts: Floats) -> Floats:
        """Sums over the inner pieces of each group."""
        return np.asarray(np.bincount(self.group, amounts, self.groups), np.float64)


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of the inner leg of many groups, beside the outer leg; (groups, ...)."""

    came: Floats  # (groups, bins), octets
    went: Floats
    noise: Floats  # (groups), of what came
    leads: Floats  # (groups, bins), steadied, above the local mean
    follows: Floats
    deviations: Floats  # (groups, lags)

    def of(self, groups: Ints) -> "Way":
        """Some of the groups."""
        return Way(*(getattr(self, name)[groups] for name in self.__slots__))

    def slope(self, lag: Ints) -> Floats:
        """Of each octet that came, how many went, at each group's lag."""
        each = slopes(
            risen(self.came, LOCAL),
            risen(self.went, LOCAL),
            self.noise,
            self.deviations.shape[1],
        )
        return np.asarray(each[np.arange(len(lag)), lag])

    def sure(self, lag: Ints) -> Bools:
        return np.asarray(self.deviations[np.arange(len(lag)), lag] >= SURE_DEVIATIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """All groups of a block: both directions, the best lag, how unlikely it is by chance."""

    up: Way
    down: Way
    lag: Ints
    strength: Floats  # -log10


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One group whose legs go together."""

    there: bool  # most octets come from the inner leg; else most leave by it
    grid: Grid
    lag: int  # bins
    log10_chance: float
    ratio_up: float
    ratio_down: float
    leads: Floats  # of the way with most octets: (bins,)
    follows: Floats
    inner: Pieces
    outer: Pieces

    @property
    def lag_us(self) -> int:
        return self.lag * self.grid.bin_us

    def shares(self) -> Floats:
        """How much each outer piece adds to the coincidence; below 0: it went beside it."""
        octets = self.outer.sent if self.there else self.outer.got
        spans = (at - self.lag_us for at in (self.outer.began_us, self.outer.ended_us))
        first, last = self.grid.places(*spans)
        begin, end = first.astype(np.int64), last.astype(np.int64) + 1
        total = np.concatenate([[0.0], np.cumsum(self.leads)])
        return np.asarray(np.sqrt(octets) * (total[end] - total[begin]) / (end - begin))

    def bursts(self) -> float:
        """In how many bins, evenly weighed, both legs rise together."""
        return breadth(np.maximum(self.leads, 0.0) * np.maximum(self.follows, 0.0))


def carried(
    pieces: Pieces, grids: Sequence[Grid], most_lag_us: int, sampled: bool
) -> Iterator[Passed]:
    """Every group whose legs go together, at once or up to ``most_lag_us`` later.

    ``pieces`` as ``in_order`` gives them. ``grids``: the coarsest first; what shows nothing
    at all there is not looked at again. ``sampled``: octets are of packets chosen by chance.
    """
    for block in _blocks(pieces, max((grid.bins for grid in grids), default=1)):
        left = pieces.only(block)
        for grid in grids:
            if not left.asked.any():
                break
            legs = _legs(left)
            lags = min(most_lag_us // grid.bin_us, grid.bins // 8) + 1
            compared = _compared(legs, grid, lags, sampled)
            yield from _passed(legs, grid, compared)
            left = _left(left, legs, compared)


def _blocks(pieces: Pieces, bins: int) -> Iterator[slice]:
    """Rows of whole hosts, so many that their series stay small."""
    asked = pieces.only(np.flatnonzero(pieces.asked))
    whose = asked.host[np.unique(asked.group(), return_index=True)[1]]
    groups = np.bincount(whose, minlength=int(pieces.host.max(initial=0)) + 1)
    filled = np.cumsum(np.maximum(groups, LEVELS)) * bins // CELLS
    edges = np.searchsorted(pieces.host, np.flatnonzero(np.diff(filled, prepend=-1)))
    for start, end in zip(edges, [*edges[1:], len(pieces.host)], strict=True):
        if pieces.asked[start:end].any():
            yield slice(int(start), int(end))


def _left(block: Pieces, legs: Legs, compared: Compared) -> Pieces:
    """Of a block, the hosts of groups that showed anything, and of the rest nothing."""
    asked = block.asked.copy()
    asked[np.flatnonzero(asked)] = (compared.strength >= FAINT_EVIDENCE)[legs.group]
    hosts = np.unique(block.host[asked])
    return replace(block, asked=asked).only(np.flatnonzero(np.isin(block.host, hosts)))


def _legs(block: Pieces) -> Legs:
    inner = block.only(np.flatnonzero(block.asked))
    outer = block.only(np.flatnonzero(~block.inward))
    group = inner.group()
    first = np.unique(group, return_index=True)[1]
    lowest = int(block.host.min())
    return Legs(
        inner=inner,
        group=group,
        outer=outer,
        owner=outer.host - lowest,
        host=inner.host[first] - lowest,
        calls=~inner.inward[first],
    )


def _compared(legs: Legs, grid: Grid, lags: int, sampled: bool) -> Compared:
    up, down = _ways(legs, grid, lags, sampled)
    there, back = -log10_tail(up.deviations), -log10_tail(down.deviations)
    # Two directions of the same sessions are not two witnesses; nor are they one.
    both = np.maximum(there, back) + np.minimum(there, back) / 2
    lag = both.argmax(axis=1)
    return Compared(up=up, down=down, lag=lag, strength=both.max(axis=1) - np.log10(lags))


def _passed(legs: Legs, grid: Grid, compared: Compared) -> Iterator[Passed]:
    """The groups of which both legs go together, by about the same octets."""
    strong = np.flatnonzero(compared.strength >= LEAST_EVIDENCE)
    up, down, lag = compared.up.of(strong), compared.down.of(strong), compared.lag[strong]
    there = (legs.added(legs.inner.got) >= legs.added(legs.inner.sent))[strong]
    shown = _shown(legs)[:, strong]
    slope_up, slope_down = up.slope(lag) / shown[0], down.slope(lag) / shown[1]
    most, back = np.where(there, (slope_up, slope_down), (slope_down, slope_up))
    sure, sure_back = np.where(
        there, (up.sure(lag), down.sure(lag)), (down.sure(lag), up.sure(lag))
    )
    leaves = sure & (most >= LEAST_LEAVES) & (most <= MOST_LEAVES)
    for at in np.flatnonzero(leaves & (~sure_back | (back <= MOST_LEAVES_BACK))):
        way = up if there[at] else down
        yield Passed(
            there=bool(there[at]),
            grid=grid,
            lag=int(lag[at]),
            log10_chance=-float(compared.strength[strong[at]]),
            ratio_up=round(float(slope_up[at]), 2),
            ratio_down=round(float(slope_down[at]), 2),
            leads=way.leads[at],
            follows=np.roll(way.follows[at], -int(lag[at])),
            inner=legs.inner.only(np.flatnonzero(legs.group == strong[at])),
            outer=_others(legs, int(strong[at])),
        )


def _shown(legs: Legs) -> Floats:
    """Of what each group's host opened, how much the records show each way: (2, groups).

    Where the inner leg is seen one way only, so is each of the others, by whichever way its
    packets took.
    """
    inner, outer = legs.inner, legs.outer
    one_way = np.minimum(legs.added(inner.sent_packets), legs.added(inner.got_packets)) == 0
    opened = np.maximum(np.bincount(legs.owner, minlength=legs.hosts), 1)
    ways = (
        np.bincount(legs.owner, packets > 0, legs.hosts) / opened
        for packets in (outer.sent_packets, outer.got_packets)
    )
    return np.array(
        [np.where(one_way, np.maximum(way, LEAST_SHOWN)[legs.host], 1.0) for way in ways]
    )


def _others(legs: Legs, at: int) -> Pieces:
    """All that a group's host opened, but for the called outsider's own."""
    mine = legs.outer.only(np.flatnonzero(legs.owner == legs.host[at]))
    if not legs.calls[at]:
        return mine
    return mine.only(np.flatnonzero(mine.peer != legs.inner.peer[legs.group == at][0]))


def _ways(legs: Legs, grid: Grid, lags: int, sampled: bool) -> tuple[Way, Way]:
    """From the inner leg to the others, and from the others to the inner leg."""
    inner, outer = legs.inner, legs.outer
    inner_spans = grid.places(inner.began_us, inner.ended_us)
    outer_spans = grid.places(outer.began_us, outer.ended_us)
    got, sent = grid.spread(legs.group, inner_spans, (inner.got, inner.sent), legs.groups)
    every = np.arange(legs.groups)

    def way(came: Floats, packed: Packed, answers: Packed, packed_on: Packed) -> Way:
        most = MOST_AT_ONCE * came.max(axis=1)
        went = beside(grid, legs.owner, outer_spans, packed_on, legs.host, most)
        # What goes to the called outsider itself went to no other.
        its = beside(grid, legs.group, inner_spans, answers, every, most)
        went = np.maximum(went - its * legs.calls[:, None], 0.0)
        unit, noise = packing(legs.group, legs.groups, packed)
        unit_on, _ = packing(legs.owner, legs.hosts, packed_on)
        leads = risen(steadied(came, unit), LOCAL)
        passed = np.minimum(went, most[:, None])
        follows = risen(steadied(passed, unit_on[legs.host]), LOCAL)
        deviations = peaks(together(leads, follows), lags)
        return Way(came, went, noise * sampled, leads, follows, deviations)

    inner_got, inner_sent = (inner.got, inner.got_packets), (inner.sent, inner.sent_packets)
    return (
        way(got, inner_got, inner_sent, (outer.sent, outer.sent_packets)),
        way(sent, inner_sent, inner_got, (outer.got, outer.got_packets)),
    )


def packing(group: Ints, groups: int, packed: Packed) -> tuple[Floats, Floats]:
    """Of each group the size of the packet that an octet comes in, and the octets' noise.

    As if a piece's packets were all of one size; a sampler's noise is the sum of squares.
    """
    octets, packets = packed
    each = octets * octets / np.maximum(packets, 1.0)
    squares = np.asarray(np.bincount(group, each, groups), np.float64)
    return squares / np.maximum(np.bincount(group, octets, groups), 1.0), squares
