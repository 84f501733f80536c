"""Farm: hosts that hold a session each to neighbours of one network."""

from pathlib import Path
from typing import Any

import pytest
from tests.scene import GOING_ON, Scene, outside, outsiders, own

from headwater.detectors.farm import DETECTOR
from headwater.measures.odds import logit
from headwater.records.finding import Finding

HOSTS = [own(10 + number) for number in range(6)]
SITES = outsiders(12, 20)
SIDE_BY_SIDE = outsiders(60, 300)  # 203.0.113.0/24
IN_ONE_SIX = [f"2001:db8:7:{number:x}::{number:x}" for number in range(6)]
IN_ZEROS = ["2001:db8::5", "2001:db8:0:1::5", "2001:db8:0:9::2:1"]
APART = outsiders(6, 700)  # a /48 each
LASTS_US = 300_000_000  # farm.sql
SICK = -logit(0.002)  # what turns the odds of one host


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4, sampling=20)


def uploads(scene: Scene, host: str, gateway: str, **said: Any) -> list[tuple[float, int]]:
    """What goes up by one session, told piece by piece: when, and how much."""
    start_s, pieces, port = (
        said.get(name, usual)
        for name, usual in (("start_s", 200.0), ("pieces", 90), ("port", 7000))
    )
    own_port, told = scene.chance.randint(40_000, 60_000), []
    for number in range(pieces):
        at_s = start_s + 140 * number + scene.chance.uniform(0, 60)
        size = 3 * scene.size() * (number % 3 == 0) + 200
        scene.talk(
            at_s, host, gateway, port, up=size, down=150, flags=GOING_ON, client_port=own_port
        )
        told.append((at_s, size))
    return told


def carries(scene: Scene, host: str, gateway: str, **said: Any) -> None:
    """All of it had just been fetched."""
    for number, (at_s, size) in enumerate(uploads(scene, host, gateway, **said)):
        scene.talk(at_s - 0.3, host, SITES[number % 12], 443, up=900, down=size)


def named(scene: Scene) -> dict[str, Finding]:
    return {finding.subject: finding for finding in scene.findings(DETECTOR)}


def test_each_host_has_a_gateway_of_its_own(sampled: Scene) -> None:
    for host, gateway in zip(HOSTS, SIDE_BY_SIDE, strict=False):
        carries(sampled, host, gateway)
    found = named(sampled)
    assert set(found) == set(HOSTS)
    one = found[HOSTS[2]]
    assert (one.kind, one.proof["peer"]) == ("carries-to", SIDE_BY_SIDE[2])
    assert (one.proof["network"], one.proof["callers"]) == ("203.0.113.0/24", 6)
    assert one.proof["alike"] == len(HOSTS) - 1
    assert "203.0.113.0/24" in one.summary
    assert not one.proof["dials_in"]


