"""The engine sees the window, integer instants, earlier steps, and nothing else."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from headwater.lake import duck, layout
from headwater.lake.duck import DuckEngine, copy
from headwater.lake.tables import Lake
from headwater.records.errors import LakeDamaged, MalformedInput, Misconfigured
from headwater.records.window import Window, to_us

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = to_us(NOON)
HOUR = layout.hour_of(NOON)
RowsAt = Callable[[Sequence[int]], pa.Table]

WINDOW = Window(NOON, NOON + timedelta(hours=1))


@pytest.fixture
def lake(tmp_path: Path, flows: RowsAt) -> Lake:
    lake = Lake(tmp_path / "it's a lake")
    with lake.append("flows", "d1") as change:
        change.write(flows([NOON_US - 1, NOON_US, NOON_US + 7, NOON_US + layout.HOUR_US]))
    return lake


@pytest.fixture
def engine(lake: Lake, tmp_path: Path) -> DuckEngine:
    return DuckEngine(lake, memory_limit="100MB", threads=2, spill_dir=tmp_path / "spill")


def test_a_window_is_half_open_and_times_are_numbers(engine: DuckEngine) -> None:
    answer = engine.ask("-- step: all\nselect started_at from flows order by 1", WINDOW)
    assert answer.to_pydict() == {"started_at": [NOON_US, NOON_US + 7]}
    assert answer.schema.field(0).type == pa.int64()


def test_later_steps_read_earlier_ones(engine: DuckEngine) -> None:
    question = (
        "-- step: later\nselect started_at as t from flows where started_at > "
        f"{NOON_US}\n-- step: answer\nselect count(*) as n, max(t) as t from later"
    )
    assert engine.ask(question, WINDOW).to_pylist() == [{"n": 1, "t": NOON_US + 7}]


def test_extra_tables_are_seen_with_integer_instants(engine: DuckEngine) -> None:
    extra = {"own": pa.table({"seen": pa.array([NOON]), "address": ["192.0.2.1"]})}
    question = (
        "-- step: a\nselect count(*) as n, max(seen) as seen"
        " from flows, own where src = address"
    )
    assert engine.ask(question, WINDOW, extra).to_pylist() == [{"n": 2, "seen": NOON_US}]


def test_empty_tables_have_their_columns(engine: DuckEngine) -> None:
    answer = engine.ask("-- step: a\nselect * from sessions", WINDOW)
    assert answer.column_names == layout.shape("sessions").names
    assert answer.num_rows == 0
    assert answer.schema.field("opened_at").type == pa.int64()


def test_small_tables_are_seen_whole(lake: Lake, engine: DuckEngine, sightings: RowsAt) -> None:
    with lake.append("sightings", "d1") as change:
        change.write(sightings([NOON_US - 900 * layout.HOUR_US]))
    answer = engine.ask("-- step: a\nselect count(*) as n from sightings", WINDOW)
    assert answer.to_pylist() == [{"n": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/hostname')",
        "select * from 'https://feed.example/list.csv'",
        "select getenv('HOME')",
        "select nothing from flows",
        "select from where",
    ],
)
def test_what_a_question_may_not_do_names_its_step(engine: DuckEngine, sql: str) -> None:
    with pytest.raises(Misconfigured, match="line 1: step 'a'"):
        engine.ask(f"-- step: a\n{sql}", WINDOW)


def test_a_damaged_file_is_told_as_such(lake: Lake, engine: DuckEngine) -> None:
    for path in lake.files("flows"):
        path.write_bytes(b"PAR1 no longer")
    with pytest.raises(LakeDamaged):
        engine.ask("-- step: a\nselect sum(bytes) as n from flows", WINDOW)


def test_a_bad_setting_is_a_misconfiguration(lake: Lake, tmp_path: Path) -> None:
    engine = DuckEngine(lake, memory_limit="much", threads=2, spill_dir=tmp_path)
    with pytest.raises(Misconfigured, match="much"):
        engine.ask("-- step: a\nselect 1 as n", WINDOW)


def test_more_than_memory_spills(engine: DuckEngine) -> None:
    question = (
        "-- step: many\nselect range as n, hash(range) as h from range(6000000)\n"
        "-- step: sorted\nselect n, row_number() over (order by h) as place from many\n"
        "-- step: answer\nselect count(*) as n, max(place) as last from sorted"
    )
    assert engine.ask(question, WINDOW).to_pylist() == [{"n": 6000000, "last": 6000000}]


def test_a_step_copies_an_hour_past_python(lake: Lake, engine: DuckEngine) -> None:
    with (
        lake.replace("flows", [HOUR], "copy") as change,
        engine.open(["flows"], WINDOW) as connection,
    ):
        rows = copy(connection, "select * exclude (src_as) from flows", change, HOUR)
    assert rows == 2
    assert lake.rows("flows") == 4
    again = lake.read("flows", WINDOW)
    assert again.column("packets").to_pylist() == [1, 2]
    assert again.column("started_at").to_pylist()[0] == NOON


def test_a_copy_outside_its_hour_is_refused(lake: Lake, engine: DuckEngine) -> None:
    def copied_to_the_wrong_hour() -> None:
        with (
            lake.replace("flows", [HOUR + 1], "copy") as change,
            engine.open(["flows"], WINDOW) as connection,
        ):
            copy(connection, "select * from flows", change, HOUR + 1)

    with pytest.raises(MalformedInput, match="outside hour"):
        copied_to_the_wrong_hour()
    assert lake.rows("flows") == 4


def test_an_empty_copy_makes_no_file(lake: Lake, engine: DuckEngine) -> None:
    with (
        lake.replace("flows", [HOUR], "copy") as change,
        engine.open(["flows"], WINDOW) as connection,
    ):
        assert copy(connection, "select * from flows where false", change, HOUR) == 0
    assert lake.rows("flows") == 2


def test_rows_held_answer_as_the_files_do_for_their_window_alone(
    lake: Lake, engine: DuckEngine
) -> None:
    every = "-- step: a\nselect started_at, src from flows order by 1"
    longer = Window(NOON - timedelta(hours=1), NOON + timedelta(hours=2))
    whole, more = engine.ask(every, WINDOW), engine.ask(every, longer)
    with engine.holding("flows", WINDOW) as near:
        assert (whole.num_rows, more.num_rows) == (2, 4)
        assert near.ask(every, WINDOW).to_pylist() == whole.to_pylist()
        assert near.ask(every, longer).equals(more)
        given = {"flows": pa.table({"started_at": [1], "src": ["192.0.2.9"]})}
        assert near.ask(every, WINDOW, given).num_rows == 1


def test_rows_held_are_held_as_views_show_them(engine: DuckEngine) -> None:
    views = {"flows": "select f.* from stored_flows as f, kept where f.started_at = kept.at"}
    count = "-- step: a\nselect count(*) as n from flows"
    with engine.holding("flows", WINDOW, {"kept": pa.table({"at": [NOON_US]})}, views) as near:
        assert near.ask(count, WINDOW).to_pylist() == [{"n": 1}]


@pytest.mark.parametrize("row_bytes", [30_000_000, 1 << 60], ids=["memory", "disk"])
def test_rows_that_do_not_fit_answer_alike(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch, row_bytes: int
) -> None:
    """Two rows of that size are more than 100 MB, or than any disk."""
    monkeypatch.setattr(duck, "ROW_BYTES", row_bytes)
    views = {"flows": "select * from stored_flows where started_at > 0 limit 1"}
    count = "-- step: a\nselect count(*) as n from flows"
    with engine.holding("flows", WINDOW, {}, views) as near:
        assert near.ask(count, WINDOW).to_pylist() == [{"n": 1}]
    every = "-- step: a\nselect started_at, src, dst, exporter from flows order by 1"
    with engine.holding("flows", WINDOW) as near:
        assert near.ask(every, WINDOW).to_pylist() == engine.ask(every, WINDOW).to_pylist()
    assert engine.ask(count, WINDOW).to_pylist() == [{"n": 2}]
