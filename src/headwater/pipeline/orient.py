"""Orient: the two directions of each conversation joined, and who opened it decided.

Runs hour by hour, each from the flows of that hour and what was still open in the hour
before; so a day is never held in memory, and an import of one new hour costs one hour.
Each hour remembers what it was made from: late records make it, and what follows, stale.
"""

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headwater.lake.coded import read_coded
from headwater.lake.engine import Engine
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.pipeline.conversation_keys import (
    Directory,
    Ints,
    code_addresses,
    lasting_names,
    pair_keys,
)
from headwater.pipeline.meetings import meetings, runs_of, told_by_several
from headwater.pipeline.questions import question
from headwater.records.tables import SESSIONS, SLICES
from headwater.records.window import Window, from_us

FLOW_COLUMNS = [
    "started_at", "ended_at", "src", "dst", "src_port", "dst_port", "protocol", "tcp_flags",
    "packets", "bytes", "exporter", "sampling", "initiator",
]  # fmt: skip
CARRIED_COLUMNS = [
    "started_at", "conversation", "opened_at", "closed_at", "client", "server", "port",
    "client_port", "protocol", "client_flags", "server_flags", "oriented_by", "sampling",
]  # fmt: skip

# A TCP conversation that said goodbye, and any other, is joined again only within this.
LINGERS_US = 120_000_000
FIN_OR_RST = 0x05
INSIDE = pa.array(["neither", "client", "server", "both"])

