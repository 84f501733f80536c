"""One hour's conversations as rows of ``sessions``, the longer ones' pieces as ``slices``."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headwater.measures.alike import NOBODY
from headwater.measures.columns import picked
from headwater.measures.endpoints import addresses, ports
from headwater.measures.openers import (
    HOW,
    NEVER,
    NOTHING_SAID,
    Meetings,
    Met,
    Opened,
    clocks,
    established,
    exchanged,
    met,
    opened,
)
from headwater.measures.order import order
from headwater.measures.parting import edges
from headwater.pipeline.carried import Carried
from headwater.pipeline.conversation_keys import Bools, Ints, fresh_names
from headwater.pipeline.hour_records import HourRecords, Records
from headwater.pipeline.meetings import Pairs, Usual, meetings_of, sort_out
from headwater.pipeline.tangled import Resumed, Told, untangle
from headwater.records.tables import SESSIONS, SLICES

INSIDE: Final = ("neither", "client", "server", "both")

# Conversations that lasted longer have their pieces kept: the series of what was sent when.
LONG_US: Final = 30_000_000

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Conversations of some records, before it is decided who opened them."""

    read: HourRecords
    blocks: list[Usual]
    meetings: list[Meetings]  # of each block, and of the tangled
    resumed: Resumed
    told: Told


def session_rows(
    read: HourRecords, pairs: Pairs, before: Carried, begun_us: int, is_own: Bools
) -> tuple[pa.Table, pa.Table]:
    """The hour's SESSIONS and SLICES.

    ``begun_us``: when the records begin, or an instant long past; ``is_own``: by address.
    """
    whole = joined(read, pairs, before)
    known = met(whole.meetings, begun_us)
    believed = clocks(whole.meetings, known, len(read.exporters)).truthful
    return rows_of(whole, known, believed, begun_us, is_own)


def joined(read: HourRecords, pairs: Pairs, before: Carried) -> Joined:
    """Which records belong together. Records of two addresses never stand in two parts."""
    usual, tangle = sort_out(pairs, before)
    tangled, resumed, told = untangle(read.records, before, tangle)
    blocks = list(usual.blocks())
    meetings = [*(meetings_of(read.records, block) for block in blocks), tangled]
    return Joined(read=read, blocks=blocks, meetings=meetings, resumed=resumed, told=told)


def rows_of(
    part: Joined,
    known: list[Met],
    believed: Bools,
    begun_us: int,
    is_own: Bools,
    first_row: int = 0,
) -> tuple[pa.Table, pa.Table]:
    """SESSIONS and SLICES of a part of the hour; ``first_row``: how many others have."""
    openings = [
        opened(each, its, believed, begun_us)
        for each, its in zip(part.meetings, known, strict=True)
    ]
    openings[-1] = _still(openings[-1], part.resumed)
    columns = [_columns(each, by) for each, by in zip(part.meetings, openings, strict=True)]
    sessions = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    is_long = sessions["closed_at"] - sessions["started_at"] > LONG_US
    pieces = _pieces(part.blocks, part.told, is_long)
    sessions["inside"] = _inside(sessions, is_own)
    by_host = _by_host(sessions, part.read.directory.names)
    place = np.empty_like(by_host)
    place[by_host] = np.arange(len(place))
    for name in sessions:
        sessions[name] = picked(sessions[name], by_host)
    sessions["conversation"] = fresh_names(part.read.hour, first_row, len(place))
    _go_on(sessions, part.resumed, place)
    slices = _slices(
        part.read.records, Told(pieces.records, place[pieces.conversation]), sessions
    )
    return _sessions(sessions, part.read), slices


def _still(told: Opened, resumed: Resumed) -> Opened:
    """Who was the client before still is."""
    known = resumed.low_was_client != NOTHING_SAID
    return Opened(
        np.where(known, resumed.low_was_client == 1, told.client_is_low),
        np.where(known, resumed.how, told.how).astype(np.int8),
    )


