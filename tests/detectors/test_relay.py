"""Relay: what comes in on a service leaves again; seen in tables, weighed on numbers."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.scene import S, Scene, outside, outsiders, own

from headwater.detectors import relay
from headwater.detectors.relay import (
    AFTER_US,
    BEFORE_US,
    DETECTOR,
    LEAST_CONFIDENCE,
    ONWARD,
)
from headwater.measures.coupling import HANDSHAKE_OCTETS
from headwater.measures.coupling_odds import CAPPED_EVIDENCE, PRIOR
from headwater.measures.odds import LOG10, logit, probability
from headwater.measures.prefixes import networks_of
from headwater.pipeline.hunt import HOPS
from headwater.records.finding import Finding

HOST = own(10)
DRIVER = outside(1)
EXCHANGERS = outsiders(20, 20)
FEWEST_VISITS, FEWEST_CALLS = 6, 4  # relay.sql: below, nothing is asked


def one(findings: list[Finding]) -> Finding:
    (found,) = findings
    return found


def test_a_socks_port_with_mail_onward_fires(scene: Scene) -> None:
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(40))
    scene.browse(own(11), outsiders(30, 60), scene.times(60))
    found = one(scene.findings(DETECTOR))
    assert (found.subject, found.kind, found.proof["port"]) == (HOST, "relay", 1080)
    assert found.confidence > 0.99
    assert found.proof["visits"] == found.proof["passed_on"] == 40
    assert (found.proof["onward_mail"], found.proof["onward_servers"]) == (40, 20)
    assert (found.proof["onward_once"], found.proof["handed_through"]) == (0, 1.0)
    assert (found.proof["onward_to_top"], found.proof["onward_to_second"]) == (4, 2)
    assert (found.proof["from_outside"], found.proof["balanced"]) == (40, True)
    assert found.proof["passed_for"] == {DRIVER: 40}


def test_a_peer_to_peer_host_is_quiet(scene: Scene) -> None:
    peers = outsiders(200)
    scene.serve(HOST, 6881, peers[:100], scene.times(300))
    for peer in peers[100:]:
        for at_s in scene.times(3):
            scene.talk(at_s, HOST, peer, 6881, up=scene.size(), down=scene.size())
    assert scene.ask(DETECTOR).num_rows == 600
    assert scene.findings(DETECTOR) == []


@pytest.mark.parametrize(
    ("delay_s", "fires"),
    [
        (AFTER_US / S, True),
        (AFTER_US / S + 0.001, False),
        (-BEFORE_US / S, True),
        (-BEFORE_US / S - 0.001, False),
    ],
)
def test_the_onward_session_starts_within_the_limit(
    scene: Scene, delay_s: float, fires: bool
) -> None:
    times = [float(at_s) for at_s in range(100, 6000, 150)]
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=times, delay_s=delay_s)
    assert bool(scene.findings(DETECTOR)) == fires


@pytest.mark.parametrize(
    ("visits", "calls", "asked"),
    [
        (FEWEST_VISITS, FEWEST_CALLS, True),
        (FEWEST_VISITS - 1, FEWEST_CALLS, False),
        (FEWEST_VISITS, FEWEST_CALLS - 1, False),
    ],
)
def test_the_fewest_sessions_that_are_asked_about(
    scene: Scene, visits: int, calls: int, asked: bool
) -> None:
    scene.serve(HOST, 1080, [DRIVER], scene.times(visits))
    scene.browse(HOST, outsiders(9, 60), scene.times(calls))
    assert bool(scene.ask(DETECTOR).num_rows) == asked


def test_the_fewest_visits_suffice_when_all_are_passed_on(scene: Scene) -> None:
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(FEWEST_VISITS))
    assert one(scene.findings(DETECTOR)).confidence >= LEAST_CONFIDENCE


def test_a_handful_of_coincidences_among_many_visits_is_quiet(scene: Scene) -> None:
    """Significant, and of no effect: nothing but a share of the visits makes a relay."""
    scene.serve(HOST, 8080, outsiders(50, 100), scene.times(400))
    scene.relay(HOST, 8080, [DRIVER], EXCHANGERS, times=scene.times(4))
    scene.browse(HOST, outsiders(9, 60), scene.times(4))
    assert scene.findings(DETECTOR) == []


@pytest.mark.parametrize(("extra", "balanced"), [(HANDSHAKE_OCTETS, True), (9_000, False)])
def test_bytes_need_not_balance_but_it_is_said_whether_they_do(
    scene: Scene, extra: int, balanced: bool
) -> None:
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(40), extra=extra)
    assert one(scene.findings(DETECTOR)).proof["balanced"] is balanced


def test_what_wraps_visits_is_learnt_and_told(scene: Scene) -> None:
    """In TLS: of who is turned away after its handshake nothing more is seen than that."""
    refused, takes = outside(300), 3_000
    for at_s in scene.times(4, end_s=1000):
        scene.talk(at_s, refused, HOST, 8443, up=takes + 90, down=HANDSHAKE_OCTETS)
    times = scene.times(40, start_s=1100)
    scene.relay(HOST, 8443, [DRIVER], EXCHANGERS, times=times, extra=takes)
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["passed_on"], proof["balanced"], proof["turned_away"]) == (40, True, 1)
    assert proof["wrapping"] == pytest.approx(takes, abs=HANDSHAKE_OCTETS)


def test_what_wraps_what_visitors_get_is_no_more_of_what_is_fetched(scene: Scene) -> None:
    for at_s in scene.times(40):
        size = scene.size()
        scene.talk(at_s, DRIVER, HOST, 8443, up=900, down=size + 4_000)
        scene.talk(at_s + 0.3, HOST, EXCHANGERS[0], 443, up=800, down=size)
    proof = one(scene.findings(DETECTOR)).proof
    assert proof["balanced"]
    assert proof["handed_through"] < 1
    assert proof["wrapping"] == pytest.approx(4_000, abs=HANDSHAKE_OCTETS)


@pytest.mark.parametrize(("page", "share"), [(6_000, 1.0), (2 * HANDSHAKE_OCTETS, 0.0)])
def test_of_one_size_it_is_said_that_what_leaves_is_of_that_size(
    scene: Scene, page: int, share: float
) -> None:
    """Any visit would fit any call: bytes tell not which belong together, but that they do."""
    for number, at_s in enumerate(scene.times(60)):
        scene.talk(at_s, DRIVER, HOST, 5678, up=900, down=page)
        scene.talk(at_s + 0.3, HOST, EXCHANGERS[number % 20], 993, up=900, down=page)
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["balanced"], proof["same_size"]) == (False, share)


@pytest.mark.parametrize("seen", ["both", "src", "dst"])
@pytest.mark.parametrize("front", [True, False])
def test_it_is_said_whether_more_is_given_where_more_was_fetched(
    scene: Scene, front: bool, seen: str
) -> None:
    """Seen one way alone, by packets that acknowledge: of each two that came there is one."""
    for at_s in scene.times(60):
        fetched, its_own = scene.size(), scene.size()
        given = its_own + (fetched if front else 0)
        scene.talk(at_s, DRIVER, HOST, 8123, up=900 + given // 2, down=given)
        scene.talk(at_s + 0.3, HOST, EXCHANGERS[0], 443, up=900 + fetched // 2, down=fetched)
    scene.rows[:] = [row for row in scene.rows if seen == "both" or row[seen] == HOST]
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["in_step"] > 3.0, proof["balanced"]) == (front, False)
    assert proof["sizes_known"] == (seen == "both")
    assert (proof["acknowledged"] is not None) == (seen == "src")


@pytest.mark.parametrize("whole", [True, False])
def test_one_visit_may_be_as_large_as_several_errands_together(
    scene: Scene, whole: bool
) -> None:
    for number, at_s in enumerate(scene.times(40)):
        sizes = [scene.size() for _ in range(4)]
        down = sum(sizes) if whole else scene.size()
        scene.talk(at_s, DRIVER, HOST, 8080, up=4_000, down=down, lasts_s=50)
        for turn, size in enumerate(sizes):
            site = outside(60 + (4 * number + turn) % 70)
            scene.talk(at_s + 0.3 + 11 * turn, HOST, site, 80, up=900, down=size)
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["balanced"], proof["in_turn"]) == (whole, whole)
    assert not whole or proof["handed_through"] == pytest.approx(1.0, abs=0.2)
    assert not whole or proof["onward_servers"] > 50


def test_evidence_is_capped(scene: Scene) -> None:
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(100))
    most = probability(logit(PRIOR) + LOG10 * CAPPED_EVIDENCE)
    assert one(scene.findings(DETECTOR)).confidence == pytest.approx(most)


def test_any_protocol_comes_in(scene: Scene) -> None:
    scene.relay(
        HOST, 5000, [DRIVER], EXCHANGERS, times=scene.times(30), protocol=17, onward_port=443
    )
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["protocol"], proof["onward_ports"]) == (17, {"443": 30})


def test_only_the_service_that_relays_is_named(scene: Scene) -> None:
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(40))
    scene.serve(HOST, 22, outsiders(5, 90), scene.times(40))
    assert [f.proof["port"] for f in scene.findings(DETECTOR)] == [1080]


def test_hosts_are_not_mixed(scene: Scene) -> None:
    """Visits to one host and calls of another at the same time are nobody's relay."""
    for at_s in scene.times(40):
        size = scene.size()
        scene.talk(at_s, DRIVER, HOST, 1080, up=size)
        scene.talk(at_s + 0.3, own(11), outside(30), 25, up=size)
    scene.serve(own(11), 1080, [DRIVER], scene.times(FEWEST_VISITS))
    scene.browse(HOST, outsiders(9, 60), scene.times(FEWEST_CALLS))
    assert scene.findings(DETECTOR) == []


