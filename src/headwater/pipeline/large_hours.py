"""Hours of more flows than fit into memory, joined part by part.

Flows between two addresses belong to one part, so that each part is joined as if there were
no other. What only the whole hour tells is found out beforehand, part by part as well: which
endpoints many meet, and whose clocks are wrong. Beside one part, memory holds the hour's
addresses, what goes on from the hour before, and the endpoints that are met often.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import add
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.coded import coded_steps
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.measures.alike import Parts, parted
from headwater.measures.columns import ints
from headwater.measures.endpoints import ADDRESS_BITS, addresses
from headwater.measures.openers import NEVER, Clocks, Often, calls, clocks, often
from headwater.pipeline.carried import CARRIED_COLUMNS, Carried, begun_us, carried
from headwater.pipeline.conversation_keys import (
    Bools,
    Codes,
    Directory,
    Ints,
    Own,
    code_exporters,
    code_together,
)
from headwater.pipeline.hour_records import FLOW_COLUMNS, HourRecords, Records, records_of
from headwater.pipeline.meetings import paired
from headwater.pipeline.one_clock import (
    WAYS,
    Sample,
    clock_numbers,
    clocks_ahead_us,
    put_right,
    together,
)
from headwater.pipeline.part_files import PartFiles
from headwater.pipeline.session_rows import Joined, joined, rows_of
from headwater.records.window import Window

CODED: Final = ("src", "dst", "exporter")
AHEAD: Final = 2  # parts that are joined at a time, or wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An hour to be joined in ``parts``, with room on the disk for what is at hand."""

    lake: Lake
    hour: int
    window: Window
    hour_before: Window
    hours_before: int  # see ``begun_us``
    parts: int
    scratch: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dealt:
    """The flows in parts, and what all parts share."""

    task: Task
    directory: Directory
    exporters: pa.StringArray
    flows: PartFiles
    begun_us: int
    before: Carried
    part_before: Parts
    is_own: Bools  # by address
    ahead: Ints  # by clock

    def parts(self) -> Iterator[Joined]:
        """Each part, joined; the next are joined while it is looked at."""
        numbers = iter(range(self.task.parts))
        with ThreadPoolExecutor(AHEAD, "part") as pool:
            coming = deque(pool.submit(self._joined, each) for each in islice(numbers, AHEAD))
            while coming:
                part = coming.popleft().result()
                coming.extend(pool.submit(self._joined, each) for each in islice(numbers, 1))
                yield part
                del part

    def _joined(self, number: int) -> Joined:
        flows = self.flows.read(number)
        codes = (flows.column(name).to_numpy() for name in CODED)
        records = records_of(flows, *codes)
        records = put_right(records, self.task.hour, self.is_own, self.ahead)
        read = HourRecords(self.task.hour, records, self.directory, self.exporters)
        before = self.before.take(self.part_before == number)
        return joined(read, paired(records), before)


class _Clocks:
    """What tells of the hour's clocks, from its flows bit by bit."""

    def __init__(self, task: Task, is_own: Bools, exporters: int) -> None:
        self._from_us, self._is_own, self._exporters = task.hour * HOUR_US, is_own, exporters
        self._sample = Sample.of(task.lake.rows("flows", task.window))
        self._told: list[Records] = []
        self._first_us = np.full(WAYS * exporters, NEVER)

    def add(self, flows: pa.Table) -> None:
        """``flows``: FLOW_COLUMNS, three of them as codes."""
        rows = self._sample.rows(ints(flows, "src_port"), ints(flows, "dst_port"))
        few = flows.take(pa.array(rows))
        self._told.append(records_of(few, *(few.column(name).to_numpy() for name in CODED)))
        source, exporter = (flows.column(name).to_numpy() for name in ("src", "exporter"))
        clock = clock_numbers(exporter, self._is_own[source])
        np.minimum.at(self._first_us, clock, ints(flows, "started_at"))

    def ahead_us(self) -> Ints:
        """Of each clock."""
        return clocks_ahead_us(together(self._told), self._is_own, self._exporters)

    def first_us(self, ahead: Ints) -> int:
        """When the hour's first record began, put right."""
        seen = self._first_us != NEVER
        first = (self._first_us[seen] - ahead[seen]).min(initial=NEVER)
        return max(int(first), self._from_us)


