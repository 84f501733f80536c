"""Hijacked: what several own hosts have in common tells what each alone would not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, fellows, outside, outsiders, own

from headwater.detectors import tunnel
from headwater.detectors.hijacked import DETECTOR, Host, judge
from headwater.measures.relaying import SCATTERED
from headwater.measures.sisters import SISTERS_WEIGHT, Sisters
from headwater.pipeline.hunt import Run, as_table
from headwater.pipeline.known import LISTINGS, ROLES
from headwater.records.finding import Finding, Kind

FARMER, HOME_WORKER = outside(1), outside(2)


FRONT: dict[str, Any] = {
    "summary": "front", "confidence": 1.0, "port": 443, "visits": 30, "passed_on": 30,
    "from_outside": 30, "balanced": True, "sampled": False, "sizes_known": True,
    "onward_mail": 0, "onward_to_top": 30, "onward_sessions": 30, "onward_servers": 1,
    "onward_to": [FARMER], "onward_ports": {"443": 30.0}, "own_web_servers": 0, "visitors": 20,
    "visitors_served": 20, "first_visit_us": 1, "passed_for": {},
}  # fmt: skip


def hijacked(
    scene: Scene, said: list[Finding] | None = None, listings: pa.Table | None = None
) -> dict[str, Finding]:
    run = Run(name="run", found_at=scene.window.end, window=scene.window, engine=scene.engine)
    extra = {
        "findings": as_table(run, said or scene.findings(tunnel.DETECTOR)),
        "listings": LISTINGS.empty_table() if listings is None else listings,
        "roles": ROLES.empty_table(),
    }
    return {found.subject: found for found in scene.findings(DETECTOR, extra)}


@pytest.mark.parametrize("hosts", [2, 3])
def test_one_outsider_in_several_subscribers_is_no_home_worker(
    scene: Scene, hosts: int
) -> None:
    for number in range(hosts):
        targets = outsiders(9, 50 + 10 * number)
        scene.tunnel(own(number + 1), FARMER, 8443, targets, dials_out=False)
    scene.tunnel(own(9), HOME_WORKER, 1194, outsiders(9, 150), dials_out=False)
    found = hijacked(scene)
    assert set(found) == {own(number + 1) for number in range(hosts)}
    told = f"the same outsider tunnels into {hosts - 1} other own hosts"
    assert all(told in each.proof["reasons"] for each in found.values())


def test_the_more_it_tunnels_into_the_surer(scene: Scene) -> None:
    for number, peer in enumerate([FARMER] * 3 + [outside(3)] * 2):
        targets = outsiders(9, 50 + 10 * number)
        scene.tunnel(own(number + 1), peer, 8443, targets, dials_out=False)
    found = hijacked(scene)
    assert found[own(4)].confidence < found[own(1)].confidence


def test_to_whom_others_have_tunnels_a_doubtful_one_is_a_tunnel_as_well(scene: Scene) -> None:
    claim = {
        "summary": "tunnel", "confidence": 0.7, "peer": FARMER, "port": 443, "errands": 20,
        "mail_errands": 0, "onward_servers": 9, "first_seen_us": 1,
    }  # fmt: skip

    def sure(dialled: int) -> float:
        its = Sisters(dialled=dialled)
        host = Host(address=own(1), claims={"tunnel-out": [claim]}, sisters=its)
        return judge(host, scene.window).confidence

    assert sure(0) < 0.5 < 0.8 < sure(1)


def test_whose_outsider_has_another_relay_is_no_owners_way_home(scene: Scene) -> None:
    relay = FRONT | {
        "port": 3129, "onward_to_top": 9, "onward_servers": 20, "visitors": 1,
        "visitors_served": 1, "passed_for": {FARMER: 30.0}, "protocol": 6,
    }  # fmt: skip
    driven = {
        "summary": "driven", "confidence": 0.1, "drivers": [FARMER], "other_suspects": 1,
        "share": 0.6, "unshown": 0.4, "share_of_load": 1.0, "sampled": False,
    }  # fmt: skip

    def judged(kept: int) -> Finding:
        claims = {"relay": [relay], "driven": [driven]}
        host = Host(address=own(1), claims=claims, sisters=Sisters(kept=kept))
        return judge(host, scene.window)

    alone, sister = (
        judge(Host(address=own(1), claims={"relay": [relay]}, sisters=its), scene.window)
        for its in (Sisters(), Sisters(kept=1))
    )
    assert alone.confidence < 0.3 < 0.5 < sister.confidence
    told = "the same outsider has 1 other own hosts relay for him"
    assert told in judged(1).proof["reasons"]
    assert told not in judged(0).proof["reasons"]
    # That he drives the other one as well is the same, told again.
    weights = dict(zip(judged(1).proof["reasons"], judged(1).proof["weights"], strict=True))
    assert weights["driven"] > 0.1
    assert weights["driven"] + weights[told] == pytest.approx(SISTERS_WEIGHT, abs=0.02)
    assert judged(2).confidence > judged(1).confidence


@pytest.mark.parametrize(
    ("others", "at_once", "least", "most"),
    [(1, 1, 0.1, 0.2), (2, 1, 0.4, 0.5), (2, 2, 0.7, 0.9)],
)
def test_doors_into_three_homes_at_once_are_nobodys_own(
    scene: Scene, others: int, at_once: int, least: float, most: float
) -> None:
    """Whether what the three exchange alike told of it already, or not."""
    tunnel = {
        "summary": "tunnel", "confidence": 1.0, "peer": FARMER, "port": 8443, "errands": 90,
        "mail_errands": 0, "onward_servers": 60, "first_seen_us": 1,
    }  # fmt: skip
    alike = {
        "summary": "alike", "confidence": 1.0, "port": 8443, "lasting": True, "weight": 3.5,
        "alike": others, "passed_for": {FARMER: 9.0}, "onward_mail": 0, "first_seen_us": 1,
    }  # fmt: skip
    told: dict[str, list[Mapping[str, Any]]] = {"tunnel-in": [tunnel]}
    for claims in (told, told | {"carries": [alike]}):
        its = Sisters(tunnels=others, at_once=at_once)
        host = Host(address=own(1), claims=claims, sisters=its)
        found = judge(host, scene.window)
        assert least < found.confidence < most
        assert (
            f"the same outsider tunnels into {others} other own hosts"
            in (found.proof["reasons"])
        )


def test_fronts_all_over_the_network_stand_in_no_rack(scene: Scene) -> None:
    """Nobody browses there; a rack's machines would be neighbours."""

    def fronts(networks: int, **changed: Any) -> float:
        claims: dict[str, list[Mapping[str, Any]]] = {"relay": [FRONT | changed]}
        sisters = Host(
            address=own(1), claims=claims, sisters=Sisters(fronts=5, networks=networks)
        )
        return judge(sisters, scene.window).confidence

    alone = judge(Host(address=own(1), claims={"relay": [FRONT]}), scene.window).confidence
    assert fronts(SCATTERED) > 0.5 > fronts(SCATTERED - 1) > fronts(SCATTERED - 2) > alone
    # Unlike sites that ask the same service for something.
    assert fronts(SCATTERED, balanced=False, visits=6, passed_on=6, from_outside=6) < 0.5


