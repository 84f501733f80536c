"""The engine that answers questions, as the settings want it."""

import os

from headwater.cli.workspace import Workspace
from headwater.lake.duck import DuckEngine
from headwater.lake.tables import Lake


def duck_engine(place: Workspace) -> DuckEngine:
    """DuckDB over the workspace's lake; what does not fit in memory spills to the spool."""
    engine = place.settings.engine
    return DuckEngine(
        Lake(place.lake),
        memory_limit=f"{engine.memory_gib * 1024:.0f}MiB",
        threads=engine.threads or os.cpu_count() or 1,
        spill_dir=place.spool / "spill",
    )
