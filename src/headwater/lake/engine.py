"""What every engine does for its caller, whatever it is made of."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

import pyarrow as pa

from headwater.records.errors import Misconfigured
from headwater.records.window import Window

# Tables read through the window (by their time column); the others are read whole.
WINDOWED: Final = frozenset({"flows", "sessions", "slices", "facts"})

NO_TABLES: Final[Mapping[str, pa.Table]] = {}
NO_VIEWS: Final[Mapping[str, str]] = {}
STORED: Final = "stored_"  # before a table's name: its own rows, where a view stands for it


class Engine(Protocol):
    """Answers questions over the lake."""

    name: str

    def ask(
        self,
        question: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> pa.Table:
        """The rows of the question's last step.

        The lake's tables and those of ``extra`` are seen by name, instants as integer
        microseconds. ``views``: selects that stand for tables; each may read the rows they
        stand for under the table's name with ``stored_`` before it. Raises Misconfigured
        where the question cannot be understood, LakeDamaged where a table's files cannot
        be read.
        """
        ...

    def prepare(
        self,
        question: str,
        window: Window,
        brought: Collection[str],
        extra: Mapping[str, pa.Table] = NO_TABLES,
    ) -> None:
        """Do beforehand what can be done of a question that will come with ``extra``.

        ``brought``: names of tables that will come with it, too, and are not yet known.
        """
        ...


class LakeEngine(Engine, Protocol):
    """An engine that reads the lake's files itself."""

    def holding(
        self,
        table: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> AbstractContextManager["LakeEngine"]:
        """An engine for many questions about one window, ``table`` as these views show it.

        Where the engine can, the rows are decoded once for all of them.
        """
        ...


class Shown:
    """An engine that shows some tables through views; everything else is as it was."""

    def __init__(
        self, engine: LakeEngine, extra: Mapping[str, pa.Table], views: Mapping[str, str]
    ) -> None:
        self.name = engine.name
        self._engine = engine
        self._extra = extra
        self._views = views

    def ask(
        self,
        question: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> pa.Table:
        """See ``Engine.ask``."""
        given = {**self._extra, **extra}
        return self._engine.ask(question, window, given, self._under(views))

    def prepare(
        self,
        question: str,
        window: Window,
        brought: Collection[str],
        extra: Mapping[str, pa.Table] = NO_TABLES,
    ) -> None:
        """See ``Engine.prepare``."""
        unknown = {*self._extra, *self._views, *brought} - extra.keys()
        self._engine.prepare(question, window, unknown, extra)

    @contextmanager
    def holding(
        self,
        table: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> Iterator[LakeEngine]:
        """See ``LakeEngine.holding``."""
        given, shown = {**self._extra, **extra}, self._under(views)
        mine = {table: shown.pop(table)} if table in shown else {}
        with self._engine.holding(table, window, given, mine) as near:
            yield Shown(near, given, shown)

    def _under(self, views: Mapping[str, str]) -> dict[str, str]:
        """These views and, over them, others: what is stored to those is what these show."""
        over = {
            table: sql.replace(STORED + table, f"({self._views[table]})")
            if table in self._views
            else sql
            for table, sql in views.items()
        }
        return {**self._views, **over}


def instants_as_numbers(rows: pa.Table) -> pa.Table:
    """The table as questions see it: every timestamp as BIGINT microseconds."""
    fields = [
        field.with_type(pa.int64()) if pa.types.is_timestamp(field.type) else field
        for field in rows.schema
    ]
    if all(mine.equals(theirs) for mine, theirs in zip(fields, rows.schema, strict=True)):
        return rows
    columns = [
        column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        if pa.types.is_timestamp(column.type)
        else column
        for column in rows.columns
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def plain_numbers(answer: pa.Table) -> pa.Table:
    """The answer in the types that every engine gives alike; coded text stays coded.

    Engines differ in how wide a sum is and which literals are decimal: whole numbers
    become 64-bit, decimals floating point. Raises Misconfigured where a sum does not fit.
    """
    try:
        columns = [column.cast(_plain(column.type)) for column in answer.columns]
    except pa.ArrowInvalid as why:
        raise Misconfigured(f"a number of the answer is too large: {why}") from why
    return pa.table(columns, names=answer.column_names)


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal(kind):
        return pa.int64() if kind.scale == 0 else pa.float64()
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_large_string(kind):
        return pa.string()
    return pa.int64() if pa.types.is_null(kind) else kind
