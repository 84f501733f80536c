"""Who held an address at a time: many questions at once over many leases.

Each stretch of time is certain or only possible, and both its ends are as sure as the
clocks that told them. A subscriber is named only where the whole margin around the moment
lies inside a certain stretch of that subscriber's, and touches nobody else's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from headwater.measures.columns import Bools, Ints
from headwater.measures.intervals import Holdings, bisect, running_max
from headwater.wire.address_text import Addresses

NOBODY: Final = -1
ANY_PORT: Final = -1
ALL_PORTS: Final = (0, 65_535)
V4_BITS, V6_BITS = 32, 128
Words = npt.NDArray[np.uint64]


class Verdict(IntEnum):
    """What can be said of one address at one moment."""

    NO_LEASE = 0
    NAMED = 1
    CANNOT_SAY = 2


class Doubt(IntFlag):
    """Why a stretch of time does not name its subscriber."""

    NONE = 0
    EDGE = 1  # the moment is within the margin of its start or end
    NO_STOP = 2  # its end was never told
    PORT = 4  # the address is shared, and no port was given


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What is held: parallel arrays, one entry for each number of a holding.

    ``high`` and ``low``: the first address, in two words (an IPv4 number is all low).
    """

    family: Ints
    length: Ints  # of the prefix; an address has 32 or 128
    high: Words
    low: Words
    port_from: Ints
    port_to: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Parallel arrays: an address, a port or ANY_PORT, a moment in microseconds."""

    addresses: Addresses
    port: Ints
    at_us: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Parallel arrays, one entry per question; ``subscriber`` NOBODY where none is named."""

    verdict: npt.NDArray[np.int8]
    subscriber: Ints


class Candidates(NamedTuple):
    """Stretches that touch a question's moment: indices, and what speaks against each."""

    question: Ints
    stretch: Ints
    doubt: Ints


class _Group(NamedTuple):
    """Holdings of one family and prefix length, sorted by address and first port."""

    family: int
    length: int
    columns: tuple[Words, Words, Words]  # high, low, port_from
    holding: Ints
    port_to: Ints
    reach: Ints  # the highest last port of the same address so far
    whole: Bools  # all ports


class Holders:
    """An index over stretches of time."""

    def __init__(self, keys: Keys, held: Holdings) -> None:
        """``keys``: for each number of a holding, what it is."""
        self._held = held
        self._widest = int(held.margin.max(initial=0))
        self._reach = running_max(held.holding, held.ends)
        count = len(keys.family)
        self._first = np.searchsorted(held.holding, np.arange(count + 1)).astype(np.int64)
        kinds = sorted(set(zip(keys.family.tolist(), keys.length.tolist(), strict=True)))
        self._groups = [_group(keys, family, length) for family, length in kinds]

    def answer(self, asked: Questions) -> Answers:
        """Whom each address is named for, if anybody."""
        count = len(asked.at_us)
        anyone = np.full(count, NOBODY, np.int64)
        named = np.full(count, NOBODY, np.int64)
        several = np.zeros(count, bool)
        for found in self.candidates(asked, several):
            q, who = found.question, self._held.subscriber[found.stretch]
            several[q] |= (anyone[q] != NOBODY) & (anyone[q] != who)
            anyone[q] = who
            sure = found.doubt == Doubt.NONE
            named[q[sure]] = who[sure]
        verdict = np.full(count, Verdict.CANNOT_SAY, np.int8)
        verdict[anyone == NOBODY] = Verdict.NO_LEASE
        clear = (named != NOBODY) & ~several
        verdict[clear] = Verdict.NAMED
        return Answers(verdict=verdict, subscriber=np.where(clear, named, NOBODY))

    def candidates(self, asked: Questions, settled: Bools) -> Iterator[Candidates]:
        """Batches in which no question occurs twice.

        A question that the caller marks in ``settled`` is followed no further.
        """
        high, low = words_of(asked.addresses)
        for group in self._groups:
            rows = np.flatnonzero(asked.addresses.family == group.family)
            cut = masked(high[rows], low[rows], group.family, group.length)
            for q, at in _matching(group, cut, rows, asked.port[rows]):
                shared = ~group.whole[at] & (asked.port[q] == ANY_PORT)
                yield from self._touching(asked, settled, q, group.holding[at], shared)

    def _touching(
        self, asked: Questions, settled: Bools, q: Ints, holding: Ints, shared: Bools
    ) -> Iterator[Candidates]:
        """Stretches of each question's holding around its moment, the latest first."""
        held, widest = self._held, self._widest
        first, moment = self._first[holding], asked.at_us[q]
        at = bisect((held.starts,), (moment + widest,), first, self._first[holding + 1]) - 1
        while len(q):
            going = (at >= first) & ~settled[q]
            going[going] = self._reach[at[going]] > moment[going] - widest
            q, at, first, moment = q[going], at[going], first[going], moment[going]
            shared = shared[going]
            starts, ends, margin = held.starts[at], held.ends[at], held.margin[at]
            touches = (ends > moment - margin) & (starts <= moment + margin)
            edge = (moment - margin < starts) | (moment + margin >= ends)
            doubt = edge * np.int64(Doubt.EDGE) + shared * np.int64(Doubt.PORT)
            doubt += ~held.certain[at] * np.int64(Doubt.NO_STOP)
            if touches.any():
                yield Candidates(q[touches], at[touches], doubt[touches])
            at = at - 1


