"""The router's view: one-way flow records, sliced, sampled, late, lossy and half-blind."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa

from benchmarks.generator.columns import Addresses, Rows, table_of
from benchmarks.generator.draws import Flags, Floats, Ints, Rng
from benchmarks.generator.slicing import Pieces, Side, pieces_of
from benchmarks.generator.talk import MIDWAY, REFUSED, RESET, RESET_BY_SERVER, TCP
from benchmarks.generator.world import World

TURNS_AT_ONCE = 800_000
F_FIN, F_SYN, F_RST, F_PSH, F_ACK = 1, 2, 4, 8, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """How the flows are exported. Counters are as exported: not multiplied by `sampling`."""

    sampling: int = 1  # one packet in so many, at random
    clocks: str = "direction"  # or "equal": one start and end for both directions
    active_s: float = 300.0
    idle_s: float = 30.0
    loss: float = 0.0  # share of records that never arrive
    routers: int = 3
    blind_share: float = 0.0  # share of paths of which only one direction is exported
    blind_to: str = "mixed"  # inbound | outbound | mixed: the direction not exported there
    inside_share: float = 1.0  # of conversations between own hosts that pass a router
    doubled_share: float = 0.0  # of records that a second router exports too
    resolution_us: int = 1000
    jitter_us: float = 0.0
    flags: bool = True  # False: the exporter leaves tcp_flags out
    seed: int = 0


def export(world: World, exporter: Exporter) -> pa.Table:
    """All records of the window in the order of their start, in one table."""
    table = pa.concat_tables(export_parts(world, exporter))
    return table.sort_by("started_at")


def export_parts(world: World, exporter: Exporter) -> Iterator[pa.Table]:
    """The records in parts of bounded size, by the conversations' opening."""
    addresses = Addresses.of(world)
    for number, turns in enumerate(_parts(world)):
        rng = np.random.default_rng([exporter.seed, world.stage.seed, 991, number])
        pieces = pieces_of(world, turns, exporter.active_s, exporter.idle_s)
        rows = [
            _direction(rng, world, exporter, pieces, upward=upward) for upward in (True, False)
        ]
        if exporter.clocks == "equal":
            rows = _one_clock(rows)
        kept, routers = _arrived(rng, world, exporter, _together(rows))
        yield table_of(
            world, addresses, kept, routers, sampling=exporter.sampling, flags=exporter.flags
        )


def _parts(world: World) -> Iterator[slice]:
    whose = world.turns["conversation"]
    start = 0
    while start < len(whose):
        end = min(start + TURNS_AT_ONCE, len(whose))
        if end < len(whose):
            end = int(np.searchsorted(whose, whose[end - 1], side="right"))
        yield slice(start, end)
        start = end


def _thinned(rng: Rng, packets: Ints, sampling: int) -> Ints:
    if sampling == 1:
        return packets
    seen = np.zeros(len(packets), dtype=np.int64)
    some = np.flatnonzero(packets)
    seen[some] = rng.binomial(packets[some], 1.0 / sampling)
    return seen


SORTS = ("hello", "farewell", "full", "odd", "bare")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The packets of one direction that sampling chose, where there are any."""

    hit: Ints  # which pieces
    upward: bool
    sorts: dict[str, Ints]
    total: Ints
    octets: Ints
    whole: Flags  # nothing was left out


def _sampled(rng: Rng, side: Side, sampling: int, *, upward: bool) -> _Seen:
    counts: dict[str, Ints] = {name: getattr(side, name) for name in SORTS}
    if sampling > 1:
        counts = {name: _thinned(rng, each, sampling) for name, each in counts.items()}
    total = np.sum(list(counts.values()), axis=0)
    hit = np.flatnonzero(total)
    sorts = {name: each[hit] for name, each in counts.items()}
    octets = np.zeros(len(hit), dtype=np.int64)
    for name, each in sorts.items():
        octets += each * getattr(side, f"{name}_size")[hit]
    whole = total[hit] == side.packets[hit]
    return _Seen(
        hit=hit, upward=upward, sorts=sorts, total=total[hit], octets=octets, whole=whole
    )


def _direction(
    rng: Rng, world: World, exporter: Exporter, pieces: Pieces, *, upward: bool
) -> Rows:
    side = pieces.up if upward else pieces.down
    seen = _sampled(rng, side, exporter.sampling, upward=upward)
    start, end = _times(rng, world, pieces, seen)
    flags = _flags(rng, world, pieces.conversation[seen.hit], seen)
    return _grouped(pieces, seen, start, end, flags)


def _times(rng: Rng, world: World, pieces: Pieces, seen: _Seen) -> tuple[Ints, Ints]:
    """When the first and last of the packets that were seen passed the router."""
    start, end = pieces.start[seen.hit], pieces.end[seen.hit]
    lag = world.conversations["lag"][pieces.conversation[seen.hit]].astype(np.int64)
    opening = _openings(world, pieces)[seen.hit]
    # Whoever opened speaks first then; later either side may.
    record = pieces.record[seen.hit]
    behind = ((record * 2654435761 >> 9) & 1) == (1 if seen.upward else 0)
    shift = np.where(behind, np.minimum(lag, end - start), 0)
    shift = np.where(opening, 0 if seen.upward else lag, shift)
    hello, goodbye, count = seen.sorts["hello"], seen.sorts["farewell"], seen.total
    early = _earliest(rng, count)
    late = early + (1.0 - early) * (1.0 - _earliest(rng, np.maximum(count - 1, 1)))
    late = np.where(count > 1, late, early)
    early = np.where((goodbye == count) & ~seen.whole, 1.0, early)
    early = np.where(seen.whole | (hello > 0), 0.0, early)
    late = np.where((seen.whole & (count > 1)) | (goodbye > 0), 1.0, late)
    late = np.where((count == 1) & (early == 0.0), 0.0, late)
    room = np.maximum(end - start - shift, 0)
    first = start + shift + (early * room).astype(np.int64)
    return first, np.maximum(first, start + shift + (late * room).astype(np.int64))


def _openings(world: World, pieces: Pieces) -> Flags:
    """Pieces that begin with a conversation's very first packet."""
    first = np.append(True, np.diff(pieces.conversation) != 0)
    return first & (world.conversations["ending"][pieces.conversation] != MIDWAY)