def test_who_is_served_and_who_is_turned_away(scene: Scene) -> None:
    strangers = [outside(300), "2001:db8:1::1", "2001:db8:1:9::1"]
    scene.browse(HOST, outsiders(7, 60), scene.times(30))
    scene.serve(HOST, 1080, strangers, scene.times(6, end_s=3000))
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(40, start_s=3100))
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["visitors"], proof["visitors_served"]) == (4, 1)
    assert proof["networks"] > proof["networks_served"] == 1
    assert proof["first_visit_us"] < scene.at(3000) < proof["first_passed_us"]
    assert proof["own_web_servers"] == 7
    assert not proof["watches"]


@pytest.mark.parametrize(("octets", "watches"), [(60_000_000, True), (40_000_000, False)])
def test_somebody_watches_a_film_behind_it(scene: Scene, octets: int, watches: bool) -> None:
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(40))
    scene.talk(1000, HOST, outside(60), 443, down=octets)
    assert one(scene.findings(DETECTOR)).proof["watches"] == watches


def test_what_is_fetched_for_visitors_is_no_film(scene: Scene) -> None:
    scene.relay(HOST, 1080, [DRIVER], [outside(60)], times=scene.times(40), onward_port=443)
    scene.talk(1000, HOST, outside(60), 443, down=60_000_000)
    assert not one(scene.findings(DETECTOR)).proof["watches"]


