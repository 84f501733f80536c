"""Rows at hand: what questions find where a table was taken, and the steps made of it."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Final

import duckdb
import pyarrow as pa

from headwater.lake import layout
from headwater.lake.engine import instants_as_numbers
from headwater.lake.names import ADDRESSES, Names
from headwater.lake.question import Step, bare, words
from headwater.records.tables import TABLES
from headwater.records.window import Window

WIDE: Final = "HUGEINT"


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
    making: dict[str, RLock] = field(default_factory=dict)  # steps that are kept, by name
    made: set[str] = field(default_factory=set)  # of these
    kept: dict[str, pa.Table] = field(default_factory=dict)  # brought once for all questions
    known: dict[str, pa.Table] = field(default_factory=dict)  # the same, coded

    def serves(self, tables: Collection[str]) -> bool:
        """Whether a question can be asked here: the rows are read, or given, and no addresses
        of another table."""
        others = set(tables) - {self.table}
        return self.table in tables and not any(
            ADDRESSES & set(layout.shape(table).names) for table in others
        )

    def covers(self, window: Window) -> bool:
        """Whether all rows of this window are among these."""
        return self.window.start <= window.start and window.end <= self.window.end

    def part(self, window: Window) -> str:
        """The select of those of a window that is covered."""
        time = layout.TIME_COLUMN[self.table]
        return (
            f"select * from memory.main.{self.table}"
            f" where {time} >= {window.start_us} and {time} < {window.end_us}"
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

    def strange(self, brought: Mapping[str, pa.Table], window: Window) -> set[str]:
        """Names of tables that are not kept: what reads them must be made for one question.

        So must what reads some of the rows at hand alone.
        """
        strange = {name for name, rows in brought.items() if self.kept.get(name) is not rows}
        return strange if window == self.window else {*strange, self.table}

    def lasting(self, steps: Sequence[Step], given: Collection[str]) -> dict[str, str]:
        """Which steps read nothing but these rows, and the name under which each lasts.

        Whoever asks for the same again gets it made. ``given``: names that stand for rows
        of the question's own. The name of a later step is a column's, or nobody could read it.
        """
        named = {*TABLES, *given}
        lasting: dict[str, str] = {}
        for step in steps[:-1]:
            read = words(step.sql) & named
            named.add(step.name)
            if self.table not in given and read <= {self.table, *lasting}:
                of = "\n".join(
                    [bare(step.sql), *(lasting.get(name, "") for name in sorted(read))]
                )
                lasting[step.name] = f"step_{hashlib.sha256(of.encode()).hexdigest()[:24]}"
        return lasting

    @contextmanager
    def coming(self, names: Iterable[str]) -> Iterator[None]:
        """Meanwhile these are made: who asks for one waits."""
        mine = RLock()
        with mine:
            with self.lock:
                for name in names:
                    self.making.setdefault(name, mine)
            yield

    def ready(self, lasting: Mapping[str, str]) -> set[str]:
        """The steps that were made before, or are made by now, and kept."""
        for name in self.making.keys() & set(lasting.values()):
            with self.making[name]:
                pass
        return {step for step, name in lasting.items() if name in self.made}

    def to_stay(
        self, steps: Sequence[Step], lasting: Mapping[str, str], asked_for: Collection[str]
    ) -> dict[str, str]:
        """Of the steps that last those that others will read: shared ones, and some more.

        What nobody else asks for would only take memory.
        """
        shared = {step.name for step in steps if step.shared}
        return {step: lasting[step] for step in lasting if step in shared or step in asked_for}

    def make(self, cursor: duckdb.DuckDBPyConnection, step: Step, name: str) -> None:
        """Show a lasting step under its own name, made now or before, and keep it."""
        with self.lock:
            mine = self.making.setdefault(name, RLock())
        with mine:
            if name not in self.made:
                cursor.execute(f"create table {name} as {narrow(cursor, step.sql)}")
                self.made.add(name)
        cursor.execute(f"create temporary view {step.name} as select * from {name}")


def narrow(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The select, with whole numbers of 64 bits where DuckDB sums up in 128.

    Answers have no wider ones, and steps in between are half as large and soon added up again.
    """
    if "sum(" not in sql:  # nothing else is as wide, and to find out takes as long as to plan
        return sql
    found = connection.sql(sql)
    wide = [name for name, kind in zip(found.columns, found.types, strict=True) if kind == WIDE]
    if not wide:
        return sql
    kept = ", ".join(f'cast("{name}" as bigint) as "{name}"' for name in wide)
    return f"select * replace ({kept}) from ({sql})"
