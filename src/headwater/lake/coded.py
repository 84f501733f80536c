"""Rows of a table with their repeated text still coded: for steps that work on integers."""

import pyarrow as pa
import pyarrow.dataset as ds

from headwater.lake import layout
from headwater.lake.parquet import ROW_GROUP_ROWS
from headwater.lake.tables import Lake
from headwater.records.errors import LakeDamaged
from headwater.records.window import Window


def read_coded(lake: Lake, table: str, window: Window, columns: list[str]) -> pa.Table:
    """The rows of ``window``: dictionary-coded text stays coded, a dictionary for each chunk.

    Raises LakeDamaged where a file cannot be read.
    """
    shape = pa.schema([layout.shape(table).field(name) for name in columns])
    coded = [field.name for field in shape if pa.types.is_dictionary(field.type)]
    parquet = ds.ParquetFileFormat(dictionary_columns=coded)
    time = ds.field(layout.TIME_COLUMN[table])
    start, end = (
        pa.scalar(us, pa.timestamp("us", tz="UTC")) for us in (window.start_us, window.end_us)
    )
    with lake.reading([table]):
        paths = [str(path) for path in lake.files(table, window)]
        if not paths:
            return shape.empty_table()
        rows = ds.dataset(paths, format=parquet, schema=shape)
        inside = None if _whole(lake, table, window) else (time >= start) & (time < end)
        try:
            found = rows.to_table(
                columns=columns,
                filter=inside,
                batch_size=ROW_GROUP_ROWS,  # so that each dictionary comes once
                # Arrow's own pool hands the memory of every hour back to the system and
                # asks for it again: that costs as much as the unpacking.
                memory_pool=pa.system_memory_pool(),
            )
        except (OSError, pa.ArrowInvalid) as why:
            raise LakeDamaged(f"{table}: {why}") from why
    return found


def _whole(lake: Lake, table: str, window: Window) -> bool:
    """Whether no file reaches beyond the window: then no row need be looked at for it."""
    chosen = set(lake.files(table, window))
    return all(
        window.start_us <= file.start_us and file.end_us < window.end_us
        for file in lake.manifest(table).files
        if lake.folder(table) / file.path in chosen
    )