def _group(keys: Keys, family: int, length: int) -> _Group:
    mine = np.flatnonzero((keys.family == family) & (keys.length == length))
    order = np.lexsort(
        (keys.port_to[mine], keys.port_from[mine], keys.low[mine], keys.high[mine])
    )
    mine = mine[order]
    high, low = keys.high[mine], keys.low[mine]
    fresh = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    address = np.cumsum(np.append(0, fresh)[: len(mine)])
    return _Group(
        family=family,
        length=length,
        columns=(high, low, keys.port_from[mine].astype(np.uint64)),
        holding=mine,
        port_to=keys.port_to[mine],
        reach=running_max(address, keys.port_to[mine]),
        whole=(keys.port_from[mine] == ALL_PORTS[0]) & (keys.port_to[mine] == ALL_PORTS[1]),
    )


def _matching(
    group: _Group, cut: tuple[Words, Words], q: Ints, port: Ints
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of question and place in the group that holds its address and port."""
    high, low = cut
    least = np.where(port == ANY_PORT, ALL_PORTS[0], port)
    most = np.where(port == ANY_PORT, ALL_PORTS[1], port).astype(np.uint64)
    begin, end = np.zeros(len(q), np.int64), np.full(len(q), len(group.holding), np.int64)
    first = bisect(group.columns[:2], (high, low), begin, end, or_equal=False)
    at = bisect(group.columns, (high, low, most), begin, end) - 1
    while len(q):
        going = at >= first
        going[going] = group.reach[at[going]] >= least[going]
        q, at, first, least = (x[going] for x in (q, at, first, least))
        fits = group.port_to[at] >= least
        if fits.any():
            yield q[fits], at[fits]
        at = at - 1


def words_of(addresses: Addresses) -> tuple[Words, Words]:
    """Each address as two words of 64 bits."""
    packed = np.ascontiguousarray(addresses.v6).view(">u8").reshape(-1, 2)
    six = addresses.family == 6
    high = np.where(six, packed[:, 0], 0).astype(np.uint64)
    low = np.where(six, packed[:, 1], addresses.v4).astype(np.uint64)
    return high, low


def masked(high: Words, low: Words, family: int, length: int) -> tuple[Words, Words]:
    """The first address of each address's prefix of that length."""
    spare = (V4_BITS if family == 4 else V6_BITS) - length
    mask = ((1 << 128) - 1) >> spare << spare
    return high & np.uint64(mask >> 64), low & np.uint64(mask & ((1 << 64) - 1))
