"""Taking rows at hand: one table through one window, decoded once, for many questions.

Few rows are read all at once. Many are read twice: first what their addresses are, so that
these get numbers in the order of text, then step by step into the engine, which packs them and
puts on the disk what does not fit into its memory all the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake import layout
from headwater.lake.coded import CodedRows, coded_rows, read_coded
from headwater.lake.engine import STORED, instants_as_numbers
from headwater.lake.names import ADDRESSES, Names, numbered, numbers_of
from headwater.lake.tables import Lake
from headwater.records.window import Window

KIND: Final = "kind_of_"  # before a column's name: its type
MOST_KINDS: Final = 250  # as fit into one octet
PACKED: Final = "packed"  # a database in memory whose tables are compressed
PORTION_ROWS: Final = 1 << 21  # so many are not packed at a time


def take(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    table: str,
    window: Window,
    extra: Mapping[str, pa.Table],
    view: str | None,
) -> Names:
    """Make ``table`` of the lake's rows, as the view shows them; tells its addresses.

    Raises LakeDamaged where a file cannot be read.
    """
    rows = read_coded(lake, table, window, layout.shape(table).names)
    rows, names = numbered(instants_as_numbers(rows))
    texts = {
        column.name: _distinct(part.dictionary for part in rows.column(column.name).chunks)
        for column in rows.schema
        if column.type == layout.CODED
    }
    schema, parts = rows.schema, rows.to_batches()
    del rows  # what has been taken is let go
    source = pa.RecordBatchReader.from_batches(schema, _each(parts))
    stored = STORED + table if view else table
    _put(connection, f"create table {stored} as", source, _kinds(connection, texts))
    if view:
        _show(connection, table, view, names, extra)
        connection.execute(f"drop table {stored}")
    return names


def take_in_steps(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    table: str,
    window: Window,
    extra: Mapping[str, pa.Table],
    view: str | None,
) -> Names:
    """The same of many rows: packed, they take two fifths of the memory, but longer."""
    connection.execute(f"attach ':memory:' as {PACKED} (compress)")
    stored = STORED + table if view else table
    with coded_rows(lake, table, window) as rows:
        names = _packed(connection, stored, rows, layout.shape(table))
    connection.execute(f"create view {stored} as select * from {PACKED}.{stored}")
    if view:
        _show(connection, f"{PACKED}.{table}", view, names, extra)
        connection.execute(f"create view {table} as select * from {PACKED}.{table}")
        connection.execute(f"drop view {stored}")
        connection.execute(f"drop table {PACKED}.{stored}")
        connection.execute(f"checkpoint {PACKED}")
    return names


def _packed(
    connection: duckdb.DuckDBPyConnection, table: str, rows: CodedRows, shape: pa.Schema
) -> Names:
    """Some rows after the other, so that few are there that are not packed."""
    coded = [field.name for field in shape if field.type == layout.CODED]
    met = _dictionaries(rows, coded)
    kinds = _kinds(connection, {n: _distinct(met.pop(n)) for n in coded if n not in ADDRESSES})
    numbers = numbers_of(told for column in met.values() for told in column)
    del met
    steps = (numbers.put(instants_as_numbers(step)) for step in rows.steps(shape.names))
    begin = f"create table {PACKED}.{table} as"
    for portion in _portions(steps):
        _put(connection, begin, portion, kinds)
        connection.execute(f"checkpoint {PACKED}")
        begin = f"insert into {PACKED}.{table}"
    return numbers.names


def _portions(steps: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """At least one; all but the last have PORTION_ROWS or more."""
    waiting: list[pa.Table] = []
    for step in steps:
        waiting.append(step)
        if sum(each.num_rows for each in waiting) >= PORTION_ROWS:
            yield pa.concat_tables(waiting)
            waiting = [step.slice(0, 0)]
    yield pa.concat_tables(waiting)


def _dictionaries(rows: CodedRows, columns: list[str]) -> dict[str, list[pa.Array]]:
    """What the codes of each column stand for, chunk by chunk."""
    met: dict[str, list[pa.Array]] = {name: [] for name in columns}
    for step in rows.steps(columns):
        for name in columns:
            met[name] += [part.dictionary for part in step.column(name).chunks]
    return met


def _show(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    view: str,
    names: Names,
    extra: Mapping[str, pa.Table],
) -> None:
    with connection.cursor() as beside:
        for name, given in extra.items():
            beside.register(name, names.coded(instants_as_numbers(given)))
        beside.execute(f"create table {table} as {view}")


def _put(
    connection: duckdb.DuckDBPyConnection,
    begin: str,
    source: pa.RecordBatchReader | pa.Table,
    kinds: Collection[str],
) -> None:
    with connection.cursor() as beside:
        beside.register("coming", source)
        columns = ", ".join(_kept(column, kinds) for column in source.schema.names)
        beside.execute(f"{begin} select {columns} from coming")


def _kept(column: str, kinds: Collection[str]) -> str:
    return f"{column}::{KIND}{column} as {column}" if column in kinds else column


def _kinds(
    connection: duckdb.DuckDBPyConnection, texts: Mapping[str, pa.ChunkedArray]
) -> list[str]:
    """Columns of few different texts: each gets a type of its own, small and soon compared."""
    found = [column for column, told in texts.items() if 0 < len(told) <= MOST_KINDS]
    for column in found:
        with connection.cursor() as beside:
            beside.register("texts", pa.table({"text": texts[column]}))
            beside.execute(f"create type {KIND}{column} as enum (select text from texts)")
    return found


def _distinct(dictionaries: Iterable[pa.Array]) -> pa.ChunkedArray:
    return pc.unique(pa.chunked_array(list(dictionaries), layout.TEXT))


def _each(parts: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while parts:
        yield parts.pop()
