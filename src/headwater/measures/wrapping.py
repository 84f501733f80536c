"""What wraps the traffic that a relay passes on, learnt from its own visits.

For a proxy's words, some hundred octets, comparing sizes allows anyway. Where visits come
wrapped in TLS, certificates and tickets take some KiB of each, about as much of one as of
another (RFC 8446 section 4): taken off, what is left is what leaves.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from headwater.measures.columns import Bools, Ints
from headwater.measures.coupling import (
    FEWEST_MATCHES,
    HANDSHAKE_OCTETS,
    HEADER_OCTETS,
    Legs,
    match,
)
from headwater.measures.order import order

WAYS: Final = ("up", "down")
# Three or four certificates, with keys of 4096 bits, and what a gateway says beside.
MOST_OCTETS: Final = 8192
# Of the visits that were followed, how many must agree. Who asks another server for something
# shows all sizes; and sessions that are taken up again have no certificates.
AGREE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Octets that each visit of a group takes besides what leaves again; 0 where little."""

    up: Ints  # of each group
    down: Ints

    @staticmethod
    def nothing(groups: int) -> "Wrapping":
        """What is taken where nothing is known."""
        return Wrapping(*np.zeros((2, groups), np.int64))

    def off(self, inbound: Legs, of: Ints) -> Legs:
        """The visits without it. ``of``: the group of each."""
        up, down = inbound.up_bytes - self.up[of], inbound.down_bytes - self.down[of]
        return replace(inbound, up_bytes=up, down_bytes=down)


def wrapping(
    inbound: Legs, outbound: Legs, of: Ints, groups: int, before_us: int, after_us: int
) -> Wrapping:
    """Of each group what is told by its visits and what followed; as ``coupling.couple``.

    Nothing of groups whose visits do not agree, or on no more than is allowed for anyway.
    """
    partner = match(inbound, outbound, before_us, after_us).partner
    rows = np.flatnonzero(partner >= 0)
    followed = np.bincount(of[rows], minlength=groups)
    for way in WAYS:
        added = _added(inbound, rows, outbound, partner[rows], way)
        rows = rows[_agreed(of[rows], added)]
    agree = np.bincount(of[rows], minlength=groups)
    up, down = (
        _means(of[rows], _added(inbound, rows, outbound, partner[rows], way), agree)
        for way in WAYS
    )
    much = np.maximum(up, down) > HANDSHAKE_OCTETS
    told = much & (agree >= np.maximum(AGREE * followed, FEWEST_MATCHES))
    return Wrapping(np.where(told, up, 0), np.where(told, down, 0))


def _added(inbound: Legs, rows: Ints, outbound: Legs, other: Ints, way: str) -> Ints:
    """How much more one leg carried than the other; 0 where the records show but one."""
    octets, packets = f"{way}_bytes", f"{way}_packets"
    here, there = getattr(inbound, packets)[rows], getattr(outbound, packets)[other]
    more = getattr(inbound, octets)[rows] - getattr(outbound, octets)[other]
    both = (here > 0) & (there > 0)
    return np.asarray(np.where(both, more - HEADER_OCTETS * (here - there), 0), np.int64)


def _agreed(group: Ints, added: Ints) -> Bools:
    """Which lie where, within what is allowed for, most of their group do."""
    possible = (added > -HANDSHAKE_OCTETS) & (added <= MOST_OCTETS)
    rows = np.flatnonzero(possible)
    rows = rows[order(added[rows] + HANDSHAKE_OCTETS, group[rows])]
    places = group[rows] * (4 * MOST_OCTETS) + added[rows]
    near = np.searchsorted(places, places + 2 * HANDSHAKE_OCTETS) - np.arange(len(rows))
    # Of each group the first place from which most are near.
    best = np.lexsort((np.arange(len(rows)), -near, group[rows]))
    heads = best[np.flatnonzero(np.diff(group[rows][best], prepend=-1))]
    begin = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    begin[group[rows][heads]] = added[rows][heads]
    return np.asarray(
        possible & (added >= begin[group]) & (added < begin[group] + 2 * HANDSHAKE_OCTETS)
    )


def _means(group: Ints, octets: Ints, counts: Ints) -> Ints:
    total = np.bincount(group, octets, len(counts))
    return np.asarray(total / np.maximum(counts, 1), np.int64)
