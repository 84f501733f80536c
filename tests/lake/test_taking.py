"""Rows at hand are the files' rows, whether they are read at once or step by step."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headwater.lake import coded, duck, taking
from headwater.lake.duck import DuckEngine
from headwater.lake.engine import LakeEngine
from headwater.lake.tables import Lake
from headwater.records.errors import LakeDamaged, Misconfigured
from headwater.records.window import Window, to_us

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
WINDOW = Window(NOON, NOON + timedelta(hours=1))
EVERY = (
    "-- step: a\nselect started_at, src, dst, exporter, bytes from flows order by started_at"
)
MANY = 300  # more exporters than fit into one octet


def address(number: int) -> str:
    return f"203.0.{113 + number % 2}.{number % 250}"


def flow(minute: int, **said: Any) -> dict[str, Any]:
    at = NOON + timedelta(minutes=minute)
    return {
        "started_at": at, "ended_at": at, "src": address(minute), "dst": "198.51.100.2",
        "src_port": 1024, "dst_port": 25, "protocol": 6, "packets": 1, "bytes": minute,
        "exporter": f"router {minute % 4}", "sampling": 1,
    } | said  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Seven imports: of other addresses and exporters each, and one row before the window."""
    lake = Lake(tmp_path / "lake")
    for number in range(6):
        with lake.append("flows", f"import {number}") as change:
            minutes = range(9 * number, 9 * number + 9)
            change.write(pa.Table.from_pylist([flow(minute) for minute in minutes]))
    with lake.append("flows", "the last") as change:
        change.write(pa.Table.from_pylist([flow(-1), flow(58, exporter=None)]))
    return lake


@pytest.fixture(params=["at once", "in steps"])
def engine(
    request: pytest.FixtureRequest,
    lake: Lake,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> DuckEngine:
    """In steps rows come a few at a time, as millions would."""
    if request.param == "in steps":
        monkeypatch.setattr(duck, "ROW_BYTES", 2_000_000)  # fifty-five are more than 100 MB
        monkeypatch.setattr(coded, "STEP_ROWS", 1)
        monkeypatch.setattr(taking, "PORTION_ROWS", 10)
    return DuckEngine(lake, memory_limit="100MB", threads=2, spill_dir=tmp_path / "spill")


@contextmanager
def at_hand(engine: DuckEngine, view: str = "", **extra: pa.Table) -> Iterator[LakeEngine]:
    with engine.holding("flows", WINDOW, extra, {"flows": view} if view else {}) as near:
        yield near


def test_rows_at_hand_are_the_files_rows(engine: DuckEngine) -> None:
    told = engine.ask(EVERY, WINDOW).to_pylist()
    assert len(told) == 55
    with at_hand(engine) as near:
        assert near.ask(EVERY, WINDOW).to_pylist() == told


def test_portions_that_come_out_even_lose_and_repeat_nothing(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = engine.ask(EVERY, WINDOW).to_pylist()
    for rows in (9, 11, 55):
        monkeypatch.setattr(taking, "PORTION_ROWS", rows)
        with at_hand(engine) as near:
            assert near.ask(EVERY, WINDOW).to_pylist() == told


def test_addresses_and_instants_that_a_view_brings_are_those_of_the_rows(
    engine: DuckEngine,
) -> None:
    """A network's view names subscribers for addresses, from when to when."""
    holders = pa.table(
        {
            "address": [address(3), address(4), address(9), "192.0.2.99"],
            "since": pa.array([NOON, NOON + timedelta(minutes=30), NOON, NOON]),
            "subject": ["alice", "bob", "carol", "dave"],
        }
    )
    view = (
        "select f.* replace (held.subject as src) from stored_flows as f"
        " join held on held.address = f.src and f.started_at >= held.since"
    )
    who = "-- step: a\nselect src, started_at from flows order by started_at"
    with at_hand(engine, view, held=holders) as near:
        rows = near.ask(who, WINDOW).to_pylist()
    at = [to_us(NOON + timedelta(minutes=minute)) for minute in (3, 9)]
    assert rows == [
        {"src": "alice", "started_at": at[0]}, {"src": "carol", "started_at": at[1]},
    ]  # fmt: skip


@pytest.mark.parametrize("view", ["", "select * from stored_flows where bytes < 9"])
def test_what_a_view_was_made_of_is_not_kept(engine: DuckEngine, view: str) -> None:
    """It would take as much memory once more."""
    with at_hand(engine, view) as near:
        assert near.ask(EVERY, WINDOW).num_rows == (9 if view else 55)
        with pytest.raises(Misconfigured, match="stored_flows"):
            near.ask("-- step: a\nselect f.src from stored_flows as f, flows", WINDOW)


def test_of_a_shorter_window_the_rows_at_hand_are_asked_as_the_view_shows_them(
    engine: DuckEngine,
) -> None:
    shorter = Window(NOON + timedelta(minutes=10), NOON + timedelta(minutes=20))
    told = engine.ask(EVERY, shorter).to_pylist()
    assert len(told) == 10
    with at_hand(engine) as near:
        for window in (WINDOW, shorter, WINDOW):
            near.ask("-- step: all_of_them\nselect src from flows\n" + EVERY, window)
        assert near.ask(EVERY, shorter).to_pylist() == told
        longer = Window(NOON - timedelta(minutes=1), shorter.end)
        assert near.ask(EVERY, longer).num_rows == 21
    with at_hand(engine, "select * from stored_flows where bytes % 2 = 0") as near:
        assert near.ask(EVERY, shorter).to_pylist() == told[::2]


def test_steps_that_last_are_of_the_whole_window(engine: DuckEngine) -> None:
    count = "-- step: whom\nselect src from flows\n-- step: a\nselect count(*) as n from whom"
    shorter = Window(NOON + timedelta(minutes=10), NOON + timedelta(minutes=20))
    with at_hand(engine) as near:
        told = [near.ask(count, window).to_pylist() for window in (shorter, WINDOW, shorter)]
    assert told == [[{"n": 10}], [{"n": 55}], [{"n": 10}]]


def test_a_window_without_rows_has_none_at_hand(engine: DuckEngine) -> None:
    later = Window(NOON + timedelta(days=1), NOON + timedelta(days=2))
    with engine.holding("flows", later) as near:
        assert near.ask(EVERY, later).num_rows == 0


def test_a_column_of_many_texts_is_told_like_one_of_few(engine: DuckEngine, lake: Lake) -> None:
    rows = [flow(59, exporter=f"probe {number}") for number in range(MANY)]
    with lake.append("flows", "many") as change:
        change.write(pa.Table.from_pylist(rows))
    count = "-- step: a\nselect count(distinct exporter) as n, max(exporter) as last from flows"
    with at_hand(engine) as near:
        assert near.ask(count, WINDOW).to_pylist() == [{"n": MANY + 4, "last": "router 3"}]


def test_a_file_that_cannot_be_read_is_told_as_such(engine: DuckEngine, lake: Lake) -> None:
    for path in list(lake.files("flows"))[:1]:
        path.write_bytes(b"PAR1 no longer")
    with pytest.raises(LakeDamaged), at_hand(engine):
        pass
