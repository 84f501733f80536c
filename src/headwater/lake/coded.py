"""Rows of a table with their repeated text still coded: for steps that work on integers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.dataset as ds

from headwater.lake import layout
from headwater.lake.parquet import ROW_GROUP_ROWS
from headwater.lake.tables import Lake
from headwater.records.errors import LakeDamaged
from headwater.records.window import Window

STEP_ROWS: Final = 1 << 19  # of a table that is read bit by bit


def read_coded(lake: Lake, table: str, window: Window, columns: list[str]) -> pa.Table:
    """The rows of ``window``: dictionary-coded text stays coded, a dictionary for each chunk.

    Raises LakeDamaged where a file cannot be read.
    """
    with coded_rows(lake, table, window) as rows, rows.scanned(columns) as scanner:
        return scanner.to_table()


def coded_steps(
    lake: Lake, table: str, window: Window, columns: list[str]
) -> Iterator[pa.Table]:
    """The same rows in the same order, some at a time: of more than fit into memory."""
    with coded_rows(lake, table, window) as rows:
        yield from rows.steps(columns)


@dataclass(frozen=True, slots=True)
class CodedRows:
    """Rows that can be read again: the same, in the same order, in the same chunks."""

    table: str
    rows: ds.Dataset
    inside: ds.Expression | None

    def steps(self, columns: list[str]) -> Iterator[pa.Table]:
        """Some rows at a time."""
        waiting: list[pa.RecordBatch] = []
        with self.scanned(columns, batch_readahead=1, fragment_readahead=1) as scanner:
            for batch in scanner.to_batches():
                waiting.append(batch)
                if sum(part.num_rows for part in waiting) >= STEP_ROWS:
                    yield pa.Table.from_batches(waiting)
                    waiting = []
            yield pa.Table.from_batches(waiting, scanner.projected_schema)

    @contextmanager
    def scanned(self, columns: list[str], **options: int) -> Iterator[ds.Scanner]:
        """Raises LakeDamaged where a file cannot be read."""
        try:
            yield self.rows.scanner(
                columns=columns,
                filter=self.inside,
                batch_size=ROW_GROUP_ROWS,  # so that each dictionary comes once
                # Arrow's own pool hands the memory of every hour back to the system and
                # asks for it again: that costs as much as the unpacking.
                memory_pool=pa.system_memory_pool(),
                **options,
            )
        except (OSError, pa.ArrowInvalid) as why:
            raise LakeDamaged(f"{self.table}: {why}") from why


@contextmanager
def coded_rows(lake: Lake, table: str, window: Window) -> Iterator[CodedRows]:
    """The rows of ``window``; no file of theirs is deleted meanwhile."""
    shape = layout.shape(table)
    coded = [field.name for field in shape if pa.types.is_dictionary(field.type)]
    parquet = ds.ParquetFileFormat(dictionary_columns=coded)
    time = ds.field(layout.TIME_COLUMN[table])
    start, end = (
        pa.scalar(us, pa.timestamp("us", tz="UTC")) for us in (window.start_us, window.end_us)
    )
    with lake.reading([table]):
        paths = [str(path) for path in lake.files(table, window)]
        if not paths:
            yield CodedRows(table, ds.InMemoryDataset(shape.empty_table()), None)
            return
        inside = None if lake.within(table, window) else (time >= start) & (time < end)
        try:
            rows = ds.dataset(paths, format=parquet, schema=shape)
        except (OSError, pa.ArrowInvalid) as why:
            raise LakeDamaged(f"{table}: {why}") from why
        yield CodedRows(table, rows, inside)
