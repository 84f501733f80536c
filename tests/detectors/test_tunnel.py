"""Tunnel: a long session whose bytes leave the host again, piece by piece."""

import numpy as np
import pyarrow as pa
import pytest
from tests.scene import GOING_ON, OPENED, Scene, outside, outsiders, own

from headwater.detectors import tunnel
from headwater.detectors.tunnel import DETECTOR, LEAST_CONFIDENCE
from headwater.measures.two_ways import FEWEST_PIECES
from headwater.pipeline.facts import whole_hours
from headwater.pipeline.questions import question
from headwater.records.finding import Finding

HOST = own(10)
PEER = outside(1)
TARGETS = outsiders(15, 20)
FEWEST_OCTETS = 4000  # tunnel.sql: of either side, headers too


def one(findings: list[Finding]) -> Finding:
    (found,) = findings
    return found


def test_a_host_that_dials_out_to_be_used_fires(scene: Scene) -> None:
    scene.tunnel(HOST, PEER, 8443, TARGETS, errand_port=25)
    found = one(scene.findings(DETECTOR))
    assert (found.subject, found.kind) == (HOST, "tunnel-out")
    assert (found.proof["peer"], found.proof["port"]) == (PEER, 8443)
    assert found.confidence > 0.99
    assert found.proof["mail_errands"] == found.proof["errands"] > 0
    assert found.proof["first_seen_us"] == scene.at(300)
    assert found.proof["balanced_there"] == found.proof["balanced_back"] == 20


def test_each_host_is_counted_by_its_own_errands(scene: Scene) -> None:
    others = {own(9): outsiders(6, 60), HOST: TARGETS, own(11): outsiders(9, 80)}
    for number, (host, targets) in enumerate(others.items()):
        scene.tunnel(host, outside(1 + number), 8443, targets)
    met = {f.subject: f.proof["onward_servers"] for f in scene.findings(DETECTOR)}
    assert met == {host: len(targets) for host, targets in others.items()}


def test_a_multiplexed_proxy_is_tunnelled_into(scene: Scene) -> None:
    scene.tunnel(HOST, PEER, 8443, TARGETS, dials_out=False)
    found = one(scene.findings(DETECTOR))
    assert (found.kind, found.proof["peer"], found.proof["mail_errands"]) == (
        "tunnel-in",
        PEER,
        0,
    )


@pytest.mark.parametrize(("port", "protocol"), [(53, 17), (53, 6), (123, 17), (853, 6)])
@pytest.mark.parametrize("short", [(), ("there",), ("back",), ("there", "back")])
def test_names_and_the_time_are_told_in_few_octets(
    scene: Scene, port: int, protocol: int, short: tuple[str, ...]
) -> None:
    """What carries more in each packet, either way, was given such a port to be let through."""
    for host, at in ((HOST, port), (own(11), 8443)):
        scene.tunnel(host, PEER, at, TARGETS, protocol=protocol)
    for row in scene.rows:
        if PEER in (row["src"], row["dst"]):
            row["packets"] *= 3 if ("there" if row["src"] == PEER else "back") in short else 1
    told = {own(11): 8443} | ({HOST: port} if len(short) < 2 else {})
    assert {f.subject: f.proof["far_port"] for f in scene.findings(DETECTOR)} == told
    assert set(counted(scene)) == set(told)


def counted(scene: Scene) -> list[str]:
    """Hosts of which hourly facts tell of tunnels."""
    sums = scene.engine.ask(question("pipeline", "facts.sql"), whole_hours(scene.window))
    return [row["host"] for row in sums.to_pylist() if row["kind"] == tunnel.TUNNELLED]


@pytest.mark.parametrize(("older", "kind"), [(False, "tunnel-out"), (True, "tunnel-in")])
def test_where_nobody_knows_who_opened_it_the_lesser_is_told(
    scene: Scene, older: bool, kind: str
) -> None:
    scene.tunnel(HOST, PEER, 60_001, TARGETS, older=older)
    assert one(scene.findings(DETECTOR)).kind == kind


