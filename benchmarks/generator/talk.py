"""What actors say: conversations and their turns, in payload octets and seconds.

A conversation has one or more *turns*, stretches of time in which both sides send. How many
packets that takes, with which flags and headers, is settled later and alike for everyone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from benchmarks.generator.draws import Flags, Floats, Ints, Rng, owners, ranks

TCP: Final = 6
UDP: Final = 17
ICMP: Final = 1
ESP: Final = 50

# How a conversation ends.
FIN, RESET, REFUSED, SILENT, OPEN = 0, 1, 2, 3, 4
MIDWAY = 5  # opened before the window: neither handshake nor farewell is seen
RESET_BY_SERVER = 6

Numbers = Ints | Floats | Sequence[int] | Sequence[float] | float | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Conversations of one cause. Seconds count from the window's start."""

    label: str
    client: Ints
    server: Ints
    port: Ints  # the server's
    client_port: Ints  # 0: the client's system picks one
    protocol: Ints
    opened: Floats
    ending: Ints
    subject: Ints  # the hijacked host whose abuse this is part of; -1: none
    leg: Ints  # conversations with the same number carry the same words; -1: none
    turn_of: Ints  # index of each turn's conversation, ascending
    at: Floats
    span: Floats
    up: Floats  # payload octets, client to server
    down: Floats
    up_units: Ints  # least number of packets with payload
    down_units: Ints

    def __len__(self) -> int:
        return len(self.client)


def _ints(value: Numbers, size: int) -> Ints:
    return np.broadcast_to(np.asarray(value), (size,)).astype(np.int64)


def _floats(value: Numbers, size: int) -> Floats:
    return np.broadcast_to(np.asarray(value), (size,)).astype(np.float64)


def single(
    label: str,
    *,
    client: Numbers,
    server: Numbers,
    port: Numbers,
    opened: Floats,
    span: Numbers,
    up: Numbers,
    down: Numbers,
    protocol: Numbers = TCP,
    client_port: Numbers = 0,
    ending: Numbers = FIN,
    subject: Numbers = -1,
    leg: Numbers = -1,
    up_units: Numbers = 1,
    down_units: Numbers = 1,
) -> Talk:
    """Conversations of one turn each; plain numbers are said for all of them."""
    size = len(opened)
    return Talk(
        label=label,
        client=_ints(client, size),
        server=_ints(server, size),
        port=_ints(port, size),
        client_port=_ints(client_port, size),
        protocol=_ints(protocol, size),
        opened=opened.astype(np.float64),
        ending=_ints(ending, size),
        subject=_ints(subject, size),
        leg=_ints(leg, size),
        turn_of=np.arange(size, dtype=np.int64),
        at=opened.astype(np.float64),
        span=np.maximum(_floats(span, size), 0.0),
        up=np.maximum(_floats(up, size), 0.0),
        down=np.maximum(_floats(down, size), 0.0),
        up_units=_ints(up_units, size),
        down_units=_ints(down_units, size),
    )


def with_turns(
    talk: Talk,
    *,
    turn_of: Ints,
    at: Floats,
    span: Numbers,
    up: Numbers,
    down: Numbers,
    up_units: Numbers = 1,
    down_units: Numbers = 1,
) -> Talk:
    """The same conversations with other turns (any order; put in order here)."""
    size = len(turn_of)
    order = np.lexsort((at, turn_of))
    return replace(
        talk,
        turn_of=turn_of[order].astype(np.int64),
        at=at[order].astype(np.float64),
        span=_floats(span, size)[order],
        up=_floats(up, size)[order],
        down=_floats(down, size)[order],
        up_units=_ints(up_units, size)[order],
        down_units=_ints(down_units, size)[order],
    )


def in_bursts(rng: Rng, talk: Talk, mean_gap_s: float, most: int = 40) -> Talk:
    """One-turn conversations broken into bursts: think times, keep-alive, pages read."""
    extra = np.minimum(rng.poisson(talk.span / mean_gap_s), most - 1).astype(np.int64)
    counts = extra + 1
    whose = owners(counts)
    last = ranks(counts) == np.repeat(counts - 1, counts)
    place = np.sort(whose + np.clip(rng.random(len(whose)), 0.0, 0.999999)) - whose
    place = np.where(ranks(counts) == 0, 0.0, place)
    place = np.where(last & (np.repeat(counts, counts) > 1), 1.0, place)
    weight = rng.gamma(0.7, 1.0, len(whose)) + 1e-9
    weight /= np.bincount(whose, weight, len(counts))[whose]
    at = talk.opened[whose] + place * talk.span[whose]
    following = np.where(last, at + 1.0, np.append(at[1:], 0.0))
    busy = np.minimum(following - at, 0.08 + talk.down[whose] * weight / 2e6)
    span = np.where(np.repeat(counts, counts) == 1, talk.span[whose], busy)
    return with_turns(
        talk,
        turn_of=whose,
        at=at,
        span=np.maximum(span, 0.0),
        up=np.floor(talk.up[whose] * weight),
        down=np.floor(talk.down[whose] * weight),
    )


def keep(talk: Talk, kept: Flags) -> Talk:
    """Only the conversations marked true, with their turns."""
    new_index = np.cumsum(kept) - 1
    turns = kept[talk.turn_of]
    changed: dict[str, Any] = {}
    for name in (field.name for field in fields(Talk)):
        value = getattr(talk, name)
        if name == "label":
            continue
        if name in ("turn_of", "at", "span", "up", "down", "up_units", "down_units"):
            value = value[turns]
            changed[name] = new_index[value] if name == "turn_of" else value
        else:
            changed[name] = value[kept]
    return replace(talk, **changed)
