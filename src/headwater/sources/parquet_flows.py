"""Flows in a Parquet file with the column names of FLOWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire import flow_table
from headwater.wire.flow_rows import Places, Portion

ROWS_AT_A_TIME: Final = 1 << 19


def parquet_columns(path: Path) -> list[str]:
    """The file's column names. Raises MalformedInput where it is not whole."""
    with _opened(path, []) as file:
        return list(file.schema_arrow.names)


def read_parquet(path: Path, source: str) -> Iterator[Portion | Refused]:
    """The flows of a file; a damaged row group costs itself only.

    Raises MalformedInput where it is no Parquet file or has not the columns needed.
    """
    names = flow_table.known_columns(parquet_columns(path))
    coded = [names[name] for name in ("src", "dst", "exporter") if name in names]
    with _opened(path, coded) as file:
        first = 1
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            yield from _read_group(file, group, first, list(names.values()), source)
            first += rows


def _read_group(
    file: pq.ParquetFile, group: int, first: int, columns: list[str], source: str
) -> Iterator[Portion | Refused]:
    batches = file.iter_batches(ROWS_AT_A_TIME, row_groups=[group], columns=columns)
    place = first
    try:
        for batch in batches:
            numbers = np.arange(place, place + batch.num_rows, dtype=np.int64)
            place += batch.num_rows
            yield from flow_table.read(batch, Places(unit="row", numbers=numbers), source)
    except (OSError, pa.ArrowException) as why:
        lost = file.metadata.row_group(group).num_rows - (place - first)
        yield Refused(
            source=source,
            position=f"row {place}",
            reason=f"row group not readable: {str(why)[:200]}",
            records=max(lost, 1),
        )


def _opened(path: Path, coded: list[str]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(str(path), read_dictionary=coded, memory_map=True)
    except (OSError, pa.ArrowException) as why:
        raise MalformedInput(f"Parquet file damaged or cut short: {str(why)[:200]}") from why
