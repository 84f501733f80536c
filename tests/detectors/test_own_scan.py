"""Own scan: own hosts that try many doors and find nearly all of them shut."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import RST_ACK, SYN, Scene, outside, outsiders, own, window

from headwater.detectors.own_scan import (
    DETECTOR,
    FEWEST_HEARD,
    HOUR_US,
    LEAST_CONFIDENCE,
    PEERS_ANSWER,
    PEERS_PORTS,
    SUREST,
    TALK_BYTES,
)
from headwater.records.finding import Finding

BOT, NEIGHBOUR, OTHER = own(10), own(11), own(12)
VICTIMS = outsiders(200, 600)  # strangers whom nobody else calls
TELNET, HIGH = 23, 5555


@pytest.fixture
def scene(scene: Scene) -> Scene:
    for number, host in enumerate((BOT, NEIGHBOUR, OTHER)):
        scene.browse(host, outsiders(12, 20 + 20 * number), scene.times(30))
    return scene


def found(scene: Scene) -> dict[str, Finding]:
    return {finding.subject: finding for finding in scene.findings(DETECTOR)}


def silent(
    scene: Scene, host: str, targets: Iterable[str], port: int = TELNET, **said: Any
) -> None:
    """A SYN, or another lone packet, that nobody answers."""
    packet = {"up": 0, "down": 0, "lasts_s": 0, "flags": SYN} | said
    for target in targets:
        scene.talk(scene.times(1)[0], host, target, port, **packet)


def opened(scene: Scene, host: str, targets: Iterable[str], port: int, size: int = 60) -> None:
    for target in targets:
        scene.talk(scene.times(1)[0], host, target, port, up=size, down=size)


def test_who_tries_a_port_everywhere_scans(scene: Scene) -> None:
    silent(scene, BOT, VICTIMS[:150])
    for target in VICTIMS[150:180]:
        scene.knock(scene.times(1)[0], BOT, target, TELNET)
    opened(scene, BOT, VICTIMS[180:185], TELNET)
    told = found(scene)
    assert set(told) == {BOT}
    assert (told[BOT].kind, told[BOT].confidence) == ("scanning", SUREST)
    proof = told[BOT].proof
    assert (proof["port"], proof["protocol"], proof["ports"]) == (TELNET, 6, [TELNET])
    assert (proof["targets"], proof["opened"]) == (185, 5)
    assert proof["opened_share"] == pytest.approx(5 / 185, abs=1e-4)
    assert proof["per_hour"] == pytest.approx(185 / 2, rel=0.1)
    assert scene.window.start_us < proof["first_seen_us"] < proof["last_seen_us"]


@pytest.mark.parametrize(("doors", "named"), [(20, True), (19, False)])
def test_the_fewest_doors(scene: Scene, doors: int, named: bool) -> None:
    silent(scene, BOT, VICTIMS[:doors])
    told = found(scene)
    assert (BOT in told) == named
    assert all(f.confidence >= LEAST_CONFIDENCE for f in told.values())


@pytest.mark.parametrize(("answering", "named"), [(10, True), (30, False)])
def test_of_doors_found_blindly_few_open(scene: Scene, answering: int, named: bool) -> None:
    silent(scene, BOT, VICTIMS[:100])
    opened(scene, BOT, VICTIMS[100 : 100 + answering], TELNET)
    assert (BOT in found(scene)) == named


def test_one_server_called_again_and_again_is_no_scan(scene: Scene) -> None:
    for _ in range(50):
        silent(scene, BOT, VICTIMS[:6])
    assert found(scene) == {}


@pytest.mark.parametrize("port", [25, 465, 587])
def test_mail_that_is_tried_again_is_no_scan(scene: Scene, port: int) -> None:
    silent(scene, BOT, VICTIMS, port)
    assert found(scene) == {}


@pytest.mark.parametrize(
    ("port", "protocol", "named"),
    [
        (33_433, 17, True),
        (33_434, 17, False),
        (33_534, 17, False),
        (33_535, 17, True),
        (33_434, 6, True),
    ],
)
def test_tracing_routes_is_no_scan(scene: Scene, port: int, protocol: int, named: bool) -> None:
    """A trace wants the far end's door to be shut: that is how it knows it has arrived."""
    for number, target in enumerate(VICTIMS):
        silent(scene, BOT, [target], port, protocol=protocol, client_port=50_000 + number)
    assert (BOT in found(scene)) == named