def test_visitors_who_get_to_a_site_by_both_of_its_ports(scene: Scene) -> None:
    sites = outsiders(2, 60)
    scene.relay(HOST, 8080, [DRIVER], sites, times=scene.times(30), onward_port=443)
    scene.relay(HOST, 8080, [DRIVER], sites[:1], times=scene.times(6), onward_port=80)
    scene.relay(HOST, 8080, [DRIVER], [outside(70)], times=scene.times(6), onward_port=80)
    assert one(scene.findings(DETECTOR)).proof["onward_by_either"] == 6


def test_how_often_they_would_by_chance_is_told_by_what_the_host_opens_itself(
    scene: Scene,
) -> None:
    site, times = outside(60), scene.times(40)
    scene.relay(HOST, 8080, [DRIVER], [site], times=times[::2] + times[1::4], onward_port=443)
    scene.relay(HOST, 8080, [DRIVER], [site], times=times[3::4], onward_port=80)
    for number, at_s in enumerate(scene.times(600)):
        scene.talk(at_s, HOST, outside(80) if number % 2 else site, 80, down=99)
    proof = one(scene.findings(DETECTOR)).proof
    assert proof["by_chance"] > 0
    assert proof["either_by_chance"] == pytest.approx(proof["by_chance"] / 2, abs=0.01)


def test_who_gets_a_refusal_is_turned_away_and_who_wants_pages_is_told(scene: Scene) -> None:
    refused, unlucky, reader = outside(300), outside(301), outside(302)
    for at_s in scene.times(4, end_s=1000):
        scene.talk(at_s, refused, HOST, 1080, up=200, down=HANDSHAKE_OCTETS)
        scene.talk(at_s + 20, unlucky, HOST, 1080, up=200, down=HANDSHAKE_OCTETS + 300)
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(40, start_s=1100))
    pages = scene.times(8, start_s=1100)
    scene.relay(HOST, 1080, [reader], outsiders(8, 60), times=pages, onward_port=443)
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["visitors"], proof["visitors_served"]) == (4, 2)
    assert (proof["turned_away"], proof["browsed_for"]) == (1, [reader])


@pytest.mark.parametrize("sampling", [1, 5])
def test_for_whom_mail_goes_on_is_told_amid_others(tmp_path: Path, sampling: int) -> None:
    scene, readers = Scene(tmp_path, hours=6, sampling=sampling), outsiders(20, 300)
    scene.relay(HOST, 1080, readers, outsiders(9, 60), times=scene.times(400), onward_port=443)
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(60))
    scene.mail(HOST, EXCHANGERS, scene.times(60))  # of its own
    proof = one(scene.findings(DETECTOR)).proof
    assert set(proof["passed_for"]) == {DRIVER, *readers}
    assert set(proof["mailed_for"]) == {DRIVER}


