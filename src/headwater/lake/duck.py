"""The default engine: DuckDB over the lake's files, in bounded memory.

Each question gets a connection of its own, with nothing in it but views of the tables it
mentions; files outside the lake, the network and extensions are out of its reach.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Final

import duckdb
import pyarrow as pa

from headwater.lake import layout
from headwater.lake.changes import Change
from headwater.lake.engine import (
    NO_TABLES,
    NO_VIEWS,
    STORED,
    WINDOWED,
    LakeEngine,
    Shown,
    instants_as_numbers,
    plain_numbers,
)
from headwater.lake.held import Held, narrow
from headwater.lake.question import Step, let_go, needed, parse, tables_of, words
from headwater.lake.tables import Lake
from headwater.lake.taking import take, take_in_steps
from headwater.records.errors import LakeDamaged, Misconfigured, RemoteFault
from headwater.records.window import Window

ROW_GROUP_ROWS: Final = 1 << 18
ROW_BYTES: Final = 150  # of a session at hand; a whole hunt was seen to need 240 at its peak
UNITS: Final = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
MEMORY_SHARE: Final = 0.5  # of what is allowed, for rows at hand; questions need the rest
# What DuckDB may use where rows are many: it takes all it is given, and answers about so many
# rows need the rest.
SHARE_OF_MANY: Final = 0.75


class DuckEngine:
    """Answers questions with DuckDB."""

    name = "duckdb"

    def __init__(
        self,
        lake: Lake,
        *,
        memory_limit: str = "2GB",
        threads: int = 2,
        spill_dir: Path,
        held: Held | None = None,
    ) -> None:
        self._lake = lake
        self._memory_limit = memory_limit
        self._threads = threads
        self._spill_dir = spill_dir
        self._held = held

    @contextmanager
    def holding(
        self,
        table: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> Iterator[LakeEngine]:
        """See ``LakeEngine.holding``. Rows that neither memory nor the disk can take stay
        where they are."""
        rows = self._lake.rows(table, window)
        allowed = self._allowed()
        few = rows * ROW_BYTES <= MEMORY_SHARE * allowed
        if not few and rows * ROW_BYTES > shutil.disk_usage(self._spill_dir).free:
            yield Shown(self, extra, views)
            return
        taking = take if few else take_in_steps
        connection = self._connect(allowed if few else SHARE_OF_MANY * allowed)
        try:
            names = taking(connection, self._lake, table, window, extra, views.get(table))
            yield DuckEngine(
                self._lake,
                memory_limit=self._memory_limit,
                threads=self._threads,
                spill_dir=self._spill_dir,
                held=Held(table=table, window=window, connection=connection, names=names),
            )
        finally:  # to give back gigabytes takes a while, for which nobody need wait
            Thread(target=connection.close, name="let go").start()

    def ask(
        self,
        question: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
        sources: Collection[str] | None = None,
    ) -> pa.Table:
        """See ``Engine.ask``. ``sources``: only rows of these sources (their digests)."""
        steps = parse(question)
        tables = tables_of(steps)
        held = self._at_hand(tables, window, views, sources)
        with self.open(tables, window, extra, sources, views) as connection:
            strange = held.strange(extra, window) if held else ()
            lasting = held.lasting(steps, {*strange, *views}) if held else {}
            ready = held.ready(lasting) if held else set()
            chosen = needed(steps, {steps[-1].name}, ready)
            kept = held.to_stay(steps, lasting, ready) if held else {}
            _make(connection, chosen[:-1], let_go(chosen), held, kept)
            with _blamed_on(steps[-1]):
                told = narrow(connection, steps[-1].sql)
                answer: pa.Table = connection.sql(told).to_arrow_table()
        return plain_numbers(held.names.named(answer) if held else answer)

    def prepare(
        self,
        question: str,
        window: Window,
        brought: Collection[str],
        extra: Mapping[str, pa.Table] = NO_TABLES,
    ) -> None:
        """See ``Engine.prepare``: steps that read rows at hand and ``extra``, no more."""
        steps = parse(question)
        tables = tables_of(steps) - set(brought)
        held = self._at_hand(tables, window, NO_VIEWS, None)
        if held is None or held.window != window:
            return
        held.keep(extra)
        lasting = held.lasting(steps, brought)
        ready = held.ready(lasting)
        wanted = {
            name for step in steps if step.name not in lasting for name in words(step.sql)
        }
        kept = held.to_stay(steps, lasting, ready | wanted)
        chosen = needed(steps, wanted & lasting.keys(), ready)
        with self.open(tables, window, extra) as connection, held.coming(kept.values()):
            _make(connection, chosen, let_go(chosen), held, kept)

    @contextmanager
    def open(
        self,
        tables: Collection[str],
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        sources: Collection[str] | None = None,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees ``tables`` through ``window``, and ``extra``.

        For steps that run SQL of their own; nothing the files hold is lost under it by a
        change made meanwhile. Results leave as ``.sql(...).to_arrow_reader()`` or by
        ``copy``.
        """
        held = self._at_hand(tables, window, views, sources)
        opened = self._held.connection.cursor() if self._held else self._connect()
        with self._lake.reading(tables), opened as connection:
            for name, rows in extra.items():
                given = held.coded(name, rows) if held else instants_as_numbers(rows)
                connection.register(name, given)
            for table in sorted(set(tables) - set(extra)):
                if held and table == held.table:
                    if held.window != window:
                        part = held.part(window)
                        connection.execute(f"create temporary view {table} as {part}")
                    continue
                shown = STORED + table if table in views else table
                self._show(connection, table, self._view(table, shown, window, sources))
                if table in views:
                    connection.execute(f"create temporary view {table} as {views[table]}")
            yield connection

    def _at_hand(
        self,
        tables: Collection[str],
        window: Window,
        views: Collection[str],
        sources: Collection[str] | None,
    ) -> Held | None:
        held = self._held
        if held is None or held.table in views or sources is not None:
            return None
        return held if held.covers(window) and held.serves(tables) else None

    def _show(self, connection: duckdb.DuckDBPyConnection, table: str, view: str) -> None:
        try:
            connection.execute(view)
        except duckdb.Error as why:
            raise LakeDamaged(f"{table}: {why}") from why

    def _view(
        self, table: str, name: str, window: Window, sources: Collection[str] | None
    ) -> str:
        windowed = window if table in WINDOWED else None
        paths = [str(path) for path in self._lake.files(table, windowed, sources)]
        schema = layout.stored_shape(table)
        columns = ", ".join(_column(field) for field in schema)
        if not paths:
            return f"create temporary view {name} as {_nothing(schema)}"
        time = layout.TIME_COLUMN[table]
        inside = (
            f" where {time} >= make_timestamptz({window.start_us})"
            f" and {time} < make_timestamptz({window.end_us})"
            if windowed
            else ""
        )
        files = ", ".join(_quoted(path) for path in paths)
        source = f"read_parquet([{files}], hive_partitioning = false)"
        return f"create temporary view {name} as select {columns} from {source}{inside}"

    def _allowed(self) -> float:
        """How many octets DuckDB may use; it tells them as `1.8 GiB`."""
        with self._connect() as connection:
            told = connection.sql("select current_setting('memory_limit')").fetchall()[0][0]
        number, unit = str(told).split()
        return float(number) * UNITS[unit]

    def _connect(self, memory: float | None = None) -> duckdb.DuckDBPyConnection:
        """``memory``: octets, where they are not as many as this engine may use."""
        self._spill_dir.mkdir(parents=True, exist_ok=True)
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory:.0f}B" if memory else self._memory_limit,
            "threads": self._threads,
            "temp_directory": str(self._spill_dir),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            "default_null_order": "nulls_first_on_asc_last_on_desc",  # as Spark
        }
        try:
            connection = duckdb.connect(":memory:", config=settings)
        except duckdb.Error as why:
            given = f"memory {self._memory_limit!r}, threads {self._threads!r}"
            raise Misconfigured(f"DuckDB does not accept {given}: {why}") from why
        connection.execute("set TimeZone = 'UTC'")
        _null_for_division_by_zero(connection)
        root = self._lake.root
        reachable = ", ".join(_quoted(str(path)) for path in (root, root.resolve()))
        connection.execute(f"set allowed_directories = [{reachable}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        return connection


def copy(
    connection: duckdb.DuckDBPyConnection, sql: str, change: Change, hour: int | None
) -> int:
    """Write the select's rows as one file of ``change``, past Python; returns the rows.

    The select names the table's columns in any order; instants are integer microseconds;
    an optional column may be missing. All rows must start in ``hour``. Raises
    MalformedInput where they do not fit the table.
    """
    found = set(connection.sql(sql).columns)
    columns = ", ".join(
        _stored(field, field.name in found) for field in layout.stored_shape(change.table)
    )
    path = change.new_path()
    connection.execute(
        f"copy (select {columns} from ({sql})) to {_quoted(str(path))}"
        f" (format parquet, compression zstd, row_group_size {ROW_GROUP_ROWS})"
    )
    return change.adopt(path, hour)


def _make(
    connection: duckdb.DuckDBPyConnection,
    steps: Sequence[Step],
    unread: Mapping[str, Sequence[str]],
    held: Held | None,
    kept: Mapping[str, str],
) -> None:
    """Make the steps. ``kept``: those that others shall find, and under what names.

    ``unread``: after which step nobody reads which any more.
    """
    for step in steps:
        with _blamed_on(step):
            if held and step.name in kept:
                held.make(connection, step, kept[step.name])
            else:
                made = narrow(connection, step.sql)
                connection.execute(f"create temporary table {step.name} as {made}")
            for name in unread.get(step.name, ()):
                if name not in kept:
                    connection.execute(f"drop table {name}")


@contextmanager
def _blamed_on(step: Step) -> Iterator[None]:
    where = f"question line {step.line}: step {step.name!r}"
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.InterruptException) as why:
        raise RemoteFault(f"{where}: {why}") from why
    except duckdb.Error as why:
        if ".parquet" in str(why):
            raise LakeDamaged(f"{where}: {why}") from why
        raise Misconfigured(f"{where}: {why}") from why


