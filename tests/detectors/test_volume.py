"""Volume: what flows in flows out again, in the same minutes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.scene import Scene, outside, outsiders, own, window

from headwater.detectors.volume import (
    DETECTOR,
    FEWEST_ALIKE,
    MOSTLY,
    STORES_WEIGHT,
    _gateways,
    _one_way_each,
    _weight,
)
from headwater.measures.pieces import FEWEST_BINS
from headwater.measures.relaying import DOOR_WEIGHT
from headwater.records.finding import Finding

HOST, GATEWAY = own(10), outside(1)
VISITORS, SITES = outsiders(4, 2), outsiders(12, 20)
FEWEST_PACKETS = 20  # volume.sql
BIN_S = 60


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4, sampling=10)


def one(findings: list[Finding]) -> Finding:
    (found,) = findings
    return found


def bursts(scene: Scene, count: int = 40, each: int = 8) -> list[float]:
    """Work comes in bursts, with pauses between them."""
    starts = scene.times(count, end_s=scene.lasts_s - 1200)
    return sorted(
        round(at + scene.chance.uniform(0, 20), 3) for at in starts for _ in range(each)
    )


def dial(
    scene: Scene,
    host: str,
    times: Sequence[float],
    sites: Sequence[str],
    gateway: str = GATEWAY,
) -> None:
    """What sites answer goes up to the gateway that called for it."""
    for number, at_s in enumerate(times):
        ask, answer = 900, scene.size()
        scene.talk(at_s, host, gateway, 7000, up=answer, down=ask)
        scene.talk(at_s + 0.3, host, sites[number % len(sites)], 443, up=ask, down=answer)


def test_a_sampled_relay_of_anything_fires(sampled: Scene) -> None:
    sampled.relay(HOST, 9000, VISITORS, SITES, times=bursts(sampled), onward_port=443)
    sampled.talk(900, outside(90), HOST, 9000, up=10, down=10)  # a greeting and no more
    found = one(sampled.findings(DETECTOR))
    assert (found.subject, found.kind, found.proof["leg"]) == (HOST, "carries", "in")
    assert (found.proof["port"], found.proof["lag_s"]) == (9000, 0)
    assert found.confidence > 0.99
    assert 0.7 < float(found.proof["ratio_up"]) < 1.4
    assert 0.7 < float(found.proof["ratio_down"]) < 1.4
    assert found.proof["visitors"] == len(VISITORS) + 1
    assert found.proof["visitors_served"] == len(VISITORS)
    assert set(found.proof["passed_for"]) == set(VISITORS)
    assert found.proof["outside_share"] == 1
    assert not found.proof["lasting"]
    assert not found.proof["front"]
    assert found.proof["onward_mail_share"] == 0
    assert 8 <= int(found.proof["onward_servers"]) <= len(SITES)
    assert "in the same minutes" in found.summary


def test_it_is_found_beside_the_owner_s_own_life(sampled: Scene) -> None:
    sampled.relay(HOST, 9000, VISITORS, SITES, times=bursts(sampled), onward_port=443)
    sampled.browse(HOST, outsiders(30, 100), sampled.times(100))
    found = one(sampled.findings(DETECTOR))
    assert found.proof["leg"] == "in"
    assert float(found.proof["ratio_down"]) < 1.6


def test_mail_through_a_sampled_tunnel_fires(sampled: Scene) -> None:
    targets = outsiders(40, 20)
    for number in range(5):
        sampled.tunnel(
            HOST, GATEWAY, 7000, targets, pieces=20, errand_port=25, piece_s=60,
            start_s=300 + 2500 * number, client_port=45_000 + number,
        )  # fmt: skip
    found = one(sampled.findings(DETECTOR))
    assert (found.proof["leg"], found.proof["peer"], found.proof["port"]) == (
        "to",
        GATEWAY,
        7000,
    )
    assert found.proof["onward_mail_share"] == 1
    assert int(found.proof["onward_mail_servers"]) >= 15


def test_a_sampled_host_that_dials_back_fires(sampled: Scene) -> None:
    dial(sampled, HOST, bursts(sampled), SITES)
    found = one(sampled.findings(DETECTOR))
    assert (found.kind, found.proof["peer"], found.proof["way"]) == (
        "carries-to",
        GATEWAY,
        "back",
    )
    assert found.confidence > 0.99


def test_one_place_to_one_other_is_a_copy(sampled: Scene) -> None:
    dial(sampled, HOST, bursts(sampled), SITES[:1])
    assert sampled.findings(DETECTOR) == []


@pytest.mark.parametrize(("hosts", "fires"), [(FEWEST_ALIKE, True), (FEWEST_ALIKE - 1, False)])
def test_several_hosts_do_not_copy_alike(sampled: Scene, hosts: int, fires: bool) -> None:
    for number in range(hosts):
        dial(sampled, own(10 + number), bursts(sampled), SITES[:1])
    found = {finding.proof["peer"] for finding in sampled.findings(DETECTOR)}
    assert found == ({GATEWAY} if fires else set())


def test_gateways_are_told_from_the_one_place_that_all_of_them_want(sampled: Scene) -> None:
    """Each host has a gateway of its own; contents come from one shop and go up to it."""
    shop = SITES[0]
    gateways = {own(10 + number): outside(200 + number) for number in range(FEWEST_ALIKE)}
    for host, gateway in gateways.items():
        dial(sampled, host, bursts(sampled), [shop], gateway)
    found = {f.subject: (f.proof["peer"], f.proof["way"]) for f in sampled.findings(DETECTOR)}
    assert found == {host: (gateway, "back") for host, gateway in gateways.items()}


def test_mail_that_is_held_for_minutes_fires(tmp_path: Path) -> None:
    """Every packet counted, and no session starts beside its other leg."""
    scene = Scene(tmp_path, hours=4)
    targets = outsiders(60, 20)
    scene.relay(HOST, 9000, VISITORS, targets, times=bursts(scene, each=3), delay_s=300)
    found = one(scene.findings(DETECTOR))
    assert found.proof["lag_s"] == pytest.approx(300, abs=BIN_S)
    assert found.proof["onward_mail_share"] == 1
    assert "s later" in found.summary


def test_nobody_waits_minutes_for_a_page(sampled: Scene) -> None:
    times = bursts(sampled)
    sampled.relay(HOST, 9000, VISITORS, SITES, times=times, onward_port=443, delay_s=300)
    assert sampled.ask(DETECTOR).num_rows > 0
    assert sampled.findings(DETECTOR) == []


@pytest.mark.parametrize(("port", "asked"), [(25, True), (443, False)])
def test_what_relay_sees_at_once_is_left_to_it(tmp_path: Path, port: int, asked: bool) -> None:
    scene = Scene(tmp_path)
    scene.relay(HOST, 9000, VISITORS, SITES, times=scene.times(40), onward_port=port)
    assert bool(scene.ask(DETECTOR).num_rows) == asked


def test_a_server_beside_a_browser_is_quiet(sampled: Scene) -> None:
    sampled.serve(HOST, 9000, VISITORS, bursts(sampled))
    sampled.browse(HOST, SITES, bursts(sampled))
    assert sampled.ask(DETECTOR).num_rows > 0
    assert sampled.findings(DETECTOR) == []


def test_much_that_rises_together_is_quiet(sampled: Scene) -> None:
    """A person comes home: what is visited and what is fetched rise, by unlike amounts."""
    times = bursts(sampled)
    sampled.serve(HOST, 9000, VISITORS, times)
    sampled.browse(HOST, SITES, times)
    assert sampled.findings(DETECTOR) == []


def test_one_burst_beside_another_is_one_coincidence(sampled: Scene) -> None:
    times = [3000 + 0.5 * number for number in range(300)]
    sampled.relay(HOST, 9000, VISITORS, SITES, times=times, onward_port=443)
    assert sampled.findings(DETECTOR) == []


@pytest.mark.parametrize(("packets", "asked"), [(FEWEST_PACKETS, True), (19, False)])
def test_the_fewest_packets(sampled: Scene, packets: int, asked: bool) -> None:
    sampled.sampling = 1  # say exactly which packets were seen
    sampled.talk(100, VISITORS[0], HOST, 9000, up=2_000, down=1_000 * (packets - 10))
    sampled.talk(101, HOST, SITES[0], 443, up=20_000, down=20_000)
    for row in sampled.rows:
        row |= {"sampling": 10, "packets": 10 * row["packets"], "bytes": 10 * row["bytes"]}
    seen = sum(
        row["packets"] for row in sampled.rows if VISITORS[0] in (row["src"], row["dst"])
    )
    assert seen == 10 * packets
    assert bool(sampled.ask(DETECTOR).num_rows) == asked


@pytest.mark.parametrize(("bins", "fires"), [(FEWEST_BINS, True), (FEWEST_BINS - 1, False)])
def test_the_fewest_bins(tmp_path: Path, bins: int, fires: bool) -> None:
    scene = Scene(tmp_path, hours=bins / 60, sampling=10)
    starts = (130, 310, 670, 740, 1100, 1510, 1660, 2130, 2250, 2710, 2800, 3040, 3320)
    times = [at_s + number for at_s in starts for number in range(12)]
    scene.relay(HOST, 9000, VISITORS, SITES, times=times, onward_port=443)
    assert bool(scene.findings(DETECTOR)) == fires


def test_a_popular_place_is_no_gateway(sampled: Scene) -> None:
    dial(sampled, HOST, bursts(sampled), SITES)
    for number in range(100, 121):
        sampled.talk(500 + number, own(number), GATEWAY, 7000, up=90_000, down=90_000)
    assert sampled.findings(DETECTOR) == []


def test_who_is_visited_does_not_dial_out_from_that_port(sampled: Scene) -> None:
    """A gateway's answers, taken for calls where the sampler missed the question."""
    times = bursts(sampled)
    dial(sampled, HOST, times, SITES)
    for row in sampled.rows:
        if row["src"] == HOST and row["dst"] == GATEWAY:
            row["src_port"] = 4500
        if row["src"] == GATEWAY:
            row["dst_port"] = 4500
    for visitor in VISITORS:
        for number in range(5):
            sampled.talk(60.0 + number, visitor, HOST, 4500, protocol=6)
    assert [f for f in sampled.findings(DETECTOR) if f.proof["leg"] == "to"] == []


