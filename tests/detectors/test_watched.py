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