def _null_for_division_by_zero(connection: duckdb.DuckDBPyConnection) -> None:
    """As Spark; DuckDB 1 and 2 have different settings for it."""
    for setting in ("ieee_floating_point_ops", "error_on_division_by_zero"):
        with suppress(duckdb.CatalogException):
            connection.execute(f"set {setting} = false")


def _column(field: pa.Field) -> str:
    if pa.types.is_timestamp(field.type):
        return f"epoch_us({field.name}) as {field.name}"
    return f'"{field.name}"'


def _stored(field: pa.Field, present: bool) -> str:
    if not present:
        return f'cast(null as {_type(field.type)}) as "{field.name}"'
    if pa.types.is_timestamp(field.type):
        return f'make_timestamptz("{field.name}") as "{field.name}"'
    return f'cast("{field.name}" as {_type(field.type)}) as "{field.name}"'


def _nothing(schema: pa.Schema) -> str:
    columns = ", ".join(
        f'cast(null as {_type(field.type)}) as "{field.name}"' for field in schema
    )
    return f"select {columns} where false"


def _type(kind: pa.DataType) -> str:
    names = {
        pa.string(): "varchar",
        pa.int32(): "integer",
        pa.int64(): "bigint",
        pa.float64(): "double",
        pa.bool_(): "boolean",
    }
    return names.get(kind, "bigint")  # what is left are the instants


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
