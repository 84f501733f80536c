"""Origin: what one outsider gives several own hosts they show their visitors."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, outside, outsiders, own, window

from headwater.detectors import hijacked
from headwater.detectors.origin import DETECTOR, FEWEST_COUNTED, FEWEST_MEMBERS, Site, judge
from headwater.measures.relaying import FEW_ORIGINS
from headwater.measures.sisters import Sisters
from headwater.records.finding import Finding, Kind

ORIGIN, ELSEWHERE = outside(1), outside(2)
HOSTS = [own(10 + number) for number in range(5)]
OTHERS = [own(100 + number) for number in range(80)]  # who are visited by nobody
VISITORS = outsiders(60, 600)
SAMPLING = 20
NOBODY = {"popular": pa.table({"server": pa.array([], pa.string())})}


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path, hours=2, sampling=SAMPLING)
    for number, host in enumerate(OTHERS):
        scene.browse(host, outsiders(3, 20 + number), scene.times(3))
    return scene


def show(scene: Scene, host: str, pages: int = 40, page: int = 20_000, port: int = 443) -> None:
    for number, at_s in enumerate(scene.times(pages)):
        visitor = VISITORS[number % len(VISITORS)]
        scene.talk(at_s, visitor, host, port, up=700, down=page * SAMPLING)


def fetch(
    scene: Scene, host: str, pages: int = 30, page: int = 20_000, port: int = 8443
) -> None:
    """At times of their own: of few sampled packets it is not seen that they go together."""
    for at_s in scene.times(pages):
        scene.talk(at_s, host, ORIGIN, port, up=700, down=page * SAMPLING)


def front(scene: Scene, hosts: Iterable[str] = HOSTS, port: int = 8443) -> None:
    for host in hosts:
        show(scene, host)
        fetch(scene, host, port=port)


def found(scene: Scene, extra: dict[str, pa.Table] | None = None) -> dict[str, Finding]:
    answer = scene.ask(DETECTOR, extra or NOBODY)
    return {each.subject: each for each in DETECTOR.weigh(answer, scene.window)}


def test_fronts_of_one_origin_fire(sampled: Scene) -> None:
    front(sampled)
    said = found(sampled)
    assert set(said) == set(HOSTS)
    one = said[HOSTS[0]]
    assert (one.kind, one.proof["origin"], one.proof["port"]) == ("carries", ORIGIN, 443)
    assert one.proof["alike"] == len(HOSTS) - 1
    assert one.confidence > 0.5
    assert ORIGIN in one.summary
    claim = {**one.proof, "confidence": one.confidence, "summary": one.summary}
    host = hijacked.Host(
        address=one.subject, claims={"carries": [claim]}, sisters=Sisters(fronts=4)
    )
    judged = hijacked.judge(host, sampled.window)
    assert judged.kind == Kind.CONTENT_PROXY
    assert judged.proof["weights"] == [one.proof["weight"]]  # the others are told once


@pytest.mark.parametrize(
    ("port", "fires"), [(80, True), (8443, True), (8080, False), (9_000, False)]
)
def test_sites_are_at_ports_that_are_theirs_by_custom(
    sampled: Scene, port: int, fires: bool
) -> None:
    for host in HOSTS:
        show(sampled, host, port=port)
        fetch(sampled, host)
    ports = [each.proof["port"] for each in found(sampled).values()]
    assert ports == [port] * len(HOSTS) * fires


@pytest.mark.parametrize(
    ("hosts", "fires"), [(FEWEST_MEMBERS, True), (FEWEST_MEMBERS - 1, False)]
)
def test_one_alone_is_no_farm(sampled: Scene, hosts: int, fires: bool) -> None:
    front(sampled, HOSTS[:hosts])
    assert bool(found(sampled)) == fires


def test_sites_that_ask_a_service_are_left_alone(sampled: Scene) -> None:
    for host in HOSTS:
        show(sampled, host)
        fetch(sampled, host, pages=40, page=2_500)
    assert found(sampled) == {}


def test_whom_many_call_who_show_nothing_is_no_origin(sampled: Scene) -> None:
    front(sampled)
    for host in OTHERS[: 3 * len(HOSTS)]:
        fetch(sampled, host, pages=2)
    assert found(sampled) == {}


def test_whom_a_crowd_calls_is_no_origin(sampled: Scene) -> None:
    front(sampled)
    assert found(sampled, {"popular": pa.table({"server": [ORIGIN]})}) == {}


@pytest.mark.parametrize(("called", "fires"), [(19, True), (20, False)])
def test_a_service_that_calls_and_is_called_back_is_no_origin(
    sampled: Scene, called: int, fires: bool
) -> None:
    """Its machines come to the doors of all, and own hosts call some of them."""
    machines = outsiders(40, 300)
    for host in HOSTS:
        for at_s, machine in zip(sampled.times(40), machines, strict=True):
            sampled.talk(at_s, machine, host, 443, up=700, down=20_000 * SAMPLING)
        fetch(sampled, host)
    sampled.browse(OTHERS[0], machines[:called], sampled.times(called))
    assert bool(found(sampled)) == fires


@pytest.mark.parametrize(
    ("visited", "port", "times", "fires"),
    [
        (HOSTS[0], 8443, 2, False),  # peers.sql: as servers of one network do
        (HOSTS[0], 8443, 1, True),  # who tries an address comes once
        (OTHERS[0], 8443, 2, False),  # one of these servers' own, as onion routers are
        (HOSTS[0], 443, 2, False),
        (OTHERS[0], 443, 2, True),  # a site of ours, which does not call it
    ],
)
def test_who_visits_those_that_call_it_is_their_equal(
    sampled: Scene, visited: str, port: int, times: int, fires: bool
) -> None:
    front(sampled, port=port)
    for at_s in sampled.times(times):
        sampled.talk(at_s, ORIGIN, visited, port, up=700 * SAMPLING, down=20_000 * SAMPLING)
    assert bool(found(sampled)) == fires


def test_of_a_few_visits_too_few_for_any_other_the_company_tells(tmp_path: Path) -> None:
    """Three visits are no relay; beside four fronts of the same origin they are enough."""
    scene = Scene(tmp_path, hours=2)
    front(scene, HOSTS[1:])
    show(scene, HOSTS[0], pages=3)
    fetch(scene, HOSTS[0], pages=3)
    for number, host in enumerate(OTHERS):
        scene.browse(host, outsiders(3, 20 + number), scene.times(3))
    said = found(scene)
    assert set(said) == set(HOSTS)
    assert said[HOSTS[0]].proof["sampled"] is False


@pytest.mark.parametrize(
    ("hosts", "fires"), [(FEWEST_COUNTED, True), (FEWEST_COUNTED - 1, False)]
)
def test_where_every_packet_was_counted_a_pair_is_left_to_others(
    tmp_path: Path, hosts: int, fires: bool
) -> None:
    scene = Scene(tmp_path, hours=2)
    front(scene, HOSTS[:hosts])
    for number, host in enumerate(OTHERS):
        scene.browse(host, outsiders(3, 20 + number), scene.times(3))
    assert bool(found(scene)) == fires


def test_sites_of_which_every_packet_was_counted_may_ask_a_service(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=2)
    for host in HOSTS:
        show(scene, host)
        fetch(scene, host, pages=40, page=100)
    assert found(scene) == {}


def test_who_only_knocks_makes_no_site_of_a_host(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=2)
    for host in HOSTS:
        fetch(scene, host)
        for number, at_s in enumerate(scene.times(9)):
            scene.knock(at_s, VISITORS[number], host, 443)
    assert scene.ask(DETECTOR, NOBODY).num_rows == 0


def test_one_that_shows_something_of_its_own_is_none_of_them(sampled: Scene) -> None:
    front(sampled)
    show(sampled, own(30), pages=60)
    fetch(sampled, own(30), pages=2)
    said = found(sampled)
    assert set(said) == set(HOSTS)
    assert said[HOSTS[0]].proof["alike"] == len(HOSTS) - 1


def test_where_films_are_watched_is_no_rack(tmp_path: Path) -> None:
    weights = []
    for films in (0, 1):
        scene = Scene(tmp_path / str(films), hours=2, sampling=SAMPLING)
        front(scene)
        for host in HOSTS:
            show(scene, host)
            scene.talk(3_000, host, ELSEWHERE, 443, down=films * 100_000_000, lasts_s=900)
        for number, host in enumerate(OTHERS):
            scene.browse(host, outsiders(3, 20 + number), scene.times(3))
        weights.append(found(scene)[HOSTS[0]].proof["weight"])
    assert float(str(weights[1])) > float(str(weights[0])) + 0.5


def site(host: str, **said: Any) -> Site:
    row: dict[str, Any] = {
        "peer": ORIGIN, "sampling": 1, "sessions": 9, "fetched": 15_000, "packets": 20,
        "first_seen": 0, "last_seen": 9, "callers": 3, "shown": 20_000, "shown_packets": 25,
        "port": 443,
        "visitors": 5, "first_visit": 0, "film": 0, "hosts": 900, "watching": 300, "sites": 9,
    }  # fmt: skip
    return Site(host=host, **row | said)


def test_every_host_adds_to_what_is_known_of_the_origin() -> None:
    sure = [
        judge([site(host, callers=many) for host in HOSTS[:many]]).sure for many in (3, 4, 5)
    ]
    assert sure == sorted(sure)
    assert sure[0] < sure[-1]


def test_what_only_acknowledges_tells_as_well() -> None:
    """Of few packets the full ones of the one leg are seen, of the other its answers."""
    unlike = judge(
        [site(host, callers=5, shown=200, packets=12, shown_packets=12) for host in HOSTS]
    )
    asked = judge([site(host, callers=5, packets=2, shown_packets=22) for host in HOSTS])
    assert unlike.sure > 0.5 > asked.sure


def test_in_homes_stand_no_sites_that_ask_a_service() -> None:
    films, none = (
        judge([site(host, callers=5, film=octets) for host in HOSTS]) for octets in (10**8, 0)
    )
    assert films.sure > none.sure
    assert films.lives > 0 > none.lives
    # That nobody watches is said once: of what the hosts do at all, nothing.
    rare = judge([site(host, callers=5, watching=9) for host in HOSTS])
    assert 0 > rare.lives > none.lives
    assert none.sure == rare.sure


@pytest.mark.parametrize("sites", [5, 9])
def test_where_every_host_is_a_site_that_tells_nothing(sites: int) -> None:
    many = {"callers": 5, "watching": 1}
    among_sites = judge([site(host, sites=sites, hosts=5, **many) for host in HOSTS])
    assert among_sites.sure < judge([site(host, hosts=900, **many) for host in HOSTS]).sure


def test_known_mistake_sites_that_show_all_that_one_service_gives(sampled: Scene) -> None:
    """Amounts are all that tells them: who gives sites just what they show looks the same."""
    front(sampled, HOSTS[:4])
    assert {f.kind for f in found(sampled).values()} == {"carries"}


def test_whom_the_origin_comes_to_as_well_is_its_equal(sampled: Scene) -> None:
    front(sampled)
    for host in HOSTS[:2]:
        for at_s in sampled.times(10):
            sampled.talk(at_s, ORIGIN, host, 8443, up=700, down=20_000)
    assert found(sampled) == {}


@pytest.mark.parametrize(("origins", "fires"), [(FEW_ORIGINS, True), (FEW_ORIGINS + 1, False)])
def test_who_has_many_origins_is_a_server_among_its_fellows(origins: int, fires: bool) -> None:
    answer = pa.Table.from_pylist(
        [
            site(host, peer=peer, callers=5, film=10**8)._asdict()
            for peer in outsiders(origins)
            for host in HOSTS
        ]
    )
    assert bool(list(DETECTOR.weigh(answer, window()))) == fires


def test_where_sites_store_what_they_have_is_no_origin(sampled: Scene) -> None:
    """Nor by the packets with which it acknowledges that."""
    for host in HOSTS:
        show(sampled, host)
        for at_s in sampled.times(30):
            sampled.talk(at_s, host, ORIGIN, 8443, up=40_000 * SAMPLING, down=20_000 * SAMPLING)
    assert found(sampled) == {}
