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
    ERRANDS,
    FARM_WEIGHT,
    FEWEST_ERRANDS,
    FEWEST_MEMBERS,
    LEAST_CONFIDENCE,
    MAIL_WEIGHT,
    ONE_HABIT,
    SEEN_WELL,
    Dealing,
    Errand,
    judge,
)
from headwater.measures.odds import logit
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


def come(scene: Scene, host: str, door: int, who: str = OUTSIDER, octets: int = 60_000) -> None:
    for at_s in scene.times(16):
        scene.talk(at_s, who, host, door, up=6_000, down=octets)


def mail(
    scene: Scene, hosts: Sequence[str] = HOSTS, *, fed: int = 30_000, port: int = 7000
) -> None:
    """Each gets letters from the outsider, and mails them to whom they are for."""
    for place, host in enumerate(hosts):
        for at_s in scene.times(16):
            scene.talk(at_s, host, OUTSIDER, port, up=1_000, down=fed)
        scene.mail(host, outsiders(9, 150 + 9 * place), scene.times(16))


def farm(scene: Scene, hosts: Sequence[str] = HOSTS) -> None:
    for host, door in zip(hosts, DOORS, strict=False):
        fetch(scene, host)
        come(scene, host, door)


def said(scene: Scene) -> dict[str, Finding]:
    return {found.subject: found for found in scene.findings(DETECTOR)}


@pytest.mark.parametrize("doors", [DOORS, [7000] * 6])
def test_who_fetch_at_the_same_places_for_a_visitor_fire(
    sampled: Scene, doors: list[int]
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
        assert proof["places"] == sorted(SITES)
        assert proof["alike"] == len(HOSTS) - 1
        assert found[host].confidence > 0.8
        assert proof["weight"] == pytest.approx(FARM_WEIGHT + math.log(2), abs=0.3)
        assert OUTSIDER in found[host].summary


@pytest.mark.parametrize(("others", "fires"), [(0, True), (1, False)])
def test_a_service_serves_others_as_well(sampled: Scene, others: int, fires: bool) -> None:
    """So do members of a network, and of a swarm: each other one is a small part of it."""
    farm(sampled)
    for place, (host, door) in enumerate(zip(HOSTS, DOORS, strict=True)):
        for number in range(others):
            come(sampled, host, door, outside(100 + place * 9 + number), octets=90_000)
    assert bool(said(sampled)) == fires


def test_devices_that_call_their_maker_are_left_alone(sampled: Scene) -> None:
    """All of a make fetch and hand on in one proportion, which may be any."""
    for host in HOSTS:
        fetch(sampled, host)
        for at_s in sampled.times(16):
            sampled.talk(at_s, host, OUTSIDER, 7000, up=60_000, down=6_000)
    assert sampled.ask(DETECTOR).num_rows == 0


def test_nor_is_a_maker_that_asks_its_devices_how_they_are(sampled: Scene) -> None:
    for host, door in zip(HOSTS, DOORS, strict=True):
        fetch(sampled, host)
        for at_s in sampled.times(16):
            sampled.talk(at_s, host, OUTSIDER, 443, up=60_000, down=6_000)
            sampled.talk(at_s, OUTSIDER, host, door, up=6_000, down=6_000)
    assert sampled.ask(DETECTOR).num_rows == 0


def test_servers_that_share_the_load_of_one_service_are_no_places_to_go_to(
    sampled: Scene,
) -> None:
    """By a few packets of tills one of the bank's machines seems to take what others give."""
    beside = [f"{OUTSIDER.rpartition('.')[0]}.{number}" for number in range(200, 204)]
    for host, door in zip(HOSTS, DOORS, strict=True):
        fetch(sampled, host, sites=beside)
        come(sampled, host, door)
    assert said(sampled) == {}


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
def test_who_are_visited_for_something_else_are_left_alone(sampled: Scene, octets: int) -> None:
    for host, door in zip(HOSTS, DOORS, strict=True):
        fetch(sampled, host)
        come(sampled, host, door, octets=octets)
    assert said(sampled) == {}


@pytest.mark.parametrize(("up", "asked"), [(50_000, False), (30_000, True)])
def test_programs_that_say_they_are_there_hand_nobody_anything(
    sampled: Scene, up: int, asked: bool
) -> None:
    for host, door in zip(HOSTS, DOORS, strict=True):
        fetch(sampled, host)
        for at_s in sampled.times(16):
            sampled.talk(at_s, OUTSIDER, host, door, up=up, down=60_000)
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
        come(sampled, host, DOORS[number])
    assert sampled.ask(DETECTOR).num_rows == 0


def test_what_a_crowd_calls_is_no_place_of_theirs(sampled: Scene) -> None:
    farm(sampled)
    popular = {"popular": pa.table({"server": SITES})}
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


def test_addresses_are_told_of_rows_at_hand_as_of_those_in_files(
    sampled: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where rows are held an address is a number: no other text may stand in its column."""
    mail(sampled)
    told = sampled.ask(DETECTOR).to_pylist()
    with sampled.engine.holding("sessions", sampled.window) as near:
        monkeypatch.setattr(sampled, "engine", near)
        assert told == sampled.ask(DETECTOR).to_pylist()


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


@pytest.mark.parametrize("port", [110, 143, 993, 995])
def test_who_reads_mail_and_writes_some_is_fed_by_nobody(sampled: Scene, port: int) -> None:
    """Mailboxes of whole offices behind each address: they get about as much as they send."""
    mail(sampled, port=port)
    assert said(sampled) == {}


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
        "last_seen": 2, "served": 0,
    }  # fmt: skip
    return Dealing(**(of | said))


def errands(count: int = 6, **said: Any) -> list[Errand]:
    """``said`` of the place where all of them fetch."""
    return [
        Errand(dealings=[dealing(host), dealing(host, SITES[0], **said)])
        for host in HOSTS[:count]
    ]


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


def test_the_more_of_them_the_surer() -> None:
    few, many = judge(errands(3)), judge(errands(6))
    assert few
    assert many
    assert LEAST_CONFIDENCE < few.sure < many.sure


def test_a_habit_that_all_share_is_one_witness() -> None:
    """Beta-binomial: of things that may have any proportion this many have just that one."""
    seen: dict[str, Any] = {"packets": 2_000}
    hosts = [own(number) for number in range(60)]
    judged = judge(
        [
            Errand(dealings=[dealing(host, **seen), dealing(host, SITES[0], **seen)])
            for host in hosts
        ]
    )
    assert judged
    assert judged.sure > 0.9
    assert logit(judged.sure) < math.log(ERRANDS / ONE_HABIT) + 1.36


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
