"""Upstream: a source that reaches suspects and hardly anyone else."""

from pathlib import Path

import pyarrow as pa
import pytest
from tests.detectors.visited import KNOWN, PORT, SICK, WELL, visited
from tests.scene import RST_ACK, Scene, outside, outsiders, suspects

from headwater.detectors.upstream import DETECTOR, SUSPECT
from headwater.measures.driving import FAINT, PUBLIC
from headwater.measures.rotation import FEWEST_TURNS
from headwater.measures.working import (
    FAIR_SHARE,
    FEWEST_SESSIONS,
    WORKED_OCTETS,
)
from headwater.pipeline.mailed import MAILED
from headwater.records.finding import Finding

DRIVER, CRAWLER, TESTER = outside(1), outside(2), outside(3)


@pytest.fixture
def scene(scene: Scene) -> Scene:
    return visited(scene)


def said(scene: Scene, kind: str) -> dict[str, Finding]:
    return {f.subject: f for f in scene.findings(DETECTOR, KNOWN) if f.kind == kind}


def test_who_reaches_only_suspects_drives_them(scene: Scene) -> None:
    for host in SICK[:6]:
        scene.serve(host, PORT, [DRIVER], scene.times(5))
    found = said(scene, "driver")
    assert set(found) == {DRIVER}
    assert sorted(found[DRIVER].proof["proxies"]) == sorted(SICK[:6])
    assert found[DRIVER].proof["sessions"] == 30
    assert found[DRIVER].proof["met"] == found[DRIVER].proof["suspects_met"] == 6
    assert (found[DRIVER].proof["suspects"], found[DRIVER].proof["hosts"]) == (10, 70)
    assert found[DRIVER].confidence > 0.9


def test_of_those_who_drive_the_same_hosts_each_has_its_part_of_the_work(scene: Scene) -> None:
    for host in SICK[:6]:
        scene.serve(host, PORT, [DRIVER], scene.times(59))
        scene.serve(host, PORT, [CRAWLER], scene.times(2))
    found = said(scene, "driver")
    assert found[DRIVER].proof["parts"] == [1.0] * 6
    assert found[CRAWLER].proof["parts"] == pytest.approx([3 / 60] * 6, abs=0.02)


def test_who_reaches_everyone_is_quiet(scene: Scene) -> None:
    for host in [*SICK, *WELL]:
        scene.serve(host, 443, [CRAWLER], scene.times(2))
    assert said(scene, "driver") == said(scene, "tester") == {}


def test_a_knock_that_is_refused_is_no_visit(scene: Scene) -> None:
    for host in SICK:
        scene.knock(scene.times(1)[0], CRAWLER, host, PORT)
    assert CRAWLER not in {row["source"] for row in scene.ask(DETECTOR, KNOWN).to_pylist()}


def test_suspects_that_turned_it_away_are_not_among_those_met(scene: Scene) -> None:
    for host in SICK[:5]:
        scene.serve(host, PORT, [DRIVER], scene.times(5))
    for host in SICK[5:8]:
        scene.knock(scene.times(1)[0], DRIVER, host, PORT)
    proof = said(scene, "driver")[DRIVER].proof
    assert (proof["tried"], proof["met"], proof["suspects_met"]) == (8, 5, 5)


@pytest.mark.parametrize(("shut", "met"), [(5, 10), (6, 5)])
def test_of_sampled_visits_a_lone_knock_is_one_too_if_most_were_let_in(
    tmp_path: Path, shut: int, met: int
) -> None:
    scene = Scene(tmp_path, sampling=2)
    for host in SICK[:5]:
        scene.serve(host, PORT, [DRIVER], scene.times(5))
    for host in [*SICK, *WELL][5 : 5 + shut]:
        for at in scene.times(9):
            scene.talk(at, DRIVER, host, PORT, up=0, down=0, flags=2)
    told = [row for row in scene.ask(DETECTOR, KNOWN).to_pylist() if row["source"] == DRIVER]
    assert len(told) == 5 + shut
    assert sum(row["met"] for row in told) == met


