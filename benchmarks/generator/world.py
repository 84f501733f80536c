"""A world: every conversation of the window with its packets, and who was behind it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.generator.draws import Flags, Floats, Ints, Rng, heavy
from benchmarks.generator.hijacked.plan import Operation
from benchmarks.generator.packets import Counted, count, sizes_of
from benchmarks.generator.places import IPV6_BIT
from benchmarks.generator.stage import Stage
from benchmarks.generator.talk import FIN, OPEN, RESET, RESET_BY_SERVER, Talk, keep

MICROSECONDS = 1e6
SMALL = np.int32
CLOSING = (FIN, RESET, RESET_BY_SERVER)

CONVERSATION: Mapping[str, type[np.generic]] = {
    "client": np.int32,
    "server": np.int32,
    "port": np.int32,
    "client_port": np.int32,
    "protocol": np.uint8,
    "opened": np.int64,  # microseconds since the window's start
    "lag": np.int32,  # microseconds until the server's first packet
    "ending": np.uint8,
    "label": np.int16,
    "subject": np.int32,
    "leg": np.int32,
    "header": np.uint8,
    "mtu": np.uint16,
    "first": np.uint16,
}
TURN: Mapping[str, type[np.generic]] = {
    "conversation": np.int32,
    "at": np.int64,
    "span": np.int64,
    "up_packets": np.int32,
    "up_bytes": np.int64,
    "down_packets": np.int32,
    "down_bytes": np.int64,
}
Columns = dict[str, npt.NDArray[Any]]


@dataclass(slots=True)
class World:
    """Conversations in order of opening; turns in order of conversation, then time."""

    stage: Stage
    labels: list[str]
    operations: list[Operation]
    conversations: dict[str, Ints]
    turns: dict[str, Ints]

    def labelled(self, prefix: str) -> Flags:
        """Which conversations have a label that starts so."""
        wanted = [index for index, label in enumerate(self.labels) if label.startswith(prefix)]
        return np.isin(self.conversations["label"], wanted)


def assemble(stage: Stage, talks: Iterable[Talk], operations: list[Operation]) -> World:
    """Settle, count and sort everything that is said in the window."""
    labels: dict[str, int] = {}
    said: list[Columns] = []
    turned: list[Columns] = []
    total = 0
    for number, talk in enumerate(talks):
        settled = _within(stage, _with_removals(stage, talk))
        if not len(settled):
            continue
        rng = np.random.default_rng([stage.seed, 77, number, *stage.another_day()])
        label = labels.setdefault(talk.label, len(labels))
        conversations, turns = _columns(stage, rng, settled, operations)
        conversations["label"][:] = label
        turns["conversation"] += total
        said.append(conversations)
        turned.append(turns)
        total += len(settled)
    world = World(
        stage=stage,
        labels=list(labels),
        operations=operations,
        conversations=_joined(said, CONVERSATION),
        turns=_joined(turned, TURN),
    )
    _put_in_order(world)
    return world


def _joined(parts: list[Columns], shape: Mapping[str, type[np.generic]]) -> dict[str, Ints]:
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in shape}


def _columns(
    stage: Stage, rng: Rng, talk: Talk, operations: list[Operation]
) -> tuple[Columns, Columns]:
    by_server = (talk.ending == RESET) & (rng.random(len(talk)) < 0.4)
    talk = replace(talk, ending=np.where(by_server, RESET_BY_SERVER, talk.ending))
    six = _six(stage, rng, talk, operations)
    sizes = sizes_of(talk, six)
    counted = count(rng, talk, sizes)
    bit = np.where(six, IPV6_BIT, 0)
    away = stage.places.round_trip(talk.server)
    lag = away * heavy(rng, 1.05, 0.12, len(talk), low=0.9, high=5.0)
    said = {
        "client": talk.client | bit,
        "server": talk.server | bit,
        "opened": talk.opened * MICROSECONDS,
        "lag": lag * MICROSECONDS,
        "label": np.zeros(len(talk)),
        **{name: getattr(talk, name) for name in _PLAIN},
        **{name: getattr(sizes, name) for name in ("header", "mtu", "first")},
    }
    return _typed(said, CONVERSATION), _typed(_turns(talk, counted), TURN)


_PLAIN = ("port", "client_port", "protocol", "ending", "subject", "leg")


def _turns(talk: Talk, counted: Counted) -> dict[str, npt.NDArray[np.generic]]:
    return {
        "conversation": talk.turn_of,
        "at": talk.at * MICROSECONDS,
        "span": counted.span * MICROSECONDS,
        "up_packets": counted.up_packets,
        "up_bytes": counted.up_bytes,
        "down_packets": counted.down_packets,
        "down_bytes": counted.down_bytes,
    }


def _typed(columns: Columns, shape: Mapping[str, type[np.generic]]) -> Columns:
    return {name: columns[name].astype(kind) for name, kind in shape.items()}


def dual_stacked(stage: Stage, ids: Ints) -> Flags:
    """Which addresses have an IPv6 twin; it follows from the id, so it never changes."""
    share = stage.mix.ipv6_share
    outside = 0.0 if share == 0 else 0.35
    limit = np.where(stage.places.is_own(ids), share, outside)
    result: Flags = ((ids * 2654435761) >> 7) % 1000 < limit * 1000
    return result


def _six(stage: Stage, rng: Rng, talk: Talk, operations: list[Operation]) -> Flags:
    """IPv6 where both sides have it and the client prefers it; most abuse keeps to IPv4."""
    hosts = [proxy.host for each in operations if each.six for proxy in each.proxies]
    onward = talk.label in ("op relay out", "op direct out")
    modern = np.isin(talk.subject, hosts) & onward
    both = dual_stacked(stage, talk.client) & dual_stacked(stage, talk.server)
    return both & ((talk.subject < 0) | modern) & (rng.random(len(talk)) < 0.8)


def _with_removals(stage: Stage, talk: Talk) -> Talk:
    """Conversations of subscribers that moved: cut at the move, then from the new address."""
    moved = stage.cast.moved
    if not moved or not len(talk):
        return talk
    size = stage.places.own_size
    when, new = np.full(size + 1, np.inf), np.arange(size + 1, dtype=np.int64)
    for old, (fresh, second) in moved.items():
        when[old], new[old] = second, fresh
    ours = [np.where(side < size, side, size) for side in (talk.client, talk.server)]
    cut = np.minimum(when[ours[0]], when[ours[1]])
    pause = 20.0 + (ours[0] + ours[1]) % 90
    talk = keep(talk, ~((talk.opened >= cut) & (talk.opened < cut + pause)))
    ours = [np.where(side < size, side, size) for side in (talk.client, talk.server)]
    late = [talk.opened >= when[side] for side in ours]
    cut = np.minimum(when[ours[0]], when[ours[1]])
    cut = np.where(talk.opened < cut, cut, np.inf)
    talk = replace(
        talk,
        client=np.where(late[0], new[ours[0]], talk.client),
        server=np.where(late[1], new[ours[1]], talk.server),
    )
    return _ended_by(talk, cut)


def _ended_by(talk: Talk, end: Floats) -> Talk:
    """Nothing is said after each conversation's end; what was under way is cut short."""
    limit = end[talk.turn_of]
    over = talk.at + talk.span > limit
    if not over.any():
        return talk
    left = np.clip((limit - talk.at) / np.maximum(talk.span, 1e-9), 0.0, 1.0)
    share = np.where(over, left, 1.0)
    ending = talk.ending.copy()
    ending[talk.turn_of[over & np.isin(ending[talk.turn_of], CLOSING)]] = OPEN
    stays = talk.at < limit
    return replace(
        talk,
        ending=ending,
        turn_of=talk.turn_of[stays],
        at=talk.at[stays],
        span=np.where(over, limit - talk.at, talk.span)[stays],
        up=np.floor(talk.up * share)[stays],
        down=np.floor(talk.down * share)[stays],
        up_units=np.ceil(talk.up_units * share).astype(np.int64)[stays],
        down_units=np.ceil(talk.down_units * share).astype(np.int64)[stays],
    )


