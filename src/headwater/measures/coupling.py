"""Does traffic that comes in leave again? Start coupling and byte balance, with their nulls.

A relay opens an outbound session shortly after each inbound one and passes the same bytes
on (Zhang and Paxson 2000, stepping stones; packet symmetry after Xie and others 2006).
Busy hosts show coincidences too, so that every count comes with the count to expect by
chance: the same comparison with one leg shifted in time, which keeps bursts and rhythms
and breaks only the tie between the legs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.measures.columns import picked

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

CANDIDATES = 6  # outbound sessions looked at after each inbound one
FEWEST_MATCHES = 3  # two may always be chance
# Beyond the reach of a real tie, within the length of a burst, and no two alike modulo
# the round periods programs like.
SHIFTS_S = (-89, -61, -43, -31, -23, -17, 17, 23, 31, 43, 61, 89)

TURNS = (1, 2, 3, 5, 7)  # neighbours whose partners are tried

# IPv4 and TCP headers are 40 octets, 52 with timestamps; v6 adds 20. The middle is taken
# off each packet, and the rest is allowed for in the tolerance.
HEADER_OCTETS = 46
HEADER_DOUBT = 8
# What a proxy's own handshake may add: SOCKS takes tens of octets, CONNECT with browser
# headers and a password several hundred (RFC 1928, RFC 1929, RFC 9110 section 9.3.6).
HANDSHAKE_OCTETS = 600
RESENT_SHARE = 0.03  # retransmissions seen on one leg alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Sessions on one side of the hosts under test; outbound ones by (group, start).

    ``group`` is the host. ``up`` runs from the client to the far server.
    """

    group: Ints
    start_us: Ints
    far: Ints  # code of the other end: what comes from one leaves to another
    up_bytes: Ints
    up_packets: Ints
    down_bytes: Ints
    down_packets: Ints

    def __len__(self) -> int:
        return len(self.group)

    def only(self, rows: Ints) -> "Legs":
        """Some of the sessions."""
        return Legs(
            **{part.name: picked(getattr(self, part.name), rows) for part in fields(Legs)}
        )


@dataclass(frozen=True, slots=True)
class Matches:
    """For each inbound session: was it followed, and by the same bytes; by which (or -1)."""

    followed: Bools
    balanced: Bools
    partner: Ints  # index of the balanced, else of the first, outbound session

    def where(self, chosen: Bools, others: "Matches") -> "Matches":
        """These of the chosen sessions, of the rest those of ``others``."""
        return Matches(**_chosen(chosen, self, others, Matches.__slots__))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """Counts per group of visits: as seen, and as chance has it (means over the shifts)."""

    inbound: Ints
    followed: Ints
    balanced: Ints
    followed_by_chance: Floats
    balanced_by_chance: Floats

    def where(self, chosen: Bools, others: "Coupling") -> "Coupling":
        """These of the chosen groups, of the rest those of ``others``."""
        return Coupling(**_chosen(chosen, self, others, Coupling.__slots__))


def match(
    inbound: Legs, outbound: Legs, before_us: int, after_us: int, shift_us: int = 0
) -> Matches:
    """Pair each inbound session with outbound ones of its group that start close to it.

    Close means from ``before_us`` earlier to ``after_us`` later, after the inbound leg was
    moved by ``shift_us``. The outbound leg must be sorted.
    """
    begin, count = close_by(inbound, outbound, before_us, after_us, shift_us)
    followed = np.zeros(len(inbound), bool)
    balanced = np.zeros(len(inbound), bool)
    partner = np.full(len(inbound), -1, np.int64)
    for step in range(min(int(count.max(initial=0)), CANDIDATES)):
        alive = np.flatnonzero(count > step)
        other = begin[alive] + step
        close = outbound.far[other] != inbound.far[alive]
        rows, other = alive[close], other[close]
        equal = ~balanced[rows]
        equal[equal] = same_bytes(inbound, rows[equal], outbound, other[equal])
        better = equal | (partner[rows] < 0)
        partner[rows[better]] = other[better]
        followed[rows] = True
        balanced[rows[equal]] = True
    return Matches(followed, balanced, partner)


