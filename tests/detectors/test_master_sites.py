"""Master: sites that are asked for through relays are none."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.scene import Scene, indicators, outside, outsiders, own, suspects

from headwater.detectors.master import (
    DETECTOR,
    MOST_ORDERS,
    NO_ORDER,
    NO_SERVICE_WEIGHT,
)
from headwater.measures.targets import ERRANDS_ODDS

SICK = [own(number) for number in range(10, 18)]
SITE = outside(1)


def a_scene(folder: Path, sampling: int = 1) -> Scene:
    """Everybody browses, each elsewhere."""
    scene = Scene(folder, sampling=sampling)
    for number in range(10, 90):
        scene.browse(own(number), outsiders(3, 100 + 3 * number), scene.times(3))
    return scene


def claims(scene: Scene) -> dict[str, Any]:
    """What is said of each own host that calls the site."""
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.99), "indicators": indicators(SITE)}
    found = scene.findings(DETECTOR, known)
    return {f.subject: f.proof for f in found if f.kind == "calls-master"}


def weights(scene: Scene, port: int | None = None) -> dict[str, float]:
    known = {
        "suspects": suspects(dict.fromkeys(SICK, port), 0.99),
        "indicators": indicators(SITE),
    }
    found = scene.findings(DETECTOR, known)
    said = [f.proof["weights"] for f in found if (f.kind, f.subject) == ("master", SITE)]
    return dict(said[0]) if said else {}


@pytest.mark.parametrize("sampling", [1, 2])
def test_who_comes_to_both_doors_of_the_web_visits_a_site(
    tmp_path: Path, sampling: int
) -> None:
    scene = a_scene(tmp_path, sampling)
    for host in SICK:
        scene.poll(host, SITE, 443, 600)
    for host in SICK[:4]:
        scene.talk(1_000, host, SITE, 80)
    assert weights(scene)["doors"] < -2.0


def test_who_leaves_a_door_that_all_others_take_as_well_is_no_visitor(tmp_path: Path) -> None:
    scene = a_scene(tmp_path, 2)
    for host in SICK:
        scene.poll(host, SITE, 443, 600)
    for number in range(30, 50):
        scene.talk(1_000 + number, own(number), SITE, 443 if number % 2 else 80)
    assert weights(scene)["doors"] > 1.5


@pytest.mark.parametrize(("carrying", "public", "odds"), [
    (True, 40, (0.0, 2.0)),
    (False, 40, (-2.0, 0.0)),  # where the rest follows no visits, that these do not says little
    (True, 0, (3.0, ERRANDS_ODDS)),  # the cloud of what they bought is called so as well
])  # fmt: skip
def test_of_who_does_as_visitors_ask_what_none_of_them_asked_for_is_his_own(
    tmp_path: Path, carrying: bool, public: int, odds: tuple[float, float]
) -> None:
    scene = a_scene(tmp_path, 2)
    for number, host in enumerate(SICK):
        times = scene.times(40)
        scene.serve(host, 1080, [outside(2)], times)
        for at_s in times if carrying else scene.times(40):
            scene.talk(at_s + 0.5, host, outside(60 + number), 443)
        for at_s in scene.times(2):
            scene.talk(at_s, host, SITE, 443)
    for number in range(20, 20 + public):
        scene.talk(100 * number, own(number), SITE, 443)
    known = suspects(dict.fromkeys(SICK, 1080), 0.99)
    found = scene.findings(DETECTOR, {"suspects": known, "indicators": indicators(SITE)})
    (told,) = (f.proof["against_errands"] for f in found if f.subject == SITE)
    assert odds[0] <= told <= odds[1]


def test_of_a_hosts_masters_the_one_that_strangers_do_not_share_is_told_of(
    tmp_path: Path,
) -> None:
    """Where records are sampled: one cannot see for which of them it runs errands."""
    alone = outside(7)
    scene = a_scene(tmp_path, 2)
    for host in SICK:
        scene.poll(host, SITE, 443, 600)
        scene.poll(host, alone, 443, 600)
    for number in range(20, 60):
        scene.talk(100 * number, own(number), SITE, 443)
    known = suspects(dict.fromkeys(SICK), 0.99)
    found = scene.findings(DETECTOR, {"suspects": known, "indicators": indicators(SITE, alone)})
    named = {f.proof["master"] for f in found if f.kind == "calls-master" and f.subject in SICK}
    assert named == {alone}


def test_two_ports_that_are_not_the_webs_are_no_sites_doors(tmp_path: Path) -> None:
    scene = a_scene(tmp_path)
    for host in SICK:
        scene.poll(host, SITE, 8080, 600)
        scene.poll(host, SITE, 8443, 600)
    assert weights(scene)["doors"] == 0.0


def paced(folder: Path, calls: Sequence[int], sampling: int) -> float:
    scene = a_scene(folder, sampling)
    for host, count in zip(SICK, calls, strict=True):
        for at_s in scene.times(count):
            scene.talk(at_s, host, SITE, 443)
    return weights(scene)["pace"]


def test_what_is_called_by_each_as_it_is_used_is_no_master(tmp_path: Path) -> None:
    assert paced(tmp_path, [90, 60, 30, 12, 5, 2, 1, 1], 2) < -2


def test_what_all_call_at_about_one_pace_may_be(tmp_path: Path) -> None:
    assert paced(tmp_path, [14, 13, 12, 11, 10, 9, 8, 7], 2) == 0.0


def test_where_every_packet_is_counted_visits_tell_and_paces_do_not(tmp_path: Path) -> None:
    assert paced(tmp_path, [90, 60, 30, 12, 5, 2, 1, 1], 1) == 0.0


@pytest.mark.parametrize(("calls", "target"), [(1, False), (2, True)])
def test_that_a_call_or_two_follow_a_visit_may_be_chance(
    tmp_path: Path, calls: int, target: bool
) -> None:
    scene = a_scene(tmp_path)
    for host in SICK:
        times = scene.times(60)
        scene.serve(host, 1080, [outside(2)], times)
        for at_s in times[:calls] if host == SICK[0] else ():
            scene.talk(at_s + 0.5, host, SITE, 443)
    # A target is so sure to be one that nobody hears of it.
    assert weights(scene, 1080).get("relayed") == (None if target else 0.0)


@pytest.mark.parametrize(("sampling", "target"), [(1, False), (2, True)])
def test_of_sampled_packets_fewer_calls_need_follow_a_visit_to_a_target(
    tmp_path: Path, sampling: int, target: bool
) -> None:
    scene = a_scene(tmp_path, sampling)
    for host in SICK:
        times = scene.times(40)
        scene.serve(host, 1080, [outside(2)], times)
        for at_s in [*(time + 0.5 for time in times[:4]), *scene.times(16)]:
            scene.talk(at_s, host, SITE, 443)
    assert weights(scene, 1080).get("relayed") == (None if target else 0.0)


@pytest.mark.parametrize(("together", "weight"), [(4, NO_SERVICE_WEIGHT), (5, 0.0)])
def test_a_service_is_met_by_most_at_one_port(
    tmp_path: Path, together: int, weight: float
) -> None:
    """However often those call it who do not."""
    scene = a_scene(tmp_path)
    for number, host in enumerate(SICK):
        apart = number >= together
        for at_s in scene.times(20 if apart else 1):
            scene.talk(at_s, host, SITE, 41_000 + number if apart else 41_000)
    assert weights(scene)["service"] == weight


@pytest.mark.parametrize(("one_port", "calls"), [(True, 0), (False, len(SICK))])
def test_who_is_spoken_to_from_one_port_of_several_hosts_visits_them(
    tmp_path: Path, one_port: bool, calls: int
) -> None:
    """Of sampled sessions that nobody saw begin the lower port is taken for the service's."""
    scene = a_scene(tmp_path, 2)
    for number, host in enumerate(SICK):
        own_port = 61_000 if one_port else 61_000 + number
        scene.talk(90, host, SITE, 41_000 + number, client_port=own_port, up=50_000)
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.99), "indicators": indicators(SITE)}
    rows = scene.ask(DETECTOR, known).to_pylist()
    assert sum(row["server"] == SITE for row in rows) == calls


