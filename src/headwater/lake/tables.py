"""The lake: tables as Parquet files that change all at once or not at all.

A table is a folder. Readers take its files from the manifest; a change is prepared in a
hidden folder beside them and made by replacing the manifest. One writer commits at a
time; readers are never waited for: files that a change has superseded stay on the disk
until nobody reads the table any more.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from headwater.lake import layout, locks, manifest
from headwater.lake.changes import Change
from headwater.lake.manifest import DataFile, Import, Manifest
from headwater.lake.partition import Bounds
from headwater.lake.staging import Staging, sweep
from headwater.records.errors import LakeDamaged
from headwater.records.tables import TABLES
from headwater.records.window import Window


class Lake:
    """Every table under one folder."""

    def __init__(self, root: Path, bounds: Bounds | None = None) -> None:
        self.root = root
        self._bounds = bounds or Bounds()

    def folder(self, table: str) -> Path:
        """Where a table lives. Raises Misconfigured where there is no such table."""
        layout.shape(table)
        return self.root / table

    def manifest(self, table: str) -> Manifest:
        """What the table holds now. Raises LakeDamaged where its manifest is unreadable."""
        return manifest.read(self.folder(table))

    def files(
        self,
        table: str,
        window: Window | None = None,
        sources: Collection[str] | None = None,
    ) -> list[Path]:
        """The table's files that may hold rows of ``window`` (None: of any time).

        ``sources``: digests of the sources wanted (None: any).
        """
        folder = self.folder(table)
        return [
            folder / file.path
            for file in self.manifest(table).files
            if _touches(file, window) and (sources is None or file.digest in sources)
        ]

    @contextmanager
    def reading(self, tables: Collection[str]) -> Iterator[None]:
        """While held, no file that ``files`` names then is deleted."""
        with ExitStack() as held:
            for table in sorted(tables):
                held.enter_context(locks.reading(self.folder(table)))
            yield

    def read(
        self,
        table: str,
        window: Window | None = None,
        columns: list[str] | None = None,
    ) -> pa.Table:
        """The table's rows in memory: for small tables and tests, instants as timestamps."""
        schema = layout.stored_shape(table)
        with self.reading([table]):
            paths = [str(path) for path in self.files(table, window)]
            rows = ds.dataset(paths, schema=schema, format="parquet")
            time = ds.field(layout.TIME_COLUMN[table])
            inside = _inside(time, window) if window else None
            try:
                return rows.to_table(columns=columns, filter=inside)
            except (OSError, pa.ArrowInvalid) as why:
                raise LakeDamaged(f"{table}: {why}") from why

    def rows(self, table: str, window: Window | None = None) -> int:
        """How many rows the table holds in the files of ``window``, from its manifest."""
        return sum(f.rows for f in self.manifest(table).files if _touches(f, window))

    def within(self, table: str, window: Window) -> bool:
        """Whether no file with rows of ``window`` reaches beyond it, by the manifest."""
        touched = [f for f in self.manifest(table).files if _touches(f, window)]
        return all(window.start_us <= f.start_us and f.end_us < window.end_us for f in touched)

    def hours(self, table: str, window: Window | None = None) -> dict[int, str]:
        """Each hour with rows (hours since 1970 UTC) and a fingerprint of its files.

        The fingerprint changes with every change of the hour: a step that keeps it (the
        ``basis`` of ``replace``) can tell which hours it has still to work on.
        """
        names: defaultdict[int, list[str]] = defaultdict(list)
        for file in self.manifest(table).files:
            if file.hour is not None and _touches(file, window):
                names[file.hour].append(file.path)
        return {hour: _fingerprint(names[hour]) for hour in sorted(names)}

    def basis(self, table: str) -> Mapping[int, str]:
        """What each hour of a made table was made from, as told to ``replace``."""
        return self.manifest(table).basis

    def imported(self, table: str, digest: str) -> Import | None:
        """The record of an earlier import of this source, if there was one."""
        found = (done for done in self.manifest(table).imports if done.digest == digest)
        return next(found, None)

    @contextmanager
    def append(self, table: str, digest: str) -> Iterator[Change]:
        """Add rows; they appear when the block ends, or never if it raises.

        ``digest`` names the source. Call ``change.imported(Import(...))`` to have the
        source remembered; rows of a source that is remembered already are left out.
        """
        with self._change(table, digest) as change:
            yield change
            change.commit()

    @contextmanager
    def replace(
        self,
        table: str,
        hours: Collection[int] | None,
        digest: str,
        basis: Mapping[int, str] | None = None,
    ) -> Iterator[Change]:
        """Put new rows in the place of all rows of ``hours`` (None: of the whole table).

        ``basis``: for each hour, the fingerprint of what it was made from.
        Rows outside ``hours`` raise MalformedInput at the end, and nothing changes.
        """
        with self._change(table, digest) as change:
            yield change
            change.commit(instead_of=hours, basis=basis)

    def damage(self, table: str) -> list[str]:
        """What the table's files do not hold of what the manifest promises (for doctor)."""
        folder = self.folder(table)
        checked = (_damage(folder / f.path, f) for f in self.manifest(table).files)
        return [found for found in checked if found]

    @contextmanager
    def scratch(self, table: str) -> Iterator[Path]:
        """A folder for rows that do not fit into memory; killed runs leave none behind."""
        staging = Staging(self.folder(table))
        try:
            yield staging.folder
        finally:
            staging.remove()

    def tidy(self) -> None:
        """Remove what killed runs left behind, in every table."""
        for table in TABLES:
            if self.folder(table).is_dir():
                with locks.committing(self.folder(table)):
                    sweep(self.folder(table))

    @contextmanager
    def _change(self, table: str, digest: str) -> Iterator[Change]:
        change = Change(self.folder(table), digest, self._bounds)
        try:
            yield change
        finally:
            change.abandon()


def _touches(file: DataFile, window: Window | None) -> bool:
    return window is None or (file.start_us < window.end_us and file.end_us >= window.start_us)


def _inside(time: ds.Expression, window: Window) -> ds.Expression:
    start = pa.scalar(window.start_us, pa.timestamp("us", tz="UTC"))
    end = pa.scalar(window.end_us, pa.timestamp("us", tz="UTC"))
    return (time >= start) & (time < end)


def _fingerprint(names: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:32]


def _damage(path: Path, promised: DataFile) -> str | None:
    try:
        size = path.stat().st_size
        rows = pq.read_metadata(str(path)).num_rows
    except (OSError, pa.ArrowInvalid) as why:
        return f"{path}: {why}"
    if (size, rows) != (promised.bytes, promised.rows):
        return (
            f"{path}: {size} bytes and {rows} rows;"
            f" {promised.bytes} and {promised.rows} were promised"
        )
    return None
