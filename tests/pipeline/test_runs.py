from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headwater.lake.duck import DuckEngine
from headwater.lake.tables import Lake
from headwater.pipeline.hunt import Run
from headwater.pipeline.runs import earlier, keep, latest, name_of
from headwater.records.answer import Counts
from headwater.records.finding import Finding
from headwater.records.window import Window

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WINDOW = Window(NOON - timedelta(hours=6), NOON)
COUNTS = Counts(flows=7, sessions=4, own_hosts=2, both_directions=0.75)


def a_run(lake: Lake, found_at: datetime) -> Run:
    engine = DuckEngine(lake, spill_dir=lake.root / "spill")
    return Run(name=name_of(found_at), found_at=found_at, window=WINDOW, engine=engine)


def a_finding(subject: str) -> Finding:
    return Finding(
        detector="relay",
        subject=subject,
        kind="relay",
        confidence=0.9,
        window=WINDOW,
        summary="it relays",
        proof={"port": 1080, "balanced": True, "peers": ["203.0.113.1"], "share": None},
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_there_is_none_at_first(lake: Lake) -> None:
    assert latest(lake) is None


def test_a_run_comes_back_as_it_was_kept(lake: Lake) -> None:
    findings = [a_finding("192.0.2.1"), a_finding("192.0.2.2")]
    keep(lake, a_run(lake, NOON), COUNTS, findings)
    run = latest(lake)
    assert run
    assert run.findings == tuple(findings)
    assert (run.window, run.counts, run.found_at) == (WINDOW, COUNTS, NOON)
    assert (run.name, run.engine) == ("20260101T120000.000000Z", "duckdb")


@pytest.mark.parametrize("gap", [timedelta(microseconds=1), timedelta(days=400)])
def test_the_latest_speaks_even_where_it_found_nothing(lake: Lake, gap: timedelta) -> None:
    keep(lake, a_run(lake, NOON + gap), COUNTS, [])
    keep(lake, a_run(lake, NOON), COUNTS, [a_finding("192.0.2.1")])
    run = latest(lake)
    assert run
    assert run.found_at == NOON + gap
    assert run.findings == ()
    assert lake.rows("findings") == 1  # what was known before stays


def test_runs_of_one_instant_do_not_mix(lake: Lake) -> None:
    """The window ends after the instant: a run must not show its neighbour's findings."""
    keep(lake, a_run(lake, NOON), COUNTS, [a_finding("192.0.2.1")])
    keep(lake, a_run(lake, NOON + timedelta(microseconds=1)), COUNTS, [a_finding("192.0.2.2")])
    run = latest(lake)
    assert run
    assert [finding.subject for finding in run.findings] == ["192.0.2.2"]


def test_names_sort_by_time() -> None:
    moments = [NOON + timedelta(microseconds=n) for n in (0, 1, 999_999, 1_000_000)]
    names = [name_of(moment) for moment in moments]
    assert names == sorted(names)


def test_the_run_before(lake: Lake) -> None:
    keep(lake, a_run(lake, NOON), COUNTS, [])
    first = latest(lake)
    assert first
    assert earlier(lake, first) is None
    keep(lake, a_run(lake, NOON + timedelta(hours=1)), COUNTS, [a_finding("192.0.2.1")])
    keep(lake, a_run(lake, NOON + timedelta(hours=2)), COUNTS, [])
    last = latest(lake)
    assert last
    before = earlier(lake, last)
    assert before
    assert [finding.subject for finding in before.findings] == ["192.0.2.1"]
    assert earlier(lake, before) == first


def test_the_newest_run_that_had_ended_by_then(lake: Lake) -> None:
    old = replace(a_run(lake, NOON), window=Window(NOON - timedelta(days=2), NOON))
    keep(lake, old, COUNTS, [a_finding("192.0.2.7")])
    late = NOON + timedelta(hours=1)
    keep(lake, replace(a_run(lake, late), window=Window(NOON, late)), COUNTS, [])
    keep(lake, a_run(lake, NOON + timedelta(hours=2)), COUNTS, [])
    last = latest(lake)
    assert last
    ended = earlier(lake, last, ended_by=NOON)
    assert ended
    assert [finding.subject for finding in ended.findings] == ["192.0.2.7"]
    none_ended = earlier(lake, last, ended_by=NOON - timedelta(days=9))
    assert none_ended
    assert none_ended.found_at == late
