"""The engine that answers questions, as the settings want it."""

import os
from enum import StrEnum

from headwater.cli.workspace import Workspace
from headwater.lake.duck import DuckEngine
from headwater.lake.engine import LakeEngine
from headwater.lake.spark import SparkEngine
from headwater.lake.tables import Lake


class EngineName(StrEnum):
    """Engines that answer the detectors' questions."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def engine_of(place: Workspace, name: EngineName) -> LakeEngine:
    """The engine of that name over the workspace's lake."""
    if name is EngineName.DUCKDB:
        return duck_engine(place)
    memory = f"{max(place.settings.engine.memory_gib * 1024, 512):.0f}m"
    return SparkEngine(Lake(place.lake), master=f"local[{threads(place)}]", memory=memory)


def duck_engine(place: Workspace) -> DuckEngine:
    """DuckDB over the workspace's lake; what does not fit in memory spills to the spool."""
    return DuckEngine(
        Lake(place.lake),
        memory_limit=f"{place.settings.engine.memory_gib * 1024:.0f}MiB",
        threads=threads(place),
        spill_dir=place.spool / "spill",
    )


def threads(place: Workspace) -> int:
    """As many as the settings say; where they say 0, one for each core."""
    return place.settings.engine.threads or os.cpu_count() or 1
