"""For the report: a proxy's two legs minute by minute, where no single session shows them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.pipeline.questions import question
from headwater.pipeline.report_coupling import DOORS, Door, in_words
from headwater.records.report import Piece, Tunnel
from headwater.records.window import Window

MINUTE_US: Final = 60_000_000
SHOWN: Final = 60  # minutes: those in which most came in


def minutes(engine: Engine, chosen: Sequence[Door], window: Window) -> dict[str, Tunnel]:
    """What came in at each door and what left its host, in the fullest hour."""
    if not chosen:
        return {}
    asked = {"doors": pa.Table.from_pylist(list(chosen), schema=DOORS)}
    rows = engine.ask(question("pipeline", "report_minutes.sql"), window, asked).to_pylist()
    doors = {door["host"]: door for door in chosen}
    by_host = groupby(rows, key=lambda row: str(row["host"]))
    return {host: _told(doors[host], list(found)) for host, found in by_host}


def _told(door: Door, rows: Sequence[dict[str, Any]]) -> Tunnel:
    came = {row["minute"]: row for row in rows if row["leg"] == "in"}
    went = {row["minute"]: row for row in rows if row["leg"] == "out"}
    nothing = {"here": 0, "there": 0}
    begin = _fullest(came)
    return Tunnel(
        peer=door["peer"] or in_words(door),
        port=door["port"],
        step="minute by minute",
        pieces=tuple(
            Piece(
                at_us=minute * MINUTE_US,
                came_in=came.get(minute, nothing)["here"],
                sent_on=went.get(minute, nothing)["there"],
                fetched=went.get(minute, nothing)["here"],
                went_back=came.get(minute, nothing)["there"],
            )
            for minute in range(begin, begin + SHOWN)
            if minute in came or minute in went
        ),
    )


def _fullest(came: dict[int, dict[str, Any]]) -> int:
    """The minute from which on most came in."""
    if not came:
        return 0
    at = np.array(sorted(came), np.int64)
    total = np.append(0, np.cumsum([came[int(minute)]["here"] for minute in at]))
    ends = np.searchsorted(at, at + SHOWN)
    return int(at[int(np.argmax(total[ends] - total[:-1]))])
