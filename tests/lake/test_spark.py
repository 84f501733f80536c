"""The same question has the same answer on both engines."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from headwater.lake.duck import DuckEngine
from headwater.lake.spark import SparkEngine
from headwater.lake.tables import Lake
from headwater.records.errors import Misconfigured
from headwater.records.window import Window, to_us

# Spark alone takes longer to start than most files of tests to run.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore"),
]

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = to_us(NOON)
WINDOW = Window(NOON, NOON + timedelta(hours=2))
OWN = {"own": pa.table({"address": ["192.0.2.1"], "since": pa.array([NOON])})}

QUESTIONS = {
    "window": "-- step: a\nselect started_at, ended_at, packets from flows",
    "nulls": "-- step: a\nselect count(*) as n, count(tcp_flags) as f, sum(bytes) from flows",
    "null order": """
-- step: a
select packets, first_value(known) over (order by known, packets) as least,
    first_value(known) over (order by known desc, packets) as most
from (select packets, nullif(packets, 2) as known from flows) as some_known""",
    "no quotient": """
-- step: a
select packets / (packets - packets) as nothing, 7 / 2 as half, 0 / (packets - packets) as none
from flows""",
    "steps": """
-- step: busy
select dst_port, started_at / 1000000 as second, packets from flows where packets > 2
-- step: ranked
select *, row_number() over (partition by dst_port order by second, packets) as place from busy
-- step: answer
with first as (select * from ranked where place <= 3)
select dst_port, count(distinct packets) as kinds, median(packets) as middle,
    avg(1.0 * packets) as mean, max(second) as latest
from first group by dst_port
""",
    "extra": """
-- step: answer
select src, count(*) as n, min(since) as since from flows join own on src = address
group by src""",
    "empty": "-- step: a\nselect client, port, opened_at from sessions",
    "whole": "-- step: a\nselect subject, seen_at, until from sightings",
}

RowsAt = Callable[[Sequence[int]], pa.Table]


@pytest.fixture
def lake(tmp_path: Path, flows: RowsAt, sightings: RowsAt) -> Lake:
    lake = Lake(tmp_path)
    with lake.append("flows", "d1") as change:
        change.write(flows([NOON_US + number * 1_234_567_891 for number in range(-2, 9)]))
    with lake.append("sightings", "d1") as change:
        change.write(sightings([5_000_000]))
    return lake


@pytest.fixture
def spark(lake: Lake) -> SparkEngine:
    pytest.importorskip("pyspark", reason="needs the spark extra")
    return SparkEngine(lake)


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_engines_answer_alike(
    lake: Lake, spark: SparkEngine, tmp_path: Path, name: str
) -> None:
    duck = DuckEngine(lake, spill_dir=tmp_path / "spill")
    ours = duck.ask(QUESTIONS[name], WINDOW, OWN)
    theirs = spark.ask(QUESTIONS[name], WINDOW, OWN)
    assert theirs.schema.types == ours.schema.types
    assert _rows(theirs) == _rows(ours)
    assert ours.num_rows or name == "empty"


def _rows(answer: pa.Table) -> list[str]:
    return sorted(str(row) for row in answer.to_pylist())


def test_a_question_that_means_nothing_names_its_step(spark: SparkEngine) -> None:
    with pytest.raises(Misconfigured, match="line 1: step 'a'"):
        spark.ask("-- step: a\nselect nothing from flows", WINDOW)


def test_what_a_step_made_is_let_go(spark: SparkEngine) -> None:
    from pyspark.sql import SparkSession  # noqa: PLC0415

    spark.ask(QUESTIONS["steps"], WINDOW)
    context = SparkSession.builder.getOrCreate().sparkContext
    assert context._jsc.getPersistentRDDs().size() == 0