@pytest.mark.parametrize(
    ("port", "kind", "at"), [(24_500, "tunnel-in", 51_820), (443, "tunnel-out", 443)]
)
def test_ports_of_datagrams_do_not_tell_whose_vpn_it_is(
    scene: Scene, port: int, kind: str, at: int
) -> None:
    """A telephone calls its owner's home, from a port that its carrier chose, since before."""
    scene.tunnel(HOST, PEER, port, TARGETS, protocol=17, start_s=1, client_port=51_820)
    found = one(scene.findings(DETECTOR))
    assert (found.kind, found.proof["port"]) == (kind, at)


def test_who_answers_from_a_port_that_others_visit_does_not_dial_out(scene: Scene) -> None:
    """Of datagrams one seldom sees who spoke first."""
    scene.tunnel(HOST, PEER, 57_448, TARGETS, client_port=51_820)
    scene.serve(HOST, 51_820, outsiders(3, 40), scene.times(6))
    found = one(scene.findings(DETECTOR))
    assert (found.kind, found.proof["port"]) == ("tunnel-in", 51_820)


def test_a_long_session_beside_other_errands_is_quiet(scene: Scene) -> None:
    scene.tunnel(HOST, PEER, 8443, TARGETS, carries=0.3)
    assert scene.ask(DETECTOR).num_rows > 0
    assert scene.findings(DETECTOR) == []


def test_a_long_download_is_quiet(scene: Scene) -> None:
    for number in range(30):
        flags = 0x18 if number else 0x1A
        scene.talk(
            300 + 60 * number, HOST, PEER, 443, up=900, down=90_000, lasts_s=59, flags=flags,
            client_port=45_000,
        )  # fmt: skip
    scene.browse(HOST, TARGETS, scene.times(60))
    assert scene.findings(DETECTOR) == []


@pytest.mark.parametrize(
    ("pieces", "fires"), [(FEWEST_PIECES, True), (FEWEST_PIECES - 1, False)]
)
def test_the_fewest_pieces(scene: Scene, pieces: int, fires: bool) -> None:
    scene.tunnel(HOST, PEER, 8443, TARGETS, pieces=pieces, piece_s=150)
    found = scene.findings(DETECTOR)
    assert [f.confidence >= LEAST_CONFIDENCE for f in found] == [True] * fires


@pytest.mark.parametrize(("dials_out", "port", "kind"), [
    (True, 1194, "tunnel-in"),
    (True, 1195, "tunnel-out"),
])  # fmt: skip
def test_gateways_that_meet_on_one_port_do_not_dial_out(
    scene: Scene, dials_out: bool, port: int, kind: str
) -> None:
    scene.tunnel(HOST, PEER, port, TARGETS, dials_out=dials_out, client_port=1194)
    assert one(scene.findings(DETECTOR)).kind == kind


@pytest.mark.parametrize(("every_s", "asked"), [(40, True), (20, False)])
def test_short_sessions_are_not_asked_about(scene: Scene, every_s: int, asked: bool) -> None:
    for number in range(10):
        scene.talk(
            300 + every_s * number, HOST, PEER, 443, lasts_s=every_s - 1,
            flags=0x18 if number else 0x1A, client_port=45_000,
        )  # fmt: skip
    assert bool(scene.ask(DETECTOR).num_rows) == asked


def test_keep_alives_are_not_asked_about(scene: Scene) -> None:
    for number in range(20):
        scene.talk(
            300 + 60 * number, HOST, PEER, 443, up=1, down=1, lasts_s=59,
            flags=0x18 if number else 0x1A, client_port=45_000,
        )  # fmt: skip
    sessions = scene.ask(DETECTOR)
    assert FEWEST_OCTETS > 20 * 47
    assert sessions.num_rows == 0


def test_the_far_end_of_the_tunnel_is_no_errand(scene: Scene) -> None:
    """What the host exchanges with the same outsider beside the tunnel is between them."""
    scene.tunnel(HOST, PEER, 8443, [PEER])
    assert scene.findings(DETECTOR) == []


def test_errands_of_other_hosts_are_theirs(scene: Scene) -> None:
    scene.tunnel(HOST, PEER, 8443, TARGETS)
    mine = [row for row in scene.rows if PEER in (row["src"], row["dst"])]
    others = [row for row in scene.rows if row not in mine]
    for row in others:
        row["src"], row["dst"] = (
            own(11) if end == HOST else end for end in (row["src"], row["dst"])
        )
    assert scene.findings(DETECTOR) == []


