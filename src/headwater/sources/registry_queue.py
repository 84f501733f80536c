"""Names that wait to be asked about, kept on disk, and how each registry is treated.

One SQLite file survives restarts. A registry is asked at its pace; where it refuses, it is
left alone for longer each time; and no name is asked about twice within a settable time.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from headwater.records.domain import Standing

MOST_WAITING: Final = 5_000_000
_SCHEMA: Final = """
create table if not exists waiting (
    name text primary key, registry text not null, since real not null) without rowid;
create index if not exists waiting_by_registry on waiting (registry, since);
create table if not exists registry (
    registry text primary key, next_at real not null, refusals integer not null) without rowid;
create table if not exists asked (
    name text primary key, at real not null, standing text not null) without rowid;
create index if not exists asked_by_time on asked (at);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Times in seconds."""

    between: float = 2.0  # two questions to one registry
    by_registry: dict[str, float] = field(default_factory=dict)
    again_known: float = 30 * 86_400.0  # before a registered name is asked about again
    again_free: float = 86_400.0  # a name that was free
    again_unclear: float = 7 * 86_400.0  # an answer that said nothing
    first_refusal: float = 300.0  # how long a registry that refused is left alone
    longest_refusal: float = 86_400.0

    @property
    def longest_again(self) -> float:
        """After this long no earlier answer counts any more."""
        return max(self.again_known, self.again_free, self.again_unclear)

    def between_of(self, registry: str) -> float:
        return self.by_registry.get(registry, self.between)

    def again(self, standing: Standing) -> float:
        if standing is Standing.FREE:
            return self.again_free
        return self.again_unclear if standing is Standing.CANNOT_SAY else self.again_known

    def backoff(self, refusals: int) -> float:
        """Doubled with each refusal in a row."""
        return float(min(self.first_refusal * 2.0 ** min(refusals, 30), self.longest_refusal))


class Turn(NamedTuple):
    """A name whose registry may be asked now."""

    name: str
    registry: str


class RegistryQueue:
    """The queue. Times are seconds since 1970 UTC, given by the caller."""

    def __init__(self, path: Path, pace: Pace) -> None:
        self._path = path
        self._pace = pace
        with self._open() as database:
            database.executescript(_SCHEMA)

    def add(self, names: Iterable[tuple[str, str]], now: float) -> int:
        """Queue (name, registry) pairs; returns how many are new and may be asked."""
        fresh = 0
        with self._open() as database:
            # What nobody will look at again: the file must not grow with every name there is.
            database.execute(
                "delete from asked where at < ?", (now - self._pace.longest_again,)
            )
            (waiting,) = database.execute("select count(*) from waiting").fetchone()
            for name, registry in names:
                if waiting + fresh >= MOST_WAITING or self._answered(database, name, now):
                    continue
                done = database.execute(
                    "insert or ignore into waiting values (?, ?, ?)", (name, registry, now)
                )
                fresh += done.rowcount
        return fresh

    def due(self, now: float) -> list[Turn]:
        """The longest-waiting name of each registry whose turn it is."""
        with self._open() as database:
            rows = database.execute(
                "select name, w.registry, min(since) from waiting w"
                " left join registry r using (registry)"
                " where coalesce(r.next_at, 0) <= ? group by w.registry order by 3",
                (now,),
            ).fetchall()
        return [Turn(name, registry) for name, registry, _ in rows]

    def answered(self, turn: Turn, standing: Standing, now: float) -> None:
        """The registry spoke: the name leaves the queue, refusals are forgotten."""
        with self._open() as database:
            database.execute("delete from waiting where name = ?", (turn.name,))
            database.execute(
                "insert or replace into asked values (?, ?, ?)",
                (turn.name, now, str(standing)),
            )
            self._wait(database, turn.registry, now + self._pace.between_of(turn.registry), 0)

    def refused(self, turn: Turn, now: float, retry_after: float | None = None) -> float:
        """The registry refused or failed: the name waits on, the registry is left alone.

        Returns the seconds until it may be asked again.
        """
        with self._open() as database:
            row = database.execute(
                "select refusals from registry where registry = ?", (turn.registry,)
            ).fetchone()
            refusals = row[0] if row else 0
            pause = max(self._pace.backoff(refusals), retry_after or 0.0)
            self._wait(database, turn.registry, now + pause, refusals + 1)
            # To the end of its line: one name that always fails must not block the others.
            database.execute("update waiting set since = ? where name = ?", (now, turn.name))
        return pause

    def may_ask(self, name: str, registry: str, now: float) -> bool:
        """Whether asking now keeps the pace and repeats nothing."""
        with self._open() as database:
            row = database.execute(
                "select next_at from registry where registry = ?", (registry,)
            ).fetchone()
            return not (row and row[0] > now) and not self._answered(database, name, now)

    def next_at(self, registry: str) -> float | None:
        """When a registry may be asked again; None where it was never asked."""
        with self._open() as database:
            row = database.execute(
                "select next_at from registry where registry = ?", (registry,)
            ).fetchone()
        return float(row[0]) if row else None

    def waiting(self) -> int:
        """How many names wait."""
        with self._open() as database:
            return int(database.execute("select count(*) from waiting").fetchone()[0])

    def _answered(self, database: sqlite3.Connection, name: str, now: float) -> bool:
        row = database.execute(
            "select at, standing from asked where name = ?", (name,)
        ).fetchone()
        return bool(row) and now < row[0] + self._pace.again(Standing(row[1]))

    def _wait(
        self, database: sqlite3.Connection, registry: str, until: float, refusals: int
    ) -> None:
        database.execute(
            "insert or replace into registry values (?, ?, ?)", (registry, until, refusals)
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=30.0)
        try:
            database.execute("pragma journal_mode = wal")
            with database:
                yield database
        finally:
            database.close()
