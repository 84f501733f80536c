"""Sessions turned round whose client was taken for their server, for who asks of a window.

Each hour is oriented by itself; what only a whole window tells is put right here.
"""

from typing import Final

from headwater.lake.engine import LakeEngine, Shown
from headwater.lake.question import parse
from headwater.pipeline.questions import question
from headwater.records.window import Window

TABLES: Final = ("sessions", "slices")


def put_right(engine: LakeEngine, window: Window) -> LakeEngine:
    """The engine that shows sessions of the window the right way round, and their slices."""
    turned = engine.ask(question("pipeline", "turned.sql"), window)
    if not turned.num_rows:
        return engine
    views = {
        table: parse(question("pipeline", f"{table}_turned.sql"))[0].sql for table in TABLES
    }
    return Shown(engine, {"wrong_way": turned}, views)