def test_of_two_masters_the_one_shared_with_no_strangers_tells_of_a_caller(
    tmp_path: Path,
) -> None:
    """A shared server is not preferred for being surer by a hair."""
    scene = a_scene(tmp_path)
    own_place, strangers = outside(2), [own(number) for number in range(20, 60)]
    for host in SICK:
        scene.poll(host, SITE, 443, 600)
        scene.poll(host, own_place, 8443, 300)
    for host in strangers:
        scene.browse(host, [SITE], scene.times(2))
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.99), "indicators": indicators()}
    found = scene.findings(DETECTOR, known)
    assert {f.subject for f in found if f.kind == "master"} == {SITE, own_place}
    told = [f.proof for f in found if f.kind == "calls-master" and f.subject in SICK]
    assert {(proof["master"], proof["shared"]) for proof in told} == {(own_place, False)}


def test_who_runs_errands_for_a_master_is_used_and_who_only_calls_is_next(
    tmp_path: Path,
) -> None:
    scene, runs, polls = a_scene(tmp_path), SICK[0], SICK[1]
    for host in SICK:
        scene.poll(host, SITE, 8443, 300)
    hours = scene.lasts_s / 3600
    for at_s in scene.times(round(2 * MOST_ORDERS * hours / NO_ORDER)):
        scene.talk(at_s, polls, SITE, 8443, up=NO_ORDER // 2, down=NO_ORDER // 3)
    for at_s in scene.times(4):
        scene.talk(at_s, runs, SITE, 8443, up=round(MOST_ORDERS * hours / 3), down=900)
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.99), "indicators": indicators()}
    told = {f.subject: f.proof for f in scene.findings(DETECTOR, known) if f.subject in SICK}
    assert (told[runs]["used"], told[polls]["used"]) == (True, False)


