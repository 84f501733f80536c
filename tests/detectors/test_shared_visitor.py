"""Shared visitor: hosts go out just when one outsider comes, who comes to several of them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors import hijacked
from headwater.detectors.shared_visitor import (
    DETECTOR,
    FARM_WEIGHT,
    FEW_PLACES_WEIGHT,
    LEAST_CONFIDENCE,
    MAIL_WEIGHT,
    SAME_PORT_WEIGHT,
)
from headwater.records.finding import Finding

DRIVER, SITES = outside(1), outsiders(40, 20)
HOSTS = [own(10 + number) for number in range(6)]
DOORS = [7000 + number for number in range(6)]


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4, sampling=20)


def drive(
    scene: Scene, *, hosts: Sequence[str] = HOSTS, doors: Sequence[int] = DOORS,
    sites: Sequence[str] = SITES, ports: Sequence[int] = (443,), later_s: float = 0.5,
    visits: int = 10, passed: int = 4, drivers: Sequence[str] = (DRIVER,), **said: Any,
) -> None:  # fmt: skip
    """Visits to each host, some of which are seen to be followed; and what it opens besides."""
    turn = 0
    for host, door in zip(hosts, doors, strict=True):
        for number, at_s in enumerate(scene.times(visits)):
            turns = drivers[number * len(drivers) // visits]
            scene.talk(at_s, turns, host, door, **({"up": 400_000, "down": 400_000} | said))
            if number * passed // visits < (number + 1) * passed // visits:
                site, port = sites[turn % len(sites)], ports[turn % len(ports)]
                scene.talk(at_s + later_s, host, site, port, up=400_000, down=400_000)
                turn += 1
        for at_s in scene.times(8):
            scene.talk(at_s, host, outside(100), 443)


def said(scene: Scene) -> dict[str, Finding]:
    return {found.subject: found for found in scene.findings(DETECTOR)}


def weights(scene: Scene) -> list[float]:
    return [found.proof["weight"] for found in said(scene).values()]


def test_few_hits_of_each_host_tell_together(sampled: Scene) -> None:
    drive(sampled)
    found = said(sampled)
    assert set(found) == set(HOSTS)
    for host, door in zip(HOSTS, DOORS, strict=True):
        proof = found[host].proof
        assert found[host].kind == "carries"
        assert found[host].confidence > 0.9
        assert (proof["port"], proof["visitor"], proof["alike"]) == (door, DRIVER, 5)
        assert 3 <= proof["passed_on"] <= 4  # not all are seen in time
        assert proof["passed_on"] < proof["visits"] <= 10
        assert proof["passed_for"] == {DRIVER: proof["passed_on"]}
        assert proof["weight"] == pytest.approx(FARM_WEIGHT + math.log(2), abs=0.5)
        assert DRIVER in found[host].summary


@pytest.mark.parametrize(
    ("others", "likely"),
    [(0, True), (7, True), (10, False)],  # who come as often, together
)
def test_of_three_hosts_each_is_driven_whose_door_is_one_visitors(
    sampled: Scene, others: int, likely: bool
) -> None:
    drive(sampled, hosts=HOSTS[:3], doors=DOORS[:3], passed=8)
    for host, door in zip(HOSTS[:3], DOORS[:3], strict=True):
        for at_s, other in zip(sampled.times(others), outsiders(others, 300), strict=True):
            sampled.talk(at_s, other, host, door, up=400_000, down=400_000)
    found = said(sampled)
    assert set(found) == set(HOSTS[:3])
    for finding in found.values():
        claim = {**finding.proof, "confidence": finding.confidence, "summary": finding.summary}
        judged = hijacked.Host(address=finding.subject, claims={"carries": [claim]})
        assert (hijacked.judge(judged, sampled.window).confidence > 0.5) is likely


@pytest.mark.parametrize(
    ("drivers", "told"),
    [(outsiders(5), True), ([outside(number) for number in (1, 251, 501, 502, 503)], False)],
)
def test_who_changes_its_address_within_a_network_is_one_visitor(
    sampled: Scene, drivers: list[str], told: bool
) -> None:
    """Each comes twice to each of three hosts: too little to tell it by itself."""
    drive(sampled, hosts=HOSTS[:3], doors=DOORS[:3], passed=5, drivers=drivers)
    found = said(sampled)
    assert set(found) == (set(HOSTS[:3]) if told else set())
    for finding in found.values():
        assert finding.proof["visitor"] == "198.51.100.0/24"
        assert set(finding.proof["passed_for"]) <= set(drivers)


@pytest.mark.parametrize(
    "how",
    [
        {"hosts": HOSTS[:2], "doors": DOORS[:2], "passed": 8},  # neighbours, or their owner
        {"later_s": 8.0},  # not at once
        {"passed": 0},
        {"doors": [443] * 6},  # sites are for everyone
        {"ports": tuple(range(8_000, 8_040))},  # sharers of files: a port for each
        {"visits": 1, "passed": 1},  # met once each
        {"protocol": 17},  # people talk and play
        {"down": 0, "flags": 0x02},  # nobody answers
    ],
)
def test_what_tells_nothing(sampled: Scene, how: dict[str, Any]) -> None:
    drive(sampled, **how)
    assert said(sampled) == {}


def test_one_host_alone_is_a_gateway(sampled: Scene) -> None:
    drive(sampled, hosts=HOSTS[:1], doors=DOORS[:1], visits=30, passed=25)
    drive(sampled, hosts=HOSTS[1:3], doors=DOORS[1:3], visits=1, passed=1)
    assert said(sampled) == {}


def test_mail_that_leaves_at_each_visit_weighs_most(sampled: Scene) -> None:
    drive(sampled, ports=(25,), doors=[3128] * 6)
    assert weights(sampled) == pytest.approx([MAIL_WEIGHT] * 6, abs=0.5)


def test_at_one_port_a_service_may_ask_others(sampled: Scene) -> None:
    drive(sampled, doors=[8448] * 6)
    assert weights(sampled) == pytest.approx([SAME_PORT_WEIGHT] * 6, abs=0.2)


def test_machines_of_one_owner_ask_the_same_few_services(sampled: Scene) -> None:
    drive(sampled, sites=SITES[:3])
    assert weights(sampled) == pytest.approx([FEW_PLACES_WEIGHT] * 6, abs=0.2)


def test_strangers_who_knock_are_not_served(sampled: Scene) -> None:
    drive(sampled)
    for number, at_s in enumerate(sampled.times(6)):
        sampled.talk(at_s, outside(300 + number), HOSTS[0], DOORS[0], up=400_000)
    proof = said(sampled)[HOSTS[0]].proof
    assert proof["visitors"] == 7
    assert proof["visitors_served"] < 7


def test_where_every_packet_was_counted_others_see_more(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=4)
    drive(scene)
    assert said(scene) == {}


def test_who_hardly_is_a_member_is_not_named(sampled: Scene) -> None:
    drive(sampled, hosts=HOSTS[:5], doors=DOORS[:5])
    drive(sampled, hosts=HOSTS[5:], doors=DOORS[5:], visits=20, passed=0)
    found = said(sampled)
    assert set(found) == set(HOSTS[:5])
    assert min(each.confidence for each in found.values()) >= LEAST_CONFIDENCE


@pytest.mark.parametrize(("back", "fires"), [(7000, False), (7001, True)])
def test_who_is_called_at_the_port_at_which_it_comes_is_an_equal(
    sampled: Scene, back: int, fires: bool
) -> None:
    drive(sampled, doors=[7000] * len(HOSTS))
    for host in HOSTS[:2]:
        sampled.talk(13_000, host, DRIVER, back, up=400_000, down=400_000)
    assert bool(said(sampled)) == fires
