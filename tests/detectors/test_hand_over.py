"""Hand over: whenever this host calls one outsider it fetches as much from others."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.scene import SYN, Scene, outside, outsiders, own

from headwater.detectors.hand_over import (
    DETECTOR,
    FEWEST_ALIKE,
    LEAST_CONFIDENCE,
    _elsewhere,
    _seen,
)
from headwater.measures.coupling import Legs
from headwater.records.finding import Finding

HOST, GATEWAY = own(10), outside(1)
SITES = outsiders(30, 20)
FEWEST_CALLS = 6  # hand_over.sql


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4, sampling=10)


def serve(
    scene: Scene, calls: int = 40, *, host: str = HOST, gateway: str = GATEWAY,
    sites: list[str] = SITES, later_s: float = 0.2, of_each: float = 1.0, also: int = 0,
    port: int = 443, told: float = 0.0, **said: Any,
) -> None:  # fmt: skip
    """Calls of the gateway, each beside what it asked for; and what the host does besides.

    ``of_each``: octet fetched, how much is handed over; ``also``: more fetched each time;
    ``told``: of what is handed over, how much the others are told.
    """
    for number, at_s in enumerate(scene.times(calls)):
        page = 5 * scene.size()
        handed = {"up": int(of_each * page), "down": 900} | said
        scene.talk(at_s, host, gateway, 28_895, **handed)
        for more in range(1 + also):
            site = sites[(number + more) % len(sites)]
            up = 900 + int(told * page)
            scene.talk(at_s + later_s, host, site, port, up=up, down=page)
    scene.browse(host, outsiders(8, 100), scene.times(30))
    scene.talk(2000, host, outside(110), 443, down=200_000_000, lasts_s=3000)


def said(scene: Scene) -> list[Finding]:
    return scene.findings(DETECTOR)


@pytest.mark.parametrize(("sampling", "calls"), [(10, 40), (50, 80), (100, 160)])
def test_a_host_that_is_dialled_up_to_serve_fires(
    tmp_path: Path, sampling: int, calls: int
) -> None:
    scene = Scene(tmp_path, hours=4, sampling=sampling)
    serve(scene, calls)
    (found,) = said(scene)
    proof = found.proof
    assert (found.subject, found.kind) == (HOST, "dials-back")
    assert found.confidence > 0.99
    assert (proof["peer"], proof["port"], proof["source"]) == (GATEWAY, 28_895, False)
    assert proof["by_chance"] < proof["passed_on"] <= proof["calls"] <= calls
    assert proof["took"] > proof["gave"]
    assert GATEWAY in found.summary


def test_bursts_of_jobs_are_told_one_by_one(sampled: Scene) -> None:
    for start_s in sampled.times(8):
        for number in range(10):
            page, at_s = 5 * sampled.size(), start_s + number / 4
            sampled.talk(at_s, HOST, GATEWAY, 28_895, up=page, down=900)
            sampled.talk(at_s + 0.1, HOST, SITES[number], 443, up=900, down=page)
    (found,) = said(sampled)
    assert found.proof["passed_on"] >= 70


@pytest.mark.parametrize(
    "how",
    [
        {"later_s": 9.0},  # not at once
        {"of_each": 0.05},  # who tells somewhere what is fetched hands over little
        {"also": 9},  # a page from many places, and something large to one of them
        {"of_each": 4.0},  # an upload, and what goes with it
        {"sites": SITES[:1]},  # copies from one place to another
        {"told": 1.2},  # news: to each the same
        {"port": 25},  # of mail nothing is fetched
        {"protocol": 17},  # people talk and play
        {"up": 900, "down": 90_000},  # it is the gateway that gives
        {"calls": FEWEST_CALLS - 1},
    ],
)
def test_what_tells_nothing(sampled: Scene, how: dict[str, Any]) -> None:
    serve(sampled, **how)
    assert said(sampled) == []


def mail(
    scene: Scene, calls: int = 60, *, servers: int = 20, later_s: float = 0.2,
    of_each: float = 1.0, letter: int = 20_000, lasts_s: float = 1.0, **said: Any,
) -> None:  # fmt: skip
    """Each call of the gateway brings a letter, which is mailed meanwhile."""
    for number, at_s in enumerate(scene.times(calls)):
        given = {"up": 900, "down": int(letter / of_each)} | said
        scene.talk(at_s, HOST, GATEWAY, 28_895, lasts_s=lasts_s, **given)
        to = outside(20 + number % servers)
        scene.talk(at_s + later_s, HOST, to, 25, up=letter, down=900, lasts_s=1.0)
    scene.browse(HOST, outsiders(8, 100), scene.times(30))


def test_so_does_one_that_mails_what_it_is_given(sampled: Scene) -> None:
    mail(sampled)
    (found,) = said(sampled)
    proof = found.proof
    assert (found.subject, found.kind, proof["peer"]) == (HOST, "dials-back", GATEWAY)
    assert found.confidence > 0.99
    assert proof["onward_mail"] == proof["passed_on"] > 20
    assert proof["gave"] > proof["took"]
    assert "mailed" in found.summary


@pytest.mark.parametrize(
    "how",
    [
        {"later_s": 9.0},
        {"servers": 2},  # accounts of people who live there
        {"of_each": 0.2},
        {"of_each": 6.0},
        {"letter": 250, "up": 40},  # a monitor asks all at once whether they are up
        {"later_s": 1.0, "lasts_s": 0.1},  # a program asks for a letter, and then sends it
        {"up": 900_000},  # the gateway takes more
        {"protocol": 17},
    ],
)
def test_what_mail_tells_nothing(sampled: Scene, how: dict[str, Any]) -> None:
    mail(sampled, **how)
    assert said(sampled) == []


def see_half(scene: Scene, way: str, *, gateway: str = GATEWAY) -> None:
    """The gateway's path shows what goes up or comes down; others show either, by turns."""

    def seen(row: dict[str, Any]) -> bool:
        up = row["src"].startswith("192.0.2.")
        peer = row["dst"] if up else row["src"]
        wanted = (way == "up") if peer == gateway else bool(int(peer.split(".")[-1]) % 2)
        return bool(up == wanted)

    scene.rows = [row for row in scene.rows if seen(row)]


