"""Master: what the sick call and the well do not."""

import math
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, indicators, outside, outsiders, own, suspects

from headwater.detectors.master import (
    DECADE_WEIGHT,
    DETECTOR,
    IRREGULAR_WEIGHT,
    LEAST_CONFIDENCE,
    MOST_ORDERS,
    REGULAR,
    RELAYED_EXCESS,
)
from headwater.measures.blind import BLIND_WEIGHT, SENT_WEIGHT
from headwater.measures.calls import SUSPECT
from headwater.pipeline.hunt import SUSPECTS
from headwater.records.finding import Finding

SICK = [own(number) for number in range(10, 18)]
WELL = [own(number) for number in range(50, 110)]
PORT = 1080
HOME, POPULAR, DRIVER = outside(1), outside(2), outside(3)
MAIL, TOLD = (25, 465, 587, 110, 143, 993, 995), (53, 123, 853)  # master.sql
FEWEST_SICK, FAVOUR = 2, 5  # master.sql


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Everybody browses, each elsewhere."""
    for number, host in enumerate([*SICK, *WELL]):
        scene.browse(host, outsiders(3, 100 + 3 * number), scene.times(3))
    return scene


def known(*indicated: str, confidence: float = 0.99, **more: Any) -> dict[str, pa.Table]:
    rows = suspects(dict.fromkeys(SICK, PORT), confidence).to_pylist()
    return {
        "suspects": pa.Table.from_pylist([row | more for row in rows], schema=SUSPECTS),
        "indicators": indicators(*indicated),
    }


def said(scene: Scene, kind: str, *indicated: str, **more: Any) -> dict[str, Finding]:
    found = scene.findings(DETECTOR, known(*indicated, **more))
    return {f.subject: f for f in found if f.kind == kind}


def test_what_the_sick_poll_is_their_master(scene: Scene) -> None:
    for host in SICK:
        scene.poll(host, HOME, 8443, 600)
    found = said(scene, "master")
    assert set(found) == {HOME}
    proof = found[HOME].proof
    assert sorted(proof["proxies"]) == SICK
    assert (proof["ports"], proof["clean_clients"], proof["others"]) == ([8443], 0, [])
    assert proof["period_s"] == pytest.approx(600, abs=1)
    assert found[HOME].confidence > 0.9


def test_what_everybody_polls_is_a_popular_place(scene: Scene) -> None:
    for host in [*SICK, *WELL]:
        scene.poll(host, POPULAR, 443, 600)
    assert said(scene, "master") == {}


@pytest.mark.parametrize(("down", "quiet"), [(4_000, (*MAIL, *TOLD)), (20_000, MAIL)])
def test_mail_and_names_are_not_calling_home(scene: Scene, down: int, quiet: Any) -> None:
    servers = {outside(60 + number): port for number, port in enumerate((*MAIL, *TOLD))}
    for host, (server, port) in product(SICK, servers.items()):
        scene.poll(host, server, port, 1200, down=down)
    asked = {row["server"] for row in scene.ask(DETECTOR, known()).to_pylist()}
    assert tuple(servers[server] for server in servers if server not in asked) == quiet


def test_what_is_only_called_for_visitors_is_their_target(scene: Scene) -> None:
    for host in SICK:
        scene.relay(host, PORT, [DRIVER], [HOME], times=scene.times(12), onward_port=443)
    answer = scene.ask(DETECTOR, known()).to_pylist()
    assert {row["followed"] for row in answer if row["server"] == HOME} == {1}
    assert said(scene, "master") == {}


def test_a_master_is_found_beside_the_targets_of_a_busy_relay(scene: Scene) -> None:
    for host in SICK:
        scene.relay(host, PORT, [DRIVER], [outside(4)], times=scene.times(60), onward_port=443)
        scene.poll(host, HOME, 8443, 600)
    found = said(scene, "master")
    assert set(found) == {HOME}
    assert found[HOME].proof["relayed_excess"] < RELAYED_EXCESS


@pytest.mark.parametrize(("sick", "well", "asked"), [
    (FEWEST_SICK, 0, True),
    (FEWEST_SICK - 1, 0, False),
    # 8 of 68 hosts are sick: of ten clients six are as many as five times chance gives.
    (6, 4, True),
    (5, 5, False),
])  # fmt: skip
def test_the_least_favour_that_is_asked_about(
    scene: Scene, sick: int, well: int, asked: bool
) -> None:
    hosts = len(SICK) + len(WELL)
    assert (sick >= FEWEST_SICK and sick * hosts >= FAVOUR * (sick + well) * len(SICK)) == asked
    for host in (*SICK[:sick], *WELL[:well]):
        scene.poll(host, HOME, 8443, 600)
    servers = {row["server"] for row in scene.ask(DETECTOR, known()).to_pylist()}
    assert (HOME in servers) == asked


def test_the_well_who_call_it_too_are_counted_and_suspected_next(scene: Scene) -> None:
    for host in (*SICK, *WELL[:2]):
        scene.poll(host, HOME, 8443, 600)
    proof = said(scene, "master")[HOME].proof
    assert (proof["clean_clients"], proof["others"]) == (2, WELL[:2])
    callers = said(scene, "calls-master")
    assert sorted(callers) == sorted([*SICK, *WELL[:2]])


def test_a_caller_is_left_out_of_what_is_said_of_it(scene: Scene) -> None:
    for host in (*SICK[:3], WELL[0]):
        scene.poll(host, HOME, 8443, 600)
    others = {
        host: (found.proof["other_suspects"], found.proof["others_sick"])
        for host, found in said(scene, "calls-master").items()
    }
    assert others == {
        **{host: (2, pytest.approx(2 * 0.99)) for host in SICK[:3]},
        WELL[0]: (3, pytest.approx(3 * 0.99)),
    }


def test_a_known_master_needs_no_crowd(scene: Scene) -> None:
    scene.poll(WELL[0], HOME, 8443, 600)
    assert said(scene, "master") == {}
    found = said(scene, "master", HOME)
    assert found[HOME].confidence >= LEAST_CONFIDENCE
    assert found[HOME].proof["others"] == [WELL[0]]
    assert list(said(scene, "calls-master", HOME)) == [WELL[0]]


def test_under_sampling_few_calls_are_no_lack_of_habit(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=20)
    for number, host in enumerate([*SICK, *WELL]):
        scene.browse(host, outsiders(3, 100 + 3 * number), scene.times(9))
    for host in SICK:
        scene.poll(host, HOME, 8443, 300)
    weights = said(scene, "master")[HOME].proof["weights"]
    assert (weights["habit"] >= 0, weights["order"]) == (True, 0.0)


def told(scene: Scene, server: str, confidence: dict[str, float]) -> dict[str, float]:
    """What weighs in the judgement of a server that malware is known to call."""
    rows = suspects(dict.fromkeys(confidence, PORT)).to_pylist()
    sure = [row | {"confidence": confidence[row["host"]]} for row in rows]
    extra = {
        "suspects": pa.Table.from_pylist(sure, schema=SUSPECTS),
        "indicators": indicators(server),
    }
    found = scene.findings(DETECTOR, extra)
    (proof,) = [f.proof for f in found if f.kind == "master" and f.subject == server]
    weights: dict[str, float] = proof["weights"]
    return weights


def test_the_surer_the_callers_are_sick_the_more_their_company_tells(scene: Scene) -> None:
    for host in SICK[:4]:
        scene.poll(host, HOME, 8443, 600)
    sure, faint, none = (
        told(scene, HOME, dict.fromkeys(SICK[4:], 0.99) | dict.fromkeys(SICK[:4], each))
        for each in (0.9, 0.2, 0.0)
    )
    assert sure["company"] > faint["company"] > 0 > none["company"]


def test_of_a_relay_that_goes_everywhere_a_call_tells_little(scene: Scene) -> None:
    """Busy relays meet at what their users want; so do not those that go hardly anywhere."""
    for number, host in enumerate(SICK[:4]):
        scene.poll(host, HOME, 8443, 1800)
        scene.browse(host, outsiders(60, 250), scene.times(60))
        scene.poll(SICK[4 + number], outside(6), 8443, 1800)
    known_sick = dict.fromkeys(SICK, 0.99)
    busy = told(scene, HOME, known_sick)["company"]
    assert busy < told(scene, outside(6), known_sick)["company"] - 4 * math.log(2)


@pytest.mark.parametrize(("port", "shares"), [(443, True), (8443, False)])
def test_strangers_share_an_address_where_the_web_is_served(
    scene: Scene, port: int, shares: bool
) -> None:
    for host in (*SICK[:5], *WELL[:20]):
        scene.poll(host, HOME, port, 1800)
    weights = told(scene, HOME, dict.fromkeys(SICK, 0.99))
    assert (weights["company"] > -5) == shares


def test_the_plain_door_of_a_site_is_no_place_of_its_own(scene: Scene) -> None:
    for host in WELL:
        scene.browse(host, [POPULAR], scene.times(3))
    for host in SICK:
        scene.talk(scene.times(1)[0], host, POPULAR, 80)
    assert POPULAR not in {row["server"] for row in scene.ask(DETECTOR, known()).to_pylist()}


def test_where_far_more_goes_than_orders_errands_lead(scene: Scene) -> None:
    for host in SICK:
        scene.poll(host, HOME, 8443, 600)
        scene.poll(host, outside(6), 8443, 600, up=100_000, down=900_000)
    known_sick = dict.fromkeys(SICK, 0.99)
    assert told(scene, HOME, known_sick)["errands"] == 0
    # Six calls an hour of a million octets are 25 times as much as a question a minute.
    beyond = math.log10(6 * 1_046_000 / MOST_ORDERS)
    assert told(scene, outside(6), known_sick)["errands"] == pytest.approx(
        DECADE_WEIGHT * beyond**2, rel=0.05
    )


def test_who_answers_a_visitor_calls_nobody(scene: Scene) -> None:
    """A driver's session of which only the way back is in the records."""
    for host in SICK:
        scene.talk(scene.times(1)[0], host, DRIVER, 8443, down=0, client_port=PORT)
        scene.poll(host, HOME, 8443, 600)
    servers = {row["server"] for row in scene.ask(DETECTOR, known(DRIVER)).to_pylist()}
    assert servers == {HOME}


