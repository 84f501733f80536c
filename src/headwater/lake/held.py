"""Rows at hand: one table through one window, decoded once, and the steps made of them."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

import duckdb
import pyarrow as pa

from headwater.lake import layout
from headwater.lake.coded import read_coded
from headwater.lake.engine import STORED, instants_as_numbers
from headwater.lake.names import ADDRESSES, Names, numbered
from headwater.lake.question import Step, words
from headwater.lake.tables import Lake
from headwater.records.tables import TABLES
from headwater.records.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """``connection`` has a table with the rows; its cursors see them, too.

    Addresses are numbers there, as ``names`` tells.
    """

    table: str
    window: Window
    connection: duckdb.DuckDBPyConnection
    names: Names
    lock: Lock = field(default_factory=Lock)

    def serves(self, tables: Collection[str]) -> bool:
        """Whether a question can be asked here: the rows are read, or given, and no addresses
        of another table."""
        others = set(tables) - {self.table}
        return self.table in tables and not any(
            ADDRESSES & set(layout.shape(table).names) for table in others
        )

    def lasting(self, steps: Sequence[Step], given: Collection[str]) -> dict[str, str]:
        """Which steps read nothing but these rows, and the name under which each lasts.

        Whoever asks for the same again gets it made. ``given``: names that stand for rows
        of the question's own.
        """
        named = {*TABLES, *given, *(step.name for step in steps)}
        lasting: dict[str, str] = {}
        for step in steps[:-1]:
            read = words(step.sql) & named - {step.name}
            if self.table not in given and read <= {self.table, *lasting}:
                of = "\n".join([step.sql, *(lasting.get(name, "") for name in sorted(read))])
                lasting[step.name] = f"step_{hashlib.sha256(of.encode()).hexdigest()[:24]}"
        return lasting

    def make(self, cursor: duckdb.DuckDBPyConnection, step: Step, name: str) -> None:
        """Show a lasting step under its own name, made now or before."""
        with self.lock:
            cursor.execute(f"create table if not exists {name} as {step.sql}")
        cursor.execute(f"create temporary view {step.name} as select * from {name}")


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
    schema, parts = rows.schema, rows.to_batches()
    del rows  # what has been taken is let go
    source = pa.RecordBatchReader.from_batches(schema, _each(parts))
    stored = STORED + table if view else table
    _make(connection, stored, "coming", source)
    if view:
        with connection.cursor() as beside:
            for name, given in extra.items():
                beside.register(name, names.coded(instants_as_numbers(given)))
            beside.execute(f"create table {table} as {view}")
        connection.execute(f"drop table {stored}")
    return names


def _make(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, source: pa.RecordBatchReader
) -> None:
    with connection.cursor() as beside:
        beside.register(name, source)
        beside.execute(f"create table {table} as select * from {name}")


def _each(parts: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while parts:
        yield parts.pop()
