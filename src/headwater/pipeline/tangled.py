"""Pairs of endpoints that met more than once, went quiet in between, or go on.

Their records are put in order and cut into conversations where they fell silent or a new
one was opened (measures/parting.py). What the hour before knew of a conversation that goes
on stands among them as a record of nothing, at the instant it was last heard.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.measures.alike import NOBODY
from headwater.measures.columns import picked
from headwater.measures.endpoints import protocols
from headwater.measures.openers import (
    NEVER,
    NOTHING_SAID,
    RECORD,
    SYN,
    TCP,
    Meetings,
)
from headwater.measures.order import order
from headwater.measures.parting import begins, edges
from headwater.pipeline.carried import Carried
from headwater.pipeline.conversation_keys import Bools, Codes, Ints
from headwater.pipeline.hour_records import Records
from headwater.pipeline.meetings import Tangle


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Of each tangled conversation what the hour before knew."""

    opened: Ints  # NEVER where it is new
    conversation: Ints
    low_was_client: Codes  # 1, 0, or NOTHING_SAID
    how: Codes


@dataclass(frozen=True, slots=True)
class Told:
    """Records and the numbers of the conversations they belong to."""

    records: Ints
    conversation: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ordered:
    """Records and carried conversations in order of pair and time."""

    group: Codes
    number: Ints  # of the record; NOBODY where it is a carried conversation
    low: Bools
    low_end: Ints
    high_end: Ints
    started: Ints
    ended: Ints
    packets: Ints
    bytes: Ints
    flags: Codes
    said: Codes  # a carried conversation says who its client was
    sampling: Codes
    exporter: Codes
    opened: Ints  # NEVER for records, as the next two
    conversation: Ints
    how: Ints

    @property
    def real(self) -> Bools:
        return self.number != NOBODY


def untangle(
    records: Records, carried: Carried, tangle: Tangle
) -> tuple[Meetings, Resumed, Told]:
    """The conversations of the tangled pairs."""
    rows = _ordered(records, carried, tangle)
    tcp = protocols(rows.low_end) == TCP
    syn = (rows.flags != NOTHING_SAID) & (rows.flags & SYN != 0)
    starts = np.flatnonzero(begins(rows.group, rows.started, rows.ended, tcp, syn))
    real = np.logical_or.reduceat(rows.real, starts)
    part = np.repeat(np.cumsum(real) - 1, np.diff(starts, append=len(tcp)))
    told = Told(rows.number[rows.real], part[rows.real])
    return _added_up(rows, starts, real), _resumed(rows, starts, real), told


def _ordered(records: Records, carried: Carried, tangle: Tangle) -> _Ordered:
    mine, theirs = tangle.records, tangle.carried
    closed = carried.closed[theirs]

    def of_carried(value: int) -> Ints:
        return np.full(len(theirs), value)

    def of_records(value: int) -> Ints:
        return np.full(len(mine), value)

    columns: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {
        "group": (tangle.group, tangle.carried_group),
        "number": (mine, of_carried(NOBODY)),
        "low": (records.low[mine], carried.client_is_low[theirs]),
        "low_end": (records.low_end[mine], carried.low_end[theirs]),
        "high_end": (records.high_end[mine], carried.high_end[theirs]),
        "started": (records.started[mine], closed),
        "ended": (records.ended[mine], closed),
        "packets": (records.packets[mine], of_carried(0)),
        "bytes": (records.bytes[mine], of_carried(0)),
        "flags": (records.flags[mine], of_carried(NOTHING_SAID)),
        "said": (records.said[mine], carried.client_is_low[theirs]),
        "sampling": (records.sampling[mine], carried.sampling[theirs]),
        "exporter": (records.exporter[mine], of_carried(0)),
        "opened": (of_records(NEVER), carried.opened[theirs]),
        "conversation": (of_records(NEVER), carried.conversation[theirs]),
        "how": (of_records(NEVER), carried.how[theirs]),
    }
    joined = {name: np.concatenate(both) for name, both in columns.items()}
    first_opened = np.minimum(joined["opened"], joined["started"].max(initial=0) + 1)
    rows = order(joined["ended"], first_opened, joined["started"], joined["group"])
    return _Ordered(**{name: picked(values, rows) for name, values in joined.items()})