def test_who_shares_a_door_with_the_sick_is_suspected_as_far_as_they_are_many(
    scene: Scene,
) -> None:
    for host in WELL:
        scene.browse(host, [HOME], scene.times(2))
    for host in (*SICK, *WELL[:4]):
        scene.poll(host, HOME, 8443, 600)
    (found,) = said(scene, "master").values()
    assert found.proof["part"] == "port"
    callers = said(scene, "calls-master")
    assert callers[WELL[0]].confidence == pytest.approx(found.confidence * 0.99 * 8 / 11)
    assert callers[SICK[0]].confidence == pytest.approx(found.confidence * 0.99 * 7 / 11)


def test_calls_without_a_period_have_none(scene: Scene) -> None:
    for host in SICK:
        burst = scene.times(1, end_s=6000)[0]
        for at_s in [burst + wait for wait in (0, 1, 2, 4, 9, 40, 900)]:
            scene.talk(at_s, host, HOME, 8443)
    (answer,) = [f for f in scene.findings(DETECTOR, known(HOME)) if f.kind == "master"]
    assert answer.proof["period_s"] is None
    assert answer.proof["weights"]["regularity"] == IRREGULAR_WEIGHT
    assert 0 < REGULAR < 1


def test_a_habit_counts_more_than_one_visit(scene: Scene) -> None:
    for host in SICK:
        scene.poll(host, HOME, 8443, 600)
        scene.talk(scene.times(1, end_s=900)[0], host, outside(5), 8443)
    weights = {
        f.subject: f.proof["weights"]["habit"]
        for f in scene.findings(DETECTOR, known(HOME, outside(5)))
        if f.kind == "master"
    }
    assert weights[HOME] > 0 > weights[outside(5)]