def close_by(
    inbound: Legs, outbound: Legs, before_us: int, after_us: Ints | int, shift_us: Ints | int
) -> tuple[Ints, Ints]:
    """For each inbound session the first outbound one that is close, and how many are."""
    span = _span(inbound, outbound)
    places = outbound.group * span + outbound.start_us
    moments, group = inbound.start_us + shift_us, inbound.group * span
    begin = np.searchsorted(places, group + np.clip(moments - before_us, 0, span - 1))
    last = group + np.clip(moments + after_us, -1, span - 1)
    return begin, np.searchsorted(places, last, side="right") - begin


def couple(
    inbound: Legs, outbound: Legs, of: Ints, groups: int, before_us: int, after_us: int
) -> tuple[Matches, Coupling]:
    """The matches, and per group how many there are beside how many chance gives.

    ``of``: the group of each inbound session, in ascending order. Groups with fewer matches
    than can ever mean anything are not compared with chance: what they show is called chance.
    """
    seen = match(inbound, outbound, before_us, after_us)
    followed = counted(of, seen.followed, groups)
    balanced = counted(of, seen.balanced, groups)
    telling = (followed >= FEWEST_MATCHES) | (balanced >= FEWEST_MATCHES)
    asked = np.flatnonzero(telling[of])
    near, near_of = inbound.only(asked), of[asked]
    far = outbound.only(np.flatnonzero(np.isin(outbound.group, near.group)))
    by_chance = np.zeros((2, groups))
    reach = 1 + (before_us + after_us) // 1_000_000
    for shift_s in SHIFTS_S:
        moved = shift_s + (reach if shift_s > 0 else -reach)
        other = match(near, far, before_us, after_us, moved * 1_000_000)
        by_chance[0] += counted(near_of, other.followed, groups)
        by_chance[1] += counted(near_of, other.balanced, groups)
    by_chance /= len(SHIFTS_S)
    of_one_size = alike_anyway(inbound, outbound, seen, of, groups)
    return seen, Coupling(
        inbound=np.bincount(of, minlength=groups).astype(np.int64),
        followed=followed,
        balanced=balanced,
        followed_by_chance=np.where(telling, by_chance[0], followed),
        balanced_by_chance=np.where(telling, np.maximum(by_chance[1], of_one_size), balanced),
    )


def alike_anyway(inbound: Legs, outbound: Legs, seen: Matches, of: Ints, groups: int) -> Floats:
    """How many would balance if each session had a neighbour's partner.

    A host all of whose sessions are of one size balances whatever it does.
    """
    rows = np.flatnonzero(seen.partner >= 0)
    group = of[rows]
    first = np.searchsorted(group, group, side="left")
    count = np.searchsorted(group, group, side="right") - first
    alike = np.zeros(groups)
    for turn in TURNS:
        # Among too few a turn leads back to the session's own partner: that is no neighbour.
        other = first + (np.arange(len(rows)) - first + turn) % np.maximum(count, 1)
        same = same_bytes(inbound, rows, outbound, seen.partner[rows[other]])
        alike += counted(group, same & (count > turn), groups)
    return alike / len(TURNS)


def log10_chance(hits: Ints | Floats, expected: Floats, tries: Ints | Floats) -> Floats:
    """log10 P(at least so many hits) when chance gives ``expected`` of ``tries``.

    An upper bound in closed form (Chernoff 1952, for the binomial), so that a thousand
    hosts cost nothing; half a hit is added to the expectation, which was itself counted.
    """
    n = np.maximum(tries.astype(np.float64), 1.0)
    return log10_bound(n, hits / n, (expected + 0.5) / (n + 1.0))