def test_who_is_called_at_ever_other_ports_is_no_master_whoever_calls(tmp_path: Path) -> None:
    """It is a visitor, whom the records show the wrong way round."""
    scene = a_scene(tmp_path)
    for number, host in enumerate(SICK):
        scene.talk(1_000, host, SITE, 41_000 + number)
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.99), "indicators": indicators()}
    assert SITE not in {finding.subject for finding in scene.findings(DETECTOR, known)}


def fetching(folder: Path, full: bool, sampling: int = 2, well: int = 0) -> Scene:
    """The sick ask for a page each or for an order; so many of the well for a page."""
    scene = a_scene(folder, sampling)
    for number, host in enumerate(SICK):
        for at_s in (900 + number, 4_000 + number):
            down = 90_000 if full else 300
            scene.talk(at_s, host, SITE, 443, up=300, down=down, lasts_s=20)
    for number in range(30, 30 + well):
        scene.talk(2_000, own(number), SITE, 443, up=300, down=90_000, lasts_s=20)
    return scene


def fetched(folder: Path, full: bool, sampling: int = 2, well: int = 0) -> float:
    return weights(fetching(folder, full, sampling, well)).get("fetched", 0.0)


def test_from_where_the_sick_fetch_pages_they_get_no_orders(tmp_path: Path) -> None:
    assert fetched(tmp_path, full=True) < -0.5


def test_who_asks_for_orders_where_others_fetch_pages_is_no_visitor(tmp_path: Path) -> None:
    assert fetched(tmp_path, full=False, well=6) > 1


def test_where_every_packet_is_counted_the_octets_of_all_calls_tell(tmp_path: Path) -> None:
    assert fetched(tmp_path, full=True, sampling=1) == 0.0


@pytest.mark.parametrize("full", [False, True])
def test_who_calls_a_place_hears_whether_it_gives_pages(tmp_path: Path, full: bool) -> None:
    told = claims(fetching(tmp_path, full))
    assert set(told) == set(SICK)
    assert {proof["pages"] for proof in told.values()} == {full}


@pytest.mark.parametrize(("visits", "told"), [(2, False), (1, True)])
def test_who_comes_at_the_port_at_which_it_is_called_is_an_equal(
    tmp_path: Path, visits: int, told: bool
) -> None:
    scene = a_scene(tmp_path)
    for host in SICK:
        scene.poll(host, SITE, 8448, 600)
    for host in SICK[:1]:
        scene.serve(host, 8448, [SITE], scene.times(visits))
    assert bool(weights(scene)) == told