def _earliest(rng: Rng, count: Ints) -> Floats:
    """The smallest of `count` places in time, each uniform on 0..1."""
    result: Floats = 1.0 - rng.random(len(count)) ** (1.0 / np.maximum(count, 1))
    return result


def _flags(rng: Rng, world: World, whose: Ints, seen: _Seen) -> Ints:
    """Cumulative flags of the packets that were seen, and of no others."""
    ending = world.conversations["ending"][whose]
    sorts = seen.sorts
    flags = np.where(sorts["hello"] > 0, F_SYN if seen.upward else F_SYN | F_ACK, 0)
    reset = np.isin(ending, (RESET, RESET_BY_SERVER, REFUSED))
    goodbye = np.where(reset, F_RST | F_ACK, F_FIN | F_ACK)
    flags |= np.where(sorts["farewell"] > 0, goodbye, 0)
    middle = sorts["full"] > 0
    pushed = (sorts["odd"] > 0) | (middle & (rng.random(len(flags)) < 0.4))
    flags |= np.where(pushed, F_PSH, 0)
    flags |= np.where(middle | (sorts["odd"] + sorts["bare"] > 0), F_ACK, 0)
    tcp = world.conversations["protocol"][whose] == TCP
    return np.where(tcp, flags, 0).astype(np.int64)


def _grouped(pieces: Pieces, seen: _Seen, start: Ints, end: Ints, flags: Ints) -> Rows:
    """Pieces of one record added up."""
    record = pieces.record[seen.hit]
    heads = np.flatnonzero(np.diff(record, prepend=-1))
    nothing = len(heads) == 0
    return Rows(
        conversation=pieces.conversation[seen.hit][heads],
        record=record[heads],
        upward=np.full(len(heads), seen.upward),
        start=start if nothing else np.minimum.reduceat(start, heads),
        end=end if nothing else np.maximum.reduceat(end, heads),
        packets=seen.total if nothing else np.add.reduceat(seen.total, heads),
        octets=seen.octets if nothing else np.add.reduceat(seen.octets, heads),
        flags=flags if nothing else np.bitwise_or.reduceat(flags, heads),
    )


def _one_clock(rows: list[Rows]) -> list[Rows]:
    """Both directions of a record get the earliest start and the latest end."""
    size = max((int(each.record.max()) + 1 for each in rows if len(each.record)), default=0)
    start = np.full(size, np.iinfo(np.int64).max)
    end = np.zeros(size, dtype=np.int64)
    for each in rows:
        start[each.record] = np.minimum(start[each.record], each.start)
        end[each.record] = np.maximum(end[each.record], each.end)
    return [replace(each, start=start[each.record], end=end[each.record]) for each in rows]


def _together(rows: list[Rows]) -> Rows:
    return Rows(
        **{
            field.name: np.concatenate([getattr(each, field.name) for each in rows])
            for field in fields(Rows)
        }
    )


def _chosen(rows: Rows, which: Ints) -> Rows:
    return Rows(**{field.name: getattr(rows, field.name)[which] for field in fields(Rows)})


def _arrived(rng: Rng, world: World, exporter: Exporter, rows: Rows) -> tuple[Rows, Ints]:
    """The records that reach the collector, and the router each came from."""
    said, places = world.conversations, world.stage.places
    client = said["client"][rows.conversation].astype(np.int64)
    server = said["server"][rows.conversation].astype(np.int64)
    outside = np.where(places.is_own(client), server, client)
    network = places.network_of(outside)
    path = ((network + 1) * 2654435761 + exporter.seed * 97 + world.stage.seed * 131) >> 5
    inbound = places.is_own(np.where(rows.upward, server, client))
    blind_to_inbound = (
        (path // 1009) % 2 == 0
        if exporter.blind_to == "mixed"
        else exporter.blind_to == "inbound"
    )
    blind = (path % 1009 < exporter.blind_share * 1009) & (inbound == blind_to_inbound)
    lost = rng.random(len(path)) < exporter.loss
    unseen = ((client * 31 + server) * 2654435761 >> 7) % 1009 >= exporter.inside_share * 1009
    missing = np.where(network < 0, unseen, blind)
    stays = np.flatnonzero(~missing & ~lost)
    router = (path % exporter.routers)[stays]
    again = np.flatnonzero(rng.random(len(stays)) < exporter.doubled_share)
    which = np.concatenate([stays, stays[again]])
    routers = np.concatenate([router, (router[again] + 1) % exporter.routers])
    return _clocked(rng, exporter, _chosen(rows, which)), routers


def _clocked(rng: Rng, exporter: Exporter, rows: Rows) -> Rows:
    """Times as the router's clock tells them."""
    start, end = rows.start, rows.end
    if exporter.jitter_us:
        shift = rng.normal(0.0, exporter.jitter_us, (2, len(start))).astype(np.int64)
        start, end = start + shift[0], end + shift[1]
    start = start // exporter.resolution_us * exporter.resolution_us
    end = end // exporter.resolution_us * exporter.resolution_us
    return replace(rows, start=start, end=np.maximum(start, end))
