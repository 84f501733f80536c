"""From payload to packets: headers, handshakes, acknowledgements, losses, farewells.

Sizes are IP-layer octets, as exporters count. A TCP segment carries 40 octets of headers,
52 with timestamps (RFC 7323); SYN adds options. IPv6 costs 20 more.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.generator.draws import Flags, Floats, Ints, Rng, heavy
from benchmarks.generator.talk import (
    FIN,
    MIDWAY,
    REFUSED,
    RESET,
    RESET_BY_SERVER,
    SILENT,
    TCP,
    UDP,
    Talk,
)

RESET_SIZE = 40
QUIC_HEADER = 55  # IP, UDP, short header, authentication tag
QUIC_INITIAL = 1200  # RFC 9000 section 14.1
RETRY_SPANS = np.array([0.0, 1.0, 3.0, 7.0, 15.0])  # RFC 6298: the timer doubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What each conversation's packets look like."""

    header: Ints  # octets of a packet without payload
    mtu: Ints
    first: Ints  # octets of SYN, or of a QUIC Initial; 0: no handshake


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Packets and octets per turn and direction, and the turns' spans."""

    span: Floats
    up_packets: Ints
    up_bytes: Ints
    down_packets: Ints
    down_bytes: Ints


def sizes_of(talk: Talk, six: Flags) -> Sizes:
    """Header and packet sizes follow from who the client is, so they stay the same for it."""
    habit = (talk.client * 2246822519) % 1000
    extra = np.where(six, 20, 0)
    tcp, quic = talk.protocol == TCP, _quic(talk)
    header = np.where(tcp, np.where(habit % 5 < 3, 52, 40), 28) + extra
    header = np.where(quic, QUIC_HEADER + extra, header)
    path = np.select([habit < 640, habit < 850, habit < 930], [1500, 1492, 1480], 1420)
    mtu = np.where(quic, np.where(habit < 500, 1278, 1380) + extra, path)
    first = np.where(tcp, np.where(header - extra == 52, 60, 52) + extra, 0)
    first = np.where(quic, QUIC_INITIAL + 28 + extra, first)
    return Sizes(
        header=header.astype(np.int64), mtu=mtu.astype(np.int64), first=first.astype(np.int64)
    )


def _quic(talk: Talk) -> Flags:
    return (talk.protocol == UDP) & (talk.port == 443)


@dataclass(slots=True)
class _Side:
    """One direction while it is being added up."""

    packets: Ints
    octets: Ints

    def add(self, packets: Ints, size: Ints | int) -> None:
        self.packets += packets
        self.octets += packets * size


def _data(payload: Floats, units: Ints, room: Ints) -> Ints:
    """Packets with payload: at least the pieces the application wrote, none if none."""
    whole = payload.astype(np.int64)
    return np.where(whole > 0, np.maximum(-(-whole // room), np.minimum(units, whole)), 0)


def _sent(rng: Rng, payload: Floats, data: Ints, sizes: Sizes, loss: Floats) -> _Side:
    """Payload with its headers, and what was sent again."""
    side = _Side(packets=data.copy(), octets=payload.astype(np.int64) + data * sizes.header)
    mean = np.minimum(sizes.mtu, sizes.header + payload.astype(np.int64) // np.maximum(data, 1))
    side.add(rng.binomial(data, loss).astype(np.int64), mean)
    return side


def count(rng: Rng, talk: Talk, sizes: Sizes) -> Counted:
    """Packets and octets of every turn."""
    whose = talk.turn_of
    per_turn = Sizes(header=sizes.header[whose], mtu=sizes.mtu[whose], first=sizes.first[whose])
    room = per_turn.mtu - per_turn.header
    acked = sizes.first[whose] > 0
    loss = heavy(rng, 0.002, 1.4, len(talk), high=0.08)[whose] * acked
    data_up = _data(talk.up, talk.up_units, room)
    data_down = _data(talk.down, talk.down_units, room)
    up = _sent(rng, talk.up, data_up, per_turn, loss)
    down = _sent(rng, talk.down, data_down, per_turn, loss)
    lazy = rng.uniform(0.28, 0.55, len(talk))[whose] * acked
    up.add(np.ceil(data_down * lazy).astype(np.int64), per_turn.header)
    down.add(np.ceil(data_up * lazy).astype(np.int64), per_turn.header)
    span = talk.span.copy()
    _greet(rng, talk, per_turn, up, down, span)
    _part(talk, per_turn, up, down)
    return Counted(
        span=span,
        up_packets=up.packets,
        up_bytes=up.octets,
        down_packets=down.packets,
        down_bytes=down.octets,
    )


def _edges(talk: Talk) -> tuple[Flags, Flags]:
    """Which turns are their conversation's first and last."""
    change = np.flatnonzero(np.diff(talk.turn_of)) + 1
    first = np.zeros(len(talk.turn_of), dtype=bool)
    last = np.zeros(len(talk.turn_of), dtype=bool)
    first[np.append(0, change)] = True
    last[np.append(change - 1, len(last) - 1)] = True
    return first, last


def _greet(rng: Rng, talk: Talk, sizes: Sizes, up: _Side, down: _Side, span: Floats) -> None:
    first, _ = _edges(talk)
    ending = talk.ending[talk.turn_of]
    tcp = talk.protocol[talk.turn_of] == TCP
    unanswered = first & (ending == SILENT) & tcp
    turned_away = first & (ending == REFUSED) & tcp
    for side in (up, down):
        side.packets[unanswered | turned_away] = 0
        side.octets[unanswered | turned_away] = 0
    hello = (first & (ending != MIDWAY) & (sizes.first > 0)).astype(np.int64)
    retries = np.minimum(rng.geometric(0.45, len(hello)), len(RETRY_SPANS))
    knocks = np.where(unanswered & (span >= 0.5), retries, hello)
    up.add(knocks.astype(np.int64), sizes.first)
    down.add(np.where(unanswered, 0, hello), np.where(turned_away, RESET_SIZE, sizes.first))
    talked = (hello > 0) & tcp & ~unanswered & ~turned_away
    up.add(talked.astype(np.int64), sizes.header)
    span[unanswered] = RETRY_SPANS[knocks[unanswered] - 1]
    span[turned_away] = 0.0


def _part(talk: Talk, sizes: Sizes, up: _Side, down: _Side) -> None:
    _, last = _edges(talk)
    ending = talk.ending[talk.turn_of]
    tcp = last & (talk.protocol[talk.turn_of] == TCP)
    closed = (tcp & (ending == FIN)).astype(np.int64)
    up.add(closed * 2, sizes.header)
    down.add(closed, sizes.header)
    up.add((tcp & (ending == RESET)).astype(np.int64), RESET_SIZE)
    down.add((tcp & (ending == RESET_BY_SERVER)).astype(np.int64), RESET_SIZE)
