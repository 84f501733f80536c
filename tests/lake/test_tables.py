"""A table is whole before and after every change, and no change is made twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater.lake import layout
from headwater.lake.manifest import Import
from headwater.lake.partition import Bounds
from headwater.lake.tables import Lake
from headwater.records.errors import LakeDamaged, MalformedInput, Misconfigured
from headwater.records.window import Window, to_us

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = to_us(NOON)
HOUR = layout.hour_of(NOON)
SMALL = Bounds(flush_rows=100, direct_hours=2, open_files=2)

RowsAt = Callable[[Sequence[int]], pa.Table]
Add = Callable[..., None]
OUTSIDE = (
    '{"format":1,"table":"flows","generation":1,"imports":[],"basis":{},"files":'
    '[{"path":"../x","rows":1,"bytes":1,"hour":1,"start_us":1,"end_us":1,"digest":""}]}'
)


def done(digest: str) -> Import:
    return Import(digest=digest, name="a.pcap", rows=1, imported_at_us=NOON_US)


def starts(lake: Lake, window: Window | None = None) -> list[int]:
    return sorted(_instants(lake.read("flows", window, ["started_at"])))


def _instants(rows: pa.Table) -> list[int]:
    return [int(us) for us in rows.column("started_at").cast(pa.int64()).to_numpy()]


@pytest.fixture
def add(lake: Lake, flows: RowsAt) -> Add:
    """Imports flows of the given starts, as a source of the given name."""

    def add(starts_us: Sequence[int], digest: str = "d1") -> None:
        with lake.append("flows", digest) as change:
            change.write(flows(starts_us))
            change.imported(done(digest))

    return add


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", SMALL)


def test_a_table_never_written_is_empty(lake: Lake) -> None:
    assert lake.files("flows") == []
    assert lake.read("flows").num_rows == 0
    assert lake.hours("flows") == {}


def test_unknown_table_is_a_mistake_of_the_caller(lake: Lake) -> None:
    with pytest.raises(Misconfigured, match="no table 'flwos'"):
        lake.files("flwos")


def test_rows_come_back_as_they_were_written(lake: Lake, add: Add) -> None:
    add([NOON_US, NOON_US + 1])
    rows = lake.read("flows")
    assert rows.column_names == layout.shape("flows").names
    assert rows.column("started_at").to_pylist() == [NOON, NOON + timedelta(microseconds=1)]
    assert rows.column("src").to_pylist() == ["192.0.2.1"] * 2
    assert rows.column("initiator").to_pylist() == [None, None]
    assert lake.rows("flows") == 2


def test_files_lie_in_the_folder_of_their_utc_hour(lake: Lake, add: Add) -> None:
    add([NOON_US - 1, NOON_US])
    folders = {path.parent.relative_to(lake.root).as_posix() for path in lake.files("flows")}
    assert folders == {
        "flows/date=2024-05-01/hour=11",
        "flows/date=2024-05-01/hour=12",
    }


def test_a_window_is_half_open_and_prunes_files(lake: Lake, add: Add) -> None:
    add([NOON_US - 1, NOON_US, NOON_US + layout.HOUR_US])
    window = Window(NOON, NOON + timedelta(hours=1))
    assert starts(lake, window) == [NOON_US]
    assert len(lake.files("flows", window)) == 1


@pytest.mark.parametrize("hours", [1, 3, 40])
def test_many_hours_in_any_order_all_arrive(lake: Lake, hours: int, flows: RowsAt) -> None:
    chance = np.random.default_rng(7)
    when = NOON_US + chance.integers(0, hours * layout.HOUR_US, 1000)
    with lake.append("flows", "d1") as change:
        for part in np.array_split(when, 13):
            change.write(flows(part.tolist()))
    assert starts(lake) == sorted(when.tolist())
    for path in lake.files("flows"):
        there = _instants(pq.read_table(path, columns=["started_at"]))
        assert len({value // layout.HOUR_US for value in there}) == 1


@pytest.mark.parametrize("hours", [1, 40])
def test_text_arrives_whether_coded_or_not(lake: Lake, hours: int, flows: RowsAt) -> None:
    when = NOON_US + np.arange(90) * layout.HOUR_US * hours // 90
    hosts = [f"192.0.2.{number % 7}" for number in range(90)]
    every = flows(when.tolist())
    every = every.set_column(2, "src", pa.array(hosts))
    with lake.append("flows", "d1") as change:
        for part in range(0, 90, 30):
            rows = every.slice(part, 30)
            coded = rows.column("src").combine_chunks().dictionary_encode()
            change.write(rows.set_column(2, "src", coded) if part else rows)
    found = lake.read("flows", columns=["started_at", "src"]).sort_by("started_at")
    assert found.column("src").to_pylist() == hosts


def test_a_file_holds_only_the_words_its_rows_use(lake: Lake, flows: RowsAt) -> None:
    rows = flows([NOON_US + n for n in range(6)])
    words = pa.array([f"2001:db8::{n:x}" for n in range(10_000)])
    codes = pa.array([9000, 3, None, 9000, None, 4], pa.int32())
    exporters = pa.DictionaryArray.from_arrays(codes, words)
    with lake.append("flows", "d1") as change:
        change.write(rows.append_column("exporter", exporters))
    (file,) = lake.files("flows")
    column = pq.ParquetFile(file).read(["exporter"]).column("exporter")
    assert column.type == pa.string()
    assert column.to_pylist() == exporters.to_pylist()
    assert file.stat().st_size < 8_000


def test_many_hours_leave_few_files(lake: Lake, flows: RowsAt) -> None:
    chance = np.random.default_rng(7)
    with lake.append("flows", "d1") as change:
        for _ in range(20):
            when = NOON_US + chance.integers(0, 10 * layout.HOUR_US, 100)
            change.write(flows(when.tolist()))
    assert len(lake.files("flows")) == 10


def test_clocks_gone_wild_do_not_make_folders_without_end(
    tmp_path: Path, flows: RowsAt
) -> None:
    lake = Lake(tmp_path, Bounds(hours=5))
    when = [NOON_US + hour * layout.HOUR_US for hour in range(6)]
    with (
        pytest.raises(MalformedInput, match="more than 5 hours"),
        lake.append("flows", "d1") as change,
    ):
        change.write(flows(when))
    assert lake.rows("flows") == 0


def test_an_error_inside_leaves_nothing(lake: Lake, flows: RowsAt) -> None:
    def interrupted() -> None:
        with lake.append("flows", "d1") as change:
            change.write(flows([NOON_US] * 500))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert lake.rows("flows") == 0
    assert lake.imported("flows", "d1") is None
    assert list(lake.folder("flows").rglob("*.parquet")) == []


def test_a_source_imported_by_another_meanwhile_is_left_out(
    lake: Lake, add: Add, flows: RowsAt
) -> None:
    with lake.append("flows", "d1") as slow:
        slow.write(flows([NOON_US]))
        slow.imported(done("d1"))
        add([NOON_US], "d1")
    assert lake.rows("flows") == 1
    assert len(lake.manifest("flows").imports) == 1


def test_files_name_the_source_they_came_from(lake: Lake, flows: RowsAt) -> None:
    with lake.append("flows", "d1") as change:
        change.write(flows([NOON_US]))
        change.next_source("d2")
        change.write(flows([NOON_US]))
    assert [file.digest for file in lake.manifest("flows").files] == ["d1", "d2"]


@pytest.mark.parametrize("drawn", ["__gudrep", ".hidden_"])
def test_no_file_is_named_as_other_readers_leave_out(
    lake: Lake, flows: RowsAt, monkeypatch: pytest.MonkeyPatch, drawn: str
) -> None:
    monkeypatch.setattr("tempfile._name_sequence", iter([drawn]))
    with lake.append("flows", "d1") as change:
        change.write(flows([NOON_US]))
    (file,) = lake.files("flows")
    assert file.name.startswith("part-")


def test_replacing_hours_leaves_the_others(lake: Lake, add: Add, flows: RowsAt) -> None:
    add([NOON_US, NOON_US + layout.HOUR_US])
    with lake.replace("flows", [HOUR], "again", {HOUR: "f1"}) as change:
        change.write(flows([NOON_US + 5, NOON_US + 6]))
    assert starts(lake) == [NOON_US + 5, NOON_US + 6, NOON_US + layout.HOUR_US]
    assert lake.basis("flows") == {HOUR: "f1"}
    assert len(list(lake.folder("flows").rglob("*.parquet"))) == 2


def test_replacing_the_whole_table(lake: Lake, add: Add, flows: RowsAt) -> None:
    add([NOON_US, NOON_US + layout.HOUR_US])
    with lake.replace("flows", None, "again") as change:
        change.write(flows([NOON_US + 5]))
    assert starts(lake) == [NOON_US + 5]


def test_replacing_refuses_rows_of_other_hours(lake: Lake, add: Add, flows: RowsAt) -> None:
    add([NOON_US])
    with (
        pytest.raises(MalformedInput, match="hour=13"),
        lake.replace("flows", [HOUR], "again") as change,
    ):
        change.write(flows([NOON_US + layout.HOUR_US]))
    assert starts(lake) == [NOON_US]


def test_a_reader_keeps_its_files_through_a_replacement(
    lake: Lake, add: Add, flows: RowsAt
) -> None:
    add([NOON_US])
    with lake.reading(["flows"]):
        before = lake.files("flows")
        with lake.replace("flows", None, "again") as change:
            change.write(flows([NOON_US + 5]))
        assert pq.read_table(before[0]).num_rows == 1
    lake.tidy()
    assert not before[0].exists()
    assert starts(lake) == [NOON_US + 5]


def test_the_fingerprint_of_an_hour_changes_with_it_alone(lake: Lake, add: Add) -> None:
    add([NOON_US, NOON_US + layout.HOUR_US])
    before = lake.hours("flows")
    add([NOON_US], "d2")
    after = lake.hours("flows")
    assert list(after) == [HOUR, HOUR + 1]
    assert after[HOUR] != before[HOUR]
    assert after[HOUR + 1] == before[HOUR + 1]


def test_leftovers_of_a_dead_run_are_swept_by_the_next(lake: Lake, add: Add) -> None:
    add([NOON_US])
    staged = lake.folder("flows") / ".staging-dead"
    staged.mkdir()
    (staged / "x.parquet").write_bytes(b"half")
    unnamed = lake.files("flows")[0].with_name("unnamed.parquet")
    unnamed.write_bytes(b"moved, never named")
    (lake.folder("flows") / "_unswept").touch()
    add([NOON_US + 1], "d2")
    assert not staged.exists()
    assert not unnamed.exists()
    assert starts(lake) == [NOON_US, NOON_US + 1]


def test_a_running_change_is_not_swept(lake: Lake, add: Add, flows: RowsAt) -> None:
    with lake.append("flows", "d1") as change:
        change.write(flows([NOON_US] * 500))
        lake.tidy()
        add([NOON_US], "d2")
    assert lake.rows("flows") == 501


def _without(column: str) -> Callable[[pa.Table], pa.Table]:
    return lambda rows: rows.drop_columns([column])


def test_changes_that_end_while_others_begin_do_not_stumble(lake: Lake, flows: RowsAt) -> None:
    def change(hour: int) -> None:
        for _ in range(15):
            with lake.replace("flows", [HOUR + hour], "d") as made:
                made.write(flows([NOON_US + hour * layout.HOUR_US]))

    with ThreadPoolExecutor(4) as many:
        assert list(many.map(change, range(4))) == [None] * 4
    assert lake.rows("flows") == 4
    assert not list(lake.folder("flows").glob(".staging-*"))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_without("src"), "needs a column src"),
        (lambda rows: rows.append_column("odd", rows.column("src")), "no column odd"),
        (lambda rows: rows.set_column(8, "bytes", [["many"]]), "flows.bytes"),
        (lambda rows: rows.set_column(8, "bytes", pa.nulls(1, pa.int64())), "without a value"),
    ],
)
def test_rows_that_do_not_fit_are_named(
    lake: Lake, spoil: Callable[[pa.Table], pa.Table], why: str, flows: RowsAt
) -> None:
    with pytest.raises(MalformedInput, match=why), lake.append("flows", "d1") as change:
        change.write(spoil(flows([NOON_US])))


def test_small_tables_are_one_file_an_import(lake: Lake, sightings: RowsAt) -> None:
    with lake.append("sightings", "d1") as change:
        change.write(sightings([NOON_US, NOON_US + 500 * layout.HOUR_US]))
    assert len(lake.files("sightings")) == 1
    assert lake.read("sightings").num_rows == 2


def test_damage_is_told(lake: Lake, add: Add) -> None:
    add([NOON_US])
    assert lake.damage("flows") == []
    path = lake.files("flows")[0]
    path.write_bytes(path.read_bytes()[:-9])
    assert len(lake.damage("flows")) == 1
    with pytest.raises(LakeDamaged):
        lake.read("flows")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 1}',
        '{"format": 2, "table": "flows"}',
        OUTSIDE,
    ],
)
def test_a_manifest_that_is_none_is_damage(lake: Lake, text: str) -> None:
    lake.folder("flows").mkdir(parents=True)
    (lake.folder("flows") / "_manifest.json").write_text(text)
    with pytest.raises(LakeDamaged, match="not a readable manifest"):
        lake.files("flows")
