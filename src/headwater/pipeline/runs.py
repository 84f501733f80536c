"""Runs: what each hunt found, kept; the latest one speaks.

A run is never changed: to hunt the same window again is a new run, and what was found
before stays for those who ask when something was known.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.tables import Lake
from headwater.pipeline.hunt import Run, as_table
from headwater.pipeline.operations import OPERATIONS
from headwater.records.answer import Counts
from headwater.records.finding import Finding
from headwater.records.tables import RUNS
from headwater.records.window import MICROSECOND, Window, from_us, to_us


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """One hunt as the lake remembers it."""

    name: str
    found_at: datetime
    window: Window
    engine: str
    counts: Counts
    findings: tuple[Finding, ...]
    operations: tuple[Finding, ...] = ()  # those of this window, and those only remembered


def name_of(found_at: datetime) -> str:
    """Runs are named by their instant: in the order of their names they were made."""
    return f"{found_at:%Y%m%dT%H%M%S.%fZ}"


def keep(lake: Lake, run: Run, counts: Counts, findings: Sequence[Finding]) -> None:
    """Write the findings, then the run: a run that can be read is whole."""
    with lake.append("findings", run.name) as change:
        change.write(as_table(run, findings))
    counted = {field.name: getattr(counts, field.name) for field in fields(Counts)}
    row = {
        "run": run.name,
        "found_at": run.found_at,
        "window_start": run.window.start,
        "window_end": run.window.end,
        "engine": run.engine.name,
        **counted,
    }
    with lake.append("runs", run.name) as change:
        change.write(pa.Table.from_pylist([row], schema=RUNS))


def latest(lake: Lake) -> KeptRun | None:
    """The newest run, read without touching the older ones; None where nobody hunted yet."""
    newest = _newest(lake)
    return None if newest is None else _kept(lake, newest)


def _newest(lake: Lake) -> int | None:
    """The instant of the newest run."""
    return max((file.end_us for file in lake.manifest("runs").files), default=None)


def earlier(lake: Lake, run: KeptRun, ended_by: datetime | None = None) -> KeptRun | None:
    """The newest run made before ``run``; None where it was the first.

    With ``ended_by`` rather the newest of those whose window ended by then, if there is one.
    """
    rows = lake.read("runs", columns=["run", "found_at", "window_end"]).to_pylist()
    before = [row for row in rows if row["run"] < run.name]
    ended = [row for row in before if ended_by and row["window_end"] <= ended_by]
    newest = max(ended or before, key=lambda row: row["run"], default=None)
    return None if newest is None else _kept(lake, to_us(newest["found_at"]))


def _kept(lake: Lake, found_us: int) -> KeptRun:
    """The run that was made at this instant."""
    row, found = _run(lake, found_us)
    groups = _groups(found)
    return KeptRun(
        name=row["run"],
        found_at=row["found_at"],
        window=Window(row["window_start"], row["window_end"]),
        engine=row["engine"],
        counts=Counts(**{field.name: row[field.name] for field in fields(Counts)}),
        findings=_findings(found.filter(pc.invert(groups))),
        operations=_findings(found.filter(groups)),
    )


def operations_before(lake: Lake) -> tuple[Finding, ...]:
    """What the newest run knew of operations: its own, and those it remembered."""
    newest = _newest(lake)
    if newest is None:
        return ()
    _, found = _run(lake, newest)
    return _findings(found.filter(_groups(found)))


def _run(lake: Lake, found_us: int) -> tuple[dict[str, Any], pa.Table]:
    """The row of RUNS, and its findings."""
    instant = Window(from_us(found_us), from_us(found_us) + MICROSECOND)
    row = lake.read("runs", instant).to_pylist()[-1]
    found = lake.read("findings", instant)
    return row, found.filter(pc.equal(found.column("run"), row["run"]))


def _groups(found: pa.Table) -> pa.ChunkedArray:
    """Which findings are of operations."""
    return pc.equal(found.column("detector"), OPERATIONS)


def _findings(rows: pa.Table) -> tuple[Finding, ...]:
    return tuple(map(_finding, rows.to_pylist()))


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(
        detector=row["detector"],
        subject=row["subject"],
        kind=row["kind"],
        confidence=row["confidence"],
        window=Window(row["window_start"], row["window_end"]),
        summary=row["summary"],
        proof=json.loads(row["proof"]),
    )
