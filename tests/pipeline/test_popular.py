"""Popular places: a crowd calls them, now and then."""

from pathlib import Path

import pytest
from tests.scene import Scene, outside, own

from headwater.pipeline.questions import question

PLACE = outside(1)


def popular(folder: Path, calls: dict[int, int], others: int, port: int = 443) -> bool:
    """Whether a place is: of hosts by number how often each calls it, and how many do not."""
    scene = Scene(folder)
    for host, times in calls.items():
        for at_s in scene.times(times):
            scene.talk(at_s, own(host), PLACE, port)
    for number in range(others):
        scene.talk(100.0, own(200 - number), outside(2), 443)
    scene.settle()
    told = scene.engine.ask(question("pipeline", "popular.sql"), scene.window)
    assert set(told.column("server").to_pylist()) <= {PLACE, outside(2)}
    return PLACE in told.column("server").to_pylist()


@pytest.mark.parametrize(("callers", "crowd"), [(21, True), (20, False)])
def test_a_place_that_a_crowd_calls_now_and_then_is_popular(
    tmp_path: Path, callers: int, crowd: bool
) -> None:
    assert popular(tmp_path, dict.fromkeys(range(callers), 2), 60) is crowd


def test_names_and_mail_make_no_place_popular(tmp_path: Path) -> None:
    assert not popular(tmp_path, dict.fromkeys(range(30), 2), 60, port=53)


@pytest.mark.parametrize(("often", "crowd"), [(15, False), (14, True)])
def test_what_most_of_its_callers_call_often_may_be_a_gateway(
    tmp_path: Path, often: int, crowd: bool
) -> None:
    calls = {host: 6 if host < often else 1 for host in range(30)}
    assert popular(tmp_path, calls, 60) is crowd


def test_five_calls_are_not_often(tmp_path: Path) -> None:
    assert popular(tmp_path, dict.fromkeys(range(30), 5), 60)


@pytest.mark.parametrize(("others", "crowd"), [(30, False), (29, True)])
def test_what_most_hosts_call_is_no_gateway_however_often(
    tmp_path: Path, others: int, crowd: bool
) -> None:
    assert popular(tmp_path, dict.fromkeys(range(30), 6), others) is crowd
