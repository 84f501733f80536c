"""Farm: several own hosts exchange with one outsider what they exchange with others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors import hijacked
from headwater.detectors.farm import (
    DETECTOR,
    FEWEST_PACKETS,
    HEADQUARTERS_WEIGHT,
    LEAST_EVIDENCE,
    TOLD_BY_OTHERS,
    Lives,
    _findings,
)
from headwater.measures.odds import logit
from headwater.measures.pieces import Scene as Seen
from headwater.measures.pieces import grids, scene_in
from headwater.measures.pooling import Pool, pooled
from headwater.measures.ports import EPHEMERAL
from headwater.measures.relaying import LEAST_GIVEN, of_many
from headwater.measures.sisters import Sisters
from headwater.records.finding import Kind
from headwater.records.window import Window, from_us

GATEWAY, ORIGIN, SITES = outside(1), outside(2), outsiders(12, 20)
HOSTS = [own(10 + number) for number in range(6)]
FEWEST_HOSTS = 3  # farm.sql
QUIET = Lives(film=np.zeros(64), usual=0.0)  # nobody watches anything anywhere


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=4, sampling=20)


def bursts(scene: Scene, count: int = 12, each: int = 3) -> list[float]:
    starts = scene.times(count, end_s=scene.lasts_s - 1200)
    return sorted(
        round(at + scene.chance.uniform(0, 20), 3) for at in starts for _ in range(each)
    )


def dial(scene: Scene, hosts: Sequence[str]) -> None:
    """What sites answer goes up to the gateway that called for it."""
    for host in hosts:
        for number, at_s in enumerate(bursts(scene)):
            ask, answer = 900, scene.size()
            scene.talk(at_s, host, GATEWAY, 7000, up=answer, down=ask)
            scene.talk(at_s + 0.3, host, SITES[number % len(SITES)], 443, up=ask, down=answer)


def front(scene: Scene, hosts: Sequence[str]) -> None:
    """What visitors get comes from the origin."""
    visitors = outsiders(30, 100)
    for host in hosts:
        for number, at_s in enumerate(bursts(scene)):
            page = scene.size()
            scene.talk(at_s, visitors[number % 30], host, 443, up=700, down=page)
            scene.talk(at_s + 0.1, host, ORIGIN, 8443, up=700, down=page)


def test_a_gateway_of_several_hosts_fires(sampled: Scene) -> None:
    dial(sampled, HOSTS)
    found = {f.subject: f for f in sampled.findings(DETECTOR)}
    assert set(found) == set(HOSTS)
    one = found[HOSTS[0]]
    assert (one.kind, one.proof["peer"], one.proof["way"]) == ("carries-to", GATEWAY, "back")
    assert one.proof["alike"] == len(HOSTS) - 1
    assert one.proof["port"] == 7000
    assert min(f.confidence for f in found.values()) > 0.5
    assert 0.6 < float(one.proof["ratio"]) < 1.6
    assert float(one.proof["weight"]) > 5.0
    assert GATEWAY in one.summary


def test_mail_that_a_gateway_gives_fires(sampled: Scene) -> None:
    for host in HOSTS:
        for number, at_s in enumerate(bursts(sampled)):
            letter = sampled.size()
            sampled.talk(at_s, host, GATEWAY, 7000, up=900, down=letter)
            sampled.talk(at_s + 0.3, host, SITES[number % 12], 25, up=letter, down=900)
    found = sampled.findings(DETECTOR)
    assert {f.subject for f in found} == set(HOSTS)
    assert {f.proof["way"] for f in found} == {"there"}
    assert all(f.proof["onward_mail_servers"] for f in found)


@pytest.mark.parametrize(("apart", "dials_in"), [(True, True), (False, False)])
def test_who_meets_each_host_at_another_port_dials_in(
    sampled: Scene, apart: bool, dials_in: bool
) -> None:
    """Of sampled sessions one does not see who opened them."""
    for number, host in enumerate(HOSTS):
        ports = (EPHEMERAL + number * apart, 50_000 + number)
        for time, at_s in enumerate(bursts(sampled)):
            size, (port, own_port) = sampled.size(), ports
            sampled.talk(at_s, host, GATEWAY, port, up=size, down=900, client_port=own_port)
            sampled.talk(at_s + 0.3, host, SITES[time % 12], 443, up=900, down=size)
    found = sampled.findings(DETECTOR)
    assert found
    assert {f.proof.get("dials_in") for f in found} == {dials_in}


def test_fronts_of_one_origin_fire(sampled: Scene) -> None:
    front(sampled, HOSTS)
    found = {f.subject: f for f in sampled.findings(DETECTOR)}
    assert set(found) == set(HOSTS)
    one = found[HOSTS[0]]
    assert (one.kind, one.proof["origin"], one.proof["port"]) == ("carries", ORIGIN, 443)
    assert one.proof["front"]
    assert one.proof["visitors_served"] > 5
    assert ORIGIN in one.summary
    claim = {**one.proof, "confidence": one.confidence, "summary": one.summary}
    said = hijacked.Host(
        address=one.subject, claims={"carries": [claim]}, sisters=Sisters(fronts=5)
    )
    judged = hijacked.judge(said, sampled.window)
    assert judged.kind == Kind.CONTENT_PROXY
    assert judged.proof["weights"] == [one.proof["weight"]]  # the others are told once


@pytest.mark.parametrize(("hosts", "fires"), [(FEWEST_HOSTS, True), (FEWEST_HOSTS - 1, False)])
def test_fewer_than_three_are_no_farm(sampled: Scene, hosts: int, fires: bool) -> None:
    dial(sampled, HOSTS[:hosts])
    assert bool(sampled.findings(DETECTOR)) == fires


def test_who_uploads_at_times_of_its_own_is_left_alone(sampled: Scene) -> None:
    """The same amounts, the same outsider, and no connection in time: backups."""
    for host in HOSTS:
        for at_s in bursts(sampled):
            sampled.talk(at_s, host, GATEWAY, 7000, up=sampled.size(), down=900)
        for number, at_s in enumerate(bursts(sampled)):
            sampled.talk(at_s, host, SITES[number % 12], 443, up=900, down=sampled.size())
    assert sampled.findings(DETECTOR) == []


def test_a_host_that_only_uploads_there_is_not_one_of_them(sampled: Scene) -> None:
    dial(sampled, HOSTS)
    for at_s in bursts(sampled):
        sampled.talk(at_s, own(40), GATEWAY, 7000, up=sampled.size(), down=900)
    found = {f.subject: f.confidence for f in sampled.findings(DETECTOR)}
    assert min(found[host] for host in HOSTS) > 0.9
    assert found.get(own(40), 0.0) < 0.35


def test_customers_of_the_same_service_are_not_named_for_those_it_uses(
    sampled: Scene,
) -> None:
    """Their uploads would be seen to go along with something, and do not."""
    dial(sampled, HOSTS)
    customers = [own(40 + number) for number in range(4)]
    for at_s in bursts(sampled):
        for host in customers:
            sampled.talk(at_s, host, GATEWAY, 7000, up=sampled.size(), down=900)
    found = {f.subject: f for f in sampled.findings(DETECTOR)}
    assert set(HOSTS) <= set(found)
    least = 0.95 * of_many(HEADQUARTERS_WEIGHT, len(HOSTS))
    assert all(found[host].proof["weight"] > least for host in HOSTS)
    # None is likelier hijacked than it is one of them, and none is believed to be.
    most = logit(0.5) - logit(hijacked.PRIOR)
    assert all(found[host].proof["weight"] < most for host in customers if host in found)


def test_one_burst_of_all_at_once_is_one_coincidence(sampled: Scene) -> None:
    """Everybody's television at the evening's news."""
    for host in HOSTS:
        for number in range(30):
            sampled.talk(3600 + number, host, GATEWAY, 7000, up=sampled.size(), down=900)
            sampled.talk(3600 + number, host, SITES[number % 12], 443, down=sampled.size())
    assert sampled.findings(DETECTOR) == []


def test_where_every_packet_was_counted_others_see_more(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=4)
    dial(scene, HOSTS)
    assert scene.findings(DETECTOR) == []


def test_a_short_window_has_no_background(sampled: Scene) -> None:
    dial(sampled, HOSTS)
    answer = sampled.ask(DETECTOR)
    assert answer.num_rows
    half_an_hour = Window(sampled.window.start, from_us(sampled.at(1800)))
    assert list(DETECTOR.weigh(answer, half_an_hour)) == []


def a_pool(scene: Scene) -> tuple[Pool, Seen]:
    seen, pieces = scene_in(scene.ask(DETECTOR), scene.window)
    found = (pooled(pieces, grid, LEAST_EVIDENCE) for grid in grids(scene.window, fine=True))
    return next(pool for pools in found for pool in pools), seen


@pytest.mark.parametrize("fires", [True, False])
def test_who_shows_mostly_what_is_its_own_is_no_front_of_a_service(
    sampled: Scene, fires: bool
) -> None:
    """What goes together is just as much; but most of what is shown comes at other times."""
    front(sampled, HOSTS)
    pool, seen = a_pool(sampled)
    outer = pool.outer
    own_too = outer.sent * (1.0 if fires else 1.05 / LEAST_GIVEN)
    shown = replace(pool, outer=replace(outer, sent=own_too))
    assert {finding.subject for finding in _findings(shown, seen, QUIET)} == (
        set(HOSTS) if fires else set()
    )


def test_of_a_few_packets_the_others_tell_whose_they_are(sampled: Scene) -> None:
    front(sampled, HOSTS)
    pool, seen = a_pool(sampled)
    one = pool.hosts[0]

    def named(octets: float) -> bool:
        """Of one host a page that it keeps was seen, and hardly a packet of the origin's."""
        mine, shown = pool.inner.host == one, pool.outer.host == one
        rare = replace(pool.inner, got=np.where(mine, 1.0, pool.inner.got))
        kept = replace(pool.outer, sent=np.where(shown, octets / shown.sum(), pool.outer.sent))
        found = _findings(replace(pool, inner=rare, outer=kept), seen, QUIET)
        return seen.hosts[one] in {finding.subject for finding in found}

    assert named(TOLD_BY_OTHERS)
    assert not named(TOLD_BY_OTHERS / LEAST_GIVEN)


