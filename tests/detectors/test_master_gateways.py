"""Master: whom hosts dial for the mail that they send."""

from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from tests.scene import HEADERS, Scene, indicators, outside, outsiders, own, suspects

from headwater.detectors.master import (
    DETECTOR,
    FED_WEIGHT,
    RELAYED_EXCESS,
)
from headwater.measures.fed_callers import LEAST, MAILING, MOST, OCTETS
from headwater.measures.habit import ONCE_OR_TWICE
from headwater.pipeline.gateways import GATEWAYS
from headwater.records.finding import Finding

SICK = [own(number) for number in range(10, 16)]
GATEWAY, LETTERS, HOURS = outside(1), 12, 2
TARGET = outside(2)
MANY = 2 * OCTETS * HOURS // LETTERS  # octets in a letter, so that enough is mailed


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return browsing(Scene(tmp_path, hours=HOURS, sampling=2))


@pytest.fixture
def whole(tmp_path: Path) -> Scene:
    """Of which every packet was counted."""
    return browsing(Scene(tmp_path, hours=HOURS))


def browsing(scene: Scene) -> Scene:
    """Everybody browses, each elsewhere."""
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


def found(scene: Scene, kind: str, relaying: int = 0) -> dict[str, Finding]:
    """``relaying``: how many of the sick do at a port of theirs what visitors want."""
    ports = {host: 1080 if SICK.index(host) < relaying else None for host in SICK}
    known = {"suspects": suspects(ports, 0.9), "indicators": indicators()}
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


@pytest.mark.parametrize(("relaying", "fed"), [(3, True), (4, False), (6, False)])
def test_what_relays_mail_was_brought_by_their_visitors(
    scene: Scene, relaying: int, fed: bool
) -> None:
    """It happens to be as much as they have from a master that they poll."""
    feed(scene, SICK)
    assert GATEWAY in found(scene, "master", relaying)
    assert bool(found(scene, "mails-for", relaying)) == fed


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


def of_gateways(scene: Scene, *gateways: str) -> dict[str, Finding]:
    given = {
        "suspects": suspects(dict.fromkeys(SICK)),
        "indicators": indicators(),
        "gateways": pa.table({"server": gateways}, GATEWAYS),
    }
    return {f.subject: f for f in scene.findings(DETECTOR, given)}


@pytest.mark.parametrize("gateways", [1, 3])
@pytest.mark.parametrize("gateway_first", [True, False])
def test_what_is_called_whenever_a_gateway_is_dialled_is_a_target(
    whole: Scene, gateway_first: bool, gateways: int
) -> None:
    """Each host is sent there by all of them, by some too seldom to tell."""
    doors = [outside(10 + number) for number in range(gateways)]
    for host, (number, at_s) in product(SICK, enumerate(whole.times(20))):
        both = [(doors[number % gateways], 9000), (TARGET, 443)]
        first, second = both if gateway_first else both[::-1]
        whole.talk(at_s, host, *first, up=whole.size())
        whole.talk(at_s + 0.5, host, *second, up=whole.size())
    told = of_gateways(whole, *doors)
    # The gateways command them as well as they use them.
    assert set(doors) & set(told)
    assert all(
        told[door].proof["relayed_excess"] < RELAYED_EXCESS for door in doors if door in told
    )
    assert TARGET not in told
    assert TARGET in of_gateways(whole)


def test_who_calls_each_of_many_gateways_but_seldom_is_one_of_theirs(whole: Scene) -> None:
    doors, few, passing = [outside(10 + n) for n in range(8)], own(70), own(71)
    for host, (number, at_s) in product(SICK, enumerate(whole.times(24))):
        whole.talk(at_s, host, doors[number % 8], 9000, up=whole.size())
    for number, at_s in enumerate(whole.times(12)):
        whole.talk(at_s, few, doors[number % 8], 9000, up=whole.size())
    whole.talk(400, passing, doors[0], 9000, up=whole.size())
    told = of_gateways(whole, *doors)
    assert told[few].confidence > 0.9
    assert passing not in told or told[passing].confidence <= ONCE_OR_TWICE
