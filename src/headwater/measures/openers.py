"""Who opened a conversation: its client. Kinds of evidence in turn, the first that speaks.

A record may say it itself. TCP's flags tell, then the clock, then that one of the two
endpoints is met by many, and last the ports. Clocks are checked first, where the service is
beyond doubt: exporters exist whose two directions keep different ones, and where the ways in
and out differ each is stamped by an exporter of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from headwater.measures.alike import counts, leaders
from headwater.measures.endpoints import ports, protocols
from headwater.measures.ports import EPHEMERAL

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Codes = NDArray[np.int8]

T = TypeVar("T", np.int32, np.int64)

NEVER: Final = np.iinfo(np.int64).max  # an instant: this side sent nothing
NOTHING_SAID: Final = -1

HOW: Final = ("flags", "guess", "port", "record", "service", "time")
FLAGS, GUESS, PORT, RECORD, SERVICE, TIME = range(len(HOW))

TCP: Final = 6
SYN, ACK, PSH = 0x02, 0x10, 0x08  # RFC 9293 section 3.1
SYN_ACK: Final = SYN | ACK

CLOCK_TICK_US: Final = 2_000  # exporters stamp in milliseconds: a tick of rounding on each side
WARM_UP_US: Final = 120_000_000  # a datagram this soon after the records began is not the first
LEAST_MET: Final = 3  # conversations before an endpoint can count as a service
TIMES_AS_MANY: Final = 3  # conversations of a service against its client's port
BEYOND_DOUBT: Final = 10  # the same, to try clocks by
LEAST_TRIED: Final = 20  # conversations before a clock can be found out
TRUTHFUL: Final = 0.9  # below this share of truthful orders a clock is not believed
# Clocks are numbered: first what two exporters stamp together, each order of the two and each
# doubling of the time between apart, as clocks that differ mislead up to their difference; then
# those of one. Of more exporters than this some pairs share a number.
EXPORTERS_APART: Final = 64
DOUBLINGS: Final = 16  # of CLOCK_TICK_US: up to a minute
OF_TWO: Final = EXPORTERS_APART**2 * DOUBLINGS
AGREED: Final = 0.97  # the same as TRUTHFUL for two clocks, whose errors all point one way
WELL_KNOWN: Final = 1_024  # ports below were for services only (RFC 6335 section 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meetings:
    """Conversations as columns: what the endpoint of lower number sent, and the higher."""

    low_end: Ints  # see endpoints.py
    high_end: Ints
    low_start: Ints  # microseconds; NEVER where that side sent nothing
    high_start: Ints
    ended: Ints
    low_packets: Ints
    high_packets: Ints
    low_bytes: Ints
    high_bytes: Ints
    low_flags: Small  # of all its records together; NOTHING_SAID where none had any
    high_flags: Small
    low_first: Small  # the flags of its first record
    high_first: Small
    low_once: Bools  # its first record is of one packet
    high_once: Bools
    said: Small  # 1: the record says the low endpoint opened it; 0: the other; NOTHING_SAID
    sampling: Small
    low_exporter: Small  # code; NOTHING_SAID where that side sent nothing
    high_exporter: Small
    again: Bools  # the same endpoints met earlier in the hour

    @property
    def protocol(self) -> Ints:
        return protocols(self.low_end)

    @property
    def exporter(self) -> Small:
        """One that saw it."""
        return np.maximum(self.low_exporter, self.high_exporter)

    @property
    def clock(self) -> Small:
        """By what the two directions were stamped: see OF_TWO."""
        low, high = self.low_exporter, self.high_exporter
        two = (low != high) & (np.minimum(low, high) != NOTHING_SAID)
        if not two.any():
            return OF_TWO + self.exporter
        pair = (low * EXPORTERS_APART + high) % EXPORTERS_APART**2
        ticks = np.maximum(np.abs(self.lead_us), CLOCK_TICK_US) / CLOCK_TICK_US
        doubling = np.minimum(np.log2(ticks), DOUBLINGS - 1).astype(np.int32)
        return np.where(two, pair * DOUBLINGS + doubling, OF_TWO + self.exporter)

    @property
    def started(self) -> Ints:
        return np.minimum(self.low_start, self.high_start)

    @property
    def both(self) -> Bools:
        """Both sides were seen."""
        return np.maximum(self.low_start, self.high_start) != NEVER

    @property
    def lead_us(self) -> Ints:
        """How much earlier the low endpoint spoke; 0 where one side was not seen."""
        return np.where(self.both, self.high_start - self.low_start, 0)

    @property
    def from_the_start(self) -> Bools:
        """Whether the records may hold the first packet: without a SYN, TCP's do not."""
        # NOTHING_SAID has every bit: of those it is believed.
        return (self.protocol != TCP) | ((self.low_flags | self.high_flags) & SYN != 0)


