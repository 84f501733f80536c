"""Dark scan: outsiders that knock without knowing where, and what happens after they did."""

from typing import Any

import pyarrow as pa
import pytest
from tests.scene import RST_ACK, SYN, Scene, outside, outsiders, own

from headwater.detectors.dark_scan import (
    DETECTOR,
    FEWEST_PORTS,
    SERVERS_OF_A_NAME,
    SUREST,
    SUREST_OF_PEERLIKE,
)
from headwater.pipeline.address_space import SPACE
from headwater.pipeline.questions import question
from headwater.records.finding import Finding

LIVE = [own(number) for number in range(10, 40)]
DARK = [own(number) for number in range(100, 200)]
SCANNER, CLIENT, HOME = outside(1), outside(2), outside(3)
SYN_ACK = 0x12
PORT = 2323
ADDRESSES = 256


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Thirty of 256 addresses are lived at."""
    for number, host in enumerate(LIVE):
        scene.browse(host, outsiders(3, 100 + 3 * number), scene.times(3, end_s=900))
    return scene


def extra(scene: Scene, addresses: int = ADDRESSES, *masters: str) -> dict[str, pa.Table]:
    scene.settle()
    lit = scene.engine.ask(question("pipeline", "lit.sql"), scene.window)
    sizes = [[4, 6], [float(addresses), 2.0**64], [lit.num_rows, 0]]
    return {
        "lit": lit,
        "space": pa.table(sizes, schema=SPACE),
        "masters": pa.table({"server": pa.array(masters, pa.string())}),
    }


def found(scene: Scene, *masters: str, addresses: int = ADDRESSES) -> dict[str, Finding]:
    said = scene.findings(DETECTOR, extra(scene, addresses, *masters))
    return {finding.subject: finding for finding in said}


def silent(scene: Scene, source: str, host: str, port: int = PORT, **said: Any) -> None:
    """A SYN, or another lone packet, that nobody answers."""
    packet = {"up": 0, "down": 0, "lasts_s": 0, "flags": SYN} | said
    scene.talk(scene.times(1)[0], source, host, port, **packet)


def test_who_knocks_on_dark_addresses_scans(scene: Scene) -> None:
    for host in (*DARK[:9], LIVE[0]):
        silent(scene, SCANNER, host)
    told = found(scene)
    assert set(told) == {SCANNER}
    assert told[SCANNER].kind == "scanner"
    proof = told[SCANNER].proof
    assert (proof["doors"], proof["opened"], proof["hosts"], proof["dark"]) == (10, 0, 10, 9)
    assert proof["dark_share"] == pytest.approx((ADDRESSES - len(LIVE)) / ADDRESSES, abs=1e-3)
    assert proof["dark_by_chance"] == pytest.approx(8.8, abs=0.05)
    assert proof["ports"] == [PORT]
    assert told[SCANNER].confidence == SUREST


def test_who_visits_whom_it_knows_is_quiet(scene: Scene) -> None:
    for host in LIVE:
        scene.serve(host, 443, [CLIENT], scene.times(2))
    silent(scene, CLIENT, DARK[0])
    assert found(scene) == {}


@pytest.mark.parametrize(("doors", "named"), [(4, True), (3, False)])
def test_the_fewest_doors(scene: Scene, doors: int, named: bool) -> None:
    for host in DARK[:doors]:
        silent(scene, SCANNER, host)
    assert (SCANNER in found(scene)) == named


@pytest.mark.parametrize(("opened", "named"), [(2, True), (3, False)])
def test_doors_that_open_speak_for_it(scene: Scene, opened: int, named: bool) -> None:
    """In a full network only shut doors tell: four more of them than open ones convict."""
    for host in LIVE[:6]:
        scene.knock(scene.times(1)[0], SCANNER, host, PORT)
    for host in LIVE[6 : 6 + opened]:
        scene.serve(host, PORT, [SCANNER], scene.times(1))
    assert (SCANNER in found(scene, addresses=len(LIVE))) == named


def test_doors_that_open_do_not_excuse_who_comes_to_dark_addresses(scene: Scene) -> None:
    """A sweep of port 80 in a network of servers: every live address answers."""
    for host in DARK[:24]:
        silent(scene, SCANNER, host, 8080)
    for host in LIVE:
        scene.serve(host, 8080, [SCANNER], scene.times(1))
    assert SCANNER in found(scene, addresses=60)
    assert SCANNER not in found(scene, addresses=len(LIVE))


def test_one_wrong_address_tried_again_and_again_is_no_scan(scene: Scene) -> None:
    for at_s in scene.times(60):
        scene.talk(at_s, CLIENT, DARK[0], 25, up=0, down=0, lasts_s=0, flags=SYN)
    assert found(scene) == {}


@pytest.mark.parametrize(
    ("port", "hosts", "named"),
    [
        (25, SERVERS_OF_A_NAME + 3, False),
        (25, SERVERS_OF_A_NAME + 4, True),
        (PORT, 4, True),
    ],
)
def test_the_dead_servers_of_one_name_are_no_scan(
    scene: Scene, port: int, hosts: int, named: bool
) -> None:
    for host in LIVE[:hosts]:
        scene.knock(scene.times(1)[0], CLIENT, host, port)
    assert (CLIENT in found(scene, addresses=len(LIVE))) == named


def test_backscatter_is_no_scan(scene: Scene) -> None:
    """Victims of floods answer to our addresses, which the flood used as its sources."""
    for number, host in enumerate(DARK[:60]):
        for victim, flags in ((CLIENT, SYN_ACK), (HOME, RST_ACK), (outside(4), 0x04)):
            said = {"flags": flags, "client_port": 443, "port": 20_000 + number}
            silent(scene, victim, host, **said)
        for source, port in ((outside(5), 20_000 + number), (outside(6), 53)):
            said = {"protocol": 17, "client_port": 53, "up": 100, "port": port}
            silent(scene, source, host, **said)
    assert found(scene) == {}


def test_backscatter_lights_no_dark_address(scene: Scene) -> None:
    silent(scene, CLIENT, DARK[0], 40_000, flags=RST_ACK, client_port=443)
    silent(scene, CLIENT, DARK[1], 40_000, flags=SYN_ACK, client_port=443)
    lit = extra(scene)["lit"].column("host").to_pylist()
    assert sorted(lit) == LIVE


def test_a_host_whose_answers_are_not_exported_is_not_dark(scene: Scene) -> None:
    scene.talk(500, CLIENT, DARK[0], 443, down=0, flags=0x18)
    assert DARK[0] in extra(scene)["lit"].column("host").to_pylist()


@pytest.mark.parametrize(("hosts", "named"), [(DARK[:6], True), (LIVE[:6], False)])
def test_datagrams_tell_only_where_it_is_dark(
    scene: Scene, hosts: list[str], named: bool
) -> None:
    for host in hosts:
        silent(scene, SCANNER, host, 5060, protocol=17, up=300, flags=None)
    assert (SCANNER in found(scene)) == named


@pytest.mark.parametrize(("ports", "named"), [(FEWEST_PORTS, True), (FEWEST_PORTS - 1, False)])
def test_many_ports_of_one_host(scene: Scene, ports: int, named: bool) -> None:
    for port in range(2000, 2000 + ports):
        scene.knock(scene.times(1)[0], SCANNER, LIVE[0], port)
    assert (SCANNER in found(scene)) == named


def test_a_peer_with_some_old_addresses_is_quiet(scene: Scene) -> None:
    for number, host in enumerate(DARK[:6]):
        silent(scene, CLIENT, host, 20_000 + 77 * number)
    for number, host in enumerate(LIVE[:8]):
        scene.serve(host, 30_000 + 77 * number, [CLIENT], scene.times(2))
    assert CLIENT not in found(scene, addresses=60)


def test_known_mistake_a_peer_with_old_addresses_only(scene: Scene) -> None:
    for number, host in enumerate(DARK[:6]):
        silent(scene, CLIENT, host, 20_000 + 77 * number)
    assert found(scene)[CLIENT].confidence <= SUREST_OF_PEERLIKE


def test_a_door_that_opens_at_the_second_knock_was_not_shut(scene: Scene) -> None:
    for host in LIVE[:6]:
        silent(scene, CLIENT, host)
        scene.serve(host, PORT, [CLIENT], scene.times(1))
    assert found(scene, addresses=len(LIVE)) == {}


def test_doors_that_opened_later_are_not_counted_twice(scene: Scene) -> None:
    for host in (*DARK[:9], LIVE[0]):
        silent(scene, SCANNER, host)
    scene.serve(LIVE[0], PORT, [SCANNER], scene.times(1))
    proof = found(scene)[SCANNER].proof
    assert (proof["doors"], proof["shut"], proof["opened"]) == (10, 9, 1)


@pytest.mark.parametrize(("sampling", "named"), [(1, True), (10, False)])
def test_without_flags_silence_tells_where_every_packet_was_seen(
    tmp_path: Any, sampling: int, named: bool
) -> None:
    scene = Scene(tmp_path, sampling=sampling)
    for number, host in enumerate(LIVE):
        scene.browse(host, outsiders(3, 100 + 3 * number), scene.times(3, end_s=900))
    for host in DARK[:60]:
        silent(scene, SCANNER, host, 23, flags=None)
    assert (SCANNER in found(scene)) == named


def test_each_family_has_its_own_dark_share(scene: Scene) -> None:
    for number in range(9):
        silent(scene, SCANNER, DARK[number])
        silent(scene, outside(600), f"2001:db8:ffff::{number}")
    given = extra(scene)
    given["space"] = pa.table([[4, 6], [float(ADDRESSES), 1000.0], [64, 100]], schema=SPACE)
    shares = {f.subject: f.proof["dark_share"] for f in scene.findings(DETECTOR, given)}
    assert shares == {SCANNER: 0.75, outside(600): 0.9}


def test_own_hosts_that_knock_on_own_hosts_are_no_outsiders(scene: Scene) -> None:
    for host in DARK[:9]:
        silent(scene, LIVE[0], host)
    assert found(scene) == {}


def test_who_answered_and_what_they_did_afterwards(scene: Scene) -> None:
    for host in DARK[:9]:
        silent(scene, SCANNER, host)
    victim, steady = LIVE[:2]
    for host in (victim, steady):
        scene.talk(1500, SCANNER, host, PORT, up=60, down=90)
    scene.talk(3000, SCANNER, steady, 4444)  # its own visits are no service to others
    scene.talk(3000, CLIENT, victim, 31_337)
    scene.talk(3600, victim, outside(60), 25)
    scene.poll(victim, HOME, 8443, 600, start_s=4000)
    proof = found(scene, HOME)[SCANNER].proof
    assert proof["answered_by"] == [victim, steady]
    assert proof["changed"] == [
        {"host": victim, "what": what, "port": port, "after_s": after_s}
        for what, port, after_s in (
            ("service", 31_337, 1500),
            ("mail", 25, 2100),
            ("master", 8443, 2500),
        )
    ]


def test_what_a_host_did_before_is_no_change(scene: Scene) -> None:
    for host in DARK[:9]:
        silent(scene, SCANNER, host)
    host = LIVE[0]
    scene.talk(150, CLIENT, host, 443)
    scene.talk(160, host, outside(60), 25)
    scene.talk(3000, SCANNER, host, PORT, up=60, down=90)
    scene.talk(3600, CLIENT, host, 443)
    scene.talk(3600, host, outside(60), 25)
    assert found(scene)[SCANNER].proof["changed"] == []


def test_what_was_new_before_the_knock_is_not_its_doing(scene: Scene) -> None:
    for host in DARK[:9]:
        silent(scene, SCANNER, host)
    scene.talk(3000, CLIENT, LIVE[0], 443)
    scene.talk(4000, SCANNER, LIVE[0], PORT, up=60, down=90)
    assert found(scene)[SCANNER].proof["changed"] == []


def test_of_whom_nothing_was_seen_before_nothing_is_new(scene: Scene) -> None:
    for host in DARK[:9]:
        silent(scene, SCANNER, host)
    fresh = own(90)
    scene.talk(2000, SCANNER, fresh, PORT, up=60, down=90)
    scene.talk(2600, CLIENT, fresh, 443)
    proof = found(scene)[SCANNER].proof
    assert proof["answered_by"] == [fresh]
    assert proof["changed"] == []


def test_what_is_first_in_a_sample_is_no_change(tmp_path: Any) -> None:
    scene = Scene(tmp_path, sampling=2)
    scene.chance.seed(1)
    for host in DARK[:40]:
        silent(scene, SCANNER, host)
    scene.talk(200, LIVE[0], outside(61), 443, up=90_000, down=90_000)
    for at_s in (1500, 1600, 1700):
        scene.talk(at_s, SCANNER, LIVE[0], PORT, up=9000, down=9000)
    scene.talk(3600, LIVE[0], outside(60), 25, up=90_000, down=90_000)
    proof = found(scene)[SCANNER].proof
    assert proof["answered_by"] == [LIVE[0]]
    assert proof["changed"] == []


def test_a_sample_of_a_sweep_is_enough(tmp_path: Any) -> None:
    scene = Scene(tmp_path, hours=2, sampling=10)
    for number, host in enumerate(LIVE):
        scene.browse(host, outsiders(20, 100 + number), scene.times(60))
    for host in [*DARK, *LIVE]:
        silent(scene, SCANNER, host)
    assert set(found(scene)) == {SCANNER}


def test_nothing_to_look_at(scene: Scene) -> None:
    assert found(scene) == {}