def test_known_mistake_a_vpn_gateway_carries_too(sampled: Scene) -> None:
    """Told by its sessions, which last: datagrams between the same ports are one."""
    for number, visitor in enumerate(VISITORS):
        for at_s in bursts(sampled, 12):
            up, down, site = 700, sampled.size(), SITES[int(at_s) % len(SITES)]
            sampled.talk(
                at_s, visitor, HOST, 1194, up=up, down=down, protocol=17,
                client_port=40_000 + number,
            )  # fmt: skip
            sampled.talk(at_s + 0.05, HOST, site, 443, up=up, down=down)
    found = [f for f in sampled.findings(DETECTOR) if f.proof["leg"] == "in"]
    assert found
    assert one(found).proof["lasting"]
    assert float(one(found).proof["weight"]) <= 1


@pytest.mark.parametrize(("own_ports", "listens"), [(1, True), (2, False)])
def test_who_is_met_at_one_port_by_ports_that_come_and_go_was_called(
    sampled: Scene, own_ports: int, listens: bool
) -> None:
    """The owner is away, by datagrams of which it is not seen who sent the first."""
    for number, at_s in enumerate(bursts(sampled)):
        up, down, site = 700, sampled.size(), SITES[number % len(SITES)]
        theirs, own_port = 45_711 + number // 160, 51_820 + number % own_ports
        sampled.talk(
            at_s, HOST, GATEWAY, theirs, up=down, down=up, protocol=17, client_port=own_port
        )
        sampled.talk(at_s + 0.05, HOST, site, 443, up=up, down=down)
    found = one([f for f in sampled.findings(DETECTOR) if f.proof["leg"] == "to"])
    assert found.proof["listens"] == listens
    assert (float(found.proof["weight"]) <= 1) == listens


