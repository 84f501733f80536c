"""Records as an Arrow table with the column names of the `flows` table."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.generator.draws import Flags, Ints
from benchmarks.generator.talk import TCP
from benchmarks.generator.world import World

INSTANT = pa.timestamp("us", tz="UTC")
MOST_ROUTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One-way records of some conversations. Times in microseconds of the window."""

    conversation: Ints
    record: Ints
    upward: Flags
    start: Ints
    end: Ints
    packets: Ints
    octets: Ints
    flags: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Every address that speaks in a world, as text, for dictionary-encoded columns."""

    ids: Ints  # ascending
    texts: pa.Array

    @classmethod
    def of(cls, world: World) -> "Addresses":
        said = world.conversations
        ids = np.unique(np.concatenate([said["client"], said["server"]])).astype(np.int64)
        return cls(ids=ids, texts=pa.array(world.stage.places.text(ids)))

    def column(self, ids: npt.NDArray[np.generic]) -> pa.DictionaryArray:
        index = np.searchsorted(self.ids, ids).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(index), self.texts)


def table_of(
    world: World, addresses: Addresses, rows: Rows, routers: Ints, *, sampling: int, flags: bool
) -> pa.Table:
    """The rows in the shape of `flows`, counters as exported."""
    said, up = world.conversations, rows.upward
    client, server = said["client"][rows.conversation], said["server"][rows.conversation]
    port, client_port = said["port"][rows.conversation], said["client_port"][rows.conversation]
    protocol = said["protocol"][rows.conversation].astype(np.int32)
    start = world.stage.start_us
    names = pa.array([f"router-{index}" for index in range(MOST_ROUTERS)])
    no_flags = protocol != TCP if flags else np.ones(len(protocol), dtype=bool)
    return pa.table(
        {
            "started_at": pa.array(rows.start + start).cast(INSTANT),
            "ended_at": pa.array(rows.end + start).cast(INSTANT),
            "src": addresses.column(np.where(up, client, server)),
            "dst": addresses.column(np.where(up, server, client)),
            "src_port": pa.array(np.where(up, client_port, port).astype(np.int32)),
            "dst_port": pa.array(np.where(up, port, client_port).astype(np.int32)),
            "protocol": pa.array(protocol),
            "tcp_flags": pa.array(rows.flags.astype(np.int32), mask=no_flags),
            "packets": pa.array(rows.packets),
            "bytes": pa.array(rows.octets),
            "exporter": pa.DictionaryArray.from_arrays(
                pa.array(routers.astype(np.int32)), names
            ),
            "sampling": pa.array(np.full(len(protocol), sampling, dtype=np.int32)),
        }
    )
