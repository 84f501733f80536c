"""Rows at hand: one table through one window, decoded once, and the steps made of them."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake import layout
from headwater.lake.coded import read_coded
from headwater.lake.engine import STORED, instants_as_numbers
from headwater.lake.names import ADDRESSES, Names, numbered
from headwater.lake.question import Step, words
from headwater.lake.tables import Lake
from headwater.records.tables import TABLES
from headwater.records.window import Window

KIND: Final = "kind_of_"  # before a column's name: its type
MOST_KINDS: Final = 250  # as fit into one octet


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
    making: dict[str, Lock] = field(default_factory=dict)  # lasting steps, by name
    kept: dict[str, pa.Table] = field(default_factory=dict)  # brought once for all questions
    known: dict[str, pa.Table] = field(default_factory=dict)  # the same, coded

    def serves(self, tables: Collection[str]) -> bool:
        """Whether a question can be asked here: the rows are read, or given, and no addresses
        of another table."""
        others = set(tables) - {self.table}
        return self.table in tables and not any(
            ADDRESSES & set(layout.shape(table).names) for table in others
        )

    def keep(self, brought: Mapping[str, pa.Table]) -> None:
        """From now on steps may last that read these very tables, too; the first of a name."""
        with self.lock:
            for name, rows in brought.items():
                self.kept.setdefault(name, rows)

    def coded(self, name: str, rows: pa.Table) -> pa.Table:
        """The table as the connection shall see it, instants and addresses as numbers."""
        if self.kept.get(name) is not rows:
            return self.names.coded(instants_as_numbers(rows))
        with self.lock:
            if name not in self.known:
                self.known[name] = self.names.coded(instants_as_numbers(rows))
            return self.known[name]

    def strange(self, brought: Mapping[str, pa.Table]) -> set[str]:
        """Names of tables that are not kept: what reads them must be made for one question."""
        return {name for name, rows in brought.items() if self.kept.get(name) is not rows}

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
            mine = self.making.setdefault(name, Lock())
        with mine:
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
    kinds = _kinds(connection, rows)
    schema, parts = rows.schema, rows.to_batches()
    del rows  # what has been taken is let go
    source = pa.RecordBatchReader.from_batches(schema, _each(parts))
    stored = STORED + table if view else table
    _make(connection, stored, source, kinds)
    if view:
        with connection.cursor() as beside:
            for name, given in extra.items():
                beside.register(name, names.coded(instants_as_numbers(given)))
            beside.execute(f"create table {table} as {view}")
        connection.execute(f"drop table {stored}")
    return names


def _make(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    source: pa.RecordBatchReader,
    kinds: Collection[str],
) -> None:
    with connection.cursor() as beside:
        beside.register("coming", source)
        columns = ", ".join(_kept(column, kinds) for column in source.schema.names)
        beside.execute(f"create table {table} as select {columns} from coming")


def _kept(column: str, kinds: Collection[str]) -> str:
    return f"{column}::{KIND}{column} as {column}" if column in kinds else column


def _kinds(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> list[str]:
    """Columns of few different texts: each gets a type of its own, small and soon compared."""
    coded = [field.name for field in rows.schema if field.type == layout.CODED]
    found = []
    for column in coded:
        texts = _distinct(rows.column(column))
        if 0 < len(texts) <= MOST_KINDS:
            with connection.cursor() as beside:
                beside.register("texts", pa.table({"text": texts}))
                beside.execute(f"create type {KIND}{column} as enum (select text from texts)")
            found.append(column)
    return found


def _distinct(column: pa.ChunkedArray) -> pa.ChunkedArray:
    every = pa.chunked_array([part.dictionary for part in column.chunks], layout.TEXT)
    return pc.unique(every).drop_null()


def _each(parts: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    while parts:
        yield parts.pop()
