"""The engine for a cluster: the same questions over the same files, on Spark.

An optional extra. Steps are views in a session of the question's own, each made when it is its
turn: plans that grow from step to step would take longer to think about than to carry out.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from headwater.lake import layout
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
from headwater.lake.question import Step, parse, tables_of
from headwater.lake.tables import Lake
from headwater.records.errors import LakeDamaged, Misconfigured, MissingProgram
from headwater.records.window import Window

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # As DuckDB: what overflows is null or an error there too, what divides by zero is null.
    "spark.sql.ansi.enabled": "false",
}


class SparkEngine:
    """Answers questions with Spark: in this process, or on a cluster's ``master``."""

    name = "spark"

    def __init__(self, lake: Lake, *, master: str = "local[2]", memory: str = "1g") -> None:
        self._lake = lake
        self._master = master
        self._memory = memory

    @contextmanager
    def holding(
        self,
        table: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> Iterator[LakeEngine]:
        """See ``LakeEngine.holding``: a cluster's workers read the files themselves."""
        yield Shown(self, extra, views)

    def ask(
        self,
        question: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> pa.Table:
        """See ``Engine.ask``."""
        steps = parse(question)
        tables = tables_of(steps)
        with self._lake.reading(tables), self._session() as session:
            for name, rows in extra.items():
                frame = session.createDataFrame(instants_as_numbers(rows))
                frame.createOrReplaceTempView(name)
            # What is given goes before a table of the lake with the same name, as in DuckDB.
            for table in sorted(set(tables) - extra.keys()):
                shown = STORED + table if table in views else table
                self._rows(session, table, window).createOrReplaceTempView(shown)
                if table in views:
                    session.sql(views[table]).createOrReplaceTempView(table)
            return plain_numbers(_walk(session, steps))

    def prepare(
        self,
        question: str,
        window: Window,
        brought: Collection[str],
        extra: Mapping[str, pa.Table] = NO_TABLES,
    ) -> None:
        """See ``Engine.prepare``: every question is a plan of its own."""

    def _rows(self, session: "SparkSession", table: str, window: Window) -> "DataFrame":
        schema = layout.stored_shape(table)
        windowed = window if table in WINDOWED else None
        paths = [str(path) for path in self._lake.files(table, windowed)]
        if not paths:
            return session.createDataFrame(instants_as_numbers(schema.empty_table()))
        time = layout.TIME_COLUMN[table]
        rows = session.read.schema(_schema(schema)).parquet(*paths)
        if windowed:
            rows = rows.where(
                f"{time} >= timestamp_micros({window.start_us})"
                f" and {time} < timestamp_micros({window.end_us})"
            )
        return rows.selectExpr(*(_column(field) for field in schema))

    @contextmanager
    def _session(self) -> Iterator["SparkSession"]:
        session = _builder(self._master, self._memory).getOrCreate().newSession()
        try:
            yield session
        finally:
            session.catalog.clearCache()


def _schema(shape: pa.Schema) -> "StructType":
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415

    return from_arrow_schema(shape)


def _builder(master: str, memory: str) -> "SparkSession.Builder":
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  # an optional extra
    except ImportError as why:
        raise MissingProgram(
            "the Spark engine needs Java 17 and the extra: pip install 'headwater[spark]'"
        ) from why
    builder = SparkSession.builder.master(master).appName("headwater")
    builder = builder.config("spark.driver.memory", memory)
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    return builder


def _walk(session: "SparkSession", steps: tuple[Step, ...]) -> pa.Table:
    made: list[DataFrame] = []
    try:
        for step in steps[:-1]:
            with _blamed_on(step):
                made.append(session.sql(step.sql).localCheckpoint())
                made[-1].createOrReplaceTempView(step.name)
        with _blamed_on(steps[-1]):
            answer: pa.Table = session.sql(steps[-1].sql).toArrow()
        return answer
    finally:
        for rows in made:
            _let_go(rows)


def _let_go(made: "DataFrame") -> None:
    """Free what a step left on the workers: Spark does so for what is cached, not for this."""
    made._jdf.queryExecution().analyzed().rdd().unpersist(False)  # noqa: SLF001  # no public way


@contextmanager
def _blamed_on(step: Step) -> Iterator[None]:
    from py4j.protocol import (  # type: ignore[import-untyped]  # noqa: PLC0415
        Py4JError,
    )
    from pyspark.errors import AnalysisException, PySparkException  # noqa: PLC0415

    where = f"question line {step.line}: step {step.name!r}"
    try:
        yield
    except AnalysisException as why:
        raise Misconfigured(f"{where}: {why}") from why
    except (PySparkException, Py4JError) as why:
        raise LakeDamaged(f"{where}: {why}") from why


def _column(field: pa.Field) -> str:
    if pa.types.is_timestamp(field.type):
        return f"unix_micros({field.name}) as {field.name}"
    return f"`{field.name}`"