@pytest.mark.parametrize("at_web", [True, False])
def test_a_front_is_one_at_any_port_where_its_sisters_are_at_the_webs(
    scene: Scene, at_web: bool
) -> None:
    front = FRONT | {"port": 8443}
    its = Sisters(fronts=5, networks=5, at_web=at_web)
    host = Host(address=own(1), claims={"relay": [front]}, sisters=its)
    assert (judge(host, scene.window).kind == Kind.CONTENT_PROXY) == at_web


@pytest.mark.parametrize(("handed", "sisters"), [(0.9, True), (0.2, False)])
def test_sites_that_ask_one_service_are_no_fronts_of_it(
    scene: Scene, handed: float, sisters: bool
) -> None:
    """Sampled: of each visit it is not known what it got, but of all of them together."""
    proof = FRONT | {
        "balanced": False, "sampled": True, "sizes_known": False, "passed_on": 20,
        "onward_to_top": 20, "onward_sessions": 20, "handed_through": handed,
    }  # fmt: skip
    said = [
        Finding(
            detector="relay", subject=own(number), kind="relay", confidence=0.99,
            window=scene.window, summary="front", proof=proof,
        )
        for number in (1, 2)
    ]  # fmt: skip
    found = hijacked(scene, said).values()
    told = "1 other own hosts are fronts of the same origin"
    assert any(told in each.proof["reasons"] for each in found) == sisters


def alone(scene: Scene, *, kind: str, **said: Any) -> float:
    """What is thought of a host of which nothing is known but its company, and lists."""
    company = {"summary": kind, **fellows(9, 0), **said}
    listed = float(said.get("listed", 0.0))
    named = ["a"] if listed else []
    host = Host(address=own(1), claims={kind: [company]}, lists=named, listed=listed)
    return judge(host, scene.window).confidence


def test_who_calls_what_only_suspects_call_is_one_of_them(scene: Scene) -> None:
    """A quiet bot: all that is seen of it is that it calls home."""
    calls: dict[str, Any] = {
        "kind": "calls-master",
        "confidence": 0.999,
        "master": FARMER,
        "shared": False,
        "sampled": True,
    }
    assert alone(scene, **calls) > 0.7
    assert alone(scene, **(calls | fellows(9, 9))) < 0.3
    # Of who shares a server with a master, each may call it for its own sake.
    assert alone(scene, **(calls | {"shared": True})) < 0.3
    # Seen whole, and doing nothing: next to be used.
    whole = calls | {"sampled": False, "used": False}
    assert alone(scene, **whole) < 0.3
    assert 0.5 < alone(scene, **(whole | {"used": True})) < alone(scene, **calls)
    assert alone(scene, **(whole | {"used": True} | fellows(9, 9))) < 0.3
    assert alone(scene, **(whole | {"used": True, "shared": True})) < 0.3