@dataclass(frozen=True, slots=True)
class Met:
    """How many conversations each endpoint of some meetings had in the hour.

    Small counts say nothing and read as one.
    """

    low: Ints
    high: Ints


@dataclass(frozen=True, slots=True)
class Opened:
    """Of each meeting its client, and the kind of evidence that told (see HOW)."""

    client_is_low: Bools
    how: Codes


@dataclass(frozen=True, slots=True)
class Clocks:
    """Of each clock: orders of two directions that were checked, and that were right."""

    tried: Floats
    right: Floats

    def __add__(self, other: "Clocks") -> "Clocks":
        return Clocks(self.tried + other.tried, self.right + other.right)

    @property
    def truthful(self) -> Bools:
        """Whose orders are believed. That two exporters agree must have been seen."""
        of_two = np.arange(len(self.tried)) < OF_TWO
        tried = self.tried >= LEAST_TRIED
        enough = self.right >= np.where(of_two, AGREED, TRUTHFUL) * self.tried
        return np.where(tried, enough, ~of_two)


def met(meetings: Sequence[Meetings]) -> list[Met]:
    """Endpoints of all ``meetings`` counted together."""
    sides = [(part.low_end, part.high_end) for part in meetings]
    if not sides:
        return []
    ends = np.concatenate([end for side in sides for end in side])
    count = counts(leaders(ends))
    count = np.maximum(count * (count >= LEAST_MET), 1)
    cuts = np.cumsum([len(end) for side in sides for end in side])[:-1]
    each = np.split(count, cuts)
    return [Met(low, high) for low, high in zip(each[::2], each[1::2], strict=True)]


@dataclass(frozen=True, slots=True)
class Often:
    """Endpoints of many conversations, in ascending order, and of how many."""

    ends: Ints
    conversations: Ints

    def met(self, meetings: Meetings) -> Met:
        """Of some of the meetings that were counted."""
        return Met(self._of(meetings.low_end), self._of(meetings.high_end))

    def _of(self, ends: Ints) -> Ints:
        at = np.searchsorted(self.ends, ends)
        known = np.append(self.ends, NEVER)[at] == ends
        return np.where(known, np.append(self.conversations, 1)[at], 1)


def often(ends: Iterable[Ints]) -> Often:
    """``ends``: of each conversation its two endpoints; each endpoint in one part only."""
    found = [_often(part) for part in ends]
    each = np.concatenate([np.empty(0, np.int64), *(part.ends for part in found)])
    conversations = np.concatenate(
        [np.empty(0, np.int64), *(part.conversations for part in found)]
    )
    turn = np.argsort(each)
    return Often(each[turn], conversations[turn])


def _often(ends: Ints) -> Often:
    lead = leaders(ends)
    count = np.bincount(lead, minlength=len(ends))
    some = np.flatnonzero(count >= LEAST_MET)
    return Often(ends[some], count[some])


def clocks(meetings: Sequence[Meetings], known: Sequence[Met], exporters: int) -> Clocks:
    """Of each clock how often the order of the two directions can be checked."""
    tried, right = np.zeros((2, OF_TWO + exporters))
    for part, its in zip(meetings, known, strict=True):
        lead = part.lead_us
        clear = np.maximum(its.low, its.high) >= BEYOND_DOUBT * np.minimum(its.low, its.high)
        fair = (np.abs(lead) > CLOCK_TICK_US) & (part.sampling == 1)
        chosen = fair & clear & part.from_the_start
        order = (lead > 0) == (its.high > its.low)
        clock = part.clock
        tried += np.bincount(clock[chosen], minlength=len(tried))
        right += np.bincount(clock[chosen & order], minlength=len(right))
    return Clocks(tried, right)


