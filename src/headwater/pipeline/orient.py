"""Orient: the two directions of each conversation joined, and who opened it decided.

Runs hour by hour, each from the flows of that hour and what was still open in the hour
before; so a day is never held in memory, and an import of one new hour costs one hour.
Each hour remembers what it was made from: late records make it, and what follows, stale.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import pyarrow as pa

from headwater.lake.changes import Change
from headwater.lake.coded import coded_steps, read_coded
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.measures.openers import NEVER
from headwater.pipeline import facts
from headwater.pipeline.carried import CARRIED_COLUMNS, begun_us, carried
from headwater.pipeline.conversation_keys import Bools, Own
from headwater.pipeline.hour_records import FLOW_COLUMNS, HourRecords, hour_records
from headwater.pipeline.large_hours import Task, large_hour
from headwater.pipeline.meetings import Pairs, paired
from headwater.pipeline.one_clock import of_one_clock
from headwater.pipeline.session_rows import session_rows
from headwater.pipeline.shared_memory import share_memory
from headwater.records.window import Window, from_us

# To be changed whenever the same flows may come to other sessions: all are made anew then.
METHOD: Final = "10"

# Hours that are read at a time: before the first is joined there is nothing else to do.
AHEAD: Final = 2

# Hours that are counted at a time, and written in their order, while the next are joined.
BEHIND: Final = 2

# What a flow of an hour needs in memory, as measured, with hours ahead and behind; in a part
# of a large hour it needs no more. What is there whatever the flows: code, rows to be written.
OCTETS_A_FLOW: Final = 750
OCTETS_BESIDE: Final = 512 << 20
MEMORY: Final = 4 << 30
MOST_PARTS: Final = 256  # two files for each are open at a time; systems allow 1,024


@dataclass(frozen=True, slots=True, kw_only=True)
class Oriented:
    """What one run of ``orient`` did."""

    hours: int
    sessions: int
    skipped_hours: int


def orient(
    lake: Lake,
    own: Own,
    own_name: str,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
    memory: int = MEMORY,
) -> Oriented:
    """Bring ``sessions``, ``slices`` and ``facts`` up to date with ``flows``.

    ``own`` tells own addresses; ``own_name`` changes whenever its answers may. ``memory``:
    octets; what does not fit is put on the disk.
    """
    wanted = _bases(lake.hours("flows"), own_name)
    present = lake.basis("sessions")
    stale = [hour for hour, basis in wanted.items() if present.get(hour) != basis]
    gone = [hour for hour in present if hour not in wanted]
    sessions = 0
    share_memory()
    with (
        ThreadPoolExecutor(AHEAD, "ahead") as ahead,
        ThreadPoolExecutor(BEHIND, "counting") as counting,
        ThreadPoolExecutor(1, "behind") as behind,
    ):
        hours = _Hours(lake, own, wanted, memory, ahead, counting, behind)
        for done, hour in enumerate(stale):
            on_progress(done, len(stale))
            # Beside the first hour nothing is counted or written yet: two more are read.
            ahead_of = 2 if done else 3
            sessions += hours.make(hour, *stale[done + 1 : done + ahead_of])
        hours.wait(0)
    for table in ("slices", "facts", "sessions") if gone else ():
        with lake.replace(table, gone, "gone"):
            pass
    on_progress(len(stale), len(stale))
    return Oriented(hours=len(stale), sessions=sessions, skipped_hours=len(wanted) - len(stale))


_Read: TypeAlias = tuple[HourRecords, Pairs, Bools]  # an hour, and which addresses are own


@dataclass(slots=True)
class _Hours:
    """Makes hours in turn, with others at work ahead and behind."""

    lake: Lake
    own: Own
    wanted: Mapping[int, str]
    memory: int
    ahead: Executor
    counting: Executor
    behind: Executor
    reading: dict[int, Future[_Read]] = field(default_factory=dict)
    last: dict[int, pa.Table] = field(default_factory=dict)  # what may go on, by hour
    keeping: list[Future[None]] = field(default_factory=list)

    def make(self, hour: int, *following: int) -> int:
        """Join one hour; how many sessions that are. ``following``: to be read meanwhile."""
        parts = self._parts(hour)
        if parts == 1:
            return self._at_once(hour, following)
        self.wait(0)
        self.last.clear()
        with self.lake.scratch("sessions") as scratch:
            return self._in_parts(hour, parts, scratch)

    def _parts(self, hour: int) -> int:
        """Into how many parts the hour must be cut to fit into memory."""
        room = max(self.memory - OCTETS_BESIDE, self.memory // 4, 1)
        return min(1 + self.lake.rows("flows", _hour(hour)) * OCTETS_A_FLOW // room, MOST_PARTS)

    def wait(self, most: int) -> None:
        """Until no more hours than that are being kept."""
        while len(self.keeping) > most:
            self.keeping.pop(0).result()

    def _at_once(self, hour: int, following: Iterable[int]) -> int:
        reading = self.reading.pop(hour, None) or self._read(hour)
        for each in following:
            if each not in self.reading and self._parts(each) == 1:
                self.reading[each] = self._read(each)
        read, pairs, is_own = reading.result()
        before = self.last.pop(hour - 1, None)
        steps = (
            [before]
            if before is not None
            else coded_steps(self.lake, "sessions", _hour(hour - 1), CARRIED_COLUMNS)
        )
        going_on = carried(steps, hour, read.directory)
        first_us = int(read.records.started.min(initial=NEVER))
        begun = begun_us(self._hours_before(hour), first_us, going_on)
        rows, pieces = session_rows(read, pairs, going_on, begun, is_own)
        self.wait(BEHIND - 1)
        counted = self.counting.submit(facts.facts_of, hour, rows, pieces)
        self.keeping.append(self.behind.submit(self._keep, hour, rows, pieces, counted))
        self.last = {hour: rows.select(CARRIED_COLUMNS)}
        return rows.num_rows

    def _read(self, hour: int) -> Future[_Read]:
        def read() -> _Read:
            flows = read_coded(self.lake, "flows", _hour(hour), FLOW_COLUMNS)
            read = hour_records(hour, flows)
            is_own = self.own(read.directory.names)
            read = of_one_clock(read, is_own)
            return read, paired(read.records), is_own

        return self.ahead.submit(read)

    def _hours_before(self, hour: int) -> int:
        """How many hours before have records, without a gap; two are as good as more."""
        return next((n for n in range(2) if hour - 1 - n not in self.wanted), 2)

    def _keep(
        self, hour: int, rows: pa.Table, pieces: pa.Table, counted: Future[pa.Table]
    ) -> None:
        # Sessions are kept last: their basis says that the hour is done.
        with self._replaced("sessions", hour) as sessions:
            sessions.write(rows)
            sessions.hand_over()
            with self._replaced("slices", hour) as slices:
                slices.write(pieces)
            with self._replaced("facts", hour) as told:
                told.write(counted.result())

    def _in_parts(self, hour: int, parts: int, scratch: Path) -> int:
        task = Task(
            lake=self.lake,
            hour=hour,
            window=_hour(hour),
            hour_before=_hour(hour - 1),
            hours_before=self._hours_before(hour),
            parts=parts,
            scratch=scratch,
        )
        by_host = facts.FactsByHost(scratch, parts)
        made = 0
        with self._replaced("sessions", hour) as sessions:
            with self._replaced("slices", hour) as slices:
                for rows, pieces in large_hour(task, self.own):
                    sessions.write(rows)
                    slices.write(pieces)
                    by_host.add(rows, pieces)
                    made += rows.num_rows
            with self._replaced("facts", hour) as told:
                told.write(by_host.count(hour))
        return made

    def _replaced(self, table: str, hour: int) -> AbstractContextManager[Change]:
        basis = self.wanted[hour]
        return self.lake.replace(table, [hour], basis, {hour: basis})


def _bases(flows: Mapping[int, str], own_name: str) -> dict[int, str]:
    """For each hour a name of all that its sessions depend on, the hour before included."""
    bases: dict[int, str] = {}
    for hour, fingerprint in sorted(flows.items()):
        parts = (METHOD, facts.METHOD, own_name, fingerprint, bases.get(hour - 1, ""))
        bases[hour] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return bases


def _hour(hour: int) -> Window:
    return Window(from_us(hour * HOUR_US), from_us((hour + 1) * HOUR_US))