@pytest.mark.parametrize(("confidence", "counts"), [(SUSPECT, True), (SUSPECT - 0.001, False)])
def test_how_sure_a_suspect_must_be(scene: Scene, confidence: float, counts: bool) -> None:
    for host in SICK:
        scene.poll(host, HOME, 8443, 600)
    found = scene.findings(DETECTOR, known(confidence=confidence))
    # The question and the opinion on its answer draw the same line.
    named = [f.proof["proxies"] for f in found if f.subject == HOME]
    assert named == ([SICK] if counts else [])


def test_own_servers_and_visitors_are_no_masters(scene: Scene) -> None:
    for host in SICK:
        scene.poll(host, own(200), 8443, 600)
        scene.serve(host, PORT, [DRIVER], scene.times(9))
    servers = {row["server"] for row in scene.ask(DETECTOR, known()).to_pylist()}
    assert not servers & {own(200), DRIVER}


def test_known_mistake_what_only_an_unusual_product_calls(scene: Scene) -> None:
    """Hosts of one make, all hijacked through it, also call their maker."""
    for host in SICK[:6]:
        scene.poll(host, outside(6), 443, 1200)
    assert outside(6) in said(scene, "master")


def test_who_gets_errands_by_a_tunnel_may_call_anything_for_others(scene: Scene) -> None:
    for host in SICK:
        scene.poll(host, HOME, 8443, 600)
        scene.browse(host, [outside(5)], scene.times(6))
        for at_s in scene.times(6):
            scene.talk(at_s, host, outside(6), 8443)
    places = (HOME, outside(5), outside(6))
    sent, kept = (
        [
            (proof["weights"]["unseen"], proof["sent"])
            for proof in (found[place].proof for place in places)
        ]
        for found in (said(scene, "master", *places, tunnel=tunnel) for tunnel in (True, False))
    )
    # A timer calls by itself; errands lead to sites.
    assert sent == [(0.0, 0.0), (BLIND_WEIGHT, SENT_WEIGHT), (BLIND_WEIGHT, 0.0)]
    assert kept == 3 * [(0.0, 0.0)]


