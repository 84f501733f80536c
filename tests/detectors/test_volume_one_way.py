"""Volume, where the records show each conversation one way only."""

from pathlib import Path
from typing import Final

import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors.volume import DETECTOR

HOST, GATEWAY = own(10), outside(1)
SITES: Final = outsiders(12, 20)
LASTING_S: Final = 300  # volume.sql
PIECES: Final = 60


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4)


def kept(scene: Scene, *, one_way: bool = True, protocol: int = 6, piece_s: int = 200) -> Scene:
    """A session with a gateway that calls for what sites answer.

    ``one_way``: what goes to the gateway is seen, and of the sites every second one's answers.
    """
    scene.tunnel(
        HOST,
        GATEWAY,
        7000,
        SITES,
        pieces=PIECES,
        piece_s=piece_s,
        start_s=600,
        protocol=protocol,
    )
    for at_s in scene.times(60):  # films of its own
        scene.talk(at_s, HOST, outside(90), 443, up=9_000, down=30_000_000, lasts_s=90)
    answering = set(SITES[::2])
    if one_way:
        scene.rows[:] = [
            row for row in scene.rows if _is_seen(str(row["src"]), str(row["dst"]), answering)
        ]
    return scene


def _is_seen(src: str, dst: str, answering: set[str]) -> bool:
    if GATEWAY in (src, dst):
        return src == HOST
    return src in answering or (src == HOST and dst not in answering)


def test_what_is_fetched_for_a_kept_gateway_fires(scene: Scene) -> None:
    (found,) = kept(scene).findings(DETECTOR)
    assert (found.subject, found.kind) == (HOST, "carries-to")
    assert (found.proof["peer"], found.proof["way"]) == (GATEWAY, "back")
    assert found.confidence > 0.8


def test_what_is_seen_both_ways_is_left_to_tunnels(scene: Scene) -> None:
    assert kept(scene, one_way=False).ask(DETECTOR).num_rows == 0


@pytest.mark.parametrize(("piece_s", "asked"), [(5, False), (6, True)])
def test_only_what_lasts_is_asked_about(scene: Scene, piece_s: int, asked: bool) -> None:
    assert (PIECES * piece_s > LASTING_S) == asked
    assert bool(kept(scene, piece_s=piece_s).ask(DETECTOR).num_rows) == asked


def test_datagrams_are_not_asked_about(scene: Scene) -> None:
    assert kept(scene, protocol=17).ask(DETECTOR).num_rows == 0
