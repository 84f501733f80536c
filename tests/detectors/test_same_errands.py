"""Same errands: hosts hand one outsider what they fetch where hardly anybody else goes."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, outside, outsiders, own, window

from headwater.detectors.same_errands import (
    DETECTOR,
    FARM_WEIGHT,
    FEWEST_ERRANDS,
    FEWEST_MEMBERS,
    HEADQUARTERS_WEIGHT,
    LEAST_CONFIDENCE,
    MAIL_WEIGHT,
    MOST_GATEWAYS,
    SAME_PORT_WEIGHT,
    SEEN_WELL,
    Dealing,
    Errand,
    judge,
)
from headwater.measures.homes import LEAST, MOST
from headwater.measures.ports import EPHEMERAL
from headwater.records.finding import Finding

OUTSIDER, SPARE, ORDERS = outside(1), outside(2), outside(3)
SITES = outsiders(4, 270)
HOSTS = [own(10 + number) for number in range(6)]
DOORS = [7000 + number for number in range(6)]
OTHERS = [own(100 + number) for number in range(80)]
SAMPLING = 20


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path, hours=2, sampling=SAMPLING)
    for number, host in enumerate(OTHERS):
        scene.browse(host, outsiders(3, 60 + number), scene.times(3))
    return scene


def fetch(scene: Scene, host: str, sites: Sequence[str] = SITES, octets: int = 60_000) -> None:
    """At times of their own: in few sampled packets it is not seen that they go together."""
    for number, at_s in enumerate(scene.times(16)):
        scene.talk(at_s, host, sites[number % len(sites)], 443, up=octets // 10, down=octets)


def call(scene: Scene, host: str, octets: int = 60_000, to: str = OUTSIDER) -> None:
    for at_s in scene.times(16):
        scene.talk(at_s, host, to, 7000, up=octets, down=octets // 10)


def come(scene: Scene, host: str, door: int, who: str = OUTSIDER) -> None:
    for at_s in scene.times(16):
        scene.talk(at_s, who, host, door, up=6_000, down=60_000)


def mail(
    scene: Scene, hosts: Sequence[str] = HOSTS, *, fed: int = 30_000, port: int = 7000
) -> None:
    """Each gets letters from the outsider, and mails them to whom they are for."""
    for place, host in enumerate(hosts):
        for at_s in scene.times(16):
            scene.talk(at_s, host, OUTSIDER, port, up=1_000, down=fed)
        scene.mail(host, outsiders(9, 150 + 9 * place), scene.times(16))


def farm(scene: Scene, hosts: Sequence[str] = HOSTS) -> None:
    for host in hosts:
        fetch(scene, host)
        call(scene, host)


def said(scene: Scene) -> dict[str, Finding]:
    return {found.subject: found for found in scene.findings(DETECTOR)}


def test_who_are_sent_to_the_same_places_by_a_gateway_fire(sampled: Scene) -> None:
    farm(sampled)
    found = said(sampled)
    assert set(found) == set(HOSTS)
    one = found[HOSTS[0]]
    assert (one.kind, one.proof["peer"], one.proof["port"]) == ("carries-to", OUTSIDER, 7000)
    assert one.proof["places"] == sorted(SITES)
    assert one.proof["alike"] == len(HOSTS) - 1
    assert one.confidence > 0.8
    least = HEADQUARTERS_WEIGHT + math.log(2)
    assert least + LEAST - 0.3 <= one.proof["weight"] <= least + MOST
    assert OUTSIDER in one.summary


def test_servers_that_share_the_load_of_one_service_are_no_places_to_go_to(
    sampled: Scene,
) -> None:
    """By a few packets of tills one of the bank's machines seems to take what others give."""
    beside = [f"{OUTSIDER.rpartition('.')[0]}.{number}" for number in range(200, 204)]
    for host in HOSTS:
        fetch(sampled, host, sites=beside)
        call(sampled, host)
    assert said(sampled) == {}


def test_who_watches_films_is_no_office(sampled: Scene) -> None:
    farm(sampled)
    plain = said(sampled)[HOSTS[0]].proof["weight"]
    for number, host in enumerate(HOSTS):
        sampled.talk(900, host, outside(50 + number), 443, down=90_000_000, lasts_s=900)
    again = Scene(sampled.lake.root.parent / "again", hours=2, sampling=SAMPLING)
    again.rows = sampled.rows
    assert said(again)[HOSTS[0]].proof["weight"] > plain + 1


