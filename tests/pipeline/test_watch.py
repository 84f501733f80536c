"""A report puts the subscriber on watch, whatever address they have now; hunts look closer."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.moving import (
    LONG_AFTER_S,
    LONG_AGO_S,
    NOW,
    SETTINGS,
    bystanders,
    lease,
)
from tests.scene import Row, Scene, outside, outsiders, own

from headwater.lake.spark import SparkEngine
from headwater.pipeline.hunt_lake import answer_of, hunt_lake
from headwater.pipeline.runs import latest
from headwater.pipeline.subjects import subjects_of
from headwater.pipeline.watch import WATCHED_FOR, look_closer, watch_list
from headwater.records.answer import Answer
from headwater.records.finding import Finding
from headwater.records.settings import Settings, parse_settings

REPORTED_S = 3000


def report(scene: Scene, address: str, at_s: float = REPORTED_S, **said: Any) -> Row:
    kind = said.pop("incident_kind", "malware")
    return {
        "seen_at": scene.at(at_s), "subject": address, "subject_kind": "address",
        "kind": "malware" if kind == "malware" else "reported", "means": "other",
        "source": "report cert.example.org", "detail": json.dumps({"incident_kind": kind}),
    } | said  # fmt: skip


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path)
    bystanders(scene)
    return scene


def hunted(scene: Scene, settings: Settings = SETTINGS) -> tuple[Answer, list[Finding]]:
    scene.settle()
    now = NOW + timedelta(minutes=scene.lake.rows("runs"))  # runs are named by their instant
    answer = hunt_lake(scene.lake, settings, scene.engine, scene.window, now)
    run = latest(scene.lake)
    assert run
    assert answer_of(scene.lake, settings, run) == answer
    return answer, list(run.findings)


def watched(findings: list[Finding]) -> dict[str, list[str]]:
    return {
        f.subject: [change["what"] for change in f.proof["changes"]]
        for f in findings
        if f.kind == "watched"
    }


def confidence(findings: list[Finding], host: str) -> float:
    return next(
        (f.confidence for f in findings if (f.detector, f.subject) == ("hijacked", host)), 0.0
    )


def weak_bot(scene: Scene, host: str = own(10)) -> None:
    """Some mail, hardly refused, an hour into a life of browsing: by itself too little."""
    scene.browse(host, outsiders(20, 200), scene.times(40))
    scene.mail(host, outsiders(5, 70), scene.times(10, 3500))


def test_a_report_makes_the_hunt_look_closer(scene: Scene) -> None:
    weak_bot(scene)
    before, findings = hunted(scene)
    assert (before.proxies, watched(findings)) == ((), {})
    doubt = confidence(findings, own(10))
    scene.write("sightings", [report(scene, own(10))])
    after, findings = hunted(scene)
    assert watched(findings) == {own(10): ["mail"]}
    assert confidence(findings, own(10)) > max(doubt, 0.5)
    (proxy,) = after.proxies
    assert proxy.watch
    assert proxy.watch.startswith("on watch since ")
    assert "(malware, says cert.example.org): first mail out at " in proxy.watch
    assert proxy.watch in proxy.reasons


def test_a_report_alone_convicts_nobody(scene: Scene) -> None:
    scene.browse(own(10), outsiders(20, 200), scene.times(40))
    scene.write("sightings", [report(scene, own(10))])
    answer, findings = hunted(scene)
    assert (answer.proxies, watched(findings)) == ((), {own(10): []})
    assert confidence(findings, own(10)) == 0.0


def test_the_watch_follows_the_subscriber_to_another_address(scene: Scene) -> None:
    """Reported at the first address; the mail begins at the second. The heir is not watched."""
    scene.browse(own(10), outsiders(20, 200), scene.times(20, 10, 3100))
    scene.browse(own(10), outsiders(20, 220), scene.times(20, 3700))
    scene.mail(own(10), outsiders(3, 90), scene.times(5, 4000))
    scene.browse(own(11), outsiders(20, 200), scene.times(20, 3300))
    scene.mail(own(11), outsiders(8, 70), scene.times(14, 3500), cut=0.15)
    scene.write("leases", [
        lease(scene, own(10), "alice", LONG_AGO_S, 3200),
        lease(scene, own(11), "alice", 3200, LONG_AFTER_S),
        lease(scene, own(10), "bob", 3600, LONG_AFTER_S),
    ])  # fmt: skip
    scene.write("sightings", [report(scene, own(10))])
    answer, findings = hunted(scene)
    ((host, changes),) = watched(findings).items()
    assert (host.partition("@")[0], changes) == (own(11), ["mail"])
    assert [(p.subscriber, p.watch is not None) for p in answer.proxies] == [("alice", True)]
    (listed,) = watch_list(scene.lake, SETTINGS, scene.window.end)
    assert (listed.subscriber, listed.address) == ("alice", own(10))


def test_an_address_moved_before_the_hunt_began(scene: Scene) -> None:
    """The report is of yesterday and another address; today's was alice's all along."""
    weak_bot(scene, own(11))
    scene.write("leases", [
        lease(scene, own(10), "alice", LONG_AGO_S, -7200),
        lease(scene, own(11), "alice", -7200, LONG_AFTER_S),
    ])  # fmt: skip
    scene.write("sightings", [report(scene, own(10), -8000)])
    _, findings = hunted(scene)
    assert set(watched(findings)) == {own(11)}


def test_where_it_cannot_be_said_who_it_was_nobody_is_watched(scene: Scene) -> None:
    weak_bot(scene)
    scene.write("leases", [
        lease(scene, own(10), "alice", LONG_AGO_S, REPORTED_S + 1),
        lease(scene, own(10), "bob", REPORTED_S + 1, LONG_AFTER_S),
        lease(scene, own(12), "carol", REPORTED_S + 60, LONG_AFTER_S),
    ])  # fmt: skip
    scene.write("sightings", [report(scene, own(10)), report(scene, own(12))])
    scene.settle()
    assert watch_list(scene.lake, SETTINGS, scene.window.end) == []


def test_who_is_on_watch(scene: Scene) -> None:
    scene.settle()
    long_ago_s = -WATCHED_FOR.total_seconds()
    scene.write("sightings", [
        report(scene, own(10), 100, incident_kind="scan"),
        report(scene, own(10), 200, source="report b.example"),
        report(scene, own(11), 300, incident_kind="scan"),
        report(scene, own(12), 300, incident_kind="spam"),
        report(scene, own(13), 300, kind="listed"),
        report(scene, own(14), 300, kind="reported", detail="no JSON"),
        report(scene, own(15), long_ago_s),
        report(scene, own(16), 7200 + 1),
        report(scene, own(17), 300),
        report(scene, outside(1), 300),
        report(scene, "192.0.2.0/28", 300, subject_kind="network"),
    ])  # fmt: skip
    settings = parse_settings({"own_networks": ["192.0.2.0/24"], "never_accuse": [own(17)]})
    found = watch_list(scene.lake, settings, scene.window.end)
    assert [(one.address, one.why, one.reports) for one in found] == [
        (own(11), "scan", 1),
        (own(10), "malware", 2),
    ]
    assert found[1].told_by == ("b.example", "cert.example.org")
    assert found[1].until - found[1].since == WATCHED_FOR + timedelta(seconds=100)


def test_never_accuse_holds_on_watch_too(scene: Scene) -> None:
    weak_bot(scene)
    scene.write("sightings", [report(scene, own(10))])
    spared = parse_settings({"own_networks": ["192.0.2.0/24"], "never_accuse": [own(10)]})
    answer, findings = hunted(scene, spared)
    assert (answer.proxies, watched(findings)) == ((), {})


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
def test_both_engines_watch_alike(scene: Scene) -> None:
    pytest.importorskip("pyspark", reason="needs the spark extra")
    weak_bot(scene)
    scene.serve(own(10), 4145, outsiders(3, 20), scene.times(5, 4000))
    scene.browse(own(11), outsiders(20, 200), scene.times(10))
    scene.write("leases", [
        lease(scene, own(10), "alice", LONG_AGO_S, 5000),
        lease(scene, own(11), "alice", 5000, LONG_AFTER_S),
    ])  # fmt: skip
    scene.write("sightings", [report(scene, own(10))])
    scene.settle()
    told = []
    for engine in (scene.engine, SparkEngine(scene.lake)):
        subjects = subjects_of(scene.lake, SETTINGS, engine, scene.window)
        found = look_closer(scene.lake, SETTINGS, engine, scene.window, subjects, [])
        told.append((subjects, found))
    assert told[0] == told[1]
    assert watched(told[0][1])[next(iter(told[0][0].tenures))] == ["mail", "service"]
