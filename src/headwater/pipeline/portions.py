"""Portions: the sessions of hosts worth a look, of as many hosts at a time as memory holds.

What is judged host by host need not be at hand at once. A host's own sessions are.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.measures.columns import Ints, ints
from headwater.pipeline.facts import whole_hours, worth_a_look
from headwater.pipeline.questions import question
from headwater.records.window import Window

# At hand, counted, grouped and compared, a session takes some 300 octets.
MOST_SESSIONS: Final = 2_000_000


def portions(engine: Engine, window: Window, most: int = MOST_SESSIONS) -> Iterator[pa.Table]:
    """SESSIONS of hosts worth a look; at least one table, which may be empty.

    A host whose sessions are more than ``most`` makes a portion of its own.
    """
    sums = engine.ask(question("pipeline", "facts.sql"), whole_hours(window))
    hosts = pa.table({"host": pa.array(worth_a_look(sums), pa.string())})
    del sums
    each = engine.ask(question("pipeline", "sessions_each.sql"), window, {"hosts": hosts})
    edges = np.append(begins(ints(each, "sessions"), most), each.num_rows)
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        chosen = {"hosts": each.select(["host"]).slice(start, end - start)}
        yield engine.ask(question("pipeline", "sessions_of.sql"), window, chosen)


def begins(sizes: Ints, most: int) -> Ints:
    """At which host each portion begins; only its last host may exceed ``most``."""
    before = np.cumsum(sizes) - sizes
    return np.unique(before // most, return_index=True)[1] if len(sizes) else np.zeros(1, int)
