"""One change of a table: prepared out of sight, then made by one rename, or not at all."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.lake import layout, locks, manifest
from headwater.lake.conform import conform
from headwater.lake.manifest import DataFile, Import, Manifest
from headwater.lake.parquet import StagedFile, span, sync_file
from headwater.lake.partition import Bounds, HourFiles
from headwater.lake.staging import Staging, mark_unswept, settle
from headwater.records.errors import MalformedInput


class Change:
    """Takes rows for one table. Made by ``Lake.append`` and ``Lake.replace``."""

    def __init__(self, folder: Path, digest: str, bounds: Bounds) -> None:
        self.table = folder.name
        self._folder = folder
        self._digest = digest
        self._staging = Staging(folder)
        self._writer = HourFiles(self._staging.folder, self.table, self._staging.token, bounds)
        self._files: list[tuple[str, StagedFile]] = []
        self._imports: list[Import] = []
        self._adopted = 0

    def write(self, rows: pa.Table | pa.RecordBatch) -> None:
        """Add rows of the table's shape. Raises MalformedInput where they do not fit."""
        self._writer.write(conform(rows, self.table))

    def hand_over(self) -> None:
        """Have what was given so far written while the caller goes on."""
        self._writer.flush()

    def next_source(self, digest: str) -> None:
        """The rows that follow come from another source; files never mix sources."""
        self._close_files()
        self._digest = digest

    def imported(self, done: Import) -> None:
        """Remember a source as imported when this change is committed."""
        self._imports.append(done)

    def new_path(self) -> Path:
        """Where another program (DuckDB's COPY) may write a Parquet file for ``adopt``."""
        self._adopted += 1
        return self._staging.folder / f"{self._staging.token}-copy-{self._adopted:05}.parquet"

    def adopt(self, path: Path, hour: int | None) -> int:
        """Take over a Parquet file made at ``new_path()``; returns its rows.

        Raises MalformedInput where its columns are not the table's, or a row's time is
        outside ``hour``.
        """
        with pq.ParquetFile(str(path)) as file:
            _check_columns(file.schema_arrow, self.table)
            rows = file.metadata.num_rows
            times = file.read([layout.TIME_COLUMN[self.table]])
        if not rows:
            path.unlink()
            return 0
        start_us, end_us = span(times, layout.TIME_COLUMN[self.table])
        if hour is not None and {start_us // layout.HOUR_US, end_us // layout.HOUR_US} != {
            hour
        }:
            raise MalformedInput(f"{self.table}: rows outside hour {layout.folder_of(hour)}")
        sync_file(path)
        staged = StagedFile(path=path, hour=hour, rows=rows, start_us=start_us, end_us=end_us)
        self._files.append((self._digest, staged))
        return rows

    def commit(
        self,
        *,
        instead_of: Collection[int] | None = (),
        basis: Mapping[int, str] | None = None,
    ) -> None:
        """Make the change. ``instead_of``: hours whose files it replaces; None: all of them.

        A source that somebody else imported meanwhile is left out.
        """
        self._close_files()
        _check_hours([file for _, file in self._files], instead_of)
        with locks.committing(self._folder):
            before = manifest.read(self._folder)
            known = {done.digest for done in self._imports} & before.digests()
            kept = [file for file in before.files if not _goes(file, instead_of)]
            tidy = mark_unswept(self._folder) and len(kept) == len(before.files)
            added = self._move_in(known)
            after = replace(
                before,
                generation=before.generation + 1,
                files=(*kept, *added),
                imports=(*before.imports, *(i for i in self._imports if i.digest not in known)),
                basis=_basis(before, instead_of, basis or {}),
            )
            manifest.write(self._folder, after)
            settle(self._folder, nothing_left=tidy)

    def abandon(self) -> None:
        """Remove what was prepared; after ``commit`` only the empty folder is left."""
        self._writer.stop()
        self._staging.remove()

    def _close_files(self) -> None:
        self._files += [(self._digest, file) for file in self._writer.finish()]

    def _move_in(self, known: Collection[str]) -> list[DataFile]:
        by_hour: defaultdict[int | None, list[tuple[str, StagedFile]]] = defaultdict(list)
        for digest, file in self._files:
            if digest not in known:
                by_hour[file.hour].append((digest, file))
        added = []
        for hour, files in by_hour.items():
            home = self._folder / layout.folder_of(hour)
            home.mkdir(parents=True, exist_ok=True)
            added += [_moved(digest, file, home, self._folder) for digest, file in files]
            manifest.sync_folder(home)
            manifest.sync_folder(home.parent)
        return added


def _moved(digest: str, staged: StagedFile, home: Path, table_folder: Path) -> DataFile:
    path = staged.path.rename(home / staged.path.name)
    return DataFile(
        path=path.relative_to(table_folder).as_posix(),
        rows=staged.rows,
        bytes=path.stat().st_size,
        hour=staged.hour,
        start_us=staged.start_us,
        end_us=staged.end_us,
        digest=digest,
    )


def _goes(file: DataFile, instead_of: Collection[int] | None) -> bool:
    return instead_of is None or file.hour in instead_of


def _basis(
    before: Manifest, instead_of: Collection[int] | None, fresh: Mapping[int, str]
) -> Mapping[int, str]:
    gone = before.basis.keys() if instead_of is None else set(instead_of)
    return {h: mark for h, mark in before.basis.items() if h not in gone} | dict(fresh)


def _check_columns(found: pa.Schema, table: str) -> None:
    wanted = layout.shape(table).names
    if found.names != wanted:
        raise MalformedInput(f"{table} has columns {wanted}, the file {found.names}")


def _check_hours(files: list[StagedFile], instead_of: Collection[int] | None) -> None:
    if not instead_of:  # an append, or the whole table: any hour will do
        return
    outside = {f.hour for f in files if f.hour is not None and f.hour not in instead_of}
    if outside:
        places = ", ".join(layout.folder_of(hour) for hour in sorted(outside))
        raise MalformedInput(f"rows outside the hours to be replaced: {places}")