def _columns(meetings: Meetings, told: Opened) -> Columns:
    turned, started = ~told.client_is_low, meetings.started
    columns: Columns = {
        "protocol": meetings.protocol.astype(np.int32),
        "opened_at": started,
        "started_at": started,
        "closed_at": meetings.ended,
        "established": established(meetings, told.client_is_low),
        "oriented_by": told.how,
        "sampling": meetings.sampling,
        "exporter": meetings.exporter,
        "client_is_low": told.client_is_low,
    }
    for of in ("packets", "bytes", "flags"):
        low, high = (getattr(meetings, f"{side}_{of}") for side in ("low", "high"))
        columns[f"client_{of}"], columns[f"server_{of}"] = exchanged(low, high, turned)
    client, server = exchanged(meetings.low_end, meetings.high_end, turned)
    for side, port, end in (("client", "client_port", client), ("server", "port", server)):
        columns[side] = addresses(end).astype(np.int32)
        columns[port] = ports(end).astype(np.int32)
    return columns


def _inside(sessions: Columns, is_own: Bools) -> NDArray[np.int8]:
    """Which of INSIDE each is."""
    told: NDArray[np.int8] = is_own[sessions["client"]] + 2 * is_own[sessions["server"]].astype(
        np.int8
    )
    return told


def _by_host(sessions: Columns, names: pa.StringArray) -> Ints:
    """Rows by what is asked of them: which side is our own, then host by host, as named.

    Then a question passes over the others, and what it counts of one host is near in memory.
    """
    calls = sessions["inside"] == INSIDE.index("client")
    host = np.where(calls, sessions["client"], sessions["server"])
    met = np.zeros(len(names), np.bool_)
    met[host] = True
    hosts = np.flatnonzero(met)
    by_name = pc.sort_indices(names.take(pa.array(hosts))).to_numpy()
    place = np.zeros(len(names), np.int32)
    place[hosts[by_name]] = np.arange(len(hosts))
    return order(picked(place, host), sessions["inside"])


def _go_on(sessions: Columns, resumed: Resumed, place: Ints) -> None:
    """A conversation that goes on keeps its name and its beginning; these stood last."""
    old = np.flatnonzero(resumed.opened != NEVER)
    rows = place[old + len(place) - len(resumed.opened)]
    sessions["opened_at"][rows] = resumed.opened[old]
    sessions["conversation"][rows] = resumed.conversation[old]


def _sessions(columns: Columns, read: HourRecords) -> pa.Table:
    nameless = read.exporters.is_null().to_numpy(zero_copy_only=False)
    coded = {
        "client": read.directory.column(columns["client"]),
        "server": read.directory.column(columns["server"]),
        "inside": _coded(columns["inside"], INSIDE),
        "oriented_by": _coded(columns["oriented_by"], HOW),
        "exporter": pa.DictionaryArray.from_arrays(
            pa.array(columns["exporter"], mask=nameless[columns["exporter"]]),
            read.exporters.fill_null(""),
        ),
    }
    for name in ("client_flags", "server_flags"):
        coded[name] = pa.array(columns[name], mask=columns[name] == NOTHING_SAID)
    return pa.table(
        [coded.get(field.name, columns.get(field.name)) for field in SESSIONS], SESSIONS
    )


def _coded(codes: NDArray[Any], words: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(words))


def _pieces(blocks: list[Usual], tangled: Told, is_long: Bools) -> Told:
    """The records of long conversations; conversations are numbered as they stand."""
    records, conversations, begin = [], [], 0
    for block in blocks:
        rows = np.flatnonzero(is_long[begin : begin + len(block.low_at)])
        for side in (block.low_at[rows], block.high_at[rows]):
            seen = side != NOBODY
            records.append(side[seen])
            conversations.append(rows[seen] + begin)
        begin += len(block.low_at)
    asked = is_long[begin:][tangled.conversation]
    records.append(tangled.records[asked])
    conversations.append(tangled.conversation[asked] + begin)
    return Told(np.concatenate(records), np.concatenate(conversations))


def _slices(records: Records, pieces: Told, sessions: Columns) -> pa.Table:
    """What either side sent in the pieces that began at one instant."""
    by_time = order(records.started[pieces.records], pieces.conversation)
    rows, session = pieces.records[by_time], pieces.conversation[by_time]
    started, size = records.started[rows], records.bytes[rows]
    by_client = records.low[rows] == sessions["client_is_low"][session]
    starts = np.flatnonzero(edges(session, started))
    columns: list[Ints] = [
        sessions["conversation"][session[starts]],
        started[starts],
        np.maximum.reduceat(records.ended[rows], starts),
        np.add.reduceat(np.where(by_client, size, 0), starts),
        np.add.reduceat(np.where(by_client, 0, size), starts),
    ]
    return pa.table(columns, schema=SLICES)