@pytest.mark.parametrize(
    ("doors", "weight"),
    [(DOORS, FARM_WEIGHT + math.log(2)), ([7000] * 6, SAME_PORT_WEIGHT)],
)
def test_so_do_those_who_are_visited_each_at_a_port_of_its_own(
    sampled: Scene, doors: list[int], weight: float
) -> None:
    for host, door in zip(HOSTS, doors, strict=True):
        fetch(sampled, host)
        come(sampled, host, door)
    found = said(sampled)
    assert set(found) == set(HOSTS)
    for host, door in zip(HOSTS, doors, strict=True):
        proof = found[host].proof
        assert (found[host].kind, proof["port"]) == ("carries", door)
        assert list(proof["passed_for"]) == [OUTSIDER]
        assert proof["weight"] == pytest.approx(weight, abs=0.3)


def test_all_who_take_are_added_up(sampled: Scene) -> None:
    """And whoever is served at a door is told, so that one sees whether it is open to all."""
    for host, door in zip(HOSTS, DOORS, strict=True):
        fetch(sampled, host, octets=120_000)
        come(sampled, host, door)
        come(sampled, host, door, SPARE)
    proof = said(sampled)[HOSTS[0]].proof
    assert (proof["visitors_served"], proof["networks_served"]) == (2, 1)
    assert set(proof["passed_for"]) == {OUTSIDER, SPARE}


def test_who_gives_little_among_these_may_give_orders(sampled: Scene) -> None:
    farm(sampled)
    for host in HOSTS:
        for at_s in sampled.times(4):
            sampled.talk(at_s, host, ORDERS, 8443, up=200, down=1_000)
    assert ORDERS not in said(sampled)[HOSTS[0]].proof["places"]


@pytest.mark.parametrize(
    ("hosts", "fires"), [(FEWEST_MEMBERS, True), (FEWEST_MEMBERS - 1, False)]
)
def test_two_are_no_farm(sampled: Scene, hosts: int, fires: bool) -> None:
    farm(sampled, HOSTS[:hosts])
    assert bool(said(sampled)) == fires


@pytest.mark.parametrize("octets", [2_000, 1_500_000])
def test_devices_that_hand_their_maker_something_else_are_left_alone(
    sampled: Scene, octets: int
) -> None:
    for host in HOSTS:
        fetch(sampled, host)
        call(sampled, host, octets)
    assert said(sampled) == {}


@pytest.mark.parametrize(("down", "asked"), [(50_000, False), (30_000, True)])
def test_programs_that_say_they_are_there_hand_nobody_anything(
    sampled: Scene, down: int, asked: bool
) -> None:
    """A make of devices, each with a session to each of its maker's servers."""
    for host in HOSTS:
        fetch(sampled, host)
        for at_s in sampled.times(16):
            sampled.talk(at_s, host, OUTSIDER, 7000, up=60_000, down=down)
    assert bool(sampled.ask(DETECTOR).num_rows) == asked


def test_places_where_many_others_go_tie_nobody(sampled: Scene) -> None:
    farm(sampled)
    for host in OTHERS[: 2 * len(HOSTS)]:  # no crowd
        for site in SITES:
            for at_s in sampled.times(3):
                sampled.talk(at_s, host, site, 443, up=6_000, down=60_000)
    assert said(sampled) == {}


def test_each_in_places_of_its_own_is_no_errand(sampled: Scene) -> None:
    for number, host in enumerate(HOSTS):
        fetch(sampled, host, outsiders(4, 150 + 4 * number))
        call(sampled, host)
    assert sampled.ask(DETECTOR).num_rows == 0


def test_whom_a_crowd_calls_is_no_gateway(sampled: Scene) -> None:
    farm(sampled)
    popular = {"popular": pa.table({"server": [OUTSIDER]})}
    assert list(DETECTOR.weigh(sampled.ask(DETECTOR, popular), sampled.window)) == []


def test_where_every_packet_was_counted_others_see_more(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=2)
    farm(scene)
    assert scene.ask(DETECTOR).num_rows == 0


def test_who_are_fed_what_they_mail_fire(sampled: Scene) -> None:
    mail(sampled)
    found = said(sampled)
    assert set(found) == set(HOSTS)
    for one in found.values():
        assert (one.kind, one.proof["peer"], one.proof["places"]) == (
            "carries-to",
            OUTSIDER,
            [],
        )
        assert one.proof["weight"] == pytest.approx(MAIL_WEIGHT, abs=0.3)
        assert one.proof["onward_mail"] > 2
        assert "mails" in one.summary


def test_so_do_those_to_whom_letters_are_brought(sampled: Scene) -> None:
    for place, host in enumerate(HOSTS):
        for at_s in sampled.times(16):
            sampled.talk(at_s, OUTSIDER, host, DOORS[place], up=30_000, down=1_000)
        sampled.mail(host, outsiders(9, 150 + 9 * place), sampled.times(16))
    found = said(sampled)
    assert set(found) == set(HOSTS)
    assert {one.kind for one in found.values()} == {"carries"}
    assert list(found[HOSTS[0]].proof["passed_for"]) == [OUTSIDER]


