"""Hijacked: the joint opinion, on claims in the shape the other detectors make them."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, fellows, outside, outsiders, own, window

from headwater.detectors import dial_back, direct_sender, relay, tunnel
from headwater.detectors.hijacked import (
    DETECTOR,
    EXPLAINED,
    LEAST_CONFIDENCE,
    PRIOR,
    Host,
    judge,
    kind_probabilities,
)
from headwater.measures.kinds import APPEARED_US
from headwater.measures.lists import AGAIN, MOST
from headwater.pipeline.answer import LIKELY
from headwater.pipeline.hunt import Run, as_table
from headwater.pipeline.known import LISTINGS, ROLES
from headwater.records.finding import Finding, Kind

HOST = own(10)
WINDOW = window(2)
Claims = Mapping[str, Finding]

# A proxy that serves whoever comes, for anything; and one that its driver alone may use.
ANYTHING = {"onward_mail": 0, "onward_ports": {"443": 30.0, "80": 10.0}}
SERVED = {f"203.0.{number}.9": 3.0 for number in range(9)}
OPEN = {
    "visitors": 9, "visitors_served": 9, "networks": 9, "networks_served": 9,
    "passed_for": SERVED, "browsed_for": list(SERVED),
}  # fmt: skip
SHUT = {
    "visitors": 9, "visitors_served": 1, "networks": 9, "networks_served": 1,
    "passed_for": {"203.0.113.9": 27.0}, "browsed_for": [], "turned_away": 8,
}  # fmt: skip
ONE_ORIGIN = {"onward_servers": 1, "onward_to_top": 40, "onward_sessions": 40}
FROM_THE_START = {"first_visit_us": WINDOW.start_us}
LATE = {"first_visit_us": WINDOW.start_us + APPEARED_US + 1}
FORWARDER = {
    "port": 25, "visits": 40, "passed_on": 40, "visitors": 30, "visitors_served": 30,
    "networks": 20, "networks_served": 20, "served_by_top": 6,
}  # fmt: skip
FED_BY_ONE = FORWARDER | {"visitors": 1, "visitors_served": 1, "served_by_top": 40}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Claims:
    """One claim of each kind, made by its detector of real tables."""
    scene = Scene(tmp_path_factory.mktemp("scene"))
    scene.relay(own(1), 1080, [outside(1)], outsiders(20, 20), times=scene.times(40))
    scene.tunnel(own(2), outside(2), 8443, outsiders(9, 50))
    scene.tunnel(own(3), outside(3), 1194, outsiders(9, 60), dials_out=False)
    for number, at_s in enumerate(scene.times(20)):
        size = scene.size()
        scene.talk(at_s, own(4), outside(4), 5000, up=900, down=size)
        scene.talk(at_s + 0.4, own(4), outside(70 + number), 443, up=size, down=900)
    scene.browse(own(5), outsiders(20, 100), scene.times(40))
    scene.mail(own(5), outsiders(30, 130), scene.times(90, start_s=2000), cut=0.4)
    found: dict[str, Finding] = {}
    for module, host in (
        (relay, 1),
        (tunnel, 2),
        (tunnel, 3),
        (dial_back, 4),
        (direct_sender, 5),
    ):
        said = [f for f in scene.findings(module.DETECTOR) if f.subject == own(host)]
        found |= {f.kind: f for f in said}
    assert set(found) == {"relay", "tunnel-in", "tunnel-out", "dials-back", "mail-out"}
    return found


def claim(made: Claims, kind: str, **changed: Any) -> dict[str, Any]:
    said = made[kind]
    return {**said.proof, "confidence": said.confidence, "summary": said.summary} | changed


def host(*claims: tuple[str, dict[str, Any]], **said: Any) -> Host:
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for kind, one in claims:
        by_kind.setdefault(kind, []).append(one)
    return Host(address=HOST, claims=by_kind, **said)


def confidence(*claims: tuple[str, dict[str, Any]], **said: Any) -> float:
    return judge(host(*claims, **said), WINDOW).confidence


def relays(made: Claims, **changed: Any) -> tuple[str, dict[str, Any]]:
    return "relay", claim(made, "relay", **changed)


DRIVEN = {
    "confidence": 0.9, "summary": "driven", **fellows(5, 0),
    "sampled": True, "share_of_load": 0.9, "drivers": [outside(1)],
}  # fmt: skip
CALLS = {
    "confidence": 0.9, "summary": "calls", **fellows(5, 0),
    "shared": False, "sampled": True, "master": outside(9),
}  # fmt: skip


def test_nothing_said_is_as_likely_as_any_host() -> None:
    assert confidence() == pytest.approx(PRIOR)


def test_outsiders_mail_from_a_port_that_is_not_mails_convicts(made: Claims) -> None:
    found = judge(host(relays(made)), WINDOW)
    assert found.confidence > 0.9
    assert (found.proof["port"], found.subject) == (1080, HOST)
    assert found.proof["reasons"] == [made["relay"].summary]
    assert len(found.proof["weights"]) == 1


def test_a_company_proxy_for_its_own_is_quiet(made: Claims) -> None:
    assert confidence(relays(made, from_outside=0)) < PRIOR


@pytest.mark.parametrize(("outside_visits", "accused"), [(20, True), (19, False)])
def test_half_of_the_visits_must_come_from_outside(
    made: Claims, outside_visits: int, accused: bool
) -> None:
    said = relays(made, visits=40, passed_on=40, from_outside=outside_visits)
    assert (confidence(said) >= LIKELY) == accused


def test_a_forwarding_mail_server_is_quiet_and_one_that_a_few_feed_is_not(
    made: Claims,
) -> None:
    sends = ("mail-out", claim(made, "mail-out", weight=3.0))
    assert confidence(relays(made, **FORWARDER), sends) < LIKELY
    assert confidence(relays(made, **FED_BY_ONE), sends) >= LIKELY


def test_a_hop_for_one_service_weighs_less_than_a_proxy_for_all(made: Claims) -> None:
    hop = confidence(relays(made, **ANYTHING | {"onward_ports": {"1080": 40.0}}))
    assert hop < LIKELY
    assert hop < confidence(relays(made, **ANYTHING))


def test_many_served_outsiders_weigh_more_than_the_owners_way_home(made: Claims) -> None:
    assert confidence(relays(made, **ANYTHING)) < confidence(relays(made, **ANYTHING | OPEN))


def test_a_person_at_the_machine_makes_a_gateway_less_likely(made: Claims) -> None:
    gateway, home = (
        confidence(relays(made, **ANYTHING | OPEN | {"own_web_servers": n})) for n in (0, 40)
    )
    assert gateway < home


def test_an_unsure_relay_weighs_less(made: Claims) -> None:
    assert confidence(relays(made, confidence=0.5)) < confidence(relays(made))


def test_of_several_ways_to_relay_the_weightiest_counts_once(made: Claims) -> None:
    twice = (relays(made), relays(made, port=3128), ("tunnel-in", claim(made, "tunnel-in")))
    assert confidence(*twice) == confidence(relays(made))


@pytest.mark.parametrize(("kind", "accused"), [
    ("tunnel-in", False),  # a VPN gateway
    ("tunnel-out", True),
    ("dials-back", True),
])  # fmt: skip
def test_nobodys_gateway_dials_out_to_be_used(made: Claims, kind: str, accused: bool) -> None:
    assert (confidence((kind, claim(made, kind))) >= LIKELY) == accused


def test_a_tunnel_that_carries_mail_convicts(made: Claims) -> None:
    said = claim(made, "tunnel-in", errands=20, mail_errands=18)
    assert confidence(("tunnel-in", said)) >= LIKELY


# As `volume` makes them.
CARRIES_IN = {
    "confidence": 0.999, "summary": "", "leg": "in", "port": 9000, "weight": 7.0,
    "front": False, "lasting": False, "first_visit_us": WINDOW.start_us, **OPEN,
}  # fmt: skip
CARRIES_TO = {
    "confidence": 0.999, "summary": "", "leg": "to", "port": 7000, "weight": 7.0,
    "peer": outside(1),
}  # fmt: skip


def test_carrying_is_weighed_as_it_was_judged_and_once(made: Claims) -> None:
    both = confidence(("carries", CARRIES_IN), ("carries-to", CARRIES_TO))
    assert both == confidence(("carries", CARRIES_IN)) >= LIKELY
    assert confidence(("carries", CARRIES_IN | {"weight": 1.0})) < LIKELY
    assert confidence(relays(made), ("carries", CARRIES_IN)) == confidence(relays(made))


@pytest.mark.parametrize(
    ("carries", "kind"),
    [
        (CARRIES_IN, Kind.SYNTHETIC_OPEN),
        (CARRIES_IN | SHUT, Kind.SYNTHETIC_PROTECTED),
        (CARRIES_IN | {"lasting": True}, Kind.SYNTHETIC_PROTECTED),
        (CARRIES_IN | {"port": 443, "front": True}, Kind.CONTENT_PROXY),
        (CARRIES_TO, Kind.BACKCONNECT),
    ],
)
def test_kinds_of_what_carries(made: Claims, carries: dict[str, Any], kind: Kind) -> None:
    name = "carries" if carries["leg"] == "in" else "carries-to"
    for beside in ((), (("mail-out", claim(made, "mail-out")),)):
        found = kind_probabilities(host((name, carries), *beside), WINDOW)
        assert max(found, key=lambda each: found[each]) == kind


@pytest.mark.parametrize(("weight", "relays"), [(7.0, True), (1.0, False)])
def test_who_carries_for_visitors_tells_drivers(weight: float, relays: bool) -> None:
    said = judge(host(("carries", CARRIES_IN | {"weight": weight})), WINDOW)
    assert (said.proof["relays"], said.proof["port"]) == (relays, 9000)


def test_mail_of_its_own_is_weighed_as_it_was_judged(made: Claims) -> None:
    assert confidence(("mail-out", claim(made, "mail-out"))) >= LIKELY
    assert confidence(("mail-out", claim(made, "mail-out", weight=0.0))) == pytest.approx(PRIOR)


def test_a_mail_server_named_in_the_settings_may_send(made: Claims) -> None:
    assert confidence(("mail-out", claim(made, "mail-out")), mail_server=True) < LIKELY


def test_a_lawful_proxy_is_explained(made: Claims) -> None:
    found = judge(host(relays(made), ("driven", DRIVEN), listed=4.0, lawful_proxy=True), WINDOW)
    assert found.confidence <= EXPLAINED
    assert found.proof["reasons"][-1] == "named in lawful_proxies"


def test_lists_confirm_and_do_not_convict(made: Claims) -> None:
    named = {"lists": "ab", "listed": MOST * (1 + AGAIN)}
    assert confidence() < confidence(**named) < LIKELY
    relay = relays(made, **ANYTHING)
    assert confidence(relay, **named) > confidence(relay)


@pytest.mark.parametrize(("kind", "said"), [("driven", DRIVEN), ("calls-master", CALLS)])
def test_company_adds_to_what_a_host_does(
    made: Claims, kind: str, said: dict[str, Any]
) -> None:
    alone = confidence(relays(made, **ANYTHING))
    assert confidence(relays(made, **ANYTHING), (kind, said)) > alone
    assert confidence((kind, said)) > PRIOR
    # Nobody is convicted by company alone that the well keep as well.
    assert confidence((kind, said | fellows(5, 5))) < LIKELY


def test_fronts_are_sisters_by_their_origin(scene: Scene) -> None:
    origin, visitors = outside(9), outsiders(12, 100)
    for number in (1, 2, 3):
        to = [origin] if number < 3 else [outside(10)]
        times = scene.times(30)
        scene.relay(own(number), 443, visitors, to, times=times, onward_port=443)
    said = scene.findings(relay.DETECTOR)
    run = Run(name="run", found_at=WINDOW.end, window=WINDOW, engine=scene.engine)
    extra = {
        "findings": as_table(run, said),
        "listings": LISTINGS.empty_table(),
        "roles": ROLES.empty_table(),
    }
    found = {f.subject: f.confidence for f in scene.findings(DETECTOR, extra)}
    assert found[own(1)] == found[own(2)] > found.get(own(3), 0.0)


def test_drivers_are_told_by_who_relays_for_outsiders(made: Claims) -> None:
    """Whether that is likely a hijack or not; but never by what the settings explain."""
    told = [
        judge(said, WINDOW).proof["relays"]
        for said in (
            host(relays(made)),
            host(relays(made, from_outside=0)),
            host(relays(made), lawful_proxy=True),
            host(("tunnel-in", claim(made, "tunnel-in"))),
            host(("mail-out", claim(made, "mail-out"))),
        )
    ]
    assert told == [True, False, False, True, False]


def test_a_driver_that_reaches_no_other_suspect_adds_nothing() -> None:
    assert confidence(("driven", DRIVEN | {"confidence": 0.001})) == pytest.approx(PRIOR)


def test_a_driver_that_is_a_drop_in_its_load_adds_less() -> None:
    little = confidence(("driven", DRIVEN | {"share_of_load": 0.01}))
    assert little < confidence(("driven", DRIVEN))


def test_a_master_of_many_says_more_than_one_of_few() -> None:
    few = confidence(("calls-master", CALLS | fellows(1, 0)))
    assert few < confidence(("calls-master", CALLS))
    assert confidence(("calls-master", CALLS | fellows(5, 5) | {"feeds": True})) > 2 * few


def test_evidence_of_several_kinds_convicts_where_none_would() -> None:
    several = confidence(("driven", DRIVEN), ("calls-master", CALLS), lists="a", listed=3.0)
    assert several >= LIKELY


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"port": 1080} | OPEN | FROM_THE_START, Kind.NATURAL_OPEN),
        ({"port": 34567} | OPEN | LATE, Kind.SYNTHETIC_OPEN),
        ({"port": 34567} | SHUT | LATE, Kind.SYNTHETIC_PROTECTED),
        (FED_BY_ONE, Kind.OPEN_RELAY),
        ({"port": 443} | ONE_ORIGIN | OPEN | FROM_THE_START, Kind.CONTENT_PROXY),
    ],
)
def test_kinds_of_what_listens(made: Claims, changed: dict[str, Any], kind: Kind) -> None:
    assert judge(host(relays(made, **changed)), WINDOW).kind == kind


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        (("tunnel-out",), Kind.BACKCONNECT),
        (("dials-back",), Kind.BACKCONNECT),
        (("dials-back", "mail-out"), Kind.BACKCONNECT),
        (("tunnel-in",), Kind.SYNTHETIC_PROTECTED),
        (("mail-out",), Kind.DIRECT_SENDER),
        ((), Kind.CANNOT_SAY),
    ],
)
def test_kinds_of_what_calls(made: Claims, claims: tuple[str, ...], kind: Kind) -> None:
    said = [(name, claim(made, name)) for name in claims]
    assert judge(host(*said), WINDOW).kind == kind


def test_the_limit_of_what_appeared_in_the_window(made: Claims) -> None:
    natural = [
        kind_probabilities(
            host(relays(made, **OPEN, first_visit_us=WINDOW.start_us + after_us)), WINDOW
        )[Kind.NATURAL_OPEN]
        for after_us in (0, APPEARED_US, APPEARED_US + 1)
    ]
    assert natural[0] == natural[1] > natural[2]


def test_kinds_are_probabilities(made: Claims) -> None:
    kinds = kind_probabilities(host(relays(made)), WINDOW)
    assert set(kinds) == set(Kind)
    assert sum(kinds.values()) == pytest.approx(1, abs=0.01)


def test_its_life_is_that_of_all_the_evidence(made: Claims) -> None:
    first, last = WINDOW.start_us + 5, WINDOW.end_us - 5
    said = (
        relays(made, first_passed_us=first + 1, last_passed_us=last),
        ("mail-out", claim(made, "mail-out", mail_first=first, mail_last=last - 1)),
    )
    proof = judge(host(*said), WINDOW).proof
    assert (proof["first_seen_us"], proof["last_seen_us"]) == (first, last)
    assert proof["mail_sessions"] == made["mail-out"].proof["mail_sessions"]


def test_the_question_brings_claims_lists_and_roles_together(
    scene: Scene, made: Claims
) -> None:
    scene.browse(own(1), outsiders(3), scene.times(3))
    run = Run(name="run", found_at=WINDOW.end, window=WINDOW, engine=scene.engine)
    extra = {
        "findings": as_table(run, list(made.values())),
        "listings": pa.table({"host": [own(1)], "lists": ['["a", "b"]']}, schema=LISTINGS),
        "roles": pa.table(
            {
                "host": [own(2), own(5)],
                "mail_server": [False, True],
                "lawful_proxy": [True, False],
            },
            schema=ROLES,
        ),
    }
    found = {f.subject: f for f in scene.findings(DETECTOR, extra)}
    assert found[own(1)].proof["reasons"][0] == made["relay"].summary
    assert "2 blocklists" in found[own(1)].proof["reasons"][1]
    assert found[own(4)].kind == Kind.BACKCONNECT
    # Explained by the settings, and too unlikely to be told.
    assert not {own(2), own(5)} & found.keys()
    assert all(f.confidence >= LEAST_CONFIDENCE for f in found.values())


def test_known_mistake_a_relay_its_owner_did_not_name(made: Claims) -> None:
    """An SSH gateway for four colleagues abroad looks like nothing else."""
    colleagues = ANYTHING | {"visitors": 4, "visitors_served": 4, "own_web_servers": 40}
    assert confidence(relays(made, **colleagues)) >= LIKELY
    assert confidence(relays(made, **colleagues), lawful_proxy=True) <= EXPLAINED
    own = colleagues | {"visitors": 3, "visitors_served": 3}  # from home, on the road, at work
    assert confidence(relays(made, **own)) < LIKELY
