"""Whole hunts over lawful hosts whose visits and errands go together: nobody is accused."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import cycle, islice, product
from pathlib import Path

import pytest
from tests.scene import GOING_ON, OPENED, Scene, outsiders, own

from headwater.pipeline.hunt import Run, answer, hunt
from headwater.pipeline.known import known
from headwater.records.answer import Answer
from headwater.records.settings import parse_settings

HOST = own(10)
HOMES = [own(10 + number) for number in range(4)]
SUBSCRIBERS = [own(number) for number in range(50, 110)]
VISITORS = outsiders(60, 600)  # each from a network of its own
SERVICES = outsiders(4, 700)
SITES = outsiders(60, 800)


def hunted(scene: Scene) -> Answer:
    for number, host in enumerate(SUBSCRIBERS):
        scene.browse(host, outsiders(10, 200 + number), scene.times(20))
    scene.settle()
    facts = known(scene.lake, parse_settings({"own_networks": ["192.0.2.0/24"]}), scene.window)
    found_at = datetime(2026, 1, 1, tzinfo=UTC)
    run = Run(name="run", found_at=found_at, window=scene.window, engine=scene.engine)
    return answer(run, facts, hunt(run, facts), flows=len(scene.rows))


def visits(scene: Scene, count: int) -> Iterator[tuple[float, str]]:
    return zip(scene.times(count), islice(cycle(VISITORS), count), strict=True)


def shop(scene: Scene) -> None:
    """Orders are paid by a service; who asks something by a form gets a letter."""
    for number, (at_s, visitor) in enumerate(visits(scene, 240)):
        scene.talk(at_s, visitor, HOST, 443, up=2_000, down=scene.size(), lasts_s=8)
        if number % 2:
            scene.talk(at_s + 0.4, HOST, SERVICES[number % 3], 443, up=1_500, down=4_000)
        if number % 4 == 0:
            scene.talk(at_s + 0.8, HOST, SERVICES[3], 587, up=20_000, down=4_500)


def balancer(scene: Scene) -> None:
    """What comes in at one door is spread over four machines elsewhere."""
    scene.relay(HOST, 993, VISITORS, SERVICES, times=scene.times(240), onward_port=8993)


def picture_store(scene: Scene) -> None:
    """Pictures are fetched from everywhere, and then put into somebody's store."""
    for number, at_s in enumerate(scene.times(120)):
        size, took_s = scene.size(), scene.chance.uniform(0.2, 1.2)
        site = SITES[number % len(SITES)]
        scene.talk(at_s, HOST, site, 443, up=900, down=size, lasts_s=took_s)
        scene.talk(at_s + took_s + 0.1, HOST, SERVICES[0], 443, up=size, down=700, lasts_s=0.3)


def volunteer(scene: Scene) -> None:
    """A browser carries censored people, met at ports of their own, to one bridge."""
    for number, at_s in enumerate(scene.times(60)):
        up, down, port = scene.size(), 5 * scene.size(), scene.chance.randint(20_000, 60_000)
        who = VISITORS[number % len(VISITORS)]
        scene.talk(at_s, HOST, who, port, up=down, down=up, lasts_s=40, protocol=17)
        scene.talk(at_s + 0.5, HOST, SERVICES[0], 443, up=up, down=down, lasts_s=40)


def worked_on_from_afar(scene: Scene) -> None:
    """Pages come in, and their picture goes out to who works on the machine; more or less."""
    for minute in range(70):
        pages = [9 * scene.size() for _ in range(minute * 7 % 5)]
        for number, page in enumerate(pages):
            site = SITES[(minute + number) % len(SITES)]
            scene.talk(300 + 60 * minute + 10 * number, HOST, site, 443, up=4_000, down=page)
        picture = int(sum(pages) * scene.chance.uniform(0.3, 1.2))
        scene.talk(
            300 + 60 * minute, HOST, SERVICES[0], 443, up=9_000 + picture, down=5_000,
            lasts_s=59, flags=GOING_ON if minute else OPENED, client_port=45_000,
        )  # fmt: skip