def test_who_only_answers_an_equal_makes_no_fewer_calls_elsewhere(tmp_path: Path) -> None:
    scene = a_scene(tmp_path)
    for host in SICK:
        scene.poll(host, SITE, 8443, 600, start_s=60)
        scene.serve(host, 1080, [outside(2)], [5])
    for at_s in scene.times(30):
        scene.talk(at_s, SICK[0], outside(2), 8448, client_port=1080)
    scene.serve(SICK[0], 8448, [outside(2)], scene.times(2))
    told = {"suspects": suspects(dict.fromkeys(SICK, 1080)), "indicators": indicators(SITE)}
    rows = scene.ask(DETECTOR, told).to_pylist()
    calls = {row["host"]: row["calls_in_all"] for row in rows if row["server"] == SITE}
    assert calls[SICK[0]] == calls[SICK[1]] > 0


def test_who_comes_to_a_door_of_its_own_is_not_there_for_what_the_sick_are(
    tmp_path: Path,
) -> None:
    scene = a_scene(tmp_path, sampling=10)
    for host in SICK:  # one of them comes for something else, too
        scene.poll(host, SITE, 443 if host == SICK[0] else 8443, 60, up=9_000, down=9_000)
    scene.poll(own(40), SITE, 443, 60, up=9_000, down=9_000)
    scene.poll(own(41), SITE, 8443, 60, up=9_000, down=9_000)
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.99), "indicators": indicators()}
    found = scene.findings(DETECTOR, known)
    callers = {f.subject: f.confidence for f in found if f.kind == "calls-master"}
    assert callers[own(41)] > 0.9
    assert callers.get(own(40), 0.0) < 2 / len(SICK)


@pytest.mark.parametrize(("strangers", "master"), [(0, True), (8, False)])
def test_where_the_public_goes_as_well_errands_lead_too(
    tmp_path: Path, strangers: int, master: bool
) -> None:
    scene = a_scene(tmp_path, sampling=10)
    for number, site in enumerate(outsiders(4, 900)):
        public = [own(number * strangers + host) for host in range(30, 30 + strangers)]
        for host in (*SICK, *public):
            scene.talk(60 + number, host, site, 443, up=9_000, down=9_000)
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.99), "indicators": indicators()}
    found = {f.subject for f in scene.findings(DETECTOR, known) if f.kind == "master"}
    assert (outsiders(4, 900)[0] in found) == master


@pytest.mark.parametrize(("sites", "named"), [(2, True), (12, False)])
def test_of_a_dozen_places_that_the_same_go_to_and_nobody_else_hardly_any_is_a_master(
    tmp_path: Path, sites: int, named: bool
) -> None:
    """Of few sampled packets none shows the public where errands lead."""
    scene = a_scene(tmp_path, 2)
    there = outsiders(sites, 600)
    for host in SICK:
        for site in there:
            for at_s in scene.times(2):
                scene.talk(at_s, host, site, 443)
    known = suspects(dict.fromkeys(SICK), 0.99)
    found = scene.findings(DETECTOR, {"suspects": known, "indicators": indicators(SITE)})
    assert bool({f.subject for f in found if f.kind == "master"} & set(there)) == named


@pytest.mark.parametrize(("idle", "named"), [(0, False), (6, True)])
def test_where_all_the_sick_show_themselves_who_shows_nothing_is_hardly_one(
    tmp_path: Path, idle: int, named: bool
) -> None:
    """Five of a maker's seven customers were broken into; others have idle hosts, or none."""
    scene = a_scene(tmp_path, 2)
    crew, customers = [own(n) for n in range(30, 36 + idle)], [*SICK[:5], own(50), own(51)]
    for hosts, server in ((customers, outside(600)), (crew, outside(601))):
        for host in hosts:
            for at_s in scene.times(6):
                scene.talk(at_s, host, server, 8443)
    known = suspects(dict.fromkeys([*SICK[:5], *crew[:6]]), 0.99)
    found = scene.findings(DETECTOR, {"suspects": known, "indicators": indicators(SITE)})
    unshown = {f.subject: f.proof["unshown"] for f in found if f.kind == "calls-master"}
    assert (unshown[own(50)] > 0.6) == named
