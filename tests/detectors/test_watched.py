"""Watched: only what begins after the report, on hosts that were seen before it, is new."""

from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors.watched import (
    CHANGE_WEIGHTS,
    DETECTOR,
    FEWEST_VISITORS,
    HISTORY_US,
    REPORT_WEIGHTS,
    judge,
)
from headwater.pipeline.watch import MASTERS, WATCHED
from headwater.records.finding import Finding

HOST, HOME = own(10), outside(3)
REPORTED_S = 3600


def asked(scene: Scene, why: str = "malware", masters: tuple[str, ...] = ()) -> Finding:
    (finding,) = asked_of([HOST], scene, why, masters)
    return finding


def asked_of(
    hosts: list[str], scene: Scene, why: str = "malware", masters: tuple[str, ...] = ()
) -> list[Finding]:
    rows = [
        {
            "host": host, "reported": host, "since_us": scene.at(REPORTED_S), "why": why,
            "told_by": "cert.example.org", "reports": 1,
        }
        for host in hosts
    ]  # fmt: skip
    extra = {
        "watched": pa.Table.from_pylist(rows, schema=WATCHED),
        "masters": pa.table([pa.array(masters, pa.string())], schema=MASTERS),
    }
    return scene.findings(DETECTOR, extra)


def changes(finding: Finding) -> list[tuple[str, int]]:
    return [(change["what"], change["port"]) for change in finding.proof["changes"]]


def test_service_mail_and_master_after_the_report_are_new(scene: Scene) -> None:
    scene.browse(HOST, outsiders(5, 100), scene.times(5, 10, 1000))
    scene.serve(HOST, 4145, outsiders(2, 20), [4000.0, 4100.0])
    scene.mail(HOST, outsiders(2, 40), [5000.0, 5001.0])
    scene.talk(6000, HOST, HOME, 8443)
    finding = asked(scene, masters=(HOME,))
    assert (finding.subject, finding.kind) == (HOST, "watched")
    assert changes(finding) == [("service", 4145), ("mail", 25), ("master", 8443)]
    assert finding.proof["weight"] == REPORT_WEIGHTS["malware"] + sum(CHANGE_WEIGHTS.values())
    assert "(malware, says cert.example.org): new service on port 4145 at " in finding.summary
    assert "first mail out at " in finding.summary
    assert "first call to a master at " in finding.summary


def test_what_was_there_before_is_not_new(scene: Scene) -> None:
    scene.serve(HOST, 4145, outsiders(2, 20), [100.0, 4000.0, 4100.0])
    scene.mail(HOST, outsiders(2, 40), [200.0, 5001.0])
    scene.talk(300, HOST, HOME, 8443)
    scene.talk(6000, HOST, HOME, 8443)
    finding = asked(scene, masters=(HOME,))
    assert changes(finding) == []
    assert finding.summary.endswith("nothing new since")
    assert finding.proof["weight"] == REPORT_WEIGHTS["malware"]


def test_of_a_host_not_seen_before_nothing_is_new(scene: Scene) -> None:
    scene.serve(HOST, 4145, outsiders(5, 20), scene.times(20, 3700))
    assert changes(asked(scene)) == []


def test_whom_outsiders_merely_knocked_at_was_not_seen(scene: Scene) -> None:
    for at_s in (100, 200, 300):
        scene.knock(at_s, outside(20), HOST, 23)
    scene.serve(HOST, 4145, outsiders(5, 20), scene.times(20, 3700))
    assert changes(asked(scene)) == []


def test_a_port_that_stays_shut_is_no_service(scene: Scene) -> None:
    scene.browse(HOST, outsiders(5, 100), scene.times(5, 10, 1000))
    for number in range(20, 24):
        scene.knock(4000 + number, outside(number), HOST, 23)
    assert changes(asked(scene)) == []


def test_mail_through_a_provider_is_not_mail_of_its_own(scene: Scene) -> None:
    scene.browse(HOST, outsiders(5, 100), scene.times(5, 10, 1000))
    scene.talk(5000, HOST, outside(40), 587)
    assert changes(asked(scene)) == []


def test_neighbours_and_datagrams_make_no_service_and_no_mail(scene: Scene) -> None:
    """Own networks serve each other; by datagrams one plays, and does not relay."""
    scene.browse(HOST, outsiders(5, 100), scene.times(5, 10, 1000))
    scene.serve(HOST, 4145, [own(11), own(12)], [4000.0, 4100.0])
    scene.mail(HOST, [own(13)], [4200.0])
    for number in (20, 21):
        scene.talk(4300, outside(number), HOST, 4146, protocol=17, flags=None)
    assert changes(asked(scene)) == []


def test_who_only_served_before_was_seen(scene: Scene) -> None:
    scene.serve(HOST, 443, outsiders(2, 20), [100.0, 200.0])
    scene.serve(HOST, 4145, outsiders(2, 20), [4000.0, 4100.0])
    assert changes(asked(scene)) == [("service", 4145)]


