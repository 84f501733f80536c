"""Rows at hand: one table through one window, decoded once, and the steps made of them."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from threading import Lock

import duckdb

from headwater.lake.question import Step, words
from headwater.records.tables import TABLES
from headwater.records.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """``connection`` has a table with the rows; its cursors see them, too."""

    table: str
    window: Window
    connection: duckdb.DuckDBPyConnection
    lock: Lock = field(default_factory=Lock)

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
