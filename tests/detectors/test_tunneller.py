"""Tunneller: outsiders hold long sessions into several own hosts and work through them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors.tunneller import (
    CROWD,
    CROWD_WEIGHT,
    DETECTOR,
    FARM_WEIGHT,
    LEAST_CONFIDENCE,
    MAIL_WEIGHT,
    PAIR_WEIGHT,
)
from headwater.measures.relaying import of_many
from headwater.records.finding import Finding

DRIVERS, SITES = outsiders(2, 1), outsiders(12, 20)
HOSTS = [own(10 + number) for number in range(6)]
PORT = 7000


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4, sampling=20)


def drive(
    scene: Scene,
    hosts: Sequence[str],
    drivers: Sequence[str] = DRIVERS,
    port: int = 443,
    asks: float = 0.01,
) -> None:
    """A session of hours into each host, whose bursts go on to others; drivers take turns.

    ``asks``: how much goes the other way, of what is answered; acknowledgements too.
    """
    for number, host in enumerate(hosts):
        for turn, driver in enumerate(drivers):
            begin = 600 + turn * 6000
            bursts = sorted(scene.chance.uniform(begin, begin + 5000) for _ in range(8))
            for place, at_s in enumerate(bursts):
                answer = 40 * scene.size()
                ask = round(asks * answer)
                scene.talk(
                    at_s, driver, host, PORT, up=ask, down=answer, lasts_s=60,
                    flags=0x18 if place else 0x1A, client_port=45_000 + number,
                )  # fmt: skip
                for part in range(4):
                    scene.talk(
                        at_s + 2 * part, host, SITES[(place + part) % 12], port,
                        up=ask // 4, down=answer // 4,
                    )  # fmt: skip


def said(scene: Scene) -> dict[str, Finding]:
    return {found.subject: found for found in scene.findings(DETECTOR)}


def test_several_hosts_worked_through_by_the_same_crew_fire(sampled: Scene) -> None:
    drive(sampled, HOSTS)
    found = said(sampled)
    assert set(found) == set(HOSTS)
    proof = found[HOSTS[0]].proof
    assert (found[HOSTS[0]].kind, proof["port"], proof["lasting"]) == ("carries", PORT, True)
    assert set(proof["passed_for"]) == set(DRIVERS)
    assert proof["alike"] == len(HOSTS) - 1
    assert CROWD_WEIGHT < proof["weight"] <= of_many(FARM_WEIGHT, len(HOSTS))


def test_drivers_of_one_network_are_one_crew(sampled: Scene) -> None:
    for number, host in enumerate(HOSTS):
        drive(sampled, [host], [outside(1 + number)])
    assert set(said(sampled)) == set(HOSTS)


def test_mail_weighs_more(sampled: Scene) -> None:
    drive(sampled, HOSTS, port=25)
    proof = said(sampled)[HOSTS[0]].proof
    assert of_many(FARM_WEIGHT, len(HOSTS)) < proof["weight"] <= MAIL_WEIGHT
    assert proof["onward_mail_servers"] > 1


def test_two_hosts_may_be_one_owners(sampled: Scene) -> None:
    drive(sampled, HOSTS[:2])
    weights = [float(found.proof["weight"]) for found in said(sampled).values()]
    assert len(weights) == 2
    assert max(weights) <= PAIR_WEIGHT


def test_a_single_host_is_another_detectors_business(sampled: Scene) -> None:
    drive(sampled, HOSTS[:1])
    assert said(sampled) == {}


def test_long_sessions_of_which_nothing_leaves_are_left_alone(sampled: Scene) -> None:
    drive(sampled, HOSTS)
    others = [row for row in sampled.rows if row["src"] in HOSTS and row["dst"] in SITES]
    back = [row for row in sampled.rows if row["src"] in SITES and row["dst"] in HOSTS]
    for row in (*others, *back):
        later = sampled.chance.randrange(200, 12_000) * 1_000_000
        row["started_at"], row["ended_at"] = sampled.at(0) + later, sampled.at(1) + later
    assert said(sampled) == {}


def test_what_a_host_loads_for_itself_does_not_drown_it(sampled: Scene) -> None:
    """More than all that came in did not come from there."""
    drive(sampled, HOSTS)
    for host in HOSTS:
        for at_s in sampled.times(20):
            sampled.talk(at_s, host, outside(250), 443, up=20_000, down=9_000_000, lasts_s=20)
    assert set(said(sampled)) == set(HOSTS)


def test_a_gateway_of_many_is_no_crews(sampled: Scene) -> None:
    drive(sampled, HOSTS)
    for number in range(CROWD + 9):
        for at_s in (900, 1000, 2000):
            sampled.talk(
                at_s, f"198.51.100.{number + 1}", HOSTS[0], PORT, up=90_000, down=90_000,
                flags=0x18, client_port=50_000,
            )  # fmt: skip
    assert said(sampled)[HOSTS[0]].proof["weight"] <= CROWD_WEIGHT


def test_where_every_packet_was_counted_a_few_errands_will_do(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=6)
    drive(scene, HOSTS)
    assert set(said(scene)) == set(HOSTS)


@pytest.mark.parametrize("seen", ["answers", "requests"])
def test_where_one_direction_is_exported(tmp_path: Path, seen: str) -> None:
    """Of the long sessions the answers, of what the hosts open these or the other way."""
    scene = Scene(tmp_path, hours=6)
    drive(scene, HOSTS, asks=0.5)
    scene.rows = [
        row
        for row in scene.rows
        if row["dst"] in DRIVERS or row["src" if seen == "answers" else "dst"] in SITES
    ]
    assert set(said(scene)) == set(HOSTS)


def test_neighbours_in_one_network_weigh_less_than_one_address(sampled: Scene) -> None:
    for number, host in enumerate(HOSTS):
        drive(sampled, [host], [outside(1 + number)])
    assert max(float(found.proof["weight"]) for found in said(sampled).values()) <= PAIR_WEIGHT


def test_nothing_asked_is_nothing_found(sampled: Scene) -> None:
    sampled.browse(HOSTS[0], SITES, sampled.times(9))
    answer = sampled.ask(DETECTOR)
    assert answer.num_rows == 0
    assert list(DETECTOR.weigh(answer, sampled.window)) == []


def test_known_mistake_servers_of_one_vpn_provider(sampled: Scene) -> None:
    """A few customers who use all of its servers are a crew, as far as one can see."""
    drive(sampled, HOSTS[:4], outsiders(3, 200))
    found = said(sampled)
    assert set(found) == set(HOSTS[:4])
    assert all(each.confidence > LEAST_CONFIDENCE for each in found.values())