def test_who_began_a_minute_before_the_report_was_not_seen_long_enough(scene: Scene) -> None:
    scene.browse(HOST, outsiders(5, 100), scene.times(5, REPORTED_S - 70, REPORTED_S - 60))
    scene.serve(HOST, 4145, outsiders(2, 20), [4000.0, 4100.0])
    assert changes(asked(scene)) == []


def test_half_an_hour_is_seen_long_enough(scene: Scene) -> None:
    scene.browse(HOST, outsiders(5, 100), scene.times(5, 1700, 1750))
    scene.mail(HOST, outsiders(2, 40), [5000.0, 5001.0, 5002.0])
    finding = asked(scene)
    assert changes(finding) == [("mail", 25)]
    assert finding.summary.endswith("to 2 servers")


def test_each_host_is_told_of_once(scene: Scene) -> None:
    for host, at_s in ((HOST, 4000.0), (own(11), 4500.0)):
        scene.browse(host, outsiders(5, 100), scene.times(5, 10, 1000))
        for later_s in (0.0, 1000.0):
            scene.serve(host, 4145 + round(later_s), outsiders(2, 20), [at_s + later_s] * 2)
    told = asked_of([HOST, own(11)], scene)
    assert [(finding.subject, changes(finding)) for finding in told] == [
        (host, [("service", 4145), ("service", 5145)]) for host in (HOST, own(11))
    ]


def test_a_host_that_is_not_there_is_told_of_all_the_same(scene: Scene) -> None:
    scene.browse(own(11), outsiders(5, 100), scene.times(5))
    finding = asked(scene, "scan")
    assert (changes(finding), finding.proof["weight"]) == ([], REPORT_WEIGHTS["scan"])


def test_its_owner_alone_makes_no_service(scene: Scene) -> None:
    """Known mistake: one visitor may be the owner on the way home."""
    scene.browse(HOST, outsiders(5, 100), scene.times(5, 10, 1000))
    scene.serve(HOST, 4145, [outside(20)], [4000.0, 4100.0, 4200.0])
    assert changes(asked(scene)) == []


def test_what_one_reads_about_a_host_on_watch(scene: Scene) -> None:
    """The address it was reported under may be another's by now."""
    told = {"reported": own(99), "told_by": "x.example", "reports": 2, "why": "scan"}
    service = row(**told, port=4145, others=7, first_us=scene.at(5000))
    again = row(**told, port=1080, first_us=scene.at(6000), others=3)
    old = row(**told, port=80, first_us=0)
    finding = judge(HOST, [old, service, again], scene.window)
    assert {name: finding.proof[name] for name in told} == told
    assert finding.proof["since_us"] == service["since_us"]
    assert finding.proof["changes"] == [
        {"what": "service", "port": 4145, "first_us": scene.at(5000)},
        {"what": "service", "port": 1080, "first_us": scene.at(6000)},
    ]
    assert "port 4145 at 11-24 17:23, used by 7 outsiders; new service" in finding.summary


def test_two_new_services_weigh_as_one(scene: Scene) -> None:
    """A program that opens one port opens others; it is one thing that happened."""
    one = judge(HOST, [row()], scene.window).proof["weight"]
    assert judge(HOST, [row(), row(port=82)], scene.window).proof["weight"] == one


def test_a_report_of_malware_says_more_than_one_of_scanning_and_changes_add(
    scene: Scene,
) -> None:
    def weight(why: str, what: str | None = None) -> float:
        told = judge(HOST, [row(why=why, what=what)], scene.window)
        return float(told.proof["weight"])

    assert 0 < weight("something") == weight("scan") < weight("malware")
    for what in CHANGE_WEIGHTS:  # none convicts by itself
        assert 1 < weight("scan", what) - weight("scan") < 3


def row(**said: Any) -> dict[str, Any]:
    return {
        "host": HOST, "reported": HOST, "since_us": 10 * HISTORY_US, "why": "scan",
        "told_by": "x.example", "reports": 2, "met_us": 0, "what": "service", "port": 81,
        "first_us": 11 * HISTORY_US, "others": FEWEST_VISITORS,
    } | said  # fmt: skip


@pytest.mark.parametrize(
    ("said", "new"),
    [
        ({}, 1),
        ({"others": FEWEST_VISITORS - 1}, 0),
        ({"first_us": 10 * HISTORY_US}, 1),
        ({"first_us": 10 * HISTORY_US - 1}, 0),
        ({"met_us": 9 * HISTORY_US}, 1),
        ({"met_us": 9 * HISTORY_US + 1}, 0),
        ({"what": "mail", "others": 1}, 1),
    ],
)
def test_the_limits(scene: Scene, said: dict[str, Any], new: int) -> None:
    assert len(judge(HOST, [row(**said)], scene.window).proof["changes"]) == new
