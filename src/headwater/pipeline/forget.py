"""Leases that are to go: a subscriber's, and those that are old enough."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.lake.tables import Lake
from headwater.pipeline.lease_writer import alone
from headwater.records.window import to_us

ROWS_AT_ONCE: Final = 500_000
Kept = Callable[[pa.Table], pa.ChunkedArray]


def forget(lake: Lake, subscriber: str, now: datetime) -> int:
    """Remove every lease of the subscriber; returns how many there were.

    The other leases stay as they are, and so does who they name.
    """
    return _keep_only(lake, lambda rows: pc.not_equal(rows["subscriber"], subscriber), now)


def expire(lake: Lake, before: datetime, now: datetime) -> int:
    """Remove leases that ended before an instant; returns how many there were.

    A lease without an end goes by when it was last told of.
    """
    oldest = pa.scalar(to_us(before), pa.int64())

    def young(rows: pa.Table) -> pa.ChunkedArray:
        instants = [
            rows[name].cast(pa.int64()) for name in ("sure_until", "ends_at", "told_at")
        ]
        return pc.greater_equal(pc.max_element_wise(*instants), oldest)

    return _keep_only(lake, young, now)


def _keep_only(lake: Lake, kept: Kept, now: datetime) -> int:
    if not lake.manifest("leases").files:
        return 0
    with alone(lake):
        before = lake.rows("leases")
        doomed = sum(
            rows.num_rows - (pc.sum(kept(rows)).as_py() or 0) for rows in _batches(lake)
        )
        if not doomed:
            return 0
        with lake.replace("leases", None, f"kept-{to_us(now)}") as change:
            for rows in _batches(lake):
                change.write(rows.filter(kept(rows)))
        lake.tidy()
        return before - lake.rows("leases")


def _batches(lake: Lake) -> Iterator[pa.Table]:
    with lake.reading(["leases"]):
        for path in lake.files("leases"):
            with pq.ParquetFile(str(path)) as file:
                for batch in file.iter_batches(ROWS_AT_ONCE):
                    yield pa.Table.from_batches([batch])