def answered(
    scene: Scene, calls: int = 40, *, up: int = 0, down: int = 0, also: int = 0, voice: int = 0
) -> None:
    """Calls and fetches whose contents are acknowledged, packet by packet or two.

    ``voice``: of a loudspeaker, which is told so much and plays what it gets from others.
    """
    for number, at_s in enumerate(scene.times(calls)):
        page = 5 * scene.size()
        told = voice or page
        scene.talk(at_s, HOST, GATEWAY, 7895, up=up or told, down=down or acknowledged(told))
        for more in range(1 + also):
            site = SITES[(number + more) % len(SITES)]
            back = down or page
            scene.talk(at_s + 0.1, HOST, site, 443, up=up or acknowledged(back), down=back)
    scene.browse(HOST, outsiders(8, 100), scene.times(30))


def acknowledged(octets: int) -> int:
    """What makes half as many packets, of which few have contents (`Scene`)."""
    return octets // 2


@pytest.mark.parametrize("way", ["up", "down"])
def test_of_one_direction_packets_are_compared(scene: Scene, way: str) -> None:
    answered(scene)
    see_half(scene, way)
    small_answers(scene)
    (found,) = said(scene)
    assert (found.subject, found.proof["peer"]) == (HOST, GATEWAY)
    assert found.proof["passed_on"] >= 38
    assert found.proof["sampled"] is False


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("how", [{"also": 14}, {"up": 900, "down": 900}, {"voice": 30_000}])
def test_of_one_direction_these_tell_nothing(
    scene: Scene, way: str, how: dict[str, Any]
) -> None:
    answered(scene, **how)
    see_half(scene, way)
    small_answers(scene)
    assert said(scene) == []


def test_what_is_told_to_many_at_once_was_fetched_from_none(scene: Scene) -> None:
    """Servers that tell each other what was said: all of it goes up, and is acknowledged."""
    for number, at_s in enumerate(scene.times(40)):
        news = 5 * scene.size()
        for peer in (GATEWAY, *(SITES[at % len(SITES)] for at in (number, number + 1))):
            scene.talk(at_s, HOST, peer, 7895, up=news, down=2 * acknowledged(news))
    scene.browse(HOST, outsiders(8, 100), scene.times(30))
    see_half(scene, "up")
    for row in scene.rows:
        if row["src"] != HOST:
            row["bytes"] = 60 * row["packets"]
    assert said(scene) == []


@pytest.mark.parametrize(("whole", "asked"), [(0, True), (900, False)])
def test_a_few_lost_answers_do_not_make_half_records(
    scene: Scene, whole: int, asked: bool
) -> None:
    """People read pages that report where they were read; now and then an answer is lost."""
    answered(scene)
    see_half(scene, "up")
    small_answers(scene)
    for at_s in scene.times(whole):
        scene.talk(at_s, HOST, outside(120), 443, up=900, down=900)
    assert bool(said(scene)) == asked


def small_answers(scene: Scene) -> None:
    """Packets that answer have little but headers."""
    for row in scene.rows:
        up = row["src"] == HOST
        contents = up == (GATEWAY in (row["src"], row["dst"]))
        if not contents:
            row["bytes"] = 60 * row["packets"]


def test_whole_records_are_for_another_detector(scene: Scene) -> None:
    serve(scene)
    assert said(scene) == []


