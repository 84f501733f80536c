"""Master: whom hosts dial for the mail that they send."""

from pathlib import Path

import pytest
from tests.scene import HEADERS, Scene, indicators, outside, outsiders, own, suspects

from headwater.detectors.master import (
    DETECTOR,
    FED_WEIGHT,
)
from headwater.measures.fed_callers import LEAST, MAILING, MOST, OCTETS
from headwater.records.finding import Finding

SICK = [own(number) for number in range(10, 16)]
GATEWAY, LETTERS, HOURS = outside(1), 12, 2
MANY = 2 * OCTETS * HOURS // LETTERS  # octets in a letter, so that enough is mailed


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Everybody browses, each elsewhere."""
    scene = Scene(tmp_path, hours=HOURS, sampling=2)
    for number in range(10, 90):
        scene.browse(own(number), outsiders(3, 100 + 3 * number), scene.times(3))
    return scene


def feed(
    scene: Scene, hosts: list[str], share: float = 1.0, letter: int = MANY, apart: int = 0
) -> None:
    """Each host gets letters in one session an hour, and mails them: ``share``: got of sent.

    ``apart``: how far the ports lie apart at which they call for them.
    """
    for place, host in enumerate(hosts):
        for number, at_s in enumerate((300, 3900)):
            scene.talk(
                at_s, host, GATEWAY, 8443 + apart * place, up=2_000, lasts_s=2_000,
                client_port=40_000 + number,
                down=round(share * (LETTERS // 2) * (letter + HEADERS)),
            )  # fmt: skip
        for number, when in enumerate(scene.times(LETTERS, start_s=400)):
            scene.talk(when, host, outside(60 + number), 25, up=letter, down=400)


def found(scene: Scene, kind: str) -> dict[str, Finding]:
    known = {"suspects": suspects(dict.fromkeys(SICK), 0.9), "indicators": indicators()}
    return {f.subject: f for f in scene.findings(DETECTOR, known) if f.kind == kind}


def test_who_sends_its_callers_what_they_mail_is_their_gateway(scene: Scene) -> None:
    feed(scene, SICK)
    master = found(scene, "master")[GATEWAY]
    assert master.proof["feeds"]
    assert (master.proof["weights"]["fed"], master.proof["weights"]["errands"]) == (
        FED_WEIGHT,
        0,
    )
    mailers = found(scene, "mails-for")
    assert sorted(mailers) == SICK
    assert {f.proof["peer"] for f in mailers.values()} == {GATEWAY}
    assert {f.proof["port"] for f in mailers.values()} == {8443}
    assert mailers[SICK[0]].proof["bytes_in"] == pytest.approx(
        mailers[SICK[0]].proof["mailed"], rel=0.1
    )
    calls = found(scene, "calls-master")
    assert all(calls[host].proof["feeds"] for host in SICK)


@pytest.mark.parametrize(("share", "fed"), [
    (LEAST * 1.1, True), (LEAST * 0.9, False),
    (MOST * 0.9, True), (MOST * 1.1, False), (0.02, False),
])  # fmt: skip
def test_how_much_of_the_mail_must_come_from_there(
    scene: Scene, share: float, fed: bool
) -> None:
    feed(scene, SICK, share)
    assert bool(found(scene, "mails-for")) == fed


def test_few_letters_are_no_more_than_orders_take(scene: Scene) -> None:
    feed(scene, SICK, letter=MANY // 4)
    assert GATEWAY in found(scene, "master")
    assert found(scene, "mails-for") == {}


def test_how_many_must_mail(scene: Scene) -> None:
    feed(scene, SICK[: MAILING - 1])
    assert found(scene, "mails-for") == {}


def test_what_mostly_others_call_feeds_nobody(scene: Scene) -> None:
    feed(scene, SICK)
    for number in range(30, 30 + len(SICK) + 1):
        scene.poll(own(number), GATEWAY, 8443, 600)
    assert found(scene, "mails-for") == {}


def test_a_gateway_may_hear_each_host_at_a_port_of_its_own(scene: Scene) -> None:
    """Who calls clients of ours, at ever other ports, is not fed by them: it alone is."""
    feed(scene, SICK, apart=7)
    assert found(scene, "master")[GATEWAY].proof["weights"]["service"] == 0
    calls = found(scene, "calls-master")
    assert min(calls[host].confidence for host in SICK) > 0.9