@pytest.mark.parametrize(("octets", "told"), [(0, False), (300, True)])
def test_a_knock_beside_a_call_as_small_is_nobodys_page(
    scene: Scene, octets: int, told: bool
) -> None:
    """A scanner's, just as the host calls home."""
    scanner, home = outside(300), outside(301)
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(40))
    for at_s in scene.times(3):
        scene.talk(at_s, scanner, HOST, 1080, up=60, down=60 + octets, lasts_s=0.2)
        scene.talk(at_s + 1, HOST, home, 8080, up=90, down=60 + octets, lasts_s=0.2)
    for row in scene.rows:
        if scanner in (row["src"], row["dst"]) and not octets:
            row["bytes"] = 54 * row["packets"]
    proof = one(scene.findings(DETECTOR)).proof
    assert scanner in proof["passed_for"]
    assert proof["browsed_for"] == [scanner] * told


def test_a_resolver_is_no_relay(scene: Scene) -> None:
    """Each question from outside makes it ask others: name look-ups tie nothing."""
    scene.relay(
        HOST, 53, [DRIVER], EXCHANGERS, times=scene.times(40), onward_port=53, protocol=17
    )
    assert scene.findings(DETECTOR) == []


def test_under_sampling_starts_alone_must_do(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=10)
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=scene.times(60))
    scene.browse(own(11), outsiders(30, 60), scene.times(60))
    assert one(scene.findings(DETECTOR)).subject == HOST


def test_of_sampled_visits_one_cannot_see_who_only_knocked(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=2)
    for at_s in scene.times(60):
        scene.talk(at_s, DRIVER, HOST, 1080, up=90, down=90, lasts_s=0.2)
        scene.talk(at_s + 1, HOST, EXCHANGERS[0], 443, up=90, down=90, lasts_s=0.2)
    for row in scene.rows:
        row["bytes"] = 54 * row["packets"]
    assert one(scene.findings(DETECTOR)).proof["browsed_for"] == [DRIVER]


def test_of_a_busy_sampled_host_what_goes_together_within_seconds_tells(tmp_path: Path) -> None:
    """Within the length of any session it meets something by chance at each visit."""
    scene = Scene(tmp_path, hours=2, sampling=10)
    times = scene.times(12)
    scene.relay(HOST, 1080, [DRIVER], EXCHANGERS, times=times)
    scene.browse(HOST, outsiders(30, 60), scene.times(700))
    found = one(scene.findings(DETECTOR))
    assert (found.subject, found.proof["port"]) == (HOST, 1080)
    assert found.proof["by_chance"] < 6
    assert found.proof["seen_again"] > 0.5  # of ten and more packets


def test_known_mistake_a_forwarding_mail_server_relays_too(scene: Scene) -> None:
    scene.relay(HOST, 25, outsiders(30, 100), EXCHANGERS, times=scene.times(60))
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["port"], proof["visitors_served"]) == (25, 30)


def test_known_mistake_a_company_proxy_relays_for_its_own(scene: Scene) -> None:
    staff = [own(number) for number in range(100, 120)]
    scene.relay(HOST, 3128, staff, outsiders(40, 60), times=scene.times(80), onward_port=443)
    proof = one(scene.findings(DETECTOR)).proof
    assert (proof["passed_on"], proof["from_outside"]) == (80, 0)


def test_of_one_network_three_visitors_count_at_most() -> None:
    rotating = [f"192.0.2.{number}" for number in range(1, 9)]
    peers = [*rotating, "198.51.100.1", "2001:db8::1", "2001:db8:0:5::1"]
    scene: Any = SimpleNamespace(network=networks_of(peers))
    assert relay._networks(scene, np.arange(len(peers))) == 3 + 1 + 2


@pytest.mark.parametrize(("port", "fires"), [(3128, True), (3129, False)])
def test_what_is_handed_to_an_own_host_that_relays_is_passed_on(
    scene: Scene, port: int, fires: bool
) -> None:
    via = own(20)
    scene.relay(HOST, 1080, [DRIVER], [via], times=scene.times(40), onward_port=3128)
    hop = {"host": HOST, "server": via, "port": port, "protocol": 6}
    found = scene.findings(ONWARD, {"hops": pa.Table.from_pylist([hop], schema=HOPS)})
    assert [(f.subject, f.kind, f.proof["onward_to"]) for f in found] == (
        [(HOST, "relay", [via])] if fires else []
    )


def test_how_many_of_those_it_opens_sessions_to_come_to_its_port(scene: Scene) -> None:
    peers = outsiders(10, 20)
    scene.relay(HOST, 8448, peers, [*peers[5:], *EXCHANGERS[15:]], times=scene.times(40))
    found = one(scene.findings(DETECTOR))
    assert (found.proof["onward_sessions"], found.proof["to_visitors"]) == (40, 20)
