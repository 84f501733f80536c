"""Bring in what others say: blocklists, indicators, and who announces which prefix."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import pyarrow as pa

from headwater.lake.manifest import Import
from headwater.lake.tables import Lake
from headwater.pipeline.exclusions import Exclusions
from headwater.pipeline.refusals import Refusals
from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.sighting import Announced, Excluded, Means, Sighting
from headwater.records.tables import INSTANT
from headwater.records.window import to_us
from headwater.sources.list_files import bytes_of, digest_of, lines_of
from headwater.wire.blocklist import read_blocklist
from headwater.wire.indicators import read_indicators
from headwater.wire.networks import read_networks
from headwater.wire.stix import LARGEST_BUNDLE, read_bundle

ROWS_AT_ONCE: Final = 50_000

Row = TypeVar("Row", Sighting, Announced)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """What became of one file."""

    source: str
    rows: int
    refused: dict[str, int]  # reason -> records
    examples: tuple[Refused, ...] = ()
    already: bool = False  # imported before; nothing was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the operator says of a list: its name, what it lists, when it was seen, now."""

    file: str  # as the operator named it; refusals are told with it
    name: str
    means: Means
    seen_at: datetime
    now: datetime


def import_blocklist(path: Path, told: Told, lake: Lake) -> ListReport:
    """Each entry becomes a sighting of kind ``listed``; the list's own exclusions hold.

    The same file with the same name and time changes nothing; a later time is a new
    observation. Raises MalformedInput where the file cannot be unpacked.
    """
    with _blamed_on(told.file):
        entries = read_blocklist((x for x in lines_of(path) if "!" in x[:8]), told.file)
        excluded = Exclusions(entry for entry in entries if isinstance(entry, Excluded))

    def read() -> Iterator[Sighting | Refused]:
        for entry in read_blocklist(lines_of(path), told.file):
            if isinstance(entry, Sighting):
                yield from excluded.applied_to(entry)
            elif isinstance(entry, Refused):
                yield entry

    return _import(path, "sightings", told, read, partial(_sightings, told, "listed"), lake)


def import_indicators(path: Path, told: Told, lake: Lake) -> ListReport:
    """Each indicator becomes a sighting of kind ``indicator``; CSV or a STIX 2.1 bundle.

    Raises MalformedInput where the file is neither.
    """

    def read() -> Iterator[Sighting | Refused]:
        if _is_json(path):
            return read_bundle(bytes_of(path, LARGEST_BUNDLE), told.file)
        return read_indicators(lines_of(path), told.file)

    return _import(path, "sightings", told, read, partial(_sightings, told, "indicator"), lake)


def import_networks(path: Path, told: Told, lake: Lake) -> ListReport:
    """Each line becomes a row of ``networks``, as of ``told.seen_at``."""

    def read() -> Iterator[Announced | Refused]:
        return read_networks(lines_of(path), told.file)

    return _import(path, "networks", told, read, partial(_networks, told), lake)


def _import(
    path: Path,
    table: str,
    told: Told,
    read: Callable[[], Iterator[Row | Refused]],
    shaped: Callable[[list[Row]], pa.Table],
    lake: Lake,
) -> ListReport:
    digest = digest_of(path, table, told.name, told.means, told.seen_at.isoformat())
    if before := lake.imported(table, digest):
        return ListReport(
            source=told.file, rows=before.rows, refused=dict(before.refused), already=True
        )
    refusals = Refusals()
    rows = 0
    with _blamed_on(told.file), lake.append(table, digest) as change:
        kept = _kept(read(), refusals)
        while batch := list(islice(kept, ROWS_AT_ONCE)):
            change.write(shaped(batch))
            rows += len(batch)
        change.imported(
            Import(
                digest=digest,
                name=told.file,
                rows=rows,
                imported_at_us=to_us(told.now),
                refused=refusals.counts,
            )
        )
    return ListReport(
        source=told.file, rows=rows, refused=dict(refusals.counts), examples=refusals.examples
    )


@contextmanager
def _blamed_on(file: str) -> Iterator[None]:
    try:
        yield
    except MalformedInput as wrong:
        raise MalformedInput(f"{file}: {wrong}") from wrong


def _kept(entries: Iterable[Row | Refused], refusals: Refusals) -> Iterator[Row]:
    for entry in entries:
        if isinstance(entry, Refused):
            refusals.add(entry)
        else:
            yield entry


def _sightings(told: Told, kind: str, rows: list[Sighting]) -> pa.Table:
    seen_us = to_us(told.seen_at)
    count = len(rows)
    seen = [seen_us if row.from_us is None else row.from_us for row in rows]
    return pa.table(
        {
            "seen_at": pa.array(seen, pa.int64()).cast(INSTANT),
            "subject": pa.array([row.subject for row in rows], pa.string()),
            "subject_kind": pa.array([row.subject_kind for row in rows], pa.string()),
            "kind": pa.repeat(kind, count),
            "means": pa.repeat(str(told.means), count),
            "source": pa.repeat(told.name, count),
            "until": pa.array([row.until_us for row in rows], pa.int64()).cast(INSTANT),
            "port": pa.array([row.port for row in rows], pa.int32()),
            "detail": pa.array([row.detail for row in rows], pa.string()),
        }
    )


def _networks(told: Told, rows: list[Announced]) -> pa.Table:
    return pa.table(
        {
            "prefix": pa.array([row.prefix for row in rows], pa.string()),
            "as_number": pa.array([row.as_number for row in rows], pa.int64()),
            "as_name": pa.array([row.as_name for row in rows], pa.string()),
            "country": pa.array([row.country for row in rows], pa.string()),
            "as_of": pa.array([told.seen_at] * len(rows), INSTANT),
        }
    )


def _is_json(path: Path) -> bool:
    first = next((line.strip() for line in lines_of(path) if line.strip()), "")
    return first.lstrip("\ufeff").startswith("{")
