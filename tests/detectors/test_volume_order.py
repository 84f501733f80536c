"""Volume: what leaves, and when, where every packet was counted or something waits."""

from pathlib import Path

import pytest
from tests.scene import Scene, outsiders, own

from headwater.detectors.volume import DETECTOR

HOST = own(10)
VISITORS, SITES, EXCHANGERS = outsiders(4, 2), outsiders(12, 20), outsiders(9, 60)
LATER_S = 300


def bursts(scene: Scene) -> list[float]:
    starts = scene.times(40, end_s=scene.lasts_s - 1200)
    return sorted(round(at + scene.chance.uniform(0, 20), 3) for at in starts for _ in range(8))


@pytest.mark.parametrize(("port", "fires"), [(443, False), (25, True)])
def test_of_what_is_seen_whole_only_mail_is_told(
    tmp_path: Path, port: int, fires: bool
) -> None:
    """All else that leaves at once `relay` sees."""
    scene = Scene(tmp_path, hours=4)
    scene.relay(HOST, 9000, VISITORS, SITES, times=bursts(scene), onward_port=port)
    scene.mail(HOST, EXCHANGERS, scene.times(2))
    assert scene.ask(DETECTOR).num_rows > 0
    assert bool(scene.findings(DETECTOR)) == fires


@pytest.mark.parametrize(("handed_in", "fires"), [(True, True), (False, False)])
def test_nobody_gets_what_has_not_come_yet(
    tmp_path: Path, handed_in: bool, fires: bool
) -> None:
    """What visitors bring may leave later; what they get came before."""
    scene = Scene(tmp_path, hours=4, sampling=10)
    for number, at_s in enumerate(bursts(scene)):
        sizes = (scene.size(), 900)[:: 1 if handed_in else -1]
        scene.talk(at_s, VISITORS[number % 4], HOST, 9000, up=sizes[0], down=sizes[1])
        mailed = at_s + LATER_S, HOST, EXCHANGERS[number % 9], 25
        scene.talk(*mailed, up=sizes[0], down=sizes[1])
    assert bool(scene.findings(DETECTOR)) == fires
