"""Rows in any order become few Parquet files, each inside one hour, in bounded memory.

Rows are gathered until there are enough of them, each part of them sorted by hour. Where
they fall into few hours (the usual case: time-ordered input) those of each hour go straight
to its open file. Where they fall into many, the sorted rows are spilled as one run with a batch
for each hour, and the hours are put together from the runs at the end: an import that
spans years neither holds its rows in memory nor leaves a crowd of tiny files.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.lake.conform import uncoded
from headwater.lake.layout import BY_HOUR, HOUR_US, TIME_COLUMN, shape, stored_shape
from headwater.lake.parquet import HourFile, StagedFile
from headwater.records.errors import MalformedInput

Instants = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is held in memory and kept open at a time."""

    flush_rows: int = 1 << 20
    flush_bytes: int = 256 << 20
    direct_hours: int = 24  # more hours than this in one flush: spill
    open_files: int = 16
    hours: int = 50_000  # in one change; clocks gone wild would make a folder for each hour


class HourFiles:
    """Writes rows of one table into ``folder``; ``finish`` says what files came of it."""

    def __init__(self, folder: Path, table: str, prefix: str, bounds: Bounds) -> None:
        self._folder = folder
        self._prefix = prefix
        self._bounds = bounds
        self._shape = shape(table)
        self._spilled_shape = stored_shape(table)
        self._time = TIME_COLUMN[table]
        self._by_hour = table in BY_HOUR
        self._waiting: list[pa.Table] = []
        self._open: OrderedDict[int | None, HourFile] = OrderedDict()
        self._done: list[StagedFile] = []
        self._hours: set[int] = set()
        self._runs: list[Path] = []
        self._spilled: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._count = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lake")
        self._writing: Future[None] | None = None

    def write(self, rows: pa.Table) -> None:
        """Take rows of the table's stored shape, repeated text coded or not."""
        if not rows.num_rows:
            return
        self._waiting.append(rows)
        if (
            sum(part.num_rows for part in self._waiting) >= self._bounds.flush_rows
            or sum(part.nbytes for part in self._waiting) >= self._bounds.flush_bytes
        ):
            self.flush()

    def finish(self) -> list[StagedFile]:
        """Close every file, on disk; after this the writer is empty and may be used again."""
        self.flush()
        self.rest()
        self._gather_spilled()
        while self._open:
            self._close_oldest()
        done, self._done = self._done, []
        return done

    def rest(self) -> None:
        """Wait for what is being written; raises what went wrong with it."""
        if self._writing:
            writing, self._writing = self._writing, None
            writing.result()

    def stop(self) -> None:
        """Write no more; what was begun is waited for."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        for file in self._open.values():
            file.abandon()
        self._open.clear()

    def flush(self) -> None:
        """Hand the gathered rows to the other thread: the next are read meanwhile."""
        if not self._waiting:
            return
        parts, self._waiting = self._waiting, []
        self.rest()
        self._writing = self._thread.submit(self._place, parts)

    def _place(self, parts: list[pa.Table]) -> None:
        if not self._by_hour:
            self._append(None, _together(parts))
            return
        pieces: defaultdict[int, list[pa.Table]] = defaultdict(list)
        for part in parts:
            for hour, piece in _split(part, self._time):
                pieces[hour].append(piece)
        self._count_hours(pieces)
        by_hour = [(hour, _together(pieces[hour])) for hour in sorted(pieces)]
        if len(by_hour) <= self._bounds.direct_hours:
            for hour, rows in by_hour:
                self._append(hour, rows)
        else:
            self._spill(by_hour)

    def _count_hours(self, hours: Iterable[int]) -> None:
        self._hours.update(hours)
        if len(self._hours) > self._bounds.hours:
            raise MalformedInput(
                f"rows spread over more than {self._bounds.hours} hours: import them in parts"
            )

    def _append(self, hour: int | None, rows: pa.Table) -> None:
        file = self._open.get(hour)
        if file is None:
            if len(self._open) >= self._bounds.open_files:
                self._close_oldest()
            file = self._open[hour] = HourFile(
                self._new_path("parquet"), self._shape, self._time, hour
            )
        self._open.move_to_end(hour)
        file.append(rows)

    def _close_oldest(self) -> None:
        _, file = self._open.popitem(last=False)
        self._done.append(file.close())

    def _new_path(self, ending: str) -> Path:
        self._count += 1
        return self._folder / f"{self._prefix}-{self._count:05}.{ending}"

    def _spill(self, parts: list[tuple[int, pa.Table]]) -> None:
        path = self._new_path("arrow")
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_file(str(path), self._spilled_shape, options=options) as run:
            for number, (hour, part) in enumerate(parts):
                run.write_batch(uncoded(part).combine_chunks().to_batches()[0])
                self._spilled[hour].append((len(self._runs), number))
        self._runs.append(path)

    def _gather_spilled(self) -> None:
        readers = [pa.ipc.open_file(pa.memory_map(str(path))) for path in self._runs]
        for hour in sorted(self._spilled):
            batches = (readers[run].get_batch(number) for run, number in self._spilled[hour])
            for rows in _in_large_pieces(batches, self._bounds.flush_rows):
                self._append(hour, rows)
        for path in self._runs:
            path.unlink()
        self._runs, self._spilled = [], defaultdict(list)


def _together(parts: list[pa.Table]) -> pa.Table:
    if any(part.schema != parts[0].schema for part in parts):  # text coded and not
        parts = [uncoded(part) for part in parts]
    return pa.concat_tables(parts)


def _split(rows: pa.Table, time: str) -> Iterator[tuple[int, pa.Table]]:
    """Each hour that occurs, with its rows in the order in which they came."""
    hours = _instants(rows, time) // HOUR_US
    first, last = int(hours.min()), int(hours.max())
    if first == last:
        yield first, rows
        return
    offsets = hours - first
    if np.any(offsets[1:] < offsets[:-1]):
        # NumPy sorts 16-bit numbers by radix: several times faster here.
        narrow = offsets.astype(np.uint16 if last - first < 1 << 16 else np.uint32)
        order = np.argsort(narrow, kind="stable")
        rows, offsets = rows.take(order), offsets[order]
    cuts = np.flatnonzero(np.diff(offsets)) + 1
    for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(offsets)], strict=True):
        yield first + int(offsets[start]), rows.slice(start, end - start)


def _instants(rows: pa.Table, column: str) -> Instants:
    return rows.column(column).cast(pa.int64()).to_numpy()


def _in_large_pieces(batches: Iterator[pa.RecordBatch], size: int) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= size:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)