def test_known_mistake_a_company_proxy_carries_too(sampled: Scene) -> None:
    desks = [own(number) for number in range(50, 54)]
    sampled.relay(HOST, 3128, desks, SITES, times=bursts(sampled), onward_port=443)
    found = one(sampled.findings(DETECTOR))
    assert found.proof["outside_share"] == 0
    assert float(found.proof["weight"]) < 0


def test_known_mistake_peers_carry_for_one_another(sampled: Scene) -> None:
    """Told by whom they visit: those who visit them."""
    sampled.relay(HOST, 9001, SITES, SITES[::-1], times=bursts(sampled), onward_port=9001)
    found = one(sampled.findings(DETECTOR))
    assert float(found.proof["both_ways"]) > 0.9
    assert float(found.proof["weight"]) <= 1


# What a relay for many outsiders looks like, of anything.
PROXY = {
    "leg": "in", "port": 9000, "visitors_served": 4, "networks_served": 4, "sessions": 60,
    "outside_share": 1.0, "lasting": False, "listens": False,
    "both_ways": 0.0, "onward_ports": {"443": 0.9, "80": 0.1}, "onward_servers": 12,
    "onward_top": 0.3, "onward_mail_share": 0.0, "onward_mail_servers": 0,
    "way": "back", "ratio_up": 9.0, "ratio_down": 0.5,
}  # fmt: skip
ONE_NAME = {"networks_served": 9, "onward_servers": 8, "onward_ports": {"443": 1.0}}
MAIL = {"onward_mail_share": 0.2, "onward_mail_servers": 3}
# Media: everybody is met at a port of his own.
OWN_PORTS = {"onward_ports": {str(20_000 + n): 0.1 for n in range(10)}}


