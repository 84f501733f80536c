"""Two legs, minute by minute."""

from pathlib import Path

import pytest
from tests.scene import BASE_US, S, Scene, outside, outsiders, own

from headwater.pipeline import report_minutes
from headwater.pipeline.report_minutes import STEP_US, minutes

HOST, VISITOR, GATEWAY = own(10), outside(1), outside(4)
AT_PORT = {"host": HOST, "peer": None, "port": 1080, "by_volume": True}
AT_PEER = {"host": HOST, "peer": GATEWAY, "port": 7000, "by_volume": True}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=2)


def test_what_visitors_bring_leaves_in_the_same_minutes(scene: Scene) -> None:
    for minute in (10, 11, 30):
        scene.talk(60 * minute, VISITOR, HOST, 1080, up=5_000, down=20_000)
        scene.talk(60 * minute + 1, HOST, outside(9), 443, up=5_000, down=20_000)
    scene.talk(60 * 12, HOST, outside(8), 53, up=50_000, protocol=17)  # names are no load
    scene.settle()
    told = minutes(scene.engine, [AT_PORT], scene.window)[HOST]
    assert (told.peer, told.step) == ("visits to port 1080", "five minutes at a time")
    assert [(p.at_us - BASE_US) // STEP_US for p in told.pieces] == [2, 3, 4, 5, 6]
    assert [p.came_in > 0 for p in told.pieces] == [True, False, False, False, True]
    assert all(p.came_in == p.sent_on for p in told.pieces)
    assert all(p.fetched == p.went_back for p in told.pieces)


def test_a_long_session_counts_where_its_pieces_are(scene: Scene) -> None:
    scene.tunnel(HOST, GATEWAY, 7000, outsiders(5, 150), pieces=10)
    scene.settle()
    told = minutes(scene.engine, [AT_PEER], scene.window)[HOST]
    assert told.peer == GATEWAY
    busy = [p for p in told.pieces if p.came_in]
    assert 2 <= len(busy) <= 3
    assert all(abs(p.came_in - p.sent_on) < 0.3 * p.came_in for p in busy)


def test_what_goes_to_the_gateway_is_not_sent_on(scene: Scene) -> None:
    scene.talk(600, HOST, GATEWAY, 7000, up=5_000, down=20_000)
    scene.talk(1200, HOST, outside(9), 443, up=300, down=400)
    scene.settle()
    told = minutes(scene.engine, [AT_PEER], scene.window)[HOST]
    assert [p.came_in > 19_000 for p in told.pieces] == [True, False, False]
    assert [p.sent_on > 0 for p in told.pieces] == [False, False, True]


def test_of_a_long_window_the_fullest_part_is_shown(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.talk(60, VISITOR, HOST, 1080, up=1_000)
    for minute in range(100, 110):
        scene.talk(60 * minute, VISITOR, HOST, 1080, up=90_000)
    scene.talk(60 * 118, VISITOR, HOST, 1080, up=10)
    scene.settle()
    monkeypatch.setattr(report_minutes, "SHOWN", 3)
    pieces = minutes(scene.engine, [AT_PORT], scene.window)[HOST].pieces
    assert [(p.at_us - BASE_US) // (60 * S) for p in pieces] == [100, 105, 110]


def test_no_doors_no_question(scene: Scene) -> None:
    assert minutes(scene.engine, [], scene.window) == {}
