"""Direct sender: who is turned away for good, and who is asked to come again."""

from pathlib import Path

import pytest
from tests.scene import Scene, outsiders, own

from headwater.detectors.direct_sender import DETECTOR

HOST, EXCHANGERS = own(10), outsiders(40, 1)
MINUTE_S = 60.0


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4)


def cut(scene: Scene) -> int:
    (row,) = scene.ask(DETECTOR).to_pylist()
    return int(row["mail_cut"])


def asked_again(scene: Scene, after_s: float, then: int = 5000) -> None:
    """Each server hears of a letter, and of it again after a while."""
    for number, server in enumerate(EXCHANGERS):
        at_s = 100.0 + 60 * number
        scene.talk(at_s, HOST, server, 25, up=100, down=400)
        scene.talk(at_s + after_s, HOST, server, 25, up=then, down=400)


@pytest.mark.parametrize(
    ("after_s", "turned_away"), [(0.5, 40), (5 * MINUTE_S, 0), (29 * MINUTE_S, 0), (2400, 40)]
)
def test_who_takes_the_letter_when_it_comes_again_had_asked_for_that(
    scene: Scene, after_s: float, turned_away: int
) -> None:
    asked_again(scene, after_s)
    assert cut(scene) == turned_away


def test_who_is_turned_away_again_is_refused(scene: Scene) -> None:
    asked_again(scene, 5 * MINUTE_S, then=100)
    assert cut(scene) == 80


def test_who_is_taken_once_and_then_refused_is_refused(scene: Scene) -> None:
    """A host that gets on a list of its servers, or that two of them judge apart."""
    asked_again(scene, 5 * MINUTE_S)
    for server in EXCHANGERS[:10]:
        scene.talk(9000, HOST, server, 25, up=100, down=400)
    assert cut(scene) == 20


def test_a_mail_server_that_greylists_keep_waiting_is_no_bot(scene: Scene) -> None:
    asked_again(scene, 10 * MINUTE_S)
    scene.serve(HOST, 25, outsiders(30, 130), scene.times(60))
    (found,) = scene.findings(DETECTOR)
    assert found.confidence < 0.05
