"""Upstream: what is said of a host by who goes there, and by the port at which it serves."""

import pytest
from tests.detectors.visited import PORT, SICK, WELL, visited
from tests.scene import Scene, outside, suspects

from headwater.detectors.upstream import DETECTOR
from headwater.measures.driving import FEWEST_SICK

DRIVER, SECOND = outside(1), outside(2)
UNHEARD = WELL[:5]  # on the list of a driver, though nothing else is known of them


@pytest.fixture
def scene(scene: Scene) -> Scene:
    return visited(scene)


def drivers(scene: Scene, port: int = PORT) -> set[str]:
    known = {"suspects": suspects(dict.fromkeys(SICK, port))}
    return {f.subject for f in scene.findings(DETECTOR, known) if f.kind == "driver"}


def go(scene: Scene, source: str, hosts: list[str], port: int = PORT, times: int = 2) -> None:
    for host in hosts:
        scene.serve(host, port, [source], scene.times(times))


@pytest.mark.parametrize(("known", "driven"), [(True, True), (False, False)])
def test_where_a_driver_goes_there_is_a_proxy_for_who_comes_after_it(
    scene: Scene, known: bool, driven: bool
) -> None:
    if known:
        go(scene, DRIVER, SICK, times=5)
        go(scene, DRIVER, UNHEARD, PORT + 1)
    go(scene, SECOND, SICK[:FEWEST_SICK])
    go(scene, SECOND, UNHEARD, PORT + 1)
    assert (SECOND in drivers(scene)) == driven


def test_nobody_drives_by_what_others_say_alone(scene: Scene) -> None:
    go(scene, DRIVER, SICK, times=5)
    go(scene, DRIVER, UNHEARD, PORT + 1)
    go(scene, SECOND, SICK[: FEWEST_SICK - 1])
    go(scene, SECOND, UNHEARD, PORT + 1)
    assert SECOND not in drivers(scene)


@pytest.mark.parametrize(("apart", "driven"), [(0, True), (1, False)])
def test_who_is_served_at_the_port_of_several_proxies_finds_more_of_them(
    scene: Scene, apart: int, driven: bool
) -> None:
    """Each at a port of its own says nothing."""
    go(scene, SECOND, SICK[:2], 40_000)
    for number, host in enumerate(UNHEARD):
        go(scene, SECOND, [host], 40_000 + apart * (1 + number))
    assert (SECOND in drivers(scene, 40_000)) == driven


def test_a_port_at_which_everybody_serves_says_nothing(scene: Scene) -> None:
    go(scene, SECOND, [*SICK[:3], *UNHEARD], 443)
    known = {"suspects": suspects(dict.fromkeys(SICK, 443))}
    assert {row["fellow"] for row in scene.ask(DETECTOR, known).to_pylist()} == {0.0}


def test_how_many_of_those_who_serve_at_a_port_relay(scene: Scene) -> None:
    go(scene, SECOND, [*SICK[:3], *UNHEARD], 40_000)
    go(scene, DRIVER, [SICK[3], *WELL[10:20]], 40_000)
    known = {"suspects": suspects(dict.fromkeys(SICK[:6], 40_000))}
    told = scene.ask(DETECTOR, known).to_pylist()
    said = {(row["source"], row["host"]): row["fellow"] for row in told}
    # Of nineteen that were met there six relay; and one proxy is no habit.
    assert said[SECOND, UNHEARD[0]] == pytest.approx(6 / 19)
    assert said[DRIVER, WELL[10]] == 0.0


def test_how_many_go_to_a_host_in_all(scene: Scene) -> None:
    go(scene, DRIVER, [SICK[0], *UNHEARD])
    go(scene, SECOND, [UNHEARD[0]])
    known = {"suspects": suspects(dict.fromkeys(SICK, PORT))}
    told = scene.ask(DETECTOR, known).to_pylist()
    said = {(row["source"], row["host"]): row["visitors"] for row in told}
    assert said[DRIVER, UNHEARD[0]] == 3 + 2  # its own, and these two
    assert said[DRIVER, UNHEARD[1]] == 3 + 1


@pytest.mark.parametrize(("back", "driven"), [(PORT, False), (PORT + 1, True)])
def test_who_is_called_at_the_port_at_which_it_comes_is_an_equal(
    scene: Scene, back: int, driven: bool
) -> None:
    """So servers of one network meet: each is client and server of the other."""
    go(scene, DRIVER, SICK, times=5)
    for host in SICK[:2]:
        scene.poll(host, DRIVER, back, 600)
    assert (DRIVER in drivers(scene)) == driven