def test_a_heartbeat_cut_where_it_falls_silent_is_no_tunnel(scene: Scene) -> None:
    """Long pieces hold more heartbeats, and a program's poll of somebody else more often."""
    rng, at_s = np.random.default_rng(3), 100.0
    scene.poll(HOST, TARGETS[0], 8443, 120, up=350, down=450)
    while at_s < 7000:
        beats = int(rng.geometric(0.45))
        lasts_s = 60.0 * (beats - 1) * rng.uniform(0.7, 1.0) + 0.1
        scene.talk(
            at_s, HOST, PEER, 8883, up=120 * beats, down=110 * beats, lasts_s=lasts_s,
            flags=GOING_ON if at_s > 100 else OPENED, client_port=45_000,
        )  # fmt: skip
        at_s += lasts_s + rng.uniform(60, 75)
    assert scene.findings(DETECTOR) == []


def test_known_mistake_a_vpn_gateway_is_a_tunnel_too(scene: Scene) -> None:
    scene.tunnel(HOST, PEER, 1194, TARGETS, dials_out=False)
    assert one(scene.findings(DETECTOR)).kind == "tunnel-in"


@pytest.mark.parametrize(("carries", "told"), [(0.6, 1), (0.3, 0), (1.6, 0)])
def test_what_headers_add_is_learnt(scene: Scene, carries: float, told: int) -> None:
    """They add up to three times as much, and take nothing off."""
    scene.tunnel(HOST, PEER, 1194, TARGETS, protocol=17, carries=carries)
    found = [each.confidence for each in scene.findings(DETECTOR)]
    assert [sure > 0.99 for sure in found] == [True] * told


def beating(scene: Scene, sides: tuple[bool, bool] = (True, True)) -> None:
    """A tunnel with a heartbeat, in half of whose pieces a mail is passed on, while
    somebody at the host browses; ``sides``: whether those inward and those outward are seen."""
    scene.browse(HOST, outsiders(40, 60), scene.times(200))
    for number in range(24):
        at_s, mail, beat = 300 + 60 * number, scene.size() * (number % 2), 1500
        flags = 0x18 if number else 0x1A
        inward, outward = sides
        scene.talk(
            at_s, PEER, HOST, 8443, up=beat + mail, down=beat * outward, lasts_s=59,
            flags=flags, client_port=45_000,
        )  # fmt: skip
        if mail:
            scene.talk(at_s + 20, HOST, TARGETS[number % 15], 25, up=mail, down=400 * inward)


def test_mail_is_told_from_a_heartbeat_and_from_what_a_person_does(scene: Scene) -> None:
    beating(scene)
    found = one(scene.findings(DETECTOR))
    assert found.kind == "tunnel-in"
    assert found.confidence > 0.9
    assert "were mailed" in found.summary
    assert found.proof["errands"] == found.proof["mail_errands"] > 0  # no page is one of them


def test_a_tunnel_of_which_one_direction_is_exported(scene: Scene) -> None:
    beating(scene, sides=(True, False))
    assert one(scene.findings(DETECTOR)).proof["mail_errands"] == 12


@pytest.mark.parametrize("carries", ["mail", "all", "all and headers"])
def test_the_facts_of_an_hour_make_such_a_host_worth_a_look(scene: Scene, carries: str) -> None:
    if carries == "mail":
        beating(scene)
    else:
        inner = 0.6 if "headers" in carries else 1.0
        scene.tunnel(HOST, PEER, 8443, TARGETS, dials_out=False, carries=inner)
    scene.settle()
    sums = scene.engine.ask(question("pipeline", "facts.sql"), whole_hours(scene.window))
    assert HOST in sums.filter(pa.array(tunnel.worth(sums))).column("host").to_pylist()


@pytest.mark.parametrize(("older", "guessed"), [(True, True), (False, False)])
def test_it_is_told_where_nobody_knows_who_opened_it(
    scene: Scene, older: bool, guessed: bool
) -> None:
    """Its ends are, by which other tunnels may tell."""
    scene.tunnel(HOST, PEER, 39_000, TARGETS, client_port=52_000, older=older)
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["guessed"], proof["near_port"], proof["far_port"]) == (
        guessed,
        52_000,
        39_000,
    )
