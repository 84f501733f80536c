"""Bring in flows: files of any format become rows of the ``flows`` table.

A file is in the table whole or not at all, and once: it is known by the digest of its
content and of the options that change its rows. Files are committed some at a time; if the
process dies, what was committed stays, and the same command again does the rest.

Captures of one command share the decoder's memory (a template in one explains data in the
next), so they are committed together, all or none. Captures that are in the table already
and stand right before a new one are read again for their templates alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from headwater.lake.changes import Change
from headwater.lake.manifest import Import
from headwater.lake.tables import Lake
from headwater.pipeline.import_report import Counting, FileReport, ImportReport
from headwater.pipeline.import_sources import Source, recognised
from headwater.pipeline.refusals import Refusals
from headwater.records.errors import MalformedInput, MissingProgram
from headwater.records.intake import Refused, SequenceGap
from headwater.records.window import to_us
from headwater.sources.flow_files import Reading, find_files, left_over, readings
from headwater.sources.flow_formats import FlowFormat
from headwater.wire.flow_checks import Rules, check
from headwater.wire.flow_export import FlowDecoder
from headwater.wire.flow_rows import Portion

ROWS_A_COMMIT: Final = 8 << 20
FILES_A_COMMIT: Final = 500
TEMPLATES_FROM_OCTETS: Final = 256 << 20  # of known captures read again before a new one


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the operator says of the files."""

    already_scaled: bool = False  # counters are not to be multiplied by their sampling
    scaled_exporters: frozenset[str] = frozenset()  # nor those of these exporters
    rates: Mapping[str, int] = field(default_factory=dict)  # of exporters that do not say it

    @property
    def words(self) -> tuple[str, ...]:
        """What makes the same file another source."""
        rates = (f"{name} 1:{rate}" for name, rate in self.rates.items())
        return ("flows", str(self.already_scaled), *sorted([*self.scaled_exporters, *rates]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is."""

    file: str
    octets: int  # of all files, read so far
    total_octets: int
    flows: int


OnProgress = Callable[[Progress], None]


def unwatched(_progress: Progress) -> None:
    """Nobody watches."""


def import_flows(
    paths: Sequence[Path],
    lake: Lake,
    options: ImportOptions,
    now: datetime,
    *,
    spool: Path,
    stdin: BinaryIO,
    on_progress: OnProgress = unwatched,
) -> ImportReport:
    """Import files and folders; ``-`` is ``stdin``, kept in ``spool`` meanwhile.

    What cannot be read is counted in the report, never raised. Raises Misconfigured where
    a path is not there, LakeDamaged where the table cannot be read, OSError where the disk
    fails or is full: then the table is as it was after the last whole commit.
    """
    with ExitStack() as held:
        files = find_files(paths)
        known = {done.digest: done for done in lake.manifest("flows").imports}
        sources = [
            held.enter_context(recognised(path, key, known, options.words, stdin, spool))
            for key, path in enumerate(files)
        ]
        importing = _Importing(lake, options, now, spool, on_progress, _first_of_each(sources))
        importing.captures()
        importing.others()
        return importing.report()


def _first_of_each(sources: Iterable[Source]) -> list[Source]:
    """The same content a second time counts as imported before."""
    seen: set[str] = set()
    marked = []
    for source in sources:
        marked.append(replace(source, already=source.already or source.digest in seen))
        seen.add(source.digest)
    return marked


class _Importing:
    """One command's work."""

    def __init__(
        self,
        lake: Lake,
        options: ImportOptions,
        now: datetime,
        spool: Path,
        on_progress: OnProgress,
        sources: list[Source],
    ) -> None:
        self._lake = lake
        self._now_us = to_us(now)
        self._rules = Rules(
            now_us=self._now_us,
            already_scaled=options.already_scaled,
            scaled_exporters=options.scaled_exporters,
            rates=options.rates,
        )
        self._spool = spool
        self._on_progress = on_progress
        self._sources = sources
        self._decoder = FlowDecoder()
        self._counting = Counting()
        self._done: dict[int, _Tally] = {}
        self._total = sum(source.octets for source in sources)
        self._octets = 0

    def captures(self) -> None:
        """All new captures, in the order given, in one commit."""
        captures = [s for s in self._sources if s.kind is FlowFormat.CAPTURE]
        new = [source for source in captures if source.is_new]
        if not new:
            return
        context = _right_before_new(captures)
        with self._lake.append("flows", new[0].digest) as change:
            for source in captures:
                if source.is_new:
                    self._take(source, change)
                elif source in context:
                    self._learn(source)
            self._keep(left_over(self._decoder), new[-1], change)
            for source in new:
                self._remember(source, change)

    def others(self) -> None:
        """All other new files, some in each commit."""
        waiting = [s for s in self._sources if s.is_new and s.kind is not FlowFormat.CAPTURE]
        while waiting:
            goal = self._counting.flows + ROWS_A_COMMIT
            with self._lake.append("flows", waiting[0].digest) as change:
                for _ in range(min(FILES_A_COMMIT, len(waiting))):
                    source = waiting.pop(0)
                    self._take(source, change)
                    self._remember(source, change)
                    if self._counting.flows >= goal:
                        break

    def report(self) -> ImportReport:
        """What became of everything."""
        for source in self._sources:
            if source.failed:
                self._counting.refusals.add(source.refusal(source.failed))
        files = [_file_report(source, self._done.get(source.key)) for source in self._sources]
        ignored = dict.fromkeys(name for s in self._sources for name in s.ignored_columns)
        return self._counting.report(files, list(ignored), self._decoder.skipped)

    def _take(self, source: Source, change: Change) -> None:
        """Read a new file; what is damaged costs itself, or the rest of the file."""
        change.next_source(source.digest)
        done = self._done[source.key] = _Tally()
        try:
            self._keep(self._readings(source), source, change)
        except _Unreadable as why:
            done.failed = str(why)
            self._refuse(source.refusal(done.failed), done)
        self._octets += source.octets

    def _readings(self, source: Source) -> Iterator[Reading]:
        assert source.kind

        def on_read(octets: int) -> None:
            self._tell(source, octets)

        try:
            yield from readings(
                source.path, source.name, source.kind, self._decoder, self._spool, on_read
            )
        except (MalformedInput, MissingProgram) as why:
            raise _Unreadable(str(why)) from why

    def _keep(self, found: Iterator[Reading], source: Source, change: Change) -> None:
        done = self._done[source.key]
        for reading in found:
            if isinstance(reading, SequenceGap):
                self._counting.gap(reading)
            elif isinstance(reading, Refused):
                self._refuse(reading, done)
            else:
                self._check(reading, source, change)

    def _check(self, portion: Portion, source: Source, change: Change) -> None:
        done = self._done[source.key]
        self._counting.without_zone += portion.without_zone
        for checked in check(portion, source.name, self._rules):
            if isinstance(checked, Refused):
                self._refuse(checked, done)
                continue
            change.write(checked)
            done.flows += checked.num_rows
            self._counting.flows_passed(checked)

    def _learn(self, source: Source) -> None:
        """Read a known capture for its templates only."""
        try:
            for _ in self._readings(source):
                pass
        except _Unreadable:
            return  # said when it was imported

    def _refuse(self, refused: Refused, done: "_Tally") -> None:
        self._counting.refusals.add(refused)
        done.refusals.add(refused)

    def _remember(self, source: Source, change: Change) -> None:
        done = self._done[source.key]
        if not done.flows:
            return  # another command may bring what it lacked: a template, a program
        change.imported(
            Import(
                digest=source.digest,
                name=source.name,
                rows=done.flows,
                imported_at_us=self._now_us,
                refused=done.refusals.counts,
            )
        )

    def _tell(self, source: Source, octets: int) -> None:
        self._on_progress(
            Progress(
                file=source.name,
                octets=self._octets + octets,
                total_octets=self._total,
                flows=self._counting.flows,
            )
        )


class _Unreadable(Exception):
    """The rest of a file cannot be read; raised by its reader, not by the table."""


class _Tally:
    """One file's share of the counts."""

    def __init__(self) -> None:
        self.flows = 0
        self.failed = ""
        self.refusals = Refusals()


def _right_before_new(captures: Sequence[Source]) -> list[Source]:
    """Known captures that may hold the templates of a new one: the nearest before each."""
    wanted: list[Source] = []
    for place, source in enumerate(captures):
        room = TEMPLATES_FROM_OCTETS if source.is_new else 0
        for earlier in reversed(captures[:place]):
            room -= earlier.octets
            if room < 0 or earlier.is_new:
                break
            wanted.append(earlier)
    return wanted


def _file_report(source: Source, done: _Tally | None) -> FileReport:
    return FileReport(
        name=source.name,
        format=source.kind or "",
        flows=done.flows if done else source.known_flows,
        digest=source.digest,
        already=source.already,
        refused=done.refusals.counts if done else {},
        failed=done.failed if done else source.failed,
    )
