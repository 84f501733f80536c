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
    Matches,
    match,
)
from headwater.measures.order import order
from headwater.measures.pairing import Pairing

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
        """What is taken off where nothing is known."""
        return Wrapping(*np.zeros((2, groups), np.int64))

    def off(self, pairing: Pairing) -> Pairing:
        """The same; its visits without what wraps them."""
        legs, of = pairing.inbound.legs, pairing.of
        less = replace(
            legs,
            up_bytes=legs.up_bytes - self.up[of],
            down_bytes=legs.down_bytes - self.down[of],
        )
        return replace(pairing, inbound=replace(pairing.inbound, legs=less))


def wrapping(pairing: Pairing, before_us: int, after_us: int) -> Wrapping:
    """Of each group what is told by its visits and what followed them within these limits.

    Nothing of groups whose visits do not agree, or on no more than is allowed for anyway.
    """
    legs, of, groups = pairing.inbound.legs, pairing.of, pairing.groups
    onward = pairing.outbound.legs
    partner = match(legs, onward, before_us, after_us).partner
    rows = np.flatnonzero(partner >= 0)
    followed = np.bincount(of[rows], minlength=groups)
    for way in WAYS:
        rows = rows[_agreed(of[rows], _added(legs, rows, onward, partner[rows], way))]
    agree = np.bincount(of[rows], minlength=groups)
    up, down = (
        _means(of[rows], _added(legs, rows, onward, partner[rows], way), agree) for way in WAYS
    )
    much = np.maximum(up, down) > HANDSHAKE_OCTETS
    told = much & (agree >= np.maximum(AGREE * followed, FEWEST_MATCHES))
    return Wrapping(np.where(told, up, 0), np.where(told, down, 0))


def may_be_wrapped(inbound: Legs, outbound: Legs, matches: Matches) -> Bools:
    """Visits that were followed by something smaller, by no more than wrapping takes."""
    rows = np.flatnonzero((matches.partner >= 0) & ~matches.balanced)
    found = np.zeros(len(inbound), np.bool_)
    each = [_added(inbound, rows, outbound, matches.partner[rows], way) for way in WAYS]
    found[rows] = _possible(each[0]) & _possible(each[1])
    return found


def _added(inbound: Legs, rows: Ints, outbound: Legs, other: Ints, way: str) -> Ints:
    """How much more one leg carried than the other; 0 where the records show but one."""
    octets, packets = f"{way}_bytes", f"{way}_packets"
    here, there = getattr(inbound, packets)[rows], getattr(outbound, packets)[other]
    more = getattr(inbound, octets)[rows] - getattr(outbound, octets)[other]
    both = (here > 0) & (there > 0)
    return np.asarray(np.where(both, more - HEADER_OCTETS * (here - there), 0), np.int64)


def _agreed(group: Ints, added: Ints) -> Bools:
    """Which lie where, within what is allowed for, most of their group do."""
    possible = _possible(added)
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


def _possible(added: Ints) -> Bools:
    return np.asarray((added > -HANDSHAKE_OCTETS) & (added <= MOST_OCTETS))


def _means(group: Ints, octets: Ints, counts: Ints) -> Ints:
    total = np.bincount(group, octets, len(counts))
    return np.asarray(total / np.maximum(counts, 1), np.int64)
