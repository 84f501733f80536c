"""What all detectors have in common: each is plain values, and silent where nothing is."""

from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pytest
from tests.scene import Scene, window

from headwater.lake.question import parse
from headwater.pipeline.gateways import GATEWAYS
from headwater.pipeline.hunt import DRIVERS, SUSPECTS
from headwater.pipeline.known import INDICATED, LISTINGS, ROLES
from headwater.pipeline.mailed import MAILED
from headwater.pipeline.watch import MASTERS, WATCHED
from headwater.records.detector import Detector

ROOM = files("headwater.detectors")
NAMES = sorted(
    Path(entry.name).stem
    for entry in ROOM.iterdir()
    if entry.name.endswith(".py") and entry.name != "__init__.py"
)


def detector(name: str) -> Detector:
    found = import_module(f"headwater.detectors.{name}").DETECTOR
    assert isinstance(found, Detector)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_detector_is_named_like_its_file_and_has_a_question(name: str) -> None:
    assert detector(name).name == name
    assert parse((ROOM / detector(name).question).read_text())


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Hosts that only look at pages."""
    scene = Scene(tmp_path_factory.mktemp("scene"))
    scene.browse("192.0.2.1", ["198.51.100.1"], scene.times(5))
    scene.settle()
    return scene


SMALL_TABLES = {
    "suspects": SUSPECTS,
    "mailed_for": MAILED,
    "gateways": GATEWAYS,
    "drivers": DRIVERS,
    "indicators": INDICATED,
    "listings": LISTINGS,
    "roles": ROLES,
    "watched": WATCHED,
    "masters": MASTERS,
    "lit": pa.schema([("host", pa.string())]),
    "space": pa.schema(
        [("family", pa.int64()), ("addresses", pa.float64()), ("lit", pa.int64())]
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_where_nothing_is_nothing_is_said(nothing: Scene, name: str) -> None:
    steps = {step.name for step in parse((ROOM / detector(name).question).read_text())}
    extra = {
        table: shape.empty_table()
        for table, shape in SMALL_TABLES.items()
        if table not in steps
    }
    answer = nothing.ask(detector(name), extra)
    assert answer.num_rows == 0
    assert list(detector(name).weigh(answer, window())) == []