@pytest.mark.parametrize(
    ("changed", "others", "fires"),
    [
        ({}, len(HOSTS), True),
        ({}, len(HOSTS) + 1, False),  # who hardly mail
        ({"hosts": HOSTS[:2]}, 0, False),
        ({"port": 443}, 0, False),  # servers that mail read each other's pages
        ({"fed": 600_000}, 0, False),
        ({"fed": 5_000}, 0, False),
    ],
)
def test_what_is_fed_is_as_much_and_to_few_but_those_who_mail(
    sampled: Scene, changed: dict[str, Any], others: int, fires: bool
) -> None:
    mail(sampled, **changed)
    for host in OTHERS[:others]:
        for at_s in sampled.times(16):
            sampled.talk(at_s, host, OUTSIDER, 7000, up=1_000, down=9_000)
    assert bool(said(sampled)) == fires


@pytest.mark.parametrize(("port", "inward"), [(EPHEMERAL, True), (EPHEMERAL - 1, False)])
def test_each_met_at_a_client_s_port_of_its_own_is_dialled_into(
    port: int, inward: bool
) -> None:
    """Of sampled sessions one seldom sees who opened them; a gateway listens on one port."""
    pool = [
        Errand(dealings=[each._replace(port=port + place) for each in errand.dealings])
        for place, errand in enumerate(errands())
    ]
    answer = pa.Table.from_pylist([each._asdict() for one in pool for each in one.dealings])
    found = list(DETECTOR.weigh(answer, window()))
    assert found
    assert {each.proof["dials_in"] for each in found} == {inward}


def dealing(host: str, other: str = OUTSIDER, **said: Any) -> Dealing:
    """Twenty sampled packets, of which the outsider is handed most octets."""
    takes = other == OUTSIDER
    of: dict[str, Any] = {
        "leg": "to", "peer": OUTSIDER, "host": host, "other_leg": "to", "other": other,
        "takes": int(takes), "port": 443, "sessions": 4, "sent": 90_000 if takes else 9_000,
        "got": 9_000 if takes else 90_000, "packets": 20, "sampling": 1, "first_seen": 1,
        "last_seen": 2, "gateways": 1, "film": 0, "hosts": 100, "watching": 20,
    }  # fmt: skip
    return Dealing(**(of | said))


def errands(count: int = 6, **said: Any) -> list[Errand]:
    """``said`` of the place where all of them fetch."""
    return [
        Errand(dealings=[dealing(host), dealing(host, SITES[0], **said)])
        for host in HOSTS[:count]
    ]


@pytest.mark.parametrize(
    ("gateways", "told"), [(MOST_GATEWAYS, True), (MOST_GATEWAYS + 1, False)]
)
def test_servers_that_deal_with_each_other_as_equals_are_no_farm(
    gateways: int, told: bool
) -> None:
    pool = [
        Errand(dealings=[each._replace(gateways=gateways) for each in errand.dealings])
        for errand in errands()
    ]
    assert (judge(pool) is not None) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"got": 36_000}, True),
        ({"got": 35_000}, False),
        ({"got": 270_000}, True),
        ({"got": 271_000}, False),
        ({"sent": 3_500}, False),
        ({"sent": 27_100}, False),
    ],
)
def test_as_much_goes_on_both_ways(said: dict[str, int], told: bool) -> None:
    assert (judge(errands(**said)) is not None) == told


@pytest.mark.parametrize(("idle", "told"), [(3, True), (4, False)])
def test_most_of_its_hosts_fetch_there(idle: int, told: bool) -> None:
    large = {"got": 190_000, "sent": 19_000}
    pool = errands(**large)
    pool[:idle] = [Errand(dealings=errand.dealings[:1]) for errand in pool[:idle]]
    assert (judge(pool) is not None) == told


def test_the_more_of_them_the_surer(sampled: Scene) -> None:
    few, many = judge(errands(3)), judge(errands(6))
    assert few
    assert many
    assert LEAST_CONFIDENCE < few.sure < many.sure


def test_of_a_host_that_does_much_else_with_the_same_few_less_is_said() -> None:
    pool = errands()
    pool[0] = Errand(dealings=[dealing(HOSTS[0], packets=400), dealing(HOSTS[0], SITES[0])])
    judged = judge(pool)
    assert judged
    assert judged.members[0] < 0.5 < judged.members[1]


@pytest.mark.parametrize(
    ("sessions", "packets", "told"),
    [
        (FEWEST_ERRANDS, 20, True),
        (FEWEST_ERRANDS - 1, 20, False),
        (FEWEST_ERRANDS - 1, int(SEEN_WELL * (FEWEST_ERRANDS - 1)) - 1, True),
    ],
)
def test_partners_in_a_swarm_meet_once_and_are_sent_nowhere(
    sessions: int, packets: int, told: bool
) -> None:
    """Unless hardly a packet of each session is seen: then there may be many more."""
    assert (judge(errands(sessions=sessions, packets=packets)) is not None) == told