@pytest.mark.parametrize(("hosts_each", "dials_in"), [(1, False), (2, True)])
def test_two_gateways_have_two_ports_and_one_has_one(
    sampled: Scene, hosts_each: int, dials_in: bool
) -> None:
    """Who meets each of its hosts at another port is a client of theirs."""
    for number, host in enumerate(HOSTS):
        carries(sampled, host, SIDE_BY_SIDE[number // hosts_each], port=32_800 + number)
    assert {found.proof["dials_in"] for found in named(sampled).values()} == {dials_in}


def test_gateways_take_turns(sampled: Scene) -> None:
    for number, host in enumerate(HOSTS):
        for hour in range(4):
            gateway = SIDE_BY_SIDE[7 * number + hour]
            carries(sampled, host, gateway, start_s=100.0 + 3600 * hour, pieces=22)
    assert set(named(sampled)) == set(HOSTS)


@pytest.mark.parametrize(
    ("gateways", "network"),
    [(IN_ONE_SIX, "2001:db8:7::/48"), (IN_ZEROS, "2001:db8::/48"), (APART, None)],
)
def test_neighbours_by_ipv6(sampled: Scene, gateways: list[str], network: str | None) -> None:
    for host, gateway in zip(HOSTS, gateways, strict=False):
        carries(sampled, host, gateway)
    found = named(sampled)
    assert {f.proof["network"] for f in found.values()} == ({network} if network else set())
    assert len(found) == (len(gateways) if network else 0)


@pytest.mark.parametrize(("customers", "sick"), [(0, True), (14, False)])
def test_of_the_customers_of_a_cloud_few_carry(
    sampled: Scene, customers: int, sick: bool
) -> None:
    """Some fetch what they store; a farm's hosts all do."""
    for host, store in zip(HOSTS, SIDE_BY_SIDE, strict=False):
        carries(sampled, host, store)
    for number in range(customers):
        uploads(sampled, own(40 + number), SIDE_BY_SIDE[10 + number])
    weights = [float(found.proof["weight"]) for found in named(sampled).values()]
    assert (max(weights, default=0.0) > SICK - 1.0) == sick


def asked(scene: Scene) -> dict[tuple[str, str], int]:
    """Who is asked about for the neighbours of those it calls, with how many call there."""
    rows = scene.ask(DETECTOR).to_pylist()
    return {(row["host"], row["peer"]): row["callers"] for row in rows if row["asked"] >= 2}


def call(scene: Scene, host: str, gateway: str, **said: Any) -> None:
    """A session of 24 sampled packets, which the host opened."""
    last_us = int(said.get("lasts_us", LASTS_US))
    for at_us, octets in ((0, 6), (last_us, 6)):
        row = {
            "started_at": scene.at(600) + at_us, "ended_at": scene.at(600) + at_us, "src": host,
            "dst": gateway, "src_port": 50_000, "dst_port": said.get("port", 7000),
            "protocol": 6, "tcp_flags": GOING_ON, "packets": 12 * 20,
            "bytes": octets * 20 * 1000, "sampling": 20, "initiator": True,
        }  # fmt: skip
        scene.rows.append(row)
    if said.get("got"):
        back = {"src": gateway, "dst": host, "src_port": 7000, "dst_port": 50_000}
        scene.rows.append(row | back | {"bytes": said["got"] * 20 * 1000, "initiator": False})


ALL = dict.fromkeys(zip(HOSTS[:3], SIDE_BY_SIDE[:3], strict=True), 3)


@pytest.mark.parametrize(
    ("said", "hosts", "whom"),
    [
        ({}, 3, ALL),
        ({}, 2, {}),
        ({"lasts_us": LASTS_US - 1}, 3, {}),
        ({"got": 12}, 3, ALL),
        ({"got": 13}, 3, {}),  # it is given more than it takes
    ],
)
def test_asked_is_about_networks_to_which_three_hosts_hold_a_session(
    sampled: Scene, said: dict[str, Any], hosts: int, whom: dict[tuple[str, str], int]
) -> None:
    for host, gateway in zip(HOSTS[:hosts], SIDE_BY_SIDE, strict=False):
        call(sampled, host, gateway, **said)
    assert asked(sampled) == whom


def test_one_outsider_has_no_neighbours(sampled: Scene) -> None:
    for host in HOSTS[:3]:
        call(sampled, host, SIDE_BY_SIDE[0])
    assert asked(sampled) == {}


def test_who_holds_a_session_and_takes_calls_there_too(sampled: Scene) -> None:
    for host, gateway in zip(HOSTS[:3], SIDE_BY_SIDE, strict=False):
        call(sampled, host, gateway)
    call(sampled, HOSTS[3], SIDE_BY_SIDE[3], got=90)
    call(sampled, HOSTS[4], SIDE_BY_SIDE[4], got=90, lasts_us=1)  # a visit
    assert asked(sampled) == dict.fromkeys(ALL, 4)


@pytest.mark.parametrize(("callers", "crowd"), [(20, False), (21, True)])
def test_no_farm_is_what_every_fiftieth_calls(
    sampled: Scene, callers: int, crowd: bool
) -> None:
    for number in range(callers):
        call(sampled, own(10 + number), SIDE_BY_SIDE[number])
    assert bool(asked(sampled)) != crowd
    assert outside(1) not in SIDE_BY_SIDE