@pytest.mark.parametrize("sampled", [True, False])
@pytest.mark.parametrize("suspects", [2, 12])
def test_a_stale_list_names_some_of_the_many_who_share_a_server_with_a_master(
    scene: Scene, suspects: int, sampled: bool
) -> None:
    calls: dict[str, Any] = {
        "kind": "calls-master", "confidence": 0.999, "master": FARMER, "shared": False,
        "sampled": sampled, "listed": 3.0, **fellows(suspects, 0),
    }  # fmt: skip
    assert alone(scene, **(calls | fellows(suspects, 60))) < 0.2
    if suspects > 2:
        assert alone(scene, **calls) > 0.8


def test_who_is_visited_by_what_visits_only_suspects_is_one_of_them(scene: Scene) -> None:
    driven: dict[str, Any] = {
        "kind": "driven", "confidence": 0.9, "drivers": [FARMER],
        "share_of_load": 0.9, "sampled": True,
    }  # fmt: skip
    assert alone(scene, **driven) > 0.7
    # Seen whole: what is done there by a driver would be seen, too.
    assert alone(scene, **(driven | {"sampled": False})) < 0.3
    # Half of those to whom the driver goes are well: as likely as not, or less.
    assert alone(scene, **(driven | fellows(9, 9))) < 0.5
    assert alone(scene, **(driven | {"share_of_load": 0.01})) < 0.1
    # A site that others visit as well: a driver may be one of its public.
    assert alone(scene, **(driven | {"share_of_load": 0.5})) < 0.3


def test_a_host_is_of_its_companys_kind_where_it_does_not_show_its_own(scene: Scene) -> None:
    """Two dial out to be used; the third calls the same master, and only its mail is seen."""
    master = {
        "master": outside(9),
        **fellows(2, 0),
        "shared": False,
        "sampled": True,
    }
    for number in (1, 2):
        scene.tunnel(own(number), outside(1), 8443, outsiders(9, 20 + 20 * number))
    said = scene.findings(tunnel.DETECTOR)
    made = replace(said[0], kind="calls-master", summary="calls", proof=master)
    mails = replace(
        said[0],
        kind="mail-out",
        subject=own(3),
        proof={
            "weight": 9.0, "mail_in_clients": 0, "mail_in_sessions": 0, "serves_mail": False,
            "mail_bytes": 1000, "fed_bytes": 0, "weights": {},
            "sampling": 1, "mail_sessions": 60, "mail_first": 1, "mail_last": 2,
        },
    )  # fmt: skip
    calls = [replace(made, subject=own(number)) for number in (1, 2, 3)]
    found = hijacked(scene, [*said, *calls, mails])
    assert found[own(3)].kind == Kind.BACKCONNECT
    assert hijacked(scene, [mails])[own(3)].kind == Kind.DIRECT_SENDER


@pytest.mark.parametrize(
    ("kind", "carried", "master", "adds"),
    [
        ("carries-to", {"alike": 3, "peer": FARMER}, FARMER, False),
        ("carries-to", {"alike": 3, "peer": FARMER}, outside(9), True),
        ("carries", {"alike": 3, "origin": FARMER}, FARMER, False),
        # Told of each host by itself: that others call the same is one more thing.
        ("carries-to", {"peer": FARMER}, FARMER, True),
    ],
)
def test_what_a_farm_shows_together_counts_once(
    scene: Scene, kind: str, carried: dict[str, Any], master: str, adds: bool
) -> None:
    """Suspects for nothing but what they exchange with one outsider make no master of it."""
    together: Mapping[str, Any] = {
        "summary": "carries", "confidence": 0.9, "weight": 6.0, "leg": "to", "port": 443,
        "front": True, "lasting": False, "visitors": 9, "visitors_served": 9,
        "networks_served": 9, "outside_share": 1.0, "first_visit_us": 1, "passed_for": {},
        **carried,
    }  # fmt: skip
    calls: Mapping[str, Any] = {
        "summary": "calls", "confidence": 0.9, "master": master, "sampled": True,
        "shared": False, **fellows(3, 0),
    }  # fmt: skip

    def of(**said: list[Mapping[str, Any]]) -> float:
        claims = {kind: [together], **{name.replace("_", "-"): x for name, x in said.items()}}
        return judge(Host(address=own(1), claims=claims), scene.window).confidence

    assert (of(calls_master=[calls]) > of()) == adds


@pytest.mark.parametrize("named", [1, 150])
def test_a_list_that_names_everybody_tells_little(scene: Scene, named: int) -> None:
    """Learnt from the hosts of which something is said: most of them are well."""
    scene.tunnel(own(1), FARMER, 8443, outsiders(9, 50), dials_out=False)
    (sick,) = scene.findings(tunnel.DETECTOR)
    faint = replace(sick, kind="watched", proof={"weight": 0.0})
    said = [sick, *(replace(faint, subject=own(2 + number)) for number in range(150))]
    lists = {"host": [own(1 + number) for number in range(named)], "lists": ['["a"]'] * named}
    found = hijacked(scene, said, pa.table(lists, schema=LISTINGS))
    assert (own(1) in found) == (named == 1)