@pytest.mark.parametrize(("changed", "weight"), [
    ({}, 7.0),
    ({"visitors_served": 1}, 4.0),
    (MAIL, 10.0),
    (MAIL | {"lasting": True}, 10.0),
    (MAIL | {"port": 443}, 1.0),  # a site writes to whom its visitors name
    (MAIL | {"onward_mail_share": 0.19}, 7.0),
    (MAIL | {"onward_mail_servers": 2}, 7.0),
    ({"leg": "to"}, STORES_WEIGHT),
    ({"leg": "to", "listens": True}, 1.0),
    (MAIL | {"leg": "to", "listens": True}, 8.0),
    (MAIL | {"leg": "to"}, 8.0),
    ({"outside_share": 0.67}, 7.0), ({"outside_share": 0.66}, 0.0),
    ({"outside_share": 0.49}, -2.0),
    (MAIL | {"outside_share": 0.49}, -2.0),
    ({"lasting": True}, 1.0),
    ({"both_ways": 0.1}, 1.0),
    ({"both_ways": 0.09}, 7.0),
    ({"onward_top": 0.8}, 1.0),
    ({"onward_top": 0.79}, 7.0),
    ({"port": 443, "onward_servers": 5, "onward_ports": {"8080": 1.0}}, 1.0),
    ({"port": 443, "onward_servers": 6, "onward_ports": {"8080": 1.0}}, DOOR_WEIGHT),
    (ONE_NAME, 3.5),  # all get to the same few machines
    ({"networks_served": 9, "onward_servers": 8, "sessions": 19}, 7.0),
    ({"onward_ports": {"9000": 0.8, "443": 0.2}}, 1.0),
    ({"onward_top": 0.8, "ratio_down": 0.8}, 3.5),
    ({"onward_top": 0.8, "ratio_down": 0.79}, 1.0),
    ({"onward_top": 0.8, "way": "there"}, 3.5),
    (OWN_PORTS, 1.0),
    (OWN_PORTS | {"leg": "to"}, 1.0),
    ({"leg": "to", "both_ways": 0.1}, 1.0),
    # Few of the servers were met at a port that no other has.
    ({"leg": "to", "onward_ports": {"443": 0.49, "80": 0.31, "8080": 0.2}}, STORES_WEIGHT),
])  # fmt: skip
def test_what_lawful_gateways_do_as_well_says_little(
    changed: dict[str, Any], weight: float
) -> None:
    assert _weight(PROXY | changed) == weight


def test_nothing_asked_nothing_said(sampled: Scene) -> None:
    sampled.browse(HOST, SITES, sampled.times(30))
    assert sampled.findings(DETECTOR) == []


def claim(host: str, **proof: Any) -> Finding:
    return Finding(
        detector=DETECTOR.name, subject=host, kind="carries-to", confidence=0.9,
        window=window(), summary="", proof={"leg": "to", "peer": GATEWAY, **proof},
    )  # fmt: skip


def ends(
    way: str, servers: int, count: int = FEWEST_ALIKE, mail: float = 0.0
) -> list[tuple[Any, Any]]:
    claims = [
        claim(
            own(number), way=way, onward_servers=servers, onward_to=outside(60),
            onward_mail_share=mail,
        )
        for number in range(count)
    ]  # fmt: skip
    return [(found.proof["peer"], found.proof["way"]) for found in _gateways(claims)]


def test_who_takes_what_several_hosts_fetch_in_one_place_had_asked_for_it() -> None:
    assert ends("there", 2) == [(outside(60), "back")] * FEWEST_ALIKE
    assert ends("there", 2, FEWEST_ALIKE - 1) == []  # they may copy
    assert ends("back", 1) == [(GATEWAY, "back")] * FEWEST_ALIKE
    assert ends("back", 1, FEWEST_ALIKE - 1) == []


def test_mail_goes_to_its_server_which_never_asked_for_it() -> None:
    assert ends("there", 2, mail=MOSTLY) == [(GATEWAY, "there")] * FEWEST_ALIKE
    assert ends("there", 2, FEWEST_ALIKE - 1, mail=MOSTLY) == []
    assert ends("there", 3, 1, mail=MOSTLY) == [(GATEWAY, "there")]


def test_who_sends_more_than_it_asks_for_has_mail_passed_on_or_nothing() -> None:
    assert ends("there", 3, 1, mail=MOSTLY - 0.01) == []
    assert ends("back", 2, 1, mail=0.0) == [(GATEWAY, "back")]


def test_of_what_a_host_calls_only_the_surest_way_is_told() -> None:
    surest, other = claim(HOST, way="back"), claim(HOST, way="there")
    visited = claim(HOST, way="there", leg="in")
    assert list(_one_way_each([surest, other, visited])) == [surest, visited]
