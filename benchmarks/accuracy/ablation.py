"""The same hunt with one kind of evidence taken away, through the engine it asks.

Nothing in the detectors knows of this: what they are given is changed, never what they do.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.accuracy.worlds import MEMORY, Filled
from headwater.detectors import dial_back, relay, tunnel, volume
from headwater.lake.coded import read_coded
from headwater.lake.duck import DuckEngine
from headwater.lake.engine import NO_TABLES, NO_VIEWS, Engine
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.pipeline.facts import facts_of
from headwater.pipeline.known import Known
from headwater.pipeline.questions import question as of_package
from headwater.records.tables import SESSIONS, SLICES
from headwater.records.window import Window, from_us

COMPANY = ("driven", "calls-master")
# Columns that say how much a session carried, by the question whose answer has them.
CARRIED = {
    relay.DETECTOR.question: ("up_bytes", "down_bytes"),
    dial_back.DETECTOR.question: ("up_bytes", "down_bytes"),
    tunnel.DETECTOR.question: ("here", "there"),
    volume.DETECTOR.question: ("sent", "got"),
}


class Changed:
    """An engine whose questions or answers are not what they are for others."""

    name = "duckdb"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepare(
        self,
        question: str,
        window: Window,
        brought: Collection[str],
        extra: Mapping[str, pa.Table] = NO_TABLES,
    ) -> None:
        """See ``Engine.prepare``."""
        self._engine.prepare(question, window, brought, extra)


class NoCompany(Changed):
    """Hosts are judged without the drivers that visit them and the masters they call."""

    def ask(
        self,
        question: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> pa.Table:
        claims = extra.get("findings")
        if claims is not None:
            kept = pc.invert(pc.is_in(claims.column("kind"), value_set=pa.array(COMPANY)))
            extra = {**extra, "findings": claims.filter(kept)}
        return self._engine.ask(question, window, extra, views)


class NoByteBalance(Changed):
    """Sizes are dealt anew among sessions: they stay likely, but tie nothing together."""

    def ask(
        self,
        question: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> pa.Table:
        answer = self._engine.ask(question, window, extra, views)
        for name, columns in CARRIED.items():
            if question == of_package("detectors", name):
                answer = _dealt(answer, columns)
        return answer


def _dealt(answer: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    rng = np.random.default_rng(1)
    order = pa.array(rng.permutation(answer.num_rows))
    for name in columns:
        place = answer.schema.get_field_index(name)
        answer = answer.set_column(place, name, answer.column(name).take(order))
    return answer


def no_lists(known: Known) -> Known:
    """As if no blocklist had ever been imported."""
    return replace(known, listed=known.listed.slice(0, 0))


def ports_only(filled: Filled, folder: Path) -> Engine:
    """An engine over the same sessions, but with the lower port always the server's."""
    lake = Lake(folder / "ports-only")
    for table in ("sessions", "slices"):
        rows = filled.engine.ask(own_question(f"ports_only_{table}"), filled.window)
        with lake.append(table, "ports only") as change:
            change.write(rows)
    for hour in lake.hours("sessions"):
        _count(lake, hour)
    return DuckEngine(lake, memory_limit=MEMORY, threads=1, spill_dir=folder / "spill")


def _count(lake: Lake, hour: int) -> None:
    within = Window(from_us(hour * HOUR_US), from_us((hour + 1) * HOUR_US))
    sessions = read_coded(lake, "sessions", within, SESSIONS.names)
    slices = read_coded(lake, "slices", within, SLICES.names)
    with lake.append("facts", f"ports only {hour}") as change:
        change.write(facts_of(hour, sessions, slices))


def own_question(name: str) -> str:
    """The SQL of ``name`` beside this file."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
