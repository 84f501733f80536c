"""The engines that must show a scene alike."""

from typing import Any

import pytest

from headwater.lake.spark import SparkEngine

ENGINES: list[Any] = [
    pytest.param(lambda scene: scene.engine, id="duckdb"),
    pytest.param(
        lambda scene: SparkEngine(scene.lake),
        id="spark",
        marks=[pytest.mark.slow, pytest.mark.spark],  # it takes longer to start than to answer
    ),
]