def test_who_shares_files_is_quiet(scene: Scene) -> None:
    """Peers have ports of their own; on the one that many keep, most are gone."""
    for number, peer in enumerate(VICTIMS[: PEERS_PORTS + 40]):
        if number % 2:
            opened(scene, BOT, [peer], 20_000 + number)
        else:
            silent(scene, BOT, [peer], 20_000 + number)
    silent(scene, BOT, VICTIMS[80:200], 6881)
    assert found(scene) == {}


def test_a_worm_behind_the_address_of_sharers_is_found_by_its_low_port(scene: Scene) -> None:
    """Carrier-grade NAT, or a household: one address, many habits."""
    for number, peer in enumerate(VICTIMS[: PEERS_PORTS + 40]):
        opened(scene, BOT, [peer], 20_000 + number)
    silent(scene, BOT, VICTIMS[80:200], TELNET)
    silent(scene, BOT, VICTIMS[80:200], HIGH)
    assert found(scene)[BOT].proof["ports"] == [TELNET]


@pytest.mark.parametrize(("times", "named"), [(0.8, True), (1.2, False)])
def test_who_holds_real_talks_with_a_few_peers_is_no_scanner(
    scene: Scene, times: float, named: bool
) -> None:
    silent(scene, BOT, VICTIMS[:90], 8333)
    opened(scene, BOT, VICTIMS[90:95], 8333, int(95 * TALK_BYTES * times / 10))
    assert (BOT in found(scene)) == named


def test_doors_that_open_for_others_are_not_tried_blindly(scene: Scene) -> None:
    """IPv6 without a route: all that the host calls is silent, and all of it is real."""
    silent(scene, BOT, VICTIMS[:60], 443)
    opened(scene, NEIGHBOUR, VICTIMS[:60], 443)
    assert found(scene) == {}


def test_real_doors_among_blind_ones_count_as_open(scene: Scene) -> None:
    silent(scene, BOT, VICTIMS[:110])
    opened(scene, NEIGHBOUR, VICTIMS[:10], TELNET)
    proof = found(scene)[BOT].proof
    assert (proof["targets"], proof["opened"]) == (110, 10)


def test_doors_that_opened_at_another_time_were_known(scene: Scene) -> None:
    silent(scene, BOT, VICTIMS[:60], 443)
    opened(scene, BOT, VICTIMS[:60], 443)
    assert found(scene) == {}


def test_what_floods_bring_back_is_not_our_scan(scene: Scene) -> None:
    """SYN+ACK and RST of their victims come to us; nothing of ours went there."""
    for number, victim in enumerate(VICTIMS[:100]):
        for flags in (0x12, RST_ACK):
            scene.talk(
                scene.times(1)[0], victim, BOT, 20_000 + number, up=0, down=0, lasts_s=0,
                flags=flags, client_port=443,
            )  # fmt: skip
    assert found(scene) == {}


def test_own_hosts_are_victims_too(scene: Scene) -> None:
    silent(scene, BOT, [own(number) for number in range(60, 100)])
    assert set(found(scene)) == {BOT}


def test_outsiders_that_scan_us_are_not_meant(scene: Scene) -> None:
    for number in range(60, 120):
        silent(scene, outside(1), [own(number)])
    assert found(scene) == {}


@pytest.mark.parametrize(("ports", "named"), [(50, True), (49, False)])
def test_many_ports_of_one_server(scene: Scene, ports: int, named: bool) -> None:
    for port in range(2000, 2000 + ports):
        scene.knock(scene.times(1)[0], BOT, VICTIMS[0], port)
    told = found(scene)
    assert (BOT in told) == named
    if named:
        assert told[BOT].proof["server"] == VICTIMS[0]
        assert told[BOT].proof["targets"] == ports


def test_a_traced_route_is_no_scan(scene: Scene) -> None:
    for port in range(33_434, 33_534):
        silent(scene, BOT, [VICTIMS[0]], port, protocol=17, flags=None, up=32)
    assert found(scene) == {}


@pytest.mark.parametrize(("heard", "named"), [(FEWEST_HEARD, True), (FEWEST_HEARD - 1, False)])
def test_silence_tells_only_where_answers_are_exported(
    tmp_path: Path, heard: int, named: bool
) -> None:
    scene = Scene(tmp_path)
    silent(scene, BOT, VICTIMS[:60], 5060, protocol=17, flags=None, up=400)
    opened(scene, BOT, VICTIMS[60 : 60 + heard], 443)
    assert (BOT in found(scene)) == named


