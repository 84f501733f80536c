"""Facts: what each hour shows of own hosts, counted once, when the hour's sessions are made.

They add up over hours. A hunt reads sums, and looks closely only at hosts whose sums say
that it is worth it: so a new hour costs what is new in it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headwater.detectors import dark_scan, dial_back, relay, tunnel
from headwater.lake.layout import HOUR_US
from headwater.measures.alike import parted
from headwater.measures.columns import Ints, bools, ints
from headwater.measures.hour import (
    CLIENT,
    INSIDE,
    NEITHER,
    NOBODY,
    Conversations,
    Counts,
    Hour,
    Slices,
)
from headwater.pipeline.conversation_keys import code_together
from headwater.pipeline.part_files import PartFiles
from headwater.records.tables import FACTS
from headwater.records.window import Window, from_us

METHOD: Final = "8"  # another one whenever the same hour may give other facts
AT_ONCE: Final = 2  # beside the last hour's facts there is nothing else to do
TALLIES: Final = (relay.tally, dial_back.tally, tunnel.tally, dark_scan.tally)
WORTH: Final = (relay.worth, dial_back.worth, tunnel.worth)


def facts_of(hour: int, sessions: pa.Table, slices: pa.Table) -> pa.Table:
    """FACTS of one hour (hours since 1970 UTC), from its sessions and slices."""
    names, seen = _hour(hour, sessions, slices)
    with ThreadPoolExecutor(AT_ONCE, "tally") as pool:
        told = pool.map(lambda tally: list(tally(seen)), TALLIES)
        return _rows(list(chain.from_iterable(told)), names, hour)


class FactsByHost:
    """FACTS of an hour whose sessions come part by part: each own host's are put together."""

    def __init__(self, scratch: Path, parts: int) -> None:
        self._sessions = PartFiles(scratch, "sessions", parts)
        self._slices = PartFiles(scratch, "slices", parts)

    def add(self, sessions: pa.Table, slices: pa.Table) -> None:
        """SESSIONS as made of one directory, and the SLICES of some of them."""
        client, server, inside = (
            sessions.column(name).combine_chunks() for name in ("client", "server", "inside")
        )
        told = pc.index_in(inside.dictionary, value_set=pa.array(INSIDE)).to_numpy()
        whose = told[inside.indices.to_numpy()]
        ours = whose != NEITHER
        # Who is visited is the host of a session that is all our own.
        host = np.where(whose == CLIENT, client.indices, server.indices).astype(np.int64)
        part = parted(host, self._sessions.count)
        self._sessions.add(sessions.filter(pa.array(ours)), part[ours])
        names = _plain(sessions, "conversation")
        by_name = np.argsort(names)
        of = by_name[np.searchsorted(names[by_name], _plain(slices, "conversation"))]
        self._slices.add(slices.filter(pa.array(ours[of])), part[of][ours[of]])

    def count(self, hour: int) -> pa.Table:
        """What all that was added shows; a host may have several rows of one kind."""
        parts = range(self._sessions.count)
        made = [facts_of(hour, self._sessions.read(n), self._slices.read(n)) for n in parts]
        return pa.concat_tables(made).unify_dictionaries()


def whole_hours(window: Window) -> Window:
    """The window and what is before it of its first hour: facts are told of whole hours."""
    return Window(from_us(window.start_us // HOUR_US * HOUR_US), window.end)


def worth_a_look(sums: pa.Table) -> list[str]:
    """Hosts at which a detector should look, from FACTS added up; each once, in order."""
    chosen = np.logical_or.reduce([worth(sums) for worth in WORTH])
    hosts = sums.column("host").cast(pa.string()).filter(pa.array(chosen))
    return sorted(pc.unique(hosts).to_pylist())


def _hour(hour: int, sessions: pa.Table, slices: pa.Table) -> tuple[pa.StringArray, Hour]:
    names, client, server = code_together(sessions.column("client"), sessions.column("server"))
    rows = {
        name: _plain(sessions, name)
        for name in (
            "conversation", "port", "protocol", "client_bytes", "client_packets",
            "server_bytes", "server_packets", "sampling",
        )
    }  # fmt: skip
    times = {
        f"{name}_us": _plain(sessions, f"{name}_at") for name in ("opened", "started", "closed")
    }
    inside = sessions.column("inside").combine_chunks()
    places = pc.index_in(inside.dictionary, value_set=pa.array(INSIDE)).to_numpy()
    pieces = {
        name: _plain(slices, name) for name in ("conversation", "client_bytes", "server_bytes")
    }
    return names, Hour(
        start_us=hour * HOUR_US,
        hosts=len(names),
        sessions=Conversations(
            client=client.astype(np.int64),
            server=server.astype(np.int64),
            client_flags=ints(sessions, "client_flags"),
            server_flags=ints(sessions, "server_flags"),
            established=bools(sessions, "established"),
            inside=places[inside.indices.to_numpy()].astype(np.int64),
            **rows,
            **times,
        ),
        slices=Slices(
            sliced_us=_plain(slices, "sliced_at"), ended_us=_plain(slices, "ended_at"), **pieces
        ),
    )


def _plain(table: pa.Table, name: str) -> Ints:
    column = table.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    values: Ints = column.to_numpy().astype(np.int64, copy=False)
    return values


def _rows(told: Sequence[Counts], names: pa.StringArray, hour: int) -> pa.Table:
    sizes = [len(counts.host) for counts in told]
    kind = np.repeat(np.arange(len(told), dtype=np.int32), sizes)
    host, peer = (_together(told, name).astype(np.int32) for name in ("host", "peer"))
    coded = {
        "kind": pa.DictionaryArray.from_arrays(kind, pa.array([each.kind for each in told])),
        "host": pa.DictionaryArray.from_arrays(host, names),
        "peer": pa.DictionaryArray.from_arrays(pa.array(peer, mask=peer == NOBODY), names),
    }
    columns = {
        "counted_at": pa.repeat(
            pa.scalar(from_us(hour * HOUR_US), FACTS.field(0).type), len(kind)
        ),
        **coded,
        "port": _together(told, "port").astype(np.int32),
        "protocol": _together(told, "protocol").astype(np.int32),
        **{name: _together(told, name) for name in ("tries", "hits", "by_chance")},
    }
    return pa.table([pa.array(columns[name]) for name in FACTS.names], schema=FACTS)


def _together(told: Sequence[Counts], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(counts, name) for counts in told])
