"""Of thousands of places only those are asked about whose callers may tell enough."""

from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, indicators, outside, outsiders, own, suspects

from headwater.detectors.master import DETECTOR

SICK = [own(number) for number in range(10, 14)]
WELL = [own(number) for number in range(20, 220)]
FAINT, HOME = outside(1), outside(2)
PLACES = 12_000  # that two of the well go to, each


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Two of the sick, who go to many places, go to one that some of the well go to as well."""
    scene = Scene(tmp_path_factory.mktemp("scene"))
    for number, site in enumerate(outsiders(PLACES, 200)):
        for again in (0, 1):
            scene.talk(100 + number * 0.5, WELL[(2 * number + again) % len(WELL)], site, 443)
    for number, host in enumerate(SICK):
        scene.browse(host, outsiders(900, 20_000 + 900 * number), scene.times(900))
    for host in (*SICK[:2], *WELL[:15]):
        scene.talk(3000, host, FAINT, 443)
    for host in SICK[:2]:
        scene.poll(host, HOME, 8443, 600)
    scene.settle()
    return scene


def asked_about(scene: Scene, *known: str) -> set[Any]:
    given: dict[str, pa.Table] = {
        "suspects": suspects(dict.fromkeys(SICK, 1080)),
        "indicators": indicators(*known),
    }
    return {row["server"] for row in scene.ask(DETECTOR, given).to_pylist()}


def test_a_place_is_left_out_whatever_else_might_speak_for_it(scene: Scene) -> None:
    sick, well, hosts = 2, 15, len(SICK) + len(WELL)
    assert sick * hosts >= 5 * (sick + well) * len(SICK)  # five times what chance gives
    assert asked_about(scene) == {HOME}


def test_a_place_that_is_known_is_asked_about_all_the_same(scene: Scene) -> None:
    assert asked_about(scene, FAINT) == {FAINT, HOME}