def clip_store(scene: Scene) -> None:
    """What cameras in other places show is stored in somebody's cloud at once."""
    for number, at_s in enumerate(scene.times(80)):
        clip, took_s = 40 * scene.size(), scene.chance.uniform(3, 15)
        scene.talk(at_s, HOST, SITES[number % 5], 554, up=9_000, down=clip, lasts_s=took_s)
        scene.talk(at_s + took_s, HOST, SERVICES[0], 443, up=clip, down=9_000, lasts_s=4)


def hooks(scene: Scene) -> None:
    """At each event that is told it asks the three services of its owner."""
    for at_s, visitor in visits(scene, 90):
        scene.talk(at_s, visitor, HOST, 5678, up=scene.size() // 4, down=500, lasts_s=0.5)
        for number, service in enumerate(SERVICES[:3]):
            later = at_s + 0.1 * (1 + number)
            scene.talk(later, HOST, service, 443, up=1_800, down=scene.size(), lasts_s=0.6)


def post_office(scene: Scene) -> None:
    """Its people hand in their mail; it goes to exchangers, and some of others' comes in."""
    for number, (at_s, visitor) in enumerate(visits(scene, 160)):
        letter = scene.size()
        scene.talk(at_s, visitor, HOST, 587, up=letter, down=2_500, lasts_s=3)
        scene.talk(at_s + 1, HOST, SITES[number % 30], 25, up=letter, down=1_200)
        if number % 8 == 0:
            scene.talk(at_s + 9, VISITORS[-1 - number % 30], HOST, 25, up=letter, down=900)


def sites_of_a_service(scene: Scene) -> None:
    """Several shops ask one service for something at each visit, and show much more."""
    for number in range(5):
        for at_s, visitor in visits(scene, 150):
            shop = own(10 + number)
            scene.talk(at_s, visitor, shop, 443, up=2_000, down=scene.size(), lasts_s=10)
            scene.talk(at_s + 0.2, shop, SERVICES[0], 443, up=1_500, down=scene.size() // 8)


def contractor(scene: Scene) -> None:
    """Works in three customers' networks by a tunnel into each one's gateway."""
    for number in range(3):
        scene.tunnel(
            own(11 + number), SERVICES[0], 1194, SITES[10 * number : 10 * number + 6],
            pieces=30, dials_out=False, start_s=300 + 1_900 * number,
        )  # fmt: skip


def kept_pages(scene: Scene) -> None:
    """Each page that is read is kept in the family's own archive, when it is there."""
    for host in HOMES:
        for number, at_s in enumerate(scene.times(90)):
            parts = [scene.size() for _ in range(8)]
            for turn, part in enumerate(parts):
                site = SITES[(number + turn) % len(SITES)]
                scene.talk(at_s + turn / 8, host, site, 443, up=900, down=part, lasts_s=0.6)
            page = int(0.7 * sum(parts))
            scene.talk(at_s + 2.5, host, SERVICES[0], 8443, up=page, down=900, lasts_s=0.5)


def looked_up(scene: Scene) -> None:
    """Of each page and file a guard asks its cloud, telling it what it saw."""
    for host in HOMES:
        for number, at_s in enumerate(scene.times(200)):
            site = SITES[number % len(SITES)]
            scene.talk(at_s, host, SERVICES[0], 8443, up=3_000, down=1_200, lasts_s=0.3)
            scene.talk(at_s + 0.1, host, site, 443, up=1_500, down=6 * scene.size())


def replayed(scene: Scene) -> None:
    """Some sites have a service look on while they are read: much goes there meanwhile."""
    for host in HOMES:
        for number, at_s in enumerate(scene.times(60)):
            for turn in range(12):
                site = SITES[(number + turn) % len(SITES)]
                scene.talk(at_s + turn / 6, host, site, 443, down=3 * scene.size())
            scene.talk(at_s + 1, host, SERVICES[0], 443, up=2 * scene.size(), down=900)


def gadgets(scene: Scene) -> None:
    """A maker's gadgets tell one of its clouds how they are, and ask another what to do."""
    for host in HOMES:
        for at_s in scene.times(240):
            told = scene.chance.randint(600, 2_500)
            scene.talk(at_s, host, SERVICES[0], 8883, up=told, down=500, lasts_s=0.4)
            scene.talk(at_s + 0.3, host, SERVICES[1], 443, up=500, down=told, lasts_s=0.4)
            if told < 800:
                scene.talk(at_s + 0.5, host, SERVICES[2], 443, up=500, down=told)


def photographs(scene: Scene) -> None:
    """When a telephone wakes it stores its photographs, and gets the news and its mail."""
    for number, host in enumerate(HOMES):
        for at_s in scene.times(60):
            for turn in range(4):
                photo = 30 * scene.size()
                scene.talk(at_s + turn, host, SERVICES[0], 8443, up=photo, down=3_000)
            for turn in range(3):
                site = SITES[(5 * number + turn) % len(SITES)]
                scene.talk(at_s + turn, host, site, 443, up=2_000, down=4 * scene.size())


# Hosts that go to places of their own when others visit them; or seem to, where half is unseen.
PLACES = (picture_store, kept_pages, looked_up, replayed, gadgets, photographs)


@pytest.mark.parametrize(
    "lives", [shop, balancer, picture_store, volunteer, worked_on_from_afar, contractor]
)
def test_nobody_is_accused(tmp_path: Path, lives: Callable[[Scene], None]) -> None:
    scene = Scene(tmp_path)
    lives(scene)
    scene.browse(HOST, outsiders(8, 220), scene.times(16))
    found = hunted(scene)
    assert (found.proxies, found.upstreams, found.masters) == ((), (), ())


@pytest.mark.parametrize(
    ("lives", "sampling"),
    [
        (shop, 50),
        (balancer, 50),
        (worked_on_from_afar, 100),
        (clip_store, 100),
        (hooks, 100),
        (post_office, 100),
        (sites_of_a_service, 10),
        *product(PLACES, (50,)),
        *(pytest.param(each, 10, marks=pytest.mark.slow) for each in PLACES),
    ],
)
def test_nobody_is_accused_by_sampled_records(
    tmp_path: Path, lives: Callable[[Scene], None], sampling: int
) -> None:
    scene = Scene(tmp_path, sampling=sampling)
    lives(scene)
    found = hunted(scene)
    assert (found.proxies, found.upstreams, found.masters) == ((), (), ())


@pytest.mark.parametrize("half", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("lives", PLACES)
def test_nobody_is_accused_by_half_the_records(
    tmp_path: Path, lives: Callable[[Scene], None], half: int
) -> None:
    """Of each outsider the records show what it sends, or what it gets."""
    scene = Scene(tmp_path)
    lives(scene)
    for number, shown in enumerate([*SERVICES, *SITES]):
        unseen = "src" if (number + half) % 2 else "dst"
        scene.rows = [row for row in scene.rows if row[unseen] != shown]
    found = hunted(scene)
    assert (found.proxies, found.upstreams, found.masters) == ((), (), ())


def test_who_wants_a_place_of_their_own_each_is_no_site(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.relay(HOST, 993, VISITORS, SITES, times=scene.times(240), onward_port=443)
    assert [proxy.address for proxy in hunted(scene).proxies] == [HOST]


def test_whom_another_own_host_hands_its_visitors_is_found_with_it(tmp_path: Path) -> None:
    scene, last = Scene(tmp_path), own(11)
    for number, at_s in enumerate(scene.times(240)):
        up, down, site = scene.size(), scene.size(), SITES[number % len(SITES)]
        scene.talk(at_s, VISITORS[0], HOST, 20_001, up=up, down=down)
        scene.talk(at_s + 0.2, HOST, last, 20_002, up=up, down=down)
        scene.talk(at_s + 0.4, last, site, 443, up=up, down=down)
    assert {proxy.address for proxy in hunted(scene).proxies} == {HOST, last}


def test_a_branch_that_visits_an_office_proxy_is_not_accused_with_it(tmp_path: Path) -> None:
    scene, proxy = Scene(tmp_path), own(11)
    for number, at_s in enumerate(scene.times(240)):
        up, down, site = scene.size(), scene.size(), SITES[number % len(SITES)]
        scene.talk(at_s, HOST, proxy, 3128, up=up, down=down)
        scene.talk(at_s + 0.2, proxy, site, 443, up=up, down=down)
    scene.serve(HOST, 443, VISITORS, scene.times(60))  # and has a site of its own
    assert hunted(scene).proxies == ()
