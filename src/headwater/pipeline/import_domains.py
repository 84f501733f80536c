"""Bring in domains in bulk: newly registered feeds, CSV, zone files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from headwater.lake.changes import Change
from headwater.lake.manifest import Import
from headwater.lake.tables import Lake
from headwater.pipeline.import_lists import ListReport
from headwater.pipeline.refusals import Refusals
from headwater.records.intake import Refused
from headwater.records.tables import INSTANT
from headwater.records.window import to_us
from headwater.sources.domain_files import Telling, read_domains
from headwater.sources.list_files import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What the operator says of a file: who made it, when, and what its names mean."""

    name: str
    fact: str  # registered or first-seen: of names without a date of their own
    seen_at: datetime
    now: datetime


def import_domains(path: Path, feed: Feed, lake: Lake, spill: Path) -> ListReport:
    """Each name's facts become rows of ``domains``; the same file twice changes nothing.

    Raises MalformedInput where the file cannot be read.
    """
    digest = digest_of(path, "domains", feed.name, feed.fact, feed.seen_at.isoformat())
    if before := lake.imported("domains", digest):
        return ListReport(
            source=str(path), rows=before.rows, refused=dict(before.refused), already=True
        )
    refusals = Refusals()
    telling = Telling(fact=feed.fact, day=feed.seen_at.date(), spill=spill)
    rows = 0
    with lake.append("domains", digest) as change:
        for batch in _kept(read_domains(path, telling), refusals):
            rows += _write(change, batch, feed)
        change.imported(
            Import(
                digest=digest,
                name=str(path),
                rows=rows,
                imported_at_us=to_us(feed.now),
                refused=refusals.counts,
            )
        )
    return ListReport(
        source=str(path), rows=rows, refused=dict(refusals.counts), examples=refusals.examples
    )


def _kept(
    found: Iterator[pa.RecordBatch | Refused], refusals: Refusals
) -> Iterator[pa.RecordBatch]:
    for one in found:
        if isinstance(one, Refused):
            refusals.add(one)
        else:
            yield one


def _write(change: Change, batch: pa.RecordBatch, feed: Feed) -> int:
    count = batch.num_rows
    as_of = pa.repeat(pa.scalar(to_us(feed.seen_at), pa.int64()), count).cast(INSTANT)
    rows = pa.Table.from_batches([batch])
    rows = rows.append_column("as_of", as_of)
    change.write(rows.append_column("source", pa.repeat(feed.name, count)))
    return count