def test_behind_shared_hosting_a_port_of_its_own_tells_a_master(scene: Scene) -> None:
    for host in WELL:
        scene.browse(host, [HOME], scene.times(3))
    for host in SICK:
        scene.poll(host, HOME, 8443, 600)
    (found,) = said(scene, "master").values()
    assert (found.subject, found.proof["part"], found.proof["ports"]) == (HOME, "port", [8443])
    assert found.proof["others"] == []


def test_behind_shared_hosting_who_polls_it_tells_a_master(scene: Scene) -> None:
    for host in WELL:
        scene.browse(host, [HOME], scene.times(6))
    for host in (*SICK, WELL[0]):
        scene.poll(host, HOME, 443, 600)
    (found,) = said(scene, "master").values()
    assert (found.subject, found.proof["part"]) == (HOME, "poll")
    assert sorted(found.proof["proxies"]) == SICK
    # Who only visits the sites beside it is no next suspect.
    assert WELL[1] not in said(scene, "calls-master")
    # It was chosen for its beat, which proves nothing any more; who it is told by does.
    assert (found.proof["weights"]["regularity"], found.proof["period_s"]) == (0.0, 600.0)


def test_sites_that_people_visit_often_are_not_polled(scene: Scene) -> None:
    for host in (*SICK, *WELL):
        scene.browse(host, [POPULAR], scene.times(12))
    assert POPULAR not in {row["server"] for row in scene.ask(DETECTOR, known()).to_pylist()}


def test_a_period_that_more_of_the_well_keep_too_is_how_the_service_is_used(
    scene: Scene,
) -> None:
    for host in (*SICK, *WELL[:9]):
        scene.poll(host, HOME, 8443, 600)
    answer = next(f for f in scene.findings(DETECTOR, known(HOME)) if f.kind == "master")
    assert (answer.proof["weights"]["regularity"], answer.proof["period_s"]) == (0.0, 600.0)


def test_few_calls_by_many_with_one_period_are_a_clock(scene: Scene) -> None:
    """Three calls each are too few for a clock of their own."""
    for number, host in enumerate(SICK):
        for turn in range(3):
            scene.talk(100 + 37 * number + 1500 * turn, host, HOME, 8443)
    found = said(scene, "master")[HOME]
    assert found.proof["weights"]["regularity"] > 0
    assert found.proof["period_s"] == 1500.0


@pytest.mark.parametrize(("ahead_s", "sign"), [(300, 1), (-1500, -1)])
def test_the_first_call_comes_before_what_a_host_does_for_its_master(
    scene: Scene, ahead_s: int, sign: int
) -> None:
    for host in SICK:
        scene.poll(host, HOME, 8443, 600, start_s=3000)
    told = said(scene, "master", HOME, since_us=scene.at(3000 + ahead_s))[HOME].proof
    assert told["weights"]["order"] * sign > 0
    assert told["called_first"] == [8 if ahead_s > 0 else 0, 8]
    nothing = said(scene, "master", HOME, since_us=scene.at(5))[HOME].proof
    assert (nothing["called_first"], nothing["weights"]["order"]) == ([0, 0], 0.0)


def test_who_mails_does_as_the_others_who_call(scene: Scene) -> None:
    mails, waits = WELL[:2]
    for host in (*SICK, mails, waits):
        scene.poll(host, HOME, 8443, 600)
    for host in (*SICK, mails):
        scene.mail(host, outsiders(1, 900), scene.times(1))
    found = said(scene, "calls-master")
    usual = (len(SICK) + 1) / (len(SICK) + len(WELL))
    told = math.log((len(SICK) + 1) / (len(SICK) + 2) / usual)
    assert found[mails].proof["mails"] == pytest.approx(told, abs=0.01)
    assert found[waits].proof["mails"] == 0.0
