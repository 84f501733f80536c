"""Who opened a conversation: its client. Kinds of evidence in turn, the first that speaks.

A record may say it itself. TCP's flags tell, then the clock, then that one of the two
endpoints is met by many, and last the ports; where no flags tell that it began here, that
one end is called by many comes before the clock. Clocks are checked first, where the service is
beyond doubt: exporters exist whose two directions keep different ones, and where the ways in
and out differ each is stamped by an exporter of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from headwater.measures.alike import counts, leaders
from headwater.measures.columns import picked
from headwater.measures.endpoints import ports, protocols
from headwater.measures.ports import EPHEMERAL

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Votes = NDArray[np.int8]

T = TypeVar("T", np.int32, np.int64)

NEVER: Final = np.iinfo(np.int64).max  # an instant: this side sent nothing
NOTHING_SAID: Final = -1

HOW: Final = ("flags", "guess", "port", "record", "service", "time")
FLAGS, GUESS, PORT, RECORD, SERVICE, TIME = range(len(HOW))

TCP: Final = 6
SYN, ACK, PSH = 0x02, 0x10, 0x08  # RFC 9293 section 3.1
SYN_ACK: Final = SYN | ACK
# Packets of either side that a handshake takes, one of them sent again: who has more to say is
# past it, whatever flags are kept.
GREETING: Final = 2

CLOCK_TICK_US: Final = 2_000  # exporters stamp in milliseconds: a tick of rounding on each side
WARM_UP_US: Final = 120_000_000  # a datagram this soon after the records began is not the first
# What keeps a conversation alive is sent this often: mappings of many NATs last little longer.
HEARTBEAT_US: Final = 1_800_000_000
MOSTLY: Final = 3  # times as often the one as the other
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
    again: Bools  # the same endpoints met earlier in the hour, or what goes on from the last

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

    @property
    def untold(self) -> Bools:
        """Where no flags say whether it began here."""
        silent = np.maximum(self.low_flags, self.high_flags) == NOTHING_SAID
        return (self.protocol == TCP) & silent

    @property
    def tells(self) -> Bools:
        """Where the order of the two directions may be that of its first two packets."""
        apart = (np.abs(self.lead_us) > CLOCK_TICK_US) & (self.sampling <= 1)
        shown = (self.protocol == TCP) & ~self.untold
        return apart & self.from_the_start & (shown | ~self.again)


@dataclass(frozen=True, slots=True)
class Met:
    """How many conversations each endpoint of some meetings had in the hour.

    Small counts say nothing and read as one.
    """

    low: Ints
    high: Ints
    low_calls: Ints  # above 0: it seems to have opened some of them itself, see ``calls``
    high_calls: Ints


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


def met(meetings: Sequence[Meetings], begun_us: int) -> list[Met]:
    """Endpoints of all ``meetings`` counted together; ``begun_us``: when the records begin."""
    if not meetings:
        return []
    ends = np.concatenate([end for part in meetings for end in (part.low_end, part.high_end)])
    lead = leaders(ends)
    count = counts(lead)
    count = np.maximum(count * (count >= LEAST_MET), 1)
    if any(part.untold.any() for part in meetings):
        votes = np.concatenate([each for part in meetings for each in calls(part, begun_us)])
        opens = picked(_added(lead, votes), lead)
    else:
        opens = np.zeros(len(ends), np.int64)
    cuts = np.cumsum([len(part.low_end) for part in meetings for _ in ("low", "high")])[:-1]
    counted, called = np.split(count, cuts), np.split(opens, cuts)
    sides = (counted[::2], counted[1::2], called[::2], called[1::2])
    return [Met(*each) for each in zip(*sides, strict=True)]


def calls(meetings: Meetings, begun_us: int) -> tuple[Votes, Votes]:
    """What each conversation tells of its low end and of its high one: does it open any?

    Only what no flags tell of is asked. A service is called; who calls from one port, as
    scanners do, is called never; sharers of files do both. What went on before the records
    began may show either side first: until all of it was heard of, being called says more.
    """
    lead = meetings.lead_us * (meetings.untold & meetings.tells)
    early = meetings.started < begun_us + HEARTBEAT_US
    opens, is_called = np.where(early, 1, MOSTLY), np.where(early, MOSTLY, 1)
    low, high = (
        np.where(ahead > 0, opens, -is_called * (ahead < 0)).astype(np.int8)
        for ahead in (lead, -lead)
    )
    return low, high


def _added(lead: NDArray[np.int32], votes: Votes) -> Ints:
    return np.bincount(lead, votes, len(lead)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Often:
    """Endpoints of many conversations, in ascending order, and of how many."""

    ends: Ints
    conversations: Ints
    calls: Ints

    def met(self, meetings: Meetings) -> Met:
        """Of some of the meetings that were counted."""
        low, low_calls = self._of(meetings.low_end)
        high, high_calls = self._of(meetings.high_end)
        return Met(low, high, low_calls, high_calls)

    def _of(self, ends: Ints) -> tuple[Ints, Ints]:
        at = np.searchsorted(self.ends, ends)
        known = np.append(self.ends, NEVER)[at] == ends
        count = np.where(known, np.append(self.conversations, 1)[at], 1)
        return count, np.where(known, np.append(self.calls, 0)[at], 0)


def often(ends: Iterable[tuple[Ints, Votes]]) -> Often:
    """``ends``: two of each conversation, and its ``calls``; each endpoint in one part only."""
    found = [_often(*part) for part in ends]
    each = [
        np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in found)])
        for name in ("ends", "conversations", "calls")
    ]
    turn = np.argsort(each[0])
    return Often(*(column[turn] for column in each))


def _often(ends: Ints, votes: Votes) -> Often:
    lead = leaders(ends)
    count = np.bincount(lead, minlength=len(ends))
    some = np.flatnonzero(count >= LEAST_MET)
    return Often(ends[some], count[some], _added(lead, votes)[some])


def clocks(meetings: Sequence[Meetings], known: Sequence[Met], exporters: int) -> Clocks:
    """Of each clock how often the order of the two directions can be checked."""
    tried, right = np.zeros((2, OF_TWO + exporters))
    for part, its in zip(meetings, known, strict=True):
        lead = part.lead_us
        chosen = part.tells & _beyond_doubt(part, its)
        order = (lead > 0) == (its.high > its.low)
        clock = part.clock
        tried += np.bincount(clock[chosen], minlength=len(tried))
        right += np.bincount(clock[chosen & order], minlength=len(right))
    return Clocks(tried, right)


def _beyond_doubt(meetings: Meetings, its: Met) -> Bools:
    """Whether many met one end, at a port for services only. Sharers of files are met, too."""
    low, high = ports(meetings.low_end) < WELL_KNOWN, ports(meetings.high_end) < WELL_KNOWN
    served, other = np.where(low, its.low, its.high), np.where(low, its.high, its.low)
    return (low != high) & (served >= BEYOND_DOUBT * other)


def opened(meetings: Meetings, its: Met, believed: Bools, begun_us: int) -> Opened:
    """``believed``: of each clock; ``begun_us``: when the records begin."""
    lead = meetings.lead_us
    client = _guessed(meetings, lead)
    strength = np.zeros(len(client), np.int8)
    service = _by_service(its)
    time = _by_time(meetings, lead, believed, begun_us)
    opinions = (
        (PORT, _by_port(meetings)),
        (SERVICE, service),
        (TIME, _unless_called(meetings, its, time, service)),
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
    the server's own data (PSH+ACK) tells. Without flags: more than one packet each way. Of
    exporters that keep the first packet's flags SYN is all that is said, whatever follows.
    """
    flags = _or_none(meetings.low_flags), _or_none(meetings.high_flags)
    client, server = exchanged(*flags, ~client_is_low)
    told = (client & ACK != 0) | (server & (ACK | PSH) == ACK | PSH)
    fewest = np.minimum(meetings.low_packets, meetings.high_packets)
    silent = np.maximum(meetings.low_flags, meetings.high_flags) == NOTHING_SAID
    greeted = (client == SYN) & (server == SYN_ACK) & (fewest > GREETING * meetings.sampling)
    by_tcp = np.where(silent, fewest > meetings.sampling, told | greeted)
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


def _unless_called(meetings: Meetings, its: Met, time: Opinion, service: Opinion) -> Opinion:
    """Time; but at a service that is called not of what, for all we know, began long ago."""
    calls = np.where(service[1], its.high_calls, its.low_calls)
    return time[0] & ~(meetings.untold & service[0] & (calls <= 0)), time[1]


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