@pytest.mark.parametrize("sampling", [1, 2])
def test_of_sampled_visits_without_flags_what_was_seen_counts(
    tmp_path: Path, sampling: int
) -> None:
    scene = Scene(tmp_path, sampling=sampling)
    for host in SICK[:5]:
        scene.serve(host, PORT, [DRIVER], scene.times(5))
    for at in scene.times(9):
        scene.talk(at, DRIVER, SICK[5], PORT, up=0, down=1_400, lasts_s=0, flags=None)
    told = scene.ask(DETECTOR, KNOWN).to_pylist()
    octets = [row["bytes"] for row in told if row["host"] == SICK[5]]
    assert [each > 0 for each in octets] == [sampling > 1]


def test_of_sampled_visits_what_was_refused_is_none(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=2)
    for host in SICK[:5]:
        scene.serve(host, PORT, [DRIVER], scene.times(5))
    for host in SICK[5:]:
        for at in scene.times(9):
            scene.knock(at, DRIVER, host, PORT)
    told = [row for row in scene.ask(DETECTOR, KNOWN).to_pylist() if row["source"] == DRIVER]
    assert (len(told), sum(row["met"] for row in told)) == (10, 5)


@pytest.mark.parametrize("several", [True, False])
def test_who_is_spoken_to_from_one_port_of_several_hosts_visits_them(
    tmp_path: Path, several: bool
) -> None:
    """Of sampled sessions that nobody saw begin the lower port is taken for the service's."""
    scene = Scene(tmp_path, sampling=2)
    for number, host in enumerate(SICK[:4]):
        port = 61_000 if several else 61_000 + number
        scene.talk(90, DRIVER, host, port, client_port=41_000 + number, up=50_000)
    told = [row for row in scene.ask(DETECTOR, KNOWN).to_pylist() if row["source"] == DRIVER]
    assert [(row["host"], row["met"]) for row in told] == [
        (host, 1) for host in SICK[:4] if several
    ]


def test_a_lone_rst_to_who_knocked_from_one_port_is_no_visit(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=2)
    for number, host in enumerate(SICK[:4]):
        scene.talk(90, DRIVER, host, 61_000, client_port=41_000 + number, up=50_000)
    for number, host in enumerate(SICK[4:6]):
        answer = {"client_port": 61_000, "up": 0, "down": 0, "flags": RST_ACK}
        scene.talk(90 + number, host, DRIVER, 42_000 + number, **answer)
    told = [row for row in scene.ask(DETECTOR, KNOWN).to_pylist() if row["source"] == DRIVER]
    assert [(row["host"], row["met"]) for row in told] == [
        (host, int(host in SICK[:4])) for host in SICK[:6]
    ]


def test_who_speaks_to_several_hosts_from_one_port_is_their_server(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=2)
    for number, host in enumerate(SICK[:4]):
        scene.talk(90, host, CRAWLER, 61_000, client_port=41_000 + number, up=50_000)
        scene.talk(90, DRIVER, host, 41_000, client_port=61_000 + number, up=50_000)
    told = {row["source"] for row in scene.ask(DETECTOR, KNOWN).to_pylist()}
    assert told == {DRIVER}


