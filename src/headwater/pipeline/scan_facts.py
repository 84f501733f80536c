"""What is beside the sessions when scanners are looked for."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from headwater.lake.engine import Engine
from headwater.pipeline.address_space import address_space
from headwater.pipeline.facts import whole_hours
from headwater.pipeline.known import INDICATED, Known
from headwater.pipeline.questions import question
from headwater.records.finding import Finding
from headwater.records.window import Window

# An address is dark that nobody used for a day: a household sleeps, and works, by the day.
LOOK_BACK: Final = timedelta(days=1)


def lit_facts(engine: Engine, window: Window, known: Known) -> dict[str, pa.Table]:
    """Own addresses somebody lives at, of how many."""
    since = min(window.start, window.end - LOOK_BACK)
    lit = engine.ask(question("pipeline", "lit.sql"), whole_hours(Window(since, window.end)))
    space = address_space(known.settings.own_networks, lit.column("host"))
    return {"lit": lit, "space": space}


def masters_known(known: Known, company: Iterable[Finding]) -> dict[str, pa.Table]:
    """The masters known by now."""
    found = [finding.subject for finding in company if finding.kind == "master"]
    masters = pa.chunked_array([found, *known.indicated.column("server").chunks], pa.string())
    return {"masters": pa.table([pc.unique(masters)], schema=INDICATED)}
