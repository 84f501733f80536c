"""Portions: of a long window as much at a time as memory holds.

What is judged host by host is at hand for as many hosts at a time; what sets hosts beside
each other minute by minute, for a day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from headwater.lake.engine import Engine
from headwater.lake.layout import HOUR_US
from headwater.measures.columns import Ints, ints
from headwater.pipeline.facts import whole_hours, worth_a_look
from headwater.pipeline.questions import question
from headwater.records.finding import Finding
from headwater.records.window import Window, from_us

# At hand, counted, grouped and compared, a session takes some 300 octets; smaller portions
# cost no more, since rows stand host by host.
MOST_SESSIONS: Final = 600_000
# Pairs of hosts and outsiders are compared minute by minute, and a longer window has more of
# both: so a week takes seven days' work, not forty-nine.
DAY_US: Final = 24 * HOUR_US


def portions(engine: Engine, window: Window, most: int = MOST_SESSIONS) -> Iterator[pa.Table]:
    """SESSIONS of hosts worth a look; at least one table, which may be empty.

    A host's own sessions stay together, however many they are.
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


def days(window: Window) -> list[Window]:
    """The window in equal parts, cut at full hours, of a day at most and what an hour lacks."""
    hours = -(-(window.end_us - window.start_us) // HOUR_US)
    parts = max(1, -(-hours * HOUR_US // DAY_US))
    first = window.start_us // HOUR_US
    cuts = [from_us((first + hours * part // parts) * HOUR_US) for part in range(1, parts)]
    edges = [window.start, *cuts, window.end]
    return [Window(start, end) for start, end in pairwise(edges)]


def strongest(findings: Iterable[Finding], detector: str) -> Iterator[Finding]:
    """The findings; of this detector's about one host the surest, since the first of them."""
    best: dict[str, Finding] = {}
    for finding in findings:
        if finding.detector != detector:
            yield finding
        elif finding.subject in best:
            best[finding.subject] = _surer(best[finding.subject], finding)
        else:
            best[finding.subject] = finding
    yield from best.values()


def _surer(one: Finding, other: Finding) -> Finding:
    chosen = max(one, other, key=lambda each: each.confidence)
    seen: dict[str, Any] = {
        name: of(each.proof[name] for each in (one, other))
        for name, of in (("first_seen_us", min), ("last_seen_us", max))
    }
    return replace(chosen, proof={**chosen.proof, **seen})