@pytest.mark.parametrize(
    ("told_by", "fires"), [(FEWEST_HOSTS, True), (FEWEST_HOSTS - 1, False)]
)
def test_a_packet_and_its_answer_make_no_member_of_a_farm(
    sampled: Scene, told_by: int, fires: bool
) -> None:
    """One host mails for a gateway; one letter of others happens to go beside a call."""
    dial(sampled, HOSTS)
    pool, seen = a_pool(sampled)
    inner = pool.inner
    busy = np.isin(inner.host, np.unique(inner.host)[:told_by])
    few = (FEWEST_PACKETS - 1) / 2 / np.bincount(inner.host)[inner.host]
    thinned = replace(
        inner,
        sent_packets=np.where(busy, inner.sent_packets, few),
        got_packets=np.where(busy, inner.got_packets, few),
    )
    assert bool(list(_findings(replace(pool, inner=thinned), seen, QUIET))) == fires


def test_who_calls_the_origin_and_shows_nothing_is_no_front(sampled: Scene) -> None:
    """A crowd reads the same site; one of them shows something of its own at the time."""
    front(sampled, HOSTS[:4])
    for at_s in bursts(sampled):
        sampled.talk(at_s, own(40), ORIGIN, 8443, up=700, down=sampled.size())
    for number, at_s in enumerate(bursts(sampled)):
        sampled.talk(at_s, outside(100 + number % 30), own(40), 443, up=700, down=0)
    assert {f.subject for f in sampled.findings(DETECTOR)} == set(HOSTS[:4])