def test_answers_at_the_very_port_do_not_show_that_others_are_exported(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    silent(scene, BOT, VICTIMS[:60], 5060, protocol=17, flags=None, up=400)
    for target in VICTIMS[60 : 60 + FEWEST_HEARD]:
        scene.talk(scene.times(1)[0], BOT, target, 5060, up=60, down=90, protocol=17)
    assert found(scene) == {}


@pytest.mark.parametrize(("sampling", "named"), [(1, True), (10, False)])
def test_without_flags_silence_tells_where_every_packet_was_seen(
    tmp_path: Path, sampling: int, named: bool
) -> None:
    scene = Scene(tmp_path, sampling=sampling)
    scene.browse(BOT, outsiders(60, 20), scene.times(400))
    for _ in range(sampling):
        silent(scene, BOT, VICTIMS, flags=None)
    assert (BOT in found(scene)) == named


def test_who_asks_many_servers_and_is_answered_is_quiet(scene: Scene) -> None:
    for port in (53, 123):
        for target in VICTIMS:
            scene.talk(scene.times(1)[0], BOT, target, port, up=60, down=90, protocol=17)
        silent(scene, BOT, outsiders(40, 850), port, protocol=17, flags=None, up=60)
    assert found(scene) == {}


def test_a_sample_of_a_scan_is_enough(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=10)
    for host in (BOT, NEIGHBOUR):
        scene.browse(host, outsiders(60, 20), scene.times(400))
    for _ in range(3):
        silent(scene, BOT, VICTIMS)
    told = found(scene)
    assert set(told) == {BOT}
    assert told[BOT].proof["sampling"] == 10


def test_a_sample_of_a_busy_caller_is_quiet(tmp_path: Path) -> None:
    """Of some sessions only the SYN is drawn, of most something later."""
    scene = Scene(tmp_path, sampling=10)
    for target in VICTIMS:
        scene.talk(scene.times(1)[0], BOT, target, 443, up=4_000, down=30_000)
    for target in VICTIMS:
        scene.talk(scene.times(1)[0], BOT, target, 123, up=48, down=48, protocol=17)
    assert found(scene) == {}


def test_known_mistake_a_measuring_host(scene: Scene) -> None:
    """It does what scanners do: the operator's settings must name it."""
    silent(scene, BOT, VICTIMS, 8443)
    assert BOT in found(scene)


def test_nothing_to_look_at(scene: Scene) -> None:
    assert found(scene) == {}


# One port of forty servers, all shut, and enough answers to other calls; within an hour.
TRIES = {
    "host": BOT, "server": None, "protocol": 6, "port": TELNET, "failed": 20, "opened": 0,
    "bytes": 0, "first_at": 0, "last_at": HOUR_US, "deaf": 0, "sampling": 1,
    "heard": FEWEST_HEARD, "high_ports": 0, "high_servers": 0, "high_opened": 0,
    "port_servers": 20, "port_opened": 0,
}  # fmt: skip


def weighed(**changed: Any) -> list[Finding]:
    return list(DETECTOR.weigh(pa.Table.from_pylist([TRIES | changed]), window()))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, True),
        ({"failed": 19}, False),
        # Of answered datagrams a sample shows many without their answer.
        ({"protocol": 17}, True),
        ({"protocol": 17, "sampling": 10}, False),
        ({"sampling": 10}, True),
        # Without flags nobody knows who was answered, unless answers are exported at all.
        ({"heard": 0}, True),
        ({"deaf": 1}, True),
        ({"deaf": 1, "heard": FEWEST_HEARD - 1}, False),
    ],
)
def test_what_shut_doors_tell(changed: dict[str, Any], named: bool) -> None:
    assert bool(weighed(**changed)) == named


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({}, False),
        ({"high_ports": PEERS_PORTS}, True),
        ({"high_opened": int(PEERS_ANSWER * 100) - 1}, True),
        ({"port": TELNET}, True),
    ],
)
def test_a_sharer_of_files_calls_many_ports_of_which_many_answer(
    changed: dict[str, Any], named: bool
) -> None:
    sharer = {
        "port": HIGH, "high_ports": PEERS_PORTS + 1, "high_servers": 120,
        "high_opened": int(PEERS_ANSWER * 100),
    }  # fmt: skip
    assert bool(weighed(**(sharer | changed))) == named


def test_the_pace_is_that_of_all_packets_not_of_the_sampled() -> None:
    (told,) = weighed(sampling=10, failed=30, last_at=2 * HOUR_US)
    assert told.proof["per_hour"] == 150
