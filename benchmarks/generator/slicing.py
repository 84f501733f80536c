"""Turns cut into the pieces that fall into different flow records.

An exporter ends a record after `idle_s` without a packet, and after `active_s` in any case
(RFC 5470 section 5.1.1); the next packet opens the next record.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.generator.draws import Flags, Floats, Ints, ranks
from benchmarks.generator.packets import RESET_SIZE
from benchmarks.generator.talk import (
    FIN,
    MIDWAY,
    REFUSED,
    RESET,
    RESET_BY_SERVER,
    SILENT,
    TCP,
)
from benchmarks.generator.world import World

MICROSECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Packets of one direction by sort: greeting, farewell, full-sized, one odd, bare."""

    hello: Ints
    farewell: Ints
    full: Ints
    odd: Ints
    bare: Ints
    hello_size: Ints
    farewell_size: Ints
    full_size: Ints
    odd_size: Ints
    bare_size: Ints

    @property
    def packets(self) -> Ints:
        return self.hello + self.farewell + self.full + self.odd + self.bare


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Stretches of one record each; `record` numbers them, ascending."""

    conversation: Ints
    record: Ints
    start: Ints
    end: Ints
    up: Side
    down: Side


def pieces_of(world: World, turns: slice, active_s: float, idle_s: float) -> Pieces:
    """The pieces of a run of turns (whole conversations)."""
    columns = {name: values[turns].astype(np.int64) for name, values in world.turns.items()}
    conversation, at, span = columns["conversation"], columns["at"], columns["span"]
    run_start = _run_starts(conversation, at, at + span, idle_s)
    active = int(active_s * MICROSECOND)
    first = (at - run_start) // active
    count = (at + span - run_start) // active - first + 1
    whose = np.repeat(np.arange(len(at), dtype=np.int64), count)
    nth = ranks(count)
    begins = run_start[whose] + (first[whose] + nth) * active
    end = np.minimum((at + span)[whose], begins + active - 1)
    is_last = nth == count[whose] - 1
    until = np.where(is_last, 1.0, (end + 1 - at[whose]) / np.maximum(span, 1)[whose])
    share = _Share(whose=whose, first=nth == 0, last=is_last, until=until)
    order, record = _records(conversation[whose], begins)
    sides = [
        _split(_sorted_packets(world, columns, up=up), share, order) for up in (True, False)
    ]
    return Pieces(
        conversation=conversation[whose][order],
        record=record,
        start=np.maximum(at[whose], begins)[order],
        end=end[order],
        up=sides[0],
        down=sides[1],
    )


def _records(conversation: Ints, begins: Ints) -> tuple[Ints, Ints]:
    """An order in which pieces of one record stand together, and the record's number.

    Turns may overlap (a tunnel carries many conversations at once), so pieces of one
    record are not always neighbours; only such conversations need sorting.
    """
    order = np.arange(len(begins), dtype=np.int64)
    back = (np.diff(begins) < 0) & (np.diff(conversation) == 0)
    if back.any():
        mixed = np.flatnonzero(np.isin(conversation, conversation[1:][back]))
        order[mixed] = mixed[np.lexsort((begins[mixed], conversation[mixed]))]
    change = (np.diff(conversation[order]) != 0) | (np.diff(begins[order]) != 0)
    return order, np.concatenate([[0], np.cumsum(change)]).astype(np.int64)


def _run_starts(conversation: Ints, at: Ints, until: Ints, idle_s: float) -> Ints:
    """The start of the unbroken run that each turn belongs to."""
    # The latest end so far within the conversation: a running maximum over keyed times.
    key = (conversation - conversation[0]) << 41
    latest = np.maximum.accumulate(key + until) - key
    pause = at - np.append(0, latest[:-1])
    fresh = (np.diff(conversation, prepend=-1) != 0) | (pause > idle_s * MICROSECOND)
    starts = np.flatnonzero(fresh)
    return np.repeat(at[starts], np.diff(np.append(starts, len(at))))


@dataclass(slots=True)
class _Counts:
    """Packets and octets of each turn that are not yet sorted."""

    packets: Ints
    octets: Ints

    def take(self, packets: Ints, size: Ints) -> Ints:
        self.packets = self.packets - packets
        self.octets = self.octets - packets * size
        return packets


def _sorted_packets(world: World, columns: dict[str, Ints], *, up: bool) -> Side:
    """Packets of each turn by sort, so that the octets come out exactly."""
    said, whose = world.conversations, columns["conversation"]
    header, mtu, greeting, ending, protocol = (
        said[name][whose].astype(np.int64)
        for name in ("header", "mtu", "first", "ending", "protocol")
    )
    way = "up" if up else "down"
    left = _Counts(packets=columns[f"{way}_packets"], octets=columns[f"{way}_bytes"])
    first, last = _ends(whose)
    tcp = protocol == TCP
    lonely = np.isin(ending, (SILENT, REFUSED)) & tcp & first
    greets = first & (ending != MIDWAY) & (greeting > 0) & (left.packets > 0)
    hello = np.where(lonely, left.packets if up else 0, greets.astype(np.int64))
    hello = left.take(hello, greeting)
    cut = ending == (RESET if up else RESET_BY_SERVER)
    refusal = np.where(lonely & (ending == REFUSED) & (not up), left.packets, 0)
    parts = tcp & last & ((ending == FIN) | cut) & (left.packets > 0)
    farewell_size = np.where(cut | lonely, RESET_SIZE, header)
    farewell = left.take(np.where(lonely, refusal, parts.astype(np.int64)), farewell_size)
    sorts = _stream(left, header, mtu), _datagrams(left)
    plain = greeting == 0
    full, odd, bare, full_size, odd_size, bare_size = (
        np.where(plain, datagram, stream) for stream, datagram in zip(*sorts, strict=True)
    )
    return Side(
        hello=hello, farewell=farewell, full=full, odd=odd, bare=bare,
        hello_size=greeting, farewell_size=farewell_size,
        full_size=full_size, odd_size=odd_size, bare_size=bare_size,
    )  # fmt: skip


Sorts = tuple[Ints, Ints, Ints, Ints, Ints, Ints]


def _stream(left: _Counts, header: Ints, mtu: Ints) -> Sorts:
    """Full packets, one that is not, and bare headers."""
    room = np.maximum(mtu - header, 1)
    extra = np.maximum(left.octets - left.packets * header, 0)
    full = np.minimum(extra // room, left.packets)
    odd = np.where((extra > full * room) & (full < left.packets), 1, 0)
    return full, odd, left.packets - full - odd, mtu, header + extra - full * room, header


def _datagrams(left: _Counts) -> Sorts:
    """Datagrams of one size, give or take an octet."""
    mean = left.octets // np.maximum(left.packets, 1)
    full = left.octets - mean * left.packets
    return full, np.zeros_like(full), left.packets - full, mean + 1, mean, mean


def _ends(whose: Ints) -> tuple[Flags, Flags]:
    change = np.diff(whose) != 0
    return np.append(True, change), np.append(change, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """Which turn each piece is of, and how much of the turn is over when it ends."""

    whose: Ints
    first: Flags
    last: Flags
    until: Floats

    def by_time(self, amount: Ints) -> Ints:
        """Packets shared among a turn's pieces: none lost, none doubled."""
        total = amount[self.whose]
        done = np.where(self.first, 0.0, np.append(0.0, self.until[:-1]))
        counted = np.floor(total * self.until + 0.5) - np.floor(total * done + 0.5)
        return counted.astype(np.int64)

    def at_start(self, amount: Ints) -> Ints:
        return np.where(self.first, amount[self.whose], 0)

    def at_end(self, amount: Ints) -> Ints:
        return np.where(self.last, amount[self.whose], 0)


def _split(side: Side, share: _Share, order: Ints) -> Side:
    whose = share.whose[order]
    return Side(
        hello=share.at_start(side.hello)[order],
        farewell=share.at_end(side.farewell)[order],
        full=share.by_time(side.full)[order],
        odd=share.at_start(side.odd)[order],
        bare=share.by_time(side.bare)[order],
        hello_size=side.hello_size[whose],
        farewell_size=side.farewell_size[whose],
        full_size=side.full_size[whose],
        odd_size=side.odd_size[whose],
        bare_size=side.bare_size[whose],
    )