def log10_bound(
    tries: Floats | np.float64, share: Floats | np.float64, base: Floats | np.float64
) -> Floats:
    """log10 of the chance that such a share of tries hits, each with that of ``base``."""
    hit, by_chance = np.clip(share, 1e-12, 1.0), np.clip(base, 1e-9, 1.0 - 1e-9)
    rest = np.clip(1.0 - hit, 1e-12, 1.0)
    divergence = hit * np.log(hit / by_chance) + rest * np.log(rest / (1.0 - by_chance))
    return np.where(hit > by_chance, -tries * divergence / np.log(10.0), 0.0)


def _span(inbound: Legs, outbound: Legs) -> int:
    """Larger than any instant in either leg, so that (group, instant) fits one integer."""
    last = max(int(leg.start_us.max(initial=0)) for leg in (inbound, outbound))
    return last + 2 * 1_000_000 * (max(SHIFTS_S) + 3600)


def same_bytes(inbound: Legs, rows: Ints, outbound: Legs, other: Ints) -> Bools:
    """Of rows of the one leg and of the other, pair by pair.

    Of a direction that only one leg's records show nothing is known: then the other direction
    must tell, by more than what a proxy's own handshake may take.
    """
    up, up_on = picked(inbound.up_packets, rows), picked(outbound.up_packets, other)
    down, down_on = picked(inbound.down_packets, rows), picked(outbound.down_packets, other)
    both = (up > 0) & (up_on > 0), (down > 0) & (down_on > 0)
    octets = picked(inbound.up_bytes, rows), picked(inbound.down_bytes, rows)
    enough = HANDSHAKE_OCTETS + HEADER_OCTETS * np.maximum(up, down)
    told = both[0] & both[1]
    for known, here in zip(both, octets, strict=True):
        told |= known & (here > enough)
    same = told & (~both[0] | alike(octets[0], up, picked(outbound.up_bytes, other), up_on))
    asked = np.flatnonzero(same)
    same[asked] = ~both[1][asked] | alike(
        octets[1][asked], down[asked], outbound.down_bytes[other[asked]], down_on[asked]
    )
    return same


def same_size(inbound: Legs, visits: slice, matches: Matches) -> float:
    """Of visits that were followed, how many by as many bytes, and by more than a handshake's.

    Where all are of one size this does not tell which belong together, but that they do.
    """
    carried = inbound.down_bytes[visits] - HEADER_OCTETS * inbound.down_packets[visits]
    same = matches.balanced[visits] & (carried > 2 * HANDSHAKE_OCTETS)
    followed = int(np.count_nonzero(matches.followed[visits]))
    return round(int(np.count_nonzero(same)) / max(followed, 1), 2)


def compared(inbound: Legs, rows: Ints, outbound: Legs, other: Ints) -> Bools:
    """Of which pairs the records show one direction of both legs at least."""
    up = (inbound.up_packets[rows] > 0) & (outbound.up_packets[other] > 0)
    down = (inbound.down_packets[rows] > 0) & (outbound.down_packets[other] > 0)
    return up | down


def alike(here: Ints, packets: Ints, there: Ints, packets_there: Ints) -> Bools:
    """Whether as much payload came by the one session as left by the other."""
    carried = here - HEADER_OCTETS * packets
    passed_on = there - HEADER_OCTETS * packets_there
    doubt = tolerance(np.maximum(here, there), packets, packets_there)
    return np.abs(carried - passed_on) <= doubt


def tolerance(octets: Ints | Floats, packets: Ints, packets_there: Ints) -> Floats:
    """By how much the payloads of two sessions of so many packets may differ."""
    headers = HEADER_DOUBT * (packets + packets_there)
    return np.asarray(headers + HANDSHAKE_OCTETS + RESENT_SHARE * octets)


def _chosen(chosen: Bools, yes: object, no: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: np.where(chosen, getattr(yes, name), getattr(no, name)) for name in names}


def by_hours(hits: Ints, by_chance: Floats) -> Floats:
    """What chance gives of counts that are to be added up: of a few it is not known."""
    return np.where(hits < FEWEST_MATCHES, 0.0, by_chance)


def counted(group: Ints, chosen: Bools, groups: int) -> Ints:
    """How many of each group are chosen."""
    return np.bincount(group[chosen], minlength=groups).astype(np.int64)