Own = Callable[[pa.StringArray], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Oriented:
    """What one run of ``orient`` did."""

    hours: int
    sessions: int
    skipped_hours: int


def orient(
    lake: Lake,
    engine: Engine,
    own: Own,
    own_name: str,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> Oriented:
    """Bring ``sessions`` and ``slices`` up to date with ``flows``.

    ``own`` tells own addresses; ``own_name`` changes whenever its answers may.
    """
    wanted = _bases(lake.hours("flows"), own_name)
    present = lake.basis("sessions")
    stale = [hour for hour, basis in wanted.items() if present.get(hour) != basis]
    gone = [hour for hour in present if hour not in wanted]
    sessions = 0
    before: pa.Table | None = None
    with ThreadPoolExecutor(1, "ahead") as ahead, ThreadPoolExecutor(1, "behind") as behind:
        following = ahead.submit(_read_hour, lake, engine, stale[0]) if stale else None
        keeping: Future[None] | None = None
        for done, hour in enumerate(stale):
            on_progress(done, len(stale))
            assert following
            read = following.result()
            following = (
                ahead.submit(_read_hour, lake, engine, stale[done + 1])
                if done + 1 < len(stale)
                else None
            )
            if before is None or stale[done - 1] != hour - 1:
                before = read_coded(lake, "sessions", _hour(hour - 1), CARRIED_COLUMNS)
            rows, pieces = _orient_hour(engine, own, read, before, hour - 1 not in wanted)
            if keeping:
                keeping.result()
            keeping = behind.submit(_keep, lake, hour, wanted[hour], rows, pieces)
            sessions += rows.num_rows
            before = rows.select(CARRIED_COLUMNS)
        if keeping:
            keeping.result()
    for table in ("slices", "sessions") if gone else ():
        with lake.replace(table, gone, "gone"):
            pass
    on_progress(len(stale), len(stale))
    return Oriented(hours=len(stale), sessions=sessions, skipped_hours=len(wanted) - len(stale))


def _bases(flows: Mapping[int, str], own_name: str) -> dict[int, str]:
    """For each hour a name of all that its sessions depend on, the hour before included."""
    method = _sql("orient") + _sql("slices") + _sql("one_exporter")
    bases: dict[int, str] = {}
    for hour, fingerprint in sorted(flows.items()):
        parts = (method, own_name, fingerprint, bases.get(hour - 1, ""))
        bases[hour] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return bases


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hour:
    """One hour's records, by code."""

    hour: int
    directory: Directory
    exporters: pa.StringArray
    keyed: pa.Table
    grouped: pa.Table


def _read_hour(lake: Lake, engine: Engine, hour: int) -> _Hour:
    flows = read_coded(lake, "flows", _hour(hour), FLOW_COLUMNS)
    directory, source, target = code_addresses(flows)
    exporters, keyed = _keyed(flows, source, target)
    runs = runs_of(keyed)
    several = told_by_several(keyed, runs)
    if several.any():
        asked = {"keyed": keyed.filter(pa.array(several))}
        once = engine.ask(_sql("one_exporter"), _hour(hour), asked)
        alone = keyed.filter(pa.array(~several))
        keyed = pa.concat_tables([alone, once.cast(alone.schema)])
        runs = runs_of(keyed)
    grouped = meetings(keyed, runs)
    return _Hour(
        hour=hour, directory=directory, exporters=exporters, keyed=keyed, grouped=grouped
    )


def _orient_hour(
    engine: Engine, own: Own, read: _Hour, before: pa.Table, first: bool
) -> tuple[pa.Table, pa.Table]:
    begun = pc.min(read.keyed.column("started_at")).as_py() if first else 0
    given = {
        "keyed": read.keyed,
        "grouped": read.grouped,
        "carried": _carried(before, read.hour, read.directory),
        "horizon": pa.table({"begun_at": [begun or 0]}),
    }
    window = _hour(read.hour)
    named = _named(engine.ask(_sql("orient"), window, given), read.directory)
    pieces = engine.ask(_sql("slices"), window, {"keyed": read.keyed, "oriented": named})
    return _sessions(named, read.directory, read.exporters, own), pieces.cast(SLICES)


def _keep(lake: Lake, hour: int, basis: str, rows: pa.Table, pieces: pa.Table) -> None:
    for table, made in (("slices", pieces), ("sessions", rows)):
        with lake.replace(table, [hour], basis, {hour: basis}) as change:
            change.write(made)


def _keyed(flows: pa.Table, source: Ints, target: Ints) -> tuple[pa.StringArray, pa.Table]:
    k1, k2, low = pair_keys(
        source, target, *(_ints(flows, name) for name in ("src_port", "dst_port", "protocol"))
    )
    exporter = pc.fill_null(flows.column("exporter").cast(pa.string()), "").dictionary_encode()
    exporter = exporter.unify_dictionaries()
    names = exporter.chunk(0).dictionary if exporter.num_chunks else pa.array([], pa.string())
    codes = [chunk.indices for chunk in exporter.chunks]
    keyed = pa.table(
        {
            "k1": k1,
            "k2": k2,
            "low": low,
            "started_at": flows.column("started_at").cast(pa.int64()),
            "ended_at": flows.column("ended_at").cast(pa.int64()),
            "packets": flows.column("packets"),
            "bytes": flows.column("bytes"),
            "tcp_flags": flows.column("tcp_flags"),
            # 1: the low endpoint is said to have opened it; 0: the other; null: nothing said
            "said": pc.equal(flows.column("initiator"), pa.array(low)).cast(pa.int32()),
            "sampling": flows.column("sampling"),
            "exporter": pa.chunked_array(codes, pa.int32()),
        }
    )
    return names, keyed


def _carried(rows: pa.Table, hour: int, directory: Directory) -> pa.Table:
    """Conversations of the hour before that may go on in this one, one row each."""
    flags = pc.bit_wise_or(
        pc.fill_null(rows.column("client_flags"), 0),
        pc.fill_null(rows.column("server_flags"), 0),
    )
    ended = pc.not_equal(pc.bit_wise_and(flags, FIN_OR_RST), 0)
    may_go_on = pc.and_(pc.equal(rows.column("protocol"), 6), pc.invert(ended))
    lingers = pc.greater(rows.column("closed_at").cast(pa.int64()), hour * HOUR_US - LINGERS_US)
    # What talks by datagrams may resume after any silence, and its client stays the client.
    may_resume = pc.not_equal(rows.column("protocol"), 6)
    rows = rows.filter(pc.or_(pc.or_(may_go_on, lingers), may_resume))
    client, server = (directory.codes(rows.column(name)) for name in ("client", "server"))
    met = (client >= 0) & (server >= 0)
    rows, client, server = rows.filter(pa.array(met)), client[met], server[met]
    k1, k2, low = pair_keys(
        client, server, *(_ints(rows, name) for name in ("client_port", "port", "protocol"))
    )
    return pa.table(
        {
            "k1": k1,
            "k2": k2,
            "client_is_low": low,
            "opened_at": rows.column("opened_at").cast(pa.int64()),
            "closed_at": rows.column("closed_at").cast(pa.int64()),
            "conversation": rows.column("conversation"),
            "oriented_by": rows.column("oriented_by").cast(pa.string()),
            "sampling": rows.column("sampling"),
        }
    )


def _named(answer: pa.Table, directory: Directory) -> pa.Table:
    """The answer with a lasting name for each conversation that was not carried over."""
    columns = ("client", "server", "client_port", "port", "protocol", "opened_at")
    fresh = lasting_names(directory.digests(), *(_ints(answer, name) for name in columns))
    kept = pc.coalesce(answer.column("conversation"), pa.array(fresh))
    place = answer.schema.get_field_index("conversation")
    return answer.set_column(place, "conversation", kept)


def _sessions(
    named: pa.Table, directory: Directory, exporters: pa.StringArray, own: Own
) -> pa.Table:
    is_own = own(directory.names)
    client, server = _ints(named, "client"), _ints(named, "server")
    sides = is_own[client].astype(np.int32) + 2 * is_own[server].astype(np.int32)
    named_exporters = pc.if_else(
        pc.equal(exporters, ""), pa.scalar(None, pa.string()), exporters
    )
    made = {
        "client": directory.column(client),
        "server": directory.column(server),
        "inside": pa.DictionaryArray.from_arrays(pa.array(sides), INSIDE),
        "exporter": pa.DictionaryArray.from_arrays(
            named.column("exporter").combine_chunks(), named_exporters
        ),
    }
    columns = [made.get(field.name) for field in SESSIONS]
    return pa.table(
        [
            named.column(field.name).cast(field.type) if column is None else column
            for field, column in zip(SESSIONS, columns, strict=True)
        ],
        schema=SESSIONS,
    )


def _ints(table: pa.Table, name: str) -> Ints:
    values = table.column(name)
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    return values.to_numpy().astype(np.int64)


def _hour(hour: int) -> Window:
    return Window(from_us(hour * HOUR_US), from_us((hour + 1) * HOUR_US))


def _sql(name: str) -> str:
    return question("pipeline", f"{name}.sql")