def _added_up(rows: _Ordered, starts: Ints, real: Bools) -> Meetings:
    """Rows from each of ``starts`` to the next, where any of them is ``real``."""
    columns: dict[str, NDArray[Any]] = {
        "low_end": rows.low_end[starts],
        "high_end": rows.high_end[starts],
    }
    for side, here in (("low", rows.low), ("high", ~rows.low)):
        columns |= {f"{side}_{of}": found for of, found in _side(rows, here, starts).items()}
    columns |= {
        "ended": np.maximum.reduceat(rows.ended, starts),
        "said": _most(rows.said, rows.real, starts),
        "sampling": np.maximum.reduceat(rows.sampling, starts),
        "again": ~edges(rows.group)[starts] | ~rows.real[starts],
    }
    return Meetings(**{name: values[real] for name, values in columns.items()})


def _side(rows: _Ordered, here: Bools, starts: Ints) -> dict[str, NDArray[Any]]:
    """What one side sent; ``here``: which rows are its own."""
    mine = here & rows.real
    flagged = mine & (rows.flags != NOTHING_SAID)
    flags = np.bitwise_or.reduceat(np.where(flagged, rows.flags, 0), starts)
    any_flags = np.logical_or.reduceat(flagged, starts)
    once = rows.packets == rows.sampling
    return {
        "start": np.minimum.reduceat(np.where(mine, rows.started, NEVER), starts),
        "packets": np.add.reduceat(np.where(mine, rows.packets, 0), starts),
        "bytes": np.add.reduceat(np.where(mine, rows.bytes, 0), starts),
        "flags": np.where(any_flags, flags, NOTHING_SAID),
        "first": _first(rows.flags, flagged, starts, NOTHING_SAID),
        "once": _first(once, mine, starts, False),
        "exporter": np.maximum.reduceat(np.where(mine, rows.exporter, NOTHING_SAID), starts),
    }


def _resumed(rows: _Ordered, starts: Ints, real: Bools) -> Resumed:
    # A port used again stands for two conversations of the hour before: the later goes on.
    numbers = np.arange(len(rows.number))
    at = np.maximum.reduceat(np.where(rows.real, NOBODY, numbers), starts)[real]
    goes_on = at != NOBODY
    # Who was the client when this pair last talked by datagrams still is.
    last = _last_by_datagrams(rows)[starts][real]
    was_low = np.where(last == NOBODY, NOTHING_SAID, rows.low[last])
    return Resumed(
        opened=np.where(goes_on, rows.opened[at], NEVER),
        conversation=np.where(goes_on, rows.conversation[at], NEVER),
        low_was_client=np.where(goes_on, rows.said[at], was_low),
        how=np.where(goes_on, rows.how[at], RECORD),
    )


def _last_by_datagrams(rows: _Ordered) -> Ints:
    """For each row the last carried conversation of its pair, where that is not TCP."""
    asked = ~rows.real & (protocols(rows.low_end) != TCP)
    numbers = np.where(asked, np.arange(len(asked)), NOBODY)
    groups = np.flatnonzero(edges(rows.group))
    last = np.maximum.reduceat(numbers, groups)
    return np.repeat(last, np.diff(groups, append=len(asked)))


def _most(values: Codes, chosen: Bools, starts: Ints) -> Codes:
    return np.maximum.reduceat(np.where(chosen, values, NOTHING_SAID), starts)


def _first(values: NDArray[Any], chosen: Bools, starts: Ints, otherwise: int) -> NDArray[Any]:
    """The value of the first chosen row."""
    at = np.minimum.reduceat(np.where(chosen, np.arange(len(chosen)), len(chosen)), starts)
    return np.append(values, values.dtype.type(otherwise))[at]
