"""Where a table's rows live: which column is its time, which hour folder a row goes to."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa

from headwater.records.errors import Misconfigured
from headwater.records.tables import TABLES
from headwater.records.window import EPOCH

HOUR_US: Final = 3_600_000_000
TEXT: Final = pa.string()
CODED: Final = pa.dictionary(pa.int32(), TEXT)

TIME_COLUMN: Final = {
    "flows": "started_at",
    "sessions": "started_at",
    "slices": "sliced_at",
    "facts": "counted_at",
    "sightings": "seen_at",
    "networks": "as_of",
    "domains": "as_of",
    "leases": "starts_at",
    "findings": "found_at",
    "runs": "found_at",
}

# Big tables, cut into one folder for each UTC hour and read through a window. The others
# are small, are always read whole, and would only fall into thousands of tiny files.
BY_HOUR: Final = frozenset({"flows", "sessions", "slices", "facts"})
WHOLE: Final = "whole"  # the folder of a table that is not cut


def shape(table: str) -> pa.Schema:
    """The columns of ``table``. Raises Misconfigured where there is no such table."""
    if table not in TABLES:
        raise Misconfigured(f"no table {table!r}; there are {', '.join(sorted(TABLES))}")
    return TABLES[table]


def stored_shape(table: str) -> pa.Schema:
    """The columns as Parquet holds them: Parquet does its own dictionary coding."""
    return pa.schema(
        [
            field.with_type(TEXT) if pa.types.is_dictionary(field.type) else field
            for field in shape(table)
        ]
    )


def hour_of(moment: datetime) -> int:
    """Hours since 1970-01-01 UTC."""
    return (moment - EPOCH) // timedelta(hours=1)


def hour_start(hour: int) -> datetime:
    """The UTC instant at which ``hour`` begins."""
    return EPOCH + timedelta(hours=hour)


def folder_of(hour: int | None) -> str:
    """The Hive partition folder of an hour, relative to the table's folder."""
    if hour is None:
        return WHOLE
    start = hour_start(hour).astimezone(UTC)
    return f"date={start:%Y-%m-%d}/hour={start:%H}"
