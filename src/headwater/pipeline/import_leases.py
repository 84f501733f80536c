"""Bring in leases: each statement once, however often its file grows and is read again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.changes import Change
from headwater.lake.manifest import Import
from headwater.lake.tables import Lake
from headwater.pipeline.lease_writer import alone
from headwater.pipeline.refusals import Refusals
from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.lease import FOREVER_US, Lease, LeaseFormat
from headwater.records.tables import INSTANT, LEASES
from headwater.records.window import MICROSECOND, Window, from_us, to_us
from headwater.sources.list_files import digest_of, lines_of
from headwater.wire.leases.detect import LINES_LOOKED_AT, detect, read_leases

ROWS_AT_ONCE: Final = 200_000
TOO_OLD: Final = "older than leases.retention_days"
_SAME: Final = [name for name in LEASES.names if name != "source"]
_ABSENT: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseSource:
    """What the operator says of a file."""

    file: str
    name: str  # of the source; the same for a file that grows
    zone: tzinfo  # of local times in it
    now: datetime
    retention_days: int = 0  # 0: whatever its age

    @property
    def oldest_us(self) -> int:
        """Leases that ended before are not taken in."""
        if not self.retention_days:
            return 0
        return to_us(self.now - timedelta(days=self.retention_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseReport:
    """What became of one file."""

    source: str
    kind: LeaseFormat
    rows: int  # new ones
    known: int = 0  # statements that were there already
    refused: dict[str, int]  # reason -> records
    examples: tuple[Refused, ...] = ()
    already: bool = False  # this very file was imported before; nothing was changed


def import_leases(path: Path, source: LeaseSource, lake: Lake) -> LeaseReport:
    """Add the file's statements that the lake does not hold yet.

    Raises MalformedInput where it is in none of the formats, or cannot be unpacked.
    """
    kind = format_of(path, source.file)
    digest = digest_of(path, "leases", source.name, str(source.zone))
    if before := lake.imported("leases", digest):
        return LeaseReport(
            source=source.file, kind=kind, rows=0, known=before.rows, refused={}, already=True
        )
    refusals = Refusals()
    with alone(lake), lake.append("leases", digest) as change:
        told = read_leases(lines_of(path), kind, source.file, source.zone)
        taken = _taken(told, refusals, source.oldest_us)
        rows, known = _write(change, lake, taken, source.name)
        done = Import(
            digest=digest,
            name=source.file,
            rows=rows + known,
            imported_at_us=to_us(source.now),
            refused=refusals.counts,
        )
        change.imported(done)
    return LeaseReport(
        source=source.file,
        kind=kind,
        rows=rows,
        known=known,
        refused=dict(refusals.counts),
        examples=refusals.examples,
    )


def format_of(path: Path, named: str) -> LeaseFormat:
    """The file's format. Raises MalformedInput where it is none of ours."""
    kind = detect(list(islice(lines_of(path), LINES_LOOKED_AT)))
    if kind is None:
        formats = ", ".join(LeaseFormat)
        raise MalformedInput(f"{named}: in none of the formats of leases: {formats}")
    return kind


def _taken(
    told: Iterable[Lease | Refused], refusals: Refusals, oldest_us: int
) -> Iterator[Lease]:
    for one in told:
        if isinstance(one, Refused):
            refusals.add(one)
        elif max(one.sure_us, one.ends_us or 0, one.told_us) < oldest_us:
            refusals.add(Refused(source="", position=one.held, reason=TOO_OLD))
        else:
            yield one


def _write(change: Change, lake: Lake, leases: Iterator[Lease], name: str) -> tuple[int, int]:
    """Rows written, and rows that were known."""
    written, known = 0, 0
    seen: list[tuple[Window, pa.Table]] = []  # of this file: it may say the same twice
    while batch := list(islice(leases, ROWS_AT_ONCE)):
        rows = as_rows(batch, name)
        window = _window(rows)
        before = [part for span, part in seen if _meet(span, window)]
        before.append(lake.read("leases", window, columns=_SAME))
        fresh = _without_known(_distinct(rows), before)
        seen.append((window, fresh.select(_SAME)))
        change.write(fresh)
        written += fresh.num_rows
        known += rows.num_rows - fresh.num_rows
    return written, known


def as_rows(leases: list[Lease], source: str) -> pa.Table:
    """Leases as rows of their table."""

    def instants(values: list[int | None]) -> pa.Array:
        return pa.array(values, pa.int64()).cast(INSTANT)

    return pa.table(
        {
            "held": pa.array([x.held for x in leases], pa.string()),
            "port_from": pa.array([x.port_from for x in leases], pa.int32()),
            "port_to": pa.array([x.port_to for x in leases], pa.int32()),
            "starts_at": instants([x.starts_us for x in leases]),
            "sure_until": instants([min(x.sure_us, FOREVER_US) for x in leases]),
            "ends_at": instants([x.ends_us for x in leases]),
            "told_at": instants([x.told_us for x in leases]),
            "subscriber": pa.array([x.subscriber for x in leases], pa.string()),
            "session": pa.array([x.session for x in leases], pa.string()),
            "source": pa.repeat(source, len(leases)),
        }
    )


def _window(rows: pa.Table) -> Window:
    """From the first start in the rows to the last."""
    span = pc.min_max(rows["starts_at"].cast(pa.int64())).as_py()
    return Window(from_us(span["min"]), from_us(span["max"]) + MICROSECOND)


def _meet(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end


def _distinct(rows: pa.Table) -> pa.Table:
    numbered = _comparable(rows).append_column("row", pa.array(range(rows.num_rows)))
    first = numbered.group_by(_SAME).aggregate([("row", "min")])["row_min"]
    return rows.take(first.sort())


def _without_known(rows: pa.Table, known: list[pa.Table]) -> pa.Table:
    """The rows that none of the ``known`` tables holds, whatever their source."""
    held = pa.concat_tables([_comparable(one) for one in known])
    if not held.num_rows:
        return rows
    numbered = _comparable(rows).append_column("row", pa.array(range(rows.num_rows)))
    fresh = numbered.join(held, keys=_SAME, join_type="left anti")
    return rows.take(pa.chunked_array(fresh["row"].chunks, pa.int64()).sort())


def _comparable(rows: pa.Table) -> pa.Table:
    """The columns that make a statement; joins take no null for the same as another."""
    columns = {}
    for name in _SAME:
        column = rows[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        if column.null_count:
            column = pc.fill_null(column, _ABSENT)
        columns[name] = column
    return pa.table(columns)