def large_hour(task: Task, own: Own) -> Iterator[tuple[pa.Table, pa.Table]]:
    """SESSIONS and SLICES of the hour, part by part."""
    dealt = _dealt(task, own)
    met_often = _often(dealt)
    believed = reduce(add, (_clocks(part, met_often) for part in dealt.parts())).truthful
    done = 0
    for part in dealt.parts():
        known = [met_often.met(each) for each in part.meetings]
        rows, pieces = rows_of(part, known, believed, dealt.begun_us, dealt.is_own, done)
        done += rows.num_rows
        yield rows, pieces


def _dealt(task: Task, own: Own) -> _Dealt:
    directory, exporters = _names(task)
    is_own = own(directory.names)
    files = PartFiles(task.scratch, "flows", task.parts)
    seen = _Clocks(task, is_own, len(exporters))
    for rows in coded_steps(task.lake, "flows", task.window, FLOW_COLUMNS):
        source, target = directory.codes(rows.column("src"), rows.column("dst"))
        codes = {"src": source, "dst": target, "exporter": _exporters(rows, exporters)}
        flows = pa.table({name: codes.get(name, rows.column(name)) for name in FLOW_COLUMNS})
        files.add(flows, _part(source, target, task.parts))
        seen.add(flows)
    steps = coded_steps(task.lake, "sessions", task.hour_before, CARRIED_COLUMNS)
    before = carried(steps, task.hour, directory)
    low, high = (addresses(end).astype(np.int32) for end in (before.low_end, before.high_end))
    ahead = seen.ahead_us()
    return _Dealt(
        task=task,
        directory=directory,
        exporters=exporters,
        flows=files,
        begun_us=begun_us(task.hours_before, seen.first_us(ahead), before),
        before=before,
        part_before=_part(low, high, task.parts),
        is_own=is_own,
        ahead=ahead,
    )


def _names(task: Task) -> tuple[Directory, pa.StringArray]:
    """The hour's addresses, and its exporters in the order in which they appear."""
    seen = pa.array([], pa.string())
    told: dict[str | None, None] = {}
    for flows in coded_steps(task.lake, "flows", task.window, list(CODED)):
        names, _, _ = code_together(flows.column("src"), flows.column("dst"))
        seen = pc.unique(pa.concat_arrays([seen, names]))
        told |= dict.fromkeys(code_exporters(flows.column("exporter"))[0].to_pylist())
    return Directory(seen), pa.array(list(told), pa.string())


def _exporters(flows: pa.Table, exporters: pa.StringArray) -> Codes:
    names, codes = code_exporters(flows.column("exporter"))
    place = {name: at for at, name in enumerate(exporters.to_pylist())}
    found: Codes = np.array([place[name] for name in names.to_pylist()], np.int32)[codes]
    return found


def _part(one: Codes, other: Codes, parts: int) -> Parts:
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    return parted((low << ADDRESS_BITS) | high, parts)


def _often(dealt: _Dealt) -> Often:
    task = dealt.task
    files = PartFiles(task.scratch, "ends", task.parts)
    for part in dealt.parts():
        for each in part.meetings:
            ends = np.concatenate([each.low_end, each.high_end])
            votes = np.concatenate(calls(each, dealt.begun_us))
            files.add(pa.table({"end": ends, "calls": votes}), parted(ends, task.parts))
    every = (files.read(number) for number in range(task.parts))
    return often((part["end"].to_numpy(), part["calls"].to_numpy()) for part in every)


def _clocks(part: Joined, met_often: Often) -> Clocks:
    known = [met_often.met(each) for each in part.meetings]
    return clocks(part.meetings, known, len(part.read.exporters))
