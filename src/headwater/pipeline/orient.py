"""Orient: the two directions of each conversation joined, and who opened it decided.

Runs hour by hour, each from the flows of that hour and what was still open in the hour
before; so a day is never held in memory, and an import of one new hour costs one hour.
Each hour remembers what it was made from: late records make it, and what follows, stale.
"""

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headwater.lake.coded import read_coded
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.pipeline import facts
from headwater.pipeline.carried import CARRIED_COLUMNS, carried
from headwater.pipeline.hour_records import FLOW_COLUMNS, HourRecords, hour_records
from headwater.pipeline.session_rows import session_rows
from headwater.records.window import Window, from_us

# To be changed whenever the same flows may come to other sessions: all are made anew then.
METHOD: Final = "3"

# Hours that are counted at a time, and written in their order, while the next are joined.
BEHIND: Final = 2

Own = Callable[[pa.StringArray], NDArray[np.bool_]]


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
) -> Oriented:
    """Bring ``sessions``, ``slices`` and ``facts`` up to date with ``flows``.

    ``own`` tells own addresses; ``own_name`` changes whenever its answers may.
    """
    wanted = _bases(lake.hours("flows"), own_name)
    present = lake.basis("sessions")
    stale = [hour for hour, basis in wanted.items() if present.get(hour) != basis]
    gone = [hour for hour in present if hour not in wanted]
    sessions = 0
    before: pa.Table | None = None
    with (
        ThreadPoolExecutor(1, "ahead") as ahead,
        ThreadPoolExecutor(BEHIND, "counting") as counting,
        ThreadPoolExecutor(1, "behind") as behind,
    ):
        following = ahead.submit(_read_hour, lake, stale[0]) if stale else None
        keeping: list[Future[None]] = []
        for done, hour in enumerate(stale):
            on_progress(done, len(stale))
            assert following
            read = following.result()
            if done + 1 < len(stale):
                following = ahead.submit(_read_hour, lake, stale[done + 1])
            if before is None or stale[done - 1] != hour - 1:
                before = read_coded(lake, "sessions", _hour(hour - 1), CARRIED_COLUMNS)
            rows, pieces = _orient_hour(own, read, before, hour - 1 not in wanted)
            while len(keeping) >= BEHIND:
                keeping.pop(0).result()
            counted = counting.submit(facts.facts_of, hour, rows, pieces)
            keeping.append(
                behind.submit(_keep, lake, hour, wanted[hour], rows, pieces, counted)
            )
            sessions += rows.num_rows
            before = rows.select(CARRIED_COLUMNS)
        for hour_kept in keeping:
            hour_kept.result()
    for table in ("slices", "facts", "sessions") if gone else ():
        with lake.replace(table, gone, "gone"):
            pass
    on_progress(len(stale), len(stale))
    return Oriented(hours=len(stale), sessions=sessions, skipped_hours=len(wanted) - len(stale))


def _bases(flows: Mapping[int, str], own_name: str) -> dict[int, str]:
    """For each hour a name of all that its sessions depend on, the hour before included."""
    bases: dict[int, str] = {}
    for hour, fingerprint in sorted(flows.items()):
        parts = (METHOD, facts.METHOD, own_name, fingerprint, bases.get(hour - 1, ""))
        bases[hour] = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return bases


def _read_hour(lake: Lake, hour: int) -> HourRecords:
    return hour_records(hour, read_coded(lake, "flows", _hour(hour), FLOW_COLUMNS))


def _orient_hour(
    own: Own, read: HourRecords, before: pa.Table, first: bool
) -> tuple[pa.Table, pa.Table]:
    started = read.records.started
    begun_us = int(started.min()) if first and len(started) else 0
    is_own = own(read.directory.names)
    return session_rows(read, carried(before, read.hour, read.directory), begun_us, is_own)


def _keep(
    lake: Lake,
    hour: int,
    basis: str,
    rows: pa.Table,
    pieces: pa.Table,
    counted: Future[pa.Table],
) -> None:
    # Sessions last: their basis says that the hour is done.
    for table, made in (("slices", pieces), ("facts", counted.result()), ("sessions", rows)):
        with lake.replace(table, [hour], basis, {hour: basis}) as change:
            change.write(made)


def _hour(hour: int) -> Window:
    return Window(from_us(hour * HOUR_US), from_us((hour + 1) * HOUR_US))
