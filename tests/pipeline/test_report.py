"""What a report gathers, out of a scene in which everything happens."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.pipeline.lease_files import taken
from tests.scene import S, Scene, outside, outsiders, own

from headwater.outputs.report.render import render_html
from headwater.pipeline import report_coupling, report_tunnels
from headwater.pipeline.hunt import Run, hunt
from headwater.pipeline.hunt_lake import answer_of, hunt_lake
from headwater.pipeline.known import known
from headwater.pipeline.report import STEPS, Asked, report
from headwater.pipeline.runs import KeptRun, keep, latest
from headwater.records.answer import Counts
from headwater.records.report import LAG_STEPS, Evidence, Report
from headwater.records.settings import Settings, parse_settings

SETTINGS = parse_settings({"own_networks": ["192.0.2.0/24"]}, "headwater.toml")
DRIVER, HOME, GATEWAY = outside(1), outside(3), outside(4)
PROXIES = [own(number) for number in range(10, 14)]
DIALS_OUT = own(60)
COUNTS = Counts(flows=1, sessions=1, own_hosts=1, both_directions=1.0)
BERLIN = ZoneInfo("Europe/Berlin")
LEASES = """\
address,starts,ends,subscriber
192.0.2.10,2025-11-24T08:00Z,2025-11-24T09:00Z,alice
192.0.2.11,2025-11-24T08:00Z,2025-11-24T12:00Z,bob
"""


@dataclass(frozen=True, slots=True)
class Play:
    scene: Scene
    run: KeptRun
    made: Report


def play(scene: Scene) -> None:
    for number, host in enumerate(PROXIES):
        targets = outsiders(12, 20 + number)
        scene.relay(host, 1080 + number, [DRIVER], targets, times=scene.times(40))
        scene.poll(host, HOME, 8443, 600)
        scene.browse(host, outsiders(15, 100), scene.times(20))
    for number in range(20, 50):
        scene.browse(own(number), outsiders(20, 100 + number), scene.times(10))
    scene.tunnel(DIALS_OUT, GATEWAY, 7000, outsiders(10, 150), errand_port=25)
    scene.mail(DIALS_OUT, outsiders(30, 170), scene.times(60), cut=0.5)
    seen_us = scene.at(60)
    scene.write("sightings", [
        {"seen_at": seen_us, "subject": subject, "subject_kind": kind, "kind": "listed",
         "means": "proxy", "source": "open-proxies", "detail": "seen\x00 there"}
        for subject, kind in ((PROXIES[0], "address"), ("192.0.2.8/29", "network"))
    ])  # fmt: skip
    scene.write("networks", [
        {"prefix": "198.51.100.0/24", "as_number": 64500, "as_name": "Example Net",
         "country": "XA", "as_of": seen_us}
    ])  # fmt: skip
    scene.settle()


def hunted(scene: Scene, settings: Settings, found_after: timedelta) -> KeptRun:
    at = scene.window.end + found_after
    run = Run(name=f"{at:%Y%m%dT%H%M%S}", found_at=at, window=scene.window, engine=scene.engine)
    keep(scene.lake, run, COUNTS, hunt(run, known(scene.lake, settings, scene.window)))
    kept = latest(scene.lake)
    assert kept
    return kept


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Play:
    folder = tmp_path_factory.mktemp("report")
    scene = Scene(folder, hours=2)
    play(scene)
    taken(scene.lake, folder, LEASES)
    run = hunted(scene, SETTINGS, timedelta(minutes=1))
    made = report(scene.lake, SETTINGS, scene.engine, asked(run))
    return Play(scene, run, made)


def asked(run: KeptRun, **more: object) -> Asked:
    plain = Asked(run=run, zone=BERLIN, zone_name="Europe/Berlin", written_at=run.found_at)
    return replace(plain, **more)  # type: ignore[arg-type]


def evidence(made: Report, address: str) -> Evidence:
    return next(one for one in made.evidence if one.address == address)


def test_the_scene_is_what_the_tests_take_it_for(played: Play) -> None:
    answer = played.made.answer
    assert {proxy.address for proxy in answer.proxies} == {*PROXIES, DIALS_OUT}
    assert DRIVER in {upstream.address for upstream in answer.upstreams}
    assert HOME in {master.address for master in answer.masters}


def test_what_is_pushed_through_each_proxy(played: Play) -> None:
    ties = {(tie.upstream, tie.proxy): tie for tie in played.made.ties}
    assert {(DRIVER, proxy) for proxy in PROXIES} <= set(ties)
    assert all(ties[DRIVER, proxy].sessions == 40 for proxy in PROXIES)
    assert ties[GATEWAY, DIALS_OUT].sessions == 1


def test_where_the_mail_goes(played: Play) -> None:
    sent = {(one.proxy, one.network): one for one in played.made.deliveries}
    assert sent[PROXIES[0], "AS64500 Example Net"].sessions == 40
    assert sent[PROXIES[0], "AS64500 Example Net"].servers == 12
    assert {network for _, network in sent} <= {"AS64500 Example Net", "203.0.113.0/24"}


def test_every_session_is_in_one_bin(played: Play) -> None:
    made = played.made
    lines = {one.proxy: one for one in made.activity}
    assert made.bin_us == 60 * S
    assert len(lines[PROXIES[0]].driven) == 120
    assert sum(lines[PROXIES[0]].driven) == 40
    assert sum(lines[PROXIES[0]].mail) == 40
    assert sum(lines[PROXIES[0]].other) == 20 + 12  # pages and calls home


def test_hours_of_day_in_both_zones(played: Play) -> None:
    made = played.made
    clock = next(one for one in made.clocks if one.upstream == DRIVER)
    hour = played.scene.window.start.hour
    local = played.scene.window.start.astimezone(BERLIN).hour
    assert sum(clock.utc) == sum(clock.local) == 160
    assert clock.utc[hour] == clock.local[local] > 0
    assert made.covered[hour] == made.covered_local[local] == 1.0
    assert sum(made.covered) == sum(made.covered_local) == 2.0


def test_calls_to_a_master(played: Play) -> None:
    calls = next(one for one in played.made.calls if one.master == HOME)
    assert {caller.address for caller in calls.callers} == set(PROXIES)
    for caller in calls.callers:
        assert len(caller.called_us) >= 8
        assert all(calls.window.start_us <= t < calls.window.end_us for t in caller.called_us)


def test_one_can_see_that_it_relays(played: Play) -> None:
    plot = evidence(played.made, PROXIES[0]).coupling
    assert plot
    assert plot.inward == "visits to port 1080"
    assert plot.lags[LAG_STEPS + 1] >= plot.inbound > 10  # each after 0.3 seconds
    assert max(plot.by_chance) < plot.inbound / 4
    assert plot.pairs
    first, last = played.scene.window.start_us, played.scene.window.end_us
    assert all(first <= came < last for came in plot.in_us)
    assert all(out - came == 0.3 * S for came, out in plot.pairs)
    assert all(abs(came - out) <= 700 for came, out in plot.balance)


def test_one_can_see_what_a_tunnel_carries(played: Play) -> None:
    tunnel = evidence(played.made, DIALS_OUT).tunnel
    assert tunnel
    assert (tunnel.peer, tunnel.port) == (GATEWAY, 7000)
    there = [p for p in tunnel.pieces if p.came_in]  # each direction has records of its own
    back = [p for p in tunnel.pieces if p.went_back]
    assert len(there) == len(back) == 20
    assert sum(abs(p.came_in - p.sent_on) < 0.3 * p.came_in for p in there) >= 10
    assert sum(abs(p.went_back - p.fetched) < 0.3 * p.went_back for p in back) >= 10


def test_reasons_weights_and_other_peoples_word(played: Play) -> None:
    first = evidence(played.made, PROXIES[0])
    assert first.reasons[0].weight
    assert first.reasons[0].text
    assert {reason.text for reason in first.reasons} == set(
        played.made.answer.proxies[
            [proxy.address for proxy in played.made.answer.proxies].index(PROXIES[0])
        ].reasons
    )
    assert [m.source for m in first.mentions] == ["open-proxies", "open-proxies"]
    assert len(evidence(played.made, PROXIES[2]).mentions) == 1  # by its network alone
    assert "own hosts" in evidence(played.made, DRIVER).reasons[0].text


def test_places_and_leases(played: Play) -> None:
    assert played.made.places[DRIVER] == "AS64500 Example Net, XA"
    assert [pool.pool for pool in played.made.survival] == ["192.0.2.0/24"]
    assert played.made.survival[0].tenures == 2


def test_progress_ends_where_it_said(played: Play) -> None:
    told: list[tuple[int, int]] = []
    report(
        played.scene.lake, SETTINGS, played.scene.engine, asked(played.run),
        lambda done, of: told.append((done, of)),
    )  # fmt: skip
    assert told == [(n, STEPS) for n in range(1, STEPS + 1)]


def test_who_may_not_be_accused_is_nowhere(played: Play) -> None:
    spared = parse_settings(
        {"own_networks": ["192.0.2.0/24"], "never_accuse": [PROXIES[0], DRIVER]},
        "headwater.toml",
    )
    made = report(played.scene.lake, spared, played.scene.engine, asked(played.run))
    told = set(re.findall(r"[\d.]+\d", str(made)))
    assert PROXIES[1] in told
    assert not {PROXIES[0], DRIVER} & told


def test_nothing_found_is_a_report_too(played: Play) -> None:
    quiet = replace(played.run, findings=())
    made = report(played.scene.lake, SETTINGS, played.scene.engine, asked(quiet))
    assert not made.answer.proxies
    gathered = (made.ties, made.deliveries, made.activity, made.calls, made.evidence)
    assert not any(gathered)


def test_one_door_for_each_proxy(played: Play) -> None:
    answer = answer_of(played.scene.lake, SETTINGS, played.run)
    doors = report_coupling.doors(answer, played.run.findings)
    hosts = [door["host"] for door in doors]
    assert len(hosts) == len(set(hosts))
    assert set(PROXIES) <= set(hosts)
    found = report_tunnels.tunnels(
        played.scene.engine, answer, played.run.findings, played.run.window
    )
    assert list(found) == [DIALS_OUT]


MOVING = """\
address,starts,ends,subscriber
192.0.2.10,2025-11-24T10:00Z,2025-11-24T17:00Z,alice
192.0.2.30,2025-11-24T17:00Z,2025-11-24T23:00Z,alice
"""


def test_who_changed_address_is_one_with_all_its_sessions(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=2)
    first, second = scene.times(30, end_s=3500), scene.times(30, start_s=3700)
    scene.relay(own(10), 1080, [DRIVER], outsiders(12, 20), times=first)
    scene.relay(own(30), 1080, [DRIVER], outsiders(12, 20), times=second)
    for number in range(11, 14):
        scene.relay(own(number), 1080, [DRIVER], outsiders(12, 60), times=scene.times(40))
    for number in range(40, 60):
        scene.browse(own(number), outsiders(20, 100 + number), scene.times(10))
    scene.settle()
    taken(scene.lake, tmp_path, MOVING)
    now = scene.window.end + timedelta(minutes=1)
    hunt_lake(scene.lake, SETTINGS, scene.engine, scene.window, now)
    run = latest(scene.lake)
    assert run
    made = report(scene.lake, SETTINGS, scene.engine, asked(run))
    alice = next(p for p in made.answer.proxies if p.subscriber == "alice")
    assert [held.address for held in alice.addresses] == [own(10), own(30)]
    assert [tie.sessions for tie in made.ties if tie.proxy == alice.address] == [60]
    assert "@" not in str(made)
    assert alice.address in render_html(made, BERLIN)


def test_a_window_shorter_than_a_second(played: Play) -> None:
    window = replace(played.run.window, end=played.run.window.start + timedelta(microseconds=1))
    made = report(
        played.scene.lake,
        SETTINGS,
        played.scene.engine,
        asked(replace(played.run, window=window)),
    )
    assert made.bin_us > 0
    assert len(made.activity[0].driven) == 1