def _within(stage: Stage, talk: Talk) -> Talk:
    inside = (talk.opened >= 0) & (talk.opened < stage.seconds - 0.001)
    talk = keep(talk, inside)
    return _ended_by(talk, np.full(len(talk), stage.seconds)) if len(talk) else talk


def _put_in_order(world: World) -> None:
    said, turns = world.conversations, world.turns
    order = np.argsort(said["opened"], kind="stable")
    for name in list(said):
        said[name] = said[name][order]
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    turns["conversation"] = place[turns["conversation"]].astype(SMALL)
    order = np.argsort(turns["conversation"], kind="stable")
    for name in list(turns):
        turns[name] = turns[name][order]
    said["client_port"] = _client_ports(world.stage, said)


def _client_ports(stage: Stage, said: dict[str, Ints]) -> Ints:
    """Systems count up through their range, some by one, some by a stride of their own."""
    client = said["client"].astype(np.int64)
    order = np.argsort(client, kind="stable")
    starts = np.flatnonzero(np.diff(client[order], prepend=-1))
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = nth
    habit = (client * 40503 + stage.seed) % 997
    low = np.select([habit < 500, habit < 850], [49152, 32768], 1024)
    width = np.select([habit < 500, habit < 850], [16384, 28232], 64000)
    stride = np.select([habit % 3 == 0, habit % 3 == 1], [1, 2], 7919)
    drawn = low + (habit * 61 + rank * stride) % width
    portless = ~np.isin(said["protocol"], (6, 17))
    drawn = np.where(portless, 0, drawn)
    return np.where(said["client_port"] > 0, said["client_port"], drawn).astype(SMALL)


def packets_of(world: World) -> Ints:
    """Packets of each conversation, both directions."""
    both = world.turns["up_packets"].astype(np.int64) + world.turns["down_packets"]
    counted = np.bincount(world.turns["conversation"], both, len(world.conversations["client"]))
    return counted.astype(np.int64)


def octets_of(world: World) -> Ints:
    """Octets of each conversation, both directions."""
    both = world.turns["up_bytes"] + world.turns["down_bytes"]
    counted = np.bincount(world.turns["conversation"], both, len(world.conversations["client"]))
    return counted.astype(np.int64)


def each_label(world: World) -> Iterator[tuple[str, Flags]]:
    """Every label with its conversations."""
    for index, label in enumerate(world.labels):
        yield label, world.conversations["label"] == index
