"""For the report: a proxy's two legs over time, where no single session shows them."""

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

STEP_US: Final = 300_000_000  # exporters cut long sessions into pieces of up to so much
SHOWN: Final = 36  # steps: those in which most came in


def minutes(engine: Engine, chosen: Sequence[Door], window: Window) -> dict[str, Tunnel]:
    """What came in at each door and what left its host, in the fullest hours."""
    if not chosen:
        return {}
    asked = {"doors": pa.Table.from_pylist(list(chosen), schema=DOORS)}
    rows = engine.ask(question("pipeline", "report_minutes.sql"), window, asked).to_pylist()
    doors = {door["host"]: door for door in chosen}
    by_host = groupby(rows, key=lambda row: str(row["host"]))
    return {host: _told(doors[host], list(found)) for host, found in by_host}


def _told(door: Door, rows: Sequence[dict[str, Any]]) -> Tunnel:
    came = {row["step"]: row for row in rows if row["leg"] == "in"}
    went = {row["step"]: row for row in rows if row["leg"] == "out"}
    nothing = {"here": 0, "there": 0}
    begin, last = _fullest(came), max([*came, *went], default=0)
    return Tunnel(
        peer=door["peer"] or in_words(door),
        port=door["port"],
        step="five minutes at a time",
        pieces=tuple(
            Piece(
                at_us=step * STEP_US,
                came_in=came.get(step, nothing)["here"],
                sent_on=went.get(step, nothing)["there"],
                fetched=went.get(step, nothing)["here"],
                went_back=came.get(step, nothing)["there"],
            )
            for step in range(begin, min(begin + SHOWN, last + 1))
        ),
    )


def _fullest(came: dict[int, dict[str, Any]]) -> int:
    """The step from which on most came in."""
    if not came:
        return 0
    at = np.array(sorted(came), np.int64)
    total = np.append(0, np.cumsum([came[int(step)]["here"] for step in at]))
    ends = np.searchsorted(at, at + SHOWN)
    return int(at[int(np.argmax(total[ends] - total[:-1]))])
