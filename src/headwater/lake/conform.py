"""Make rows fit a table's shape, or say why they do not."""

import pyarrow as pa

from headwater.lake.layout import CODED, TEXT, shape, stored_shape
from headwater.records.errors import MalformedInput


def conform(rows: pa.Table | pa.RecordBatch, table: str) -> pa.Table:
    """The rows with the table's columns in its order, as Parquet stores them.

    Text that comes coded stays coded: codes are cheaper to put in order than texts.
    Absent optional columns become null; instants may come as integer microseconds (as
    questions see them). Raises MalformedInput where a required column is missing or holds
    null, a column does not belong to the table, or a value does not fit its type.
    """
    if isinstance(rows, pa.RecordBatch):
        rows = pa.Table.from_batches([rows])
    known = shape(table)
    strangers = [name for name in rows.column_names if name not in known.names]
    if strangers:
        raise MalformedInput(f"{table} has no column {', '.join(strangers)}")
    columns = {field.name: _column(rows, field, table) for field in stored_shape(table)}
    fields = [field.with_type(columns[field.name].type) for field in stored_shape(table)]
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))


def uncoded(rows: pa.Table) -> pa.Table:
    """The rows with all text written out."""
    fields = [f.with_type(TEXT) if f.type == CODED else f for f in rows.schema]
    return rows.cast(pa.schema(fields))


def _column(rows: pa.Table, field: pa.Field, table: str) -> pa.ChunkedArray:
    if field.name not in rows.column_names:
        if not field.nullable:
            raise MalformedInput(f"{table} needs a column {field.name}")
        return pa.chunked_array([pa.nulls(rows.num_rows, field.type)])
    column = rows.column(field.name)
    if not field.nullable and column.null_count:
        raise MalformedInput(f"{table}.{field.name}: {column.null_count} rows without a value")
    if column.type == field.type or (field.type == TEXT and column.type == CODED):
        return column
    try:
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as why:
        raise MalformedInput(f"{table}.{field.name}: {why}") from why