def test_where_everybody_goes_is_no_gateway(sampled: Scene) -> None:
    serve(sampled)
    for number in range(30):
        sampled.talk(500, own(100 + number), GATEWAY, 28_895, up=90_000)
    assert said(sampled) == []


def test_few_calls_tell_where_each_is_paired(sampled: Scene) -> None:
    serve(sampled, FEWEST_CALLS + 3)  # of some no packet is sampled
    (found,) = said(sampled)
    assert found.confidence >= LEAST_CONFIDENCE


def test_of_many_that_are_called_so_one_shows_something_by_chance() -> None:
    """Of a hundred peers that are told news; of two gateways both show it."""
    host = np.array([0] * 100 + [1, 1, 2])
    tried = np.array([True] * 102 + [False])
    shown = np.array([True] + 99 * [False] + [True, True, False])
    assert _elsewhere(host, tried, shown).tolist() == [2.0] * 100 + [0.0] * 3


@pytest.mark.parametrize("hosts", [FEWEST_ALIKE - 1, FEWEST_ALIKE])
def test_several_hosts_that_fetch_from_one_place_do_not_copy(
    sampled: Scene, hosts: int
) -> None:
    for number in range(hosts):
        gateway = outside(1 + number % 2)  # of the farm
        serve(sampled, host=own(10 + number), sites=SITES[:1], gateway=gateway)
    assert len(said(sampled)) == (hosts if hosts >= FEWEST_ALIKE else 0)


def test_what_was_fetched_to_the_end_is_stored(sampled: Scene) -> None:
    for number, at_s in enumerate(sampled.times(60)):
        page = 5 * sampled.size()
        sampled.talk(at_s, HOST, SITES[number % 30], 443, up=900, down=page, lasts_s=0.8)
        sampled.talk(at_s + 1, HOST, GATEWAY, 28_895, up=page, down=900, lasts_s=0.5)
    assert said(sampled) == []


@pytest.mark.parametrize(("told", "fires"), [(2_000, False), (8_000, True)])
def test_gadgets_tell_little(sampled: Scene, told: int, fires: bool) -> None:
    for number, at_s in enumerate(sampled.times(240)):
        sampled.talk(at_s, HOST, GATEWAY, 8883, up=told, down=500)
        sampled.talk(at_s + 0.1, HOST, SITES[number % 3], 443, up=500, down=told)
    assert bool(said(sampled)) == fires


def test_sharers_of_files_have_ports_of_their_own(sampled: Scene) -> None:
    for number, at_s in enumerate(sampled.times(60)):
        part, whom = 5 * sampled.size(), SITES[number % 30]
        sampled.talk(at_s, HOST, GATEWAY, 28_895, up=part, down=900)
        sampled.talk(at_s + 0.1, HOST, whom, 6881 + number % 30, up=900, down=part)
    (found,) = said(sampled)
    assert found.proof["among_peers"] is True


def test_who_gets_no_answer_hands_nothing_over(sampled: Scene) -> None:
    serve(sampled, up=0, down=0, flags=SYN)
    assert said(sampled) == []


@pytest.mark.parametrize(("packets", "share"), [(1.0, 0.0), (1.58, 0.63), (10.0, 1.0)])
def test_how_many_partners_can_be_seen(packets: float, share: float) -> None:
    """Of sessions of one sampled packet on the average, 63 in 100 show any: 1.58 each."""
    none, each = np.zeros(4, np.int64), np.full(4, round(50 * packets), np.int64)
    calls = Legs(
        group=none, start_us=none, far=none, up_bytes=none, down_bytes=none,
        up_packets=each, down_packets=each,
    )  # fmt: skip
    found = _seen(calls, none, np.array([4]), 100)
    assert found[0] == pytest.approx(share, abs=0.07)


@pytest.mark.parametrize(("port", "fires"), [(28_895, False), (28_896, True)])
def test_who_comes_at_the_port_at_which_it_is_called_is_an_equal(
    sampled: Scene, port: int, fires: bool
) -> None:
    serve(sampled)
    for at_s in sampled.times(10):
        sampled.talk(at_s, GATEWAY, HOST, port, up=20_000, down=20_000)
    assert bool(said(sampled)) == fires


def test_who_hands_over_before_anything_came_asks_for_it(sampled: Scene) -> None:
    """A loudspeaker: what was said goes up, and then a song comes from somebody else."""
    for number, at_s in enumerate(sampled.times(60)):
        said_of_it = 5 * sampled.size()
        sampled.talk(at_s, HOST, GATEWAY, 28_895, up=said_of_it, down=900, lasts_s=0.5)
        site = SITES[number % 30]
        sampled.talk(at_s + 0.9, HOST, site, 443, up=900, down=said_of_it, lasts_s=0.8)
    assert said(sampled) == []
