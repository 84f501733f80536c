"""Testers of proxies, told from drivers that work through lists of them."""

import pytest
from tests.detectors.visited import KNOWN, PORT, SICK, WELL, visited
from tests.scene import Scene, outside, own

from headwater.detectors.upstream import DETECTOR
from headwater.measures.driving import TESTER_ANSWERED, TESTER_TRIES
from headwater.measures.working import WORKED, WORKED_OCTETS, WORKED_US

DRIVER, TESTER = outside(1), outside(3)


@pytest.fixture
def scene(scene: Scene) -> Scene:
    return visited(scene)


@pytest.mark.parametrize(
    ("answered", "shut", "role"),
    [
        (5, TESTER_TRIES - 5, "tester"),
        (5, TESTER_TRIES - 6, "driver"),
        (8, int(8 / TESTER_ANSWERED) - 8 + 1, "tester"),
        (8, int(8 / TESTER_ANSWERED) - 8, "driver"),
    ],
)
def test_who_tries_many_doors_and_finds_most_shut_is_a_tester(
    scene: Scene, answered: int, shut: int, role: str
) -> None:
    for host in SICK[:answered]:
        scene.serve(host, PORT, [TESTER], scene.times(4))
    for host in WELL[:shut]:
        scene.knock(scene.times(1)[0], TESTER, host, PORT)
    found = [f for f in scene.findings(DETECTOR, KNOWN) if f.subject == TESTER]
    assert [(f.kind, f.proof["tried"], f.proof["met"]) for f in found] == [
        (role, answered + shut, answered)
    ]


@pytest.mark.parametrize(("sessions", "role"), [(WORKED, "driver"), (WORKED - 1, "tester")])
def test_who_works_through_a_list_of_mostly_dead_proxies_is_a_driver(
    scene: Scene, sessions: int, role: str
) -> None:
    for host in SICK[:6]:
        scene.serve(host, PORT, [DRIVER], scene.times(sessions))
    for host in WELL[:20]:
        scene.knock(scene.times(1)[0], DRIVER, host, PORT)
    found = [f for f in scene.findings(DETECTOR, KNOWN) if f.subject == DRIVER]
    assert [f.kind for f in found] == [role]


@pytest.mark.parametrize(("dead", "role"), [(25, "driver"), (900, "tester")])
def test_who_tries_the_sick_further_than_chance_would_has_a_list(
    scene: Scene, dead: int, role: str
) -> None:
    """Its address is one of many that take turns: with some it works, the rest it tests."""
    everybody = [own(number) for number in range(200, 1400)]
    for number, host in enumerate(everybody):
        scene.serve(host, 443, [outside(5000 + number)], [5.0])
    for host in SICK:
        scene.serve(host, PORT, [DRIVER], scene.times(4))
    for host in everybody[:dead]:
        scene.knock(900.0, DRIVER, host, PORT)
    found = [f for f in scene.findings(DETECTOR, KNOWN) if f.subject == DRIVER]
    assert [(f.kind, f.proof["tried"], f.proof["met"]) for f in found] == [
        (role, dead + 10, 10)
    ]


def test_a_tester_drives_nobody(scene: Scene) -> None:
    for host in SICK[:5]:
        scene.serve(host, PORT, [TESTER], scene.times(4))
    for host in WELL[:20]:
        scene.knock(scene.times(1)[0], TESTER, host, PORT)
    assert "driven" not in {f.kind for f in scene.findings(DETECTOR, KNOWN)}


@pytest.mark.parametrize(
    ("octets", "lasts_s", "role"),
    [
        (WORKED_OCTETS, 60, "driver"),
        (20_000, WORKED_US / 1e6, "driver"),
        (20_000, 60, "tester"),
    ],
)
def test_who_holds_a_tunnel_to_each_of_its_proxies_works_with_them(
    scene: Scene, octets: int, lasts_s: float, role: str
) -> None:
    for host in SICK[:6]:
        scene.talk(scene.times(1)[0], DRIVER, host, PORT, up=octets, lasts_s=lasts_s)
    for host in WELL[:20]:
        scene.knock(scene.times(1)[0], DRIVER, host, PORT)
    found = [f for f in scene.findings(DETECTOR, KNOWN) if f.subject == DRIVER]
    assert [f.kind for f in found] == [role]