def opened(meetings: Meetings, its: Met, believed: Bools, begun_us: int) -> Opened:
    """``believed``: of each clock; ``begun_us``: when the records begin."""
    lead = meetings.lead_us
    client = _guessed(meetings, lead)
    strength = np.zeros(len(client), np.int8)
    opinions = (
        (PORT, _by_port(meetings)),
        (SERVICE, _by_service(its)),
        (TIME, _by_time(meetings, lead, believed, begun_us)),
        (FLAGS, _by_flags(meetings)),
        (RECORD, (meetings.said != NOTHING_SAID, meetings.said == 1)),
    )
    for number, (_, (speaks, low)) in enumerate(opinions, 1):  # the strongest last
        client ^= speaks & (client ^ low)
        np.maximum(strength, speaks * np.int8(number), out=strength)
    return Opened(client, np.array([GUESS, *(kind for kind, _ in opinions)], np.int8)[strength])


def established(meetings: Meetings, client_is_low: Bools) -> Bools:
    """Whether data could flow: more than a knock or a refusal.

    Only a client that saw SYN+ACK sends an ACK without SYN; where its side was not seen,
    the server's own data (PSH+ACK) tells. Without flags: more than one packet each way.
    """
    flags = _or_none(meetings.low_flags), _or_none(meetings.high_flags)
    client, server = exchanged(*flags, ~client_is_low)
    told = (client & ACK != 0) | (server & (ACK | PSH) == ACK | PSH)
    fewest = np.minimum(meetings.low_packets, meetings.high_packets)
    silent = np.maximum(meetings.low_flags, meetings.high_flags) == NOTHING_SAID
    by_tcp = np.where(silent, fewest > meetings.sampling, told)
    return np.where(meetings.protocol == TCP, by_tcp, (fewest > 0) | (meetings.sampling > 1))


def exchanged(
    one: NDArray[T], other: NDArray[T], turned: Bools
) -> tuple[NDArray[T], NDArray[T]]:
    """Both columns of integers, the values of ``turned`` rows in each other's place."""
    # Whoever chooses between two for each row guesses wrong every other time.
    differ = (one ^ other) & -turned.astype(one.dtype)
    return one ^ differ, other ^ differ


Opinion = tuple[Bools, Bools]  # does it speak; if so, is the low endpoint the client


def _by_flags(meetings: Meetings) -> Opinion:
    low, high = _or_none(meetings.low_first), _or_none(meetings.high_first)
    low, high = low & SYN_ACK, high & SYN_ACK
    low_knocks, high_knocks = low == SYN, high == SYN
    # One packet of SYN and ACK is an answer; several may be a client's, added up.
    low_answers = (low == SYN_ACK) & meetings.low_once
    high_answers = (high == SYN_ACK) & meetings.high_once
    knocked = low_knocks != high_knocks
    answered = low_answers != high_answers
    speaks = (meetings.protocol == TCP) & (knocked | answered)
    return speaks, np.where(knocked, low_knocks, high_answers)


def _by_time(meetings: Meetings, lead: Ints, believed: Bools, begun_us: int) -> Opinion:
    speaks = (np.abs(lead) > CLOCK_TICK_US) & (meetings.sampling <= 1)
    speaks &= believed[meetings.clock] & meetings.from_the_start
    # Nor is a datagram the first where the records themselves have just begun.
    late = ~meetings.again & (meetings.started >= begun_us + WARM_UP_US)
    speaks &= (meetings.protocol == TCP) | late
    return speaks, lead > 0


def _by_service(its: Met) -> Opinion:
    high = (its.high >= LEAST_MET) & (its.high >= TIMES_AS_MANY * its.low)
    low = (its.low >= LEAST_MET) & (its.low >= TIMES_AS_MANY * its.high)
    return high | low, high


def _by_port(meetings: Meetings) -> Opinion:
    low, high = ports(meetings.low_end), ports(meetings.high_end)
    known = (low < WELL_KNOWN) != (high < WELL_KNOWN)
    drawn = (low < EPHEMERAL) != (high < EPHEMERAL)
    return known | drawn, high < low


def _guessed(meetings: Meetings, lead: Ints) -> Bools:
    low, high = ports(meetings.low_end), ports(meetings.high_end)
    # Where one side was not seen its start is NEVER: who was seen comes first.
    by_number = np.where(low == high, meetings.low_start <= meetings.high_start, high < low)
    return np.where((lead != 0) & (meetings.sampling == 1), lead > 0, by_number)


def _or_none(flags: Small) -> Small:
    """No flags where nothing is said of them."""
    return np.maximum(flags, 0)