def test_known_mistake_offices_that_hand_over_what_they_fetch(sampled: Scene) -> None:
    """A company's branches call headquarters with what others send them, at once."""
    dial(sampled, HOSTS[:4])
    assert {f.kind for f in sampled.findings(DETECTOR)} == {"carries-to"}


def test_who_only_reads_where_others_hand_over_is_none_of_them(sampled: Scene) -> None:
    dial(sampled, HOSTS)
    reader = own(40)
    for number, at_s in enumerate(bursts(sampled)):
        sampled.talk(at_s, reader, GATEWAY, 7000, up=700, down=sampled.size())
        sampled.talk(at_s + 0.3, reader, SITES[number % 12], 443, up=900, down=sampled.size())
    found = {f.subject: f for f in sampled.findings(DETECTOR)}
    assert set(found) == set(HOSTS)
    assert found[HOSTS[0]].proof["alike"] == len(HOSTS) - 1


@pytest.mark.parametrize(("places", "fires"), [(1, False), (6, True)])
def test_what_comes_all_from_one_place_goes_by_a_wire_somebody_laid(
    sampled: Scene, places: int, fires: bool
) -> None:
    """A camera's picture, and the portal that shows it."""
    for at, host in enumerate(HOSTS):
        for number, at_s in enumerate(bursts(sampled)):
            size, camera = sampled.size(), outside(60 + 6 * at + number % places)
            sampled.talk(at_s, host, camera, 554, up=900, down=size)
            sampled.talk(at_s + 0.3, host, GATEWAY, 1935, up=size, down=900)
    assert bool(sampled.findings(DETECTOR)) == fires