@pytest.mark.parametrize(
    ("visits", "port", "drives"),
    [
        (FEWEST_SESSIONS, PORT, True),
        (FEWEST_SESSIONS - 1, PORT, False),
        (FEWEST_SESSIONS, PORT + 1, False),
    ],
)
def test_one_proxy_alone_is_driven_by_who_uses_its_relay(
    scene: Scene, visits: int, port: int, drives: bool
) -> None:
    for at_s in scene.times(visits):
        scene.talk(at_s, DRIVER, SICK[0], port, up=WORKED_OCTETS // 3)
    assert (DRIVER in said(scene, "driver")) == drives


@pytest.mark.parametrize(
    ("share", "drives"), [(1.2 * FAIR_SHARE, True), (FAIR_SHARE / 4, False)]
)
def test_a_drop_in_a_busy_relays_load_is_not_its_driver(
    scene: Scene, share: float, drives: bool
) -> None:
    rest = 9_000_000
    scene.talk(500, CRAWLER, SICK[0], 443, up=rest)
    for at_s in scene.times(FEWEST_SESSIONS):
        scene.talk(
            at_s, DRIVER, SICK[0], PORT, up=int(rest * share / (1 - share) / FEWEST_SESSIONS)
        )
    assert (DRIVER in said(scene, "driver")) == drives


def test_mail_to_a_suspect_is_no_visit_unless_it_relays_mail(scene: Scene) -> None:
    for host in SICK[:6]:
        scene.serve(host, 25, [DRIVER], scene.times(5))
    sources = {row["source"] for row in scene.ask(DETECTOR, KNOWN).to_pylist()}
    assert DRIVER not in sources
    relays = {"suspects": suspects(dict.fromkeys(SICK, 25))}
    assert DRIVER in {f.subject for f in scene.findings(DETECTOR, relays)}


@pytest.mark.parametrize(("confidence", "drives"), [(FAINT, True), (FAINT - 0.001, False)])
def test_how_faint_a_suspicion_counts_where_many_share_it(
    scene: Scene, confidence: float, drives: bool
) -> None:
    for host in SICK[:6]:
        scene.serve(host, PORT + 1, [DRIVER], scene.times(5))
    unsure = {"suspects": suspects(dict.fromkeys(SICK), confidence)}
    found = {f.subject for f in scene.findings(DETECTOR, unsure) if f.kind == "driver"}
    assert (DRIVER in found) == drives


def test_a_suspect_counts_for_more_than_a_faint_one(scene: Scene) -> None:
    for host in SICK[:6]:
        scene.serve(host, PORT + 1, [DRIVER], scene.times(5))
    sure, unsure = (
        scene.findings(DETECTOR, {"suspects": suspects(dict.fromkeys(SICK), confidence)})
        for confidence in (SUSPECT, SUSPECT - 0.001)
    )
    assert sure[0].confidence > unsure[0].confidence


def test_a_driver_that_changes_its_address_is_told_by_its_network(scene: Scene) -> None:
    """Each address reaches one proxy alone, too briefly to hold it in its grip."""
    hops = [outside(400 + number) for number in range(5)]
    for hop, host in zip(hops, SICK, strict=False):
        scene.serve(host, PORT, [hop], scene.times(2))
    assert set(said(scene, "driver")) == set(hops)
    assert {f.proof["network"] for f in said(scene, "driver").values()} == {"203.0.113.0/24"}
    assert said(scene, "driven")[SICK[0]].proof["other_suspects"] == 4
    assert said(scene, "driven")[SICK[0]].proof["drivers"] == [hops[0]]


def by_provider(scene: Scene, number: dict[str, int]) -> dict[str, Finding]:
    """The drivers, where it is known of some sources whose customers they are."""
    told = scene.ask(DETECTOR, KNOWN)
    of = [number.get(source, 0) for source in told.column("source").to_pylist()]
    found = DETECTOR.weigh(told.append_column("as_number", pa.array(of)), scene.window)
    return {f.subject: f for f in found if f.kind == "driver"}


def hopping(scene: Scene, each: list[tuple[float, float]]) -> list[str]:
    """Addresses of as many networks, each of which uses one proxy from then until then."""
    hops = [f"198.51.{100 + number}.7" for number in range(len(each))]
    for hop, host, (begin, end) in zip(hops, SICK, each, strict=False):
        scene.serve(host, PORT, [hop], [begin, end])
    return hops


TURNS = [(float(600 * n), 600.0 * n + 500.0) for n in range(5)]


def test_a_driver_that_changes_its_network_is_told_by_its_provider(scene: Scene) -> None:
    hops = hopping(scene, TURNS)
    found = by_provider(scene, dict.fromkeys(hops, 64500))
    assert set(found) == set(hops)
    assert {f.proof["network"] for f in found.values()} == {"AS64500"}
    assert not set(hops) & set(by_provider(scene, {}))
    elsewhere = {hop: 64500 + number for number, hop in enumerate(hops)}
    assert not set(hops) & set(by_provider(scene, elsewhere))


def test_customers_of_one_provider_who_come_at_the_same_time_are_several(scene: Scene) -> None:
    hops = hopping(scene, [(10.0, 2_500.0)] * 5)
    assert not set(hops) & set(by_provider(scene, dict.fromkeys(hops, 64500)))


def test_neighbours_of_a_driver_that_miss_the_relay_are_none(scene: Scene) -> None:
    for number, host in enumerate(SICK[:5]):
        scene.serve(host, PORT, [outside(400 + number)], scene.times(2))
    scene.serve(SICK[0], PORT + 1, [outside(410)], scene.times(2))
    assert outside(410) not in said(scene, "driver")


def open_to_all(scene: Scene, networks: int) -> None:
    """Four proxies, each with its own occasional visitors; IPv6, each of its own network."""
    for number, host in enumerate(SICK[:4]):
        visitors = [outside(600 + 20 * number + n) for n in range(networks)]
        scene.serve(host, PORT, visitors, scene.times(networks))


@pytest.mark.parametrize(
    ("addresses", "at_once", "told"),
    [
        (FEWEST_TURNS, False, True),
        (FEWEST_TURNS - 1, False, False),
        (FEWEST_TURNS, True, False),
    ],
)
def test_neighbours_who_go_in_turns_where_a_crowd_goes_drive(
    scene: Scene, addresses: int, at_once: bool, told: bool
) -> None:
    """Of all the networks at open proxies theirs alone shows some, one after the other."""
    open_to_all(scene, 2 * PUBLIC)
    hops = [outside(400 + number) for number in range(addresses)]
    for number, hop in enumerate(hops):
        begin_s = 100.0 if at_once else 100.0 + 1_000 * number
        for host in SICK[:4]:
            scene.serve(host, PORT, [hop], scene.times(3, begin_s, begin_s + 800))
    found = said(scene, "driver")
    assert set(found) == (set(hops) if told else set())
    assert all(f.proof["network"] == "203.0.113.0/24" for f in found.values())


@pytest.mark.parametrize(("networks", "drives"), [(2, True), (PUBLIC, False)])
def test_who_uses_two_open_proxies_is_one_of_the_public(
    scene: Scene, networks: int, drives: bool
) -> None:
    open_to_all(scene, networks)
    for host in SICK[:2]:
        for at_s in scene.times(6):
            scene.talk(at_s, DRIVER, host, PORT, up=12_000)
    assert (DRIVER in said(scene, "driver")) == drives


def test_who_uses_all_open_proxies_drives_them(scene: Scene) -> None:
    open_to_all(scene, PUBLIC + 2)
    for host in SICK[:4]:
        scene.serve(host, PORT, [DRIVER], scene.times(6))
    found = said(scene, "driver")
    assert set(found) == {DRIVER}
    assert found[DRIVER].proof["suspects_met"] == 4


def test_those_who_all_know_the_same_proxies_drive_them_together(scene: Scene) -> None:
    """No public: hardly anybody else comes."""
    together = [outside(600 + n) for n in range(PUBLIC + 2)]
    for host in SICK:
        scene.serve(host, PORT, together, scene.times(2 * len(together)))
    assert set(said(scene, "driver")) == set(together)


@pytest.mark.parametrize(("share", "drives"), [(2.2 * FAIR_SHARE, True), (FAIR_SHARE, False)])
def test_a_fair_part_of_what_serves_the_public_is_nobodys_own(
    scene: Scene, share: float, drives: bool
) -> None:
    open_to_all(scene, PUBLIC + 2)
    rest = 9_000_000
    scene.talk(500, outside(600), SICK[0], PORT, up=rest)
    for at_s in scene.times(FEWEST_SESSIONS):
        scene.talk(at_s, DRIVER, SICK[0], PORT, up=int(rest * share / (1 - share) / 3))
    assert (DRIVER in said(scene, "driver")) == drives


def test_a_host_is_left_out_of_what_is_said_of_its_drivers(scene: Scene) -> None:
    for host in (*SICK[:6], WELL[0]):
        scene.serve(host, PORT, [DRIVER], scene.times(5))
    for at_s in scene.times(9):
        scene.talk(at_s, outside(300), SICK[9], PORT, up=900_000)
    found = said(scene, "driven")
    assert found[SICK[0]].proof["drivers"] == [DRIVER]
    assert found[SICK[0]].proof["other_suspects"] == 5
    assert found[WELL[0]].proof["other_suspects"] == 6
    assert found[SICK[0]].proof["share"] < found[WELL[0]].proof["share"]
    assert found[SICK[0]].confidence < found[WELL[0]].confidence
    assert found[WELL[0]].confidence > 0.9
    # The only one its driver reaches: that tells nothing about it that was not said before.
    assert found[SICK[9]].proof["other_suspects"] == 0
    assert found[SICK[9]].confidence < 0.1


def test_no_driver_is_believed_by_a_hairs_breadth(scene: Scene) -> None:
    """Of its hosts it counts how likely each is sick, not what that is called."""
    driver, told = outside(400), []  # in a network of its own
    for host in SICK[:6]:
        scene.serve(host, PORT, [driver], scene.times(5))
    for confidence in (SUSPECT - 0.001, SUSPECT + 0.001):
        known = {"suspects": suspects(dict.fromkeys(SICK[:6]), confidence)}
        found = scene.findings(DETECTOR, known)
        told.append(next(f for f in found if f.kind == "driven" and f.subject == SICK[0]))
    below, above = told
    for name in ("share", "unshown"):
        assert below.proof[name] == pytest.approx(above.proof[name], abs=0.01)


def test_known_mistake_a_service_whose_few_customers_are_all_hijacked(scene: Scene) -> None:
    for host in SICK[:6]:
        scene.serve(host, 8443, [CRAWLER], scene.times(5))
    assert CRAWLER in said(scene, "driver")


def test_known_miss_a_driver_in_a_crowd(scene: Scene) -> None:
    """Behind the address of a big proxy: most whom the address reaches are well."""
    crowd = outside(4)
    for host in (*SICK[:2], *WELL):
        scene.serve(host, 443, [crowd], scene.times(4))
    assert crowd not in said(scene, "driver")


@pytest.mark.parametrize(("port", "confidence"), [(PORT, 0.8), (PORT + 1, 0.8), (PORT, 0.4)])
def test_for_whom_a_host_mails_at_the_door_it_is_suspected_for_drives_it_amid_a_crowd(
    scene: Scene, port: int, confidence: float
) -> None:
    scene.serve(SICK[0], PORT, [DRIVER, *outsiders(40, 300)], scene.times(99))
    row = {"client": DRIVER, "host": SICK[0], "port": port}
    known = {
        "suspects": suspects(dict.fromkeys(SICK, PORT), confidence),
        "mailed_for": pa.Table.from_pylist([row], schema=MAILED),
    }
    found = [f for f in scene.findings(DETECTOR, known) if f.kind == "driver"]
    named = (port, confidence) == (PORT, 0.8)
    assert [(f.subject, f.confidence) for f in found] == [(DRIVER, 0.8)] * named
