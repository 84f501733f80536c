"""Fed: who drives other hosts hands mail to one that sends mail out."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors import hijacked
from headwater.detectors.fed import (
    DETECTOR,
    FEWEST_OTHERS,
    FEWEST_SESSIONS,
    Brought,
    judge,
)
from headwater.pipeline.hunt import DRIVERS, as_drivers
from headwater.records.finding import Finding

HOST, DRIVER, PROVIDER = own(10), outside(1), outside(2)
EXCHANGERS = outsiders(20, 30)


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=2, sampling=10)


def known(driver: str = DRIVER) -> dict[str, pa.Table]:
    row = {
        "client": driver, "confidence": 0.99, "sick": 6, "share": 0.9, "unshown": 0.8,
    }  # fmt: skip
    return {"drivers": pa.Table.from_pylist([row], schema=DRIVERS)}


def bring(scene: Scene, source: str, letters: int = 30, port: int = 25) -> None:
    for at_s in scene.times(letters):
        scene.talk(at_s, source, HOST, port, up=40_000, down=4_000)


def send(scene: Scene, letters: int = 30) -> None:
    scene.mail(HOST, EXCHANGERS[: max(letters, 1)], scene.times(letters))


def found(scene: Scene, extra: dict[str, pa.Table] | None = None) -> list[Finding]:
    answer = scene.ask(DETECTOR, known() if extra is None else extra)
    return list(DETECTOR.weigh(answer, scene.window))


def test_what_a_driver_hands_in_is_sent_on(sampled: Scene) -> None:
    bring(sampled, DRIVER)
    send(sampled)
    (one,) = found(sampled)
    assert (one.subject, one.kind, one.proof["drivers"]) == (HOST, "driven", [DRIVER])
    assert one.proof["share_of_load"] == 1.0
    assert DRIVER in one.summary


def test_who_sends_no_mail_may_receive_it(sampled: Scene) -> None:
    bring(sampled, DRIVER)
    send(sampled, letters=0)
    assert found(sampled) == []


def test_what_others_bring_is_not_a_drivers(sampled: Scene) -> None:
    bring(sampled, PROVIDER)
    send(sampled)
    assert found(sampled) == []


def test_only_mail_is_asked_about(sampled: Scene) -> None:
    bring(sampled, DRIVER, port=1080)
    send(sampled)
    assert found(sampled) == []


def test_where_every_packet_was_counted_others_tell(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=2)
    bring(scene, DRIVER)
    send(scene)
    assert found(scene) == []


def test_known_mistake_a_server_to_which_a_driver_writes_most(sampled: Scene) -> None:
    bring(sampled, DRIVER, letters=90)
    bring(sampled, PROVIDER, letters=10)
    send(sampled)
    assert len(found(sampled)) == 1


def brought(**said: Any) -> Brought:
    row: dict[str, Any] = {
        "host": HOST, "source": DRIVER, "sessions": FEWEST_SESSIONS, "bytes": 600,
        "received": 1000, "first_seen": 5, "last_seen": 9, "confidence": 0.9,
        "sick": FEWEST_OTHERS + 1, "share": 0.9, "unshown": 0.8,
    }  # fmt: skip
    return Brought(**row | said)


@pytest.mark.parametrize(
    ("said", "fires"),
    [
        ({}, True),
        ({"sessions": FEWEST_SESSIONS - 1}, False),
        ({"sick": FEWEST_OTHERS}, False),  # the host itself may be one of them
    ],
)
def test_the_limits(sampled: Scene, said: dict[str, Any], fires: bool) -> None:
    assert (judge(HOST, [brought(**said)], sampled.window) is not None) == fires


def test_drivers_that_take_turns_add_up(sampled: Scene) -> None:
    two = [brought(), brought(source=PROVIDER, sick=2)]
    one = judge(HOST, two, sampled.window)
    assert one
    assert one.proof["drivers"] == [DRIVER]  # who drives one or two is hardly known to
    assert one.proof["share_of_load"] == 0.6
    assert (one.proof["share"], one.proof["unshown"]) == (0.9, 0.8)
    both = judge(HOST, [brought(), brought(source=PROVIDER)], sampled.window)
    assert both
    assert both.proof["share_of_load"] == 1.2  # of 1000 octets: two drivers brought 600 each


def test_the_weightier_of_two_ways_to_be_driven_counts(sampled: Scene) -> None:
    """A driver visits the web server as well, one of many there; the mail is all its own."""
    one = judge(HOST, [brought(bytes=1000)], sampled.window)
    assert one
    fed = {**one.proof, "confidence": one.confidence, "summary": one.summary}
    visited = fed | {"share_of_load": 0.001, "confidence": 0.999, "summary": "visited"}

    def told(*claims: dict[str, Any]) -> Finding:
        said = hijacked.Host(address=HOST, claims={"driven": list(claims)})
        return hijacked.judge(said, sampled.window)

    assert told(visited, fed).proof["reasons"] == [one.summary]
    assert told(visited).confidence < told(visited, fed).confidence == told(fed).confidence


def test_of_company_only_drivers_are_told(sampled: Scene) -> None:
    proof = {"suspects_met": 5, "share": 0.9, "unshown": 0.8}
    company = [
        Finding(
            detector=detector, subject=DRIVER, kind=kind, confidence=0.9, window=sampled.window,
            summary="", proof=proof,
        )
        for detector, kind in zip(
            ("upstream", "upstream", "master"), ("driver", "tester", "driver"), strict=True
        )
    ]  # fmt: skip
    (row,) = as_drivers(company).to_pylist()
    assert row == {
        "client": DRIVER, "confidence": 0.9, "sick": 5, "share": 0.9, "unshown": 0.8,
    }  # fmt: skip


def test_mail_is_for_everyone_a_drivers_too(sampled: Scene) -> None:
    """However much of it, it says no more than of who has a public beside its drivers."""
    one = judge(HOST, [brought(bytes=1000)], sampled.window)
    assert one
    fed = {**one.proof, "confidence": one.confidence, "summary": one.summary}
    told = [
        hijacked.judge(hijacked.Host(address=HOST, claims={"driven": [said]}), sampled.window)
        for said in (fed, fed | {"for_all": False})
    ]
    assert told[0].confidence < 0.5 < told[1].confidence
