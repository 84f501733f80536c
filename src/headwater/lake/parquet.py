"""One Parquet file of the lake: how it is coded, and what is known of it afterwards."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROW_GROUP_ROWS: Final = 1 << 18  # DuckDB shares out row groups among its threads
# The first columns of a busy hour easily hold 100,000 addresses.
DICTIONARY_BYTES: Final = 8 << 20
WORTH_NARROWING: Final = 256  # texts
REPEATING: Final = frozenset({"src_as", "dst_as", "input_if", "output_if"})
VARIED: Final = frozenset({"src_port", "dst_port", "port", "client_port"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """A whole file, synced, that no manifest names yet."""

    path: Path
    hour: int | None
    rows: int
    start_us: int
    end_us: int


class HourFile:
    """An open Parquet file that takes rows of one hour.

    Text that the table's shape wants coded is written by its codes; readers see text.
    """

    def __init__(self, path: Path, schema: pa.Schema, time: str, hour: int | None) -> None:
        self._path = path
        self._time = time
        self._hour = hour
        self._shape = schema
        self._rows = 0
        self._spans: list[tuple[int, int]] = []
        self._writer = pq.ParquetWriter(
            str(path),
            schema,
            compression=_compression(schema),
            use_dictionary=_worth_coding(schema),
            dictionary_pagesize_limit=DICTIONARY_BYTES,
            write_statistics=_worth_bounding(schema),
            column_encoding=dict.fromkeys(_varied(schema), "DELTA_BINARY_PACKED"),
            store_schema=False,  # or readers would be given codes
        )

    def append(self, rows: pa.Table) -> None:
        """Add rows; they leave memory with this call."""
        for start in range(0, rows.num_rows, ROW_GROUP_ROWS):
            group = rows.slice(start, ROW_GROUP_ROWS).cast(self._shape)
            self._writer.write_table(_narrowed(group), row_group_size=ROW_GROUP_ROWS)
        self._rows += rows.num_rows
        self._spans.append(span(rows, self._time))

    def abandon(self) -> None:
        """Let go of a file that will be deleted; a full disk need not complain again."""
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        self._writer.is_open = False

    def close(self) -> StagedFile:
        """Finish the file and sync it to the disk."""
        self._writer.close()
        sync_file(self._path)
        return StagedFile(
            path=self._path,
            hour=self._hour,
            rows=self._rows,
            start_us=min(start for start, _ in self._spans),
            end_us=max(end for _, end in self._spans),
        )


def span(rows: pa.Table, time: str) -> tuple[int, int]:
    """The smallest and largest instant of the rows, in microseconds."""
    instants = rows.column(time).cast(pa.int64()).to_numpy()
    return int(instants.min()), int(instants.max())


def sync_file(path: Path) -> None:
    """Make the file's contents durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _narrowed(rows: pa.Table) -> pa.Table:
    """The rows with dictionaries of what they use: a file would hold the rest as well."""
    columns = [
        _narrow(column) if pa.types.is_dictionary(column.type) else column
        for column in rows.columns
    ]
    return pa.table(columns, schema=rows.schema)


def _narrow(column: pa.ChunkedArray) -> pa.DictionaryArray:
    whole = column.unify_dictionaries().combine_chunks()
    none = len(whole.dictionary)
    if none < WORTH_NARROWING:
        return whole
    codes = pc.fill_null(whole.indices, none).to_numpy()
    used = np.zeros(none + 1, np.bool_)
    used[codes] = True
    used[none] = False
    narrow = np.cumsum(used, dtype=np.int32) - np.int32(1)
    missing = codes == none if whole.null_count else None
    return pa.DictionaryArray.from_arrays(
        pa.array(narrow[codes], mask=missing), whole.dictionary.filter(pa.array(used[:none]))
    )


def _worth_coding(schema: pa.Schema) -> list[str]:
    # Nearly every instant, counter and port differs: building a dictionary of them costs
    # time and is thrown away. Texts, flags, networks and interfaces repeat.
    varied = {*_varied(schema), *(f.name for f in schema if f.type == pa.float64())}
    return [field.name for field in schema if field.name not in varied]


def _varied(schema: pa.Schema) -> list[str]:
    """Numbers that differ from row to row, by small steps: what a step takes is enough.

    Compressed as they are, they take as much room, or a quarter less, but three times as
    long to write and twice as long to read.
    """
    return [
        field.name
        for field in schema
        if (field.type == pa.int64() and field.name not in REPEATING)
        or pa.types.is_timestamp(field.type)
        or field.name in VARIED
    ]


def _compression(schema: pa.Schema) -> dict[str, str]:
    # Steps, and codes of numbers, are packed to the bit already.
    packed = (pa.types.is_integer, pa.types.is_timestamp)
    return {
        field.name: "none" if any(kind(field.type) for kind in packed) else "zstd"
        for field in schema
    }


def _worth_bounding(schema: pa.Schema) -> list[str]:
    # In rows that are ordered by time, texts from first to last are nearly all there are:
    # to know the two helps no reader, and to find them costs as much as writing the column.
    text = (pa.types.is_string, pa.types.is_dictionary)
    return [field.name for field in schema if not any(kind(field.type) for kind in text)]