def test_who_all_fetch_from_the_same_place_were_sent_there(sampled: Scene) -> None:
    """A shop is read through a farm; all that its hosts hand over is that shop's."""
    for host in HOSTS:
        for at_s in bursts(sampled):
            size = sampled.size()
            sampled.talk(at_s, host, outside(60), 443, up=900, down=size)
            sampled.talk(at_s + 0.3, host, GATEWAY, 7000, up=size, down=900)
    assert {f.subject for f in sampled.findings(DETECTOR)} == set(HOSTS)


@pytest.mark.parametrize(
    ("again_s", "places", "fires"),
    [(0, 1, False), (0, 5, False), (1200, 1, True)],
)
def test_who_measures_his_line_once_is_no_member(
    sampled: Scene, again_s: float, places: int, fires: bool
) -> None:
    """Each loads from a server of his choice as fast as he can, then hands as much to one.

    Or reads one page in which things come from several places, and one is told of it.
    """
    for number, host in enumerate(HOSTS):
        sites = outsiders(places, 100 + 9 * number)
        for at_s in (300 + 400.0 * number, 300 + 400.0 * number + again_s):
            for step in range(5):
                there = sites[step % places]
                size = 3_000_000 + 100 * sampled.size()
                sampled.talk(at_s, host, there, 443, up=4_000, down=size, lasts_s=12)
                sampled.talk(at_s + 15, host, GATEWAY, 8080, up=size, down=4_000, lasts_s=12)
    assert bool(sampled.findings(DETECTOR)) == fires


def test_who_comes_at_the_port_at_which_it_is_called_is_an_equal(sampled: Scene) -> None:
    dial(sampled, HOSTS)
    for host in HOSTS[:2]:
        for at_s in sampled.times(10):
            sampled.talk(at_s, GATEWAY, host, 7000, up=20_000, down=20_000)
    assert sampled.findings(DETECTOR) == []
