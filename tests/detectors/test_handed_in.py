"""Handed in: letters as long as what was brought to a port of the host before."""

from pathlib import Path

import numpy as np
import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.detectors.handed_in import DETECTOR, MOST, ONE_SIZE, WITHIN_US, Sessions, judge
from headwater.records.finding import Finding

HOST, DRIVER, PORT = own(10), outside(1), 38_904
EXCHANGERS = outsiders(9, 20)
ALONE = 2.24  # what one batch weighs


def batch(
    scene: Scene, at_s: float, *, size: int, letters: int = 3, wait_s: float = 160,
    port: int = PORT, longer: int = 0, mail_port: int = 25,
) -> None:  # fmt: skip
    """What is brought at once, and mailed to several after a while."""
    scene.talk(at_s, DRIVER, HOST, port, up=size, down=300)
    for number in range(letters):
        at, server = at_s + wait_s + 2 * number, EXCHANGERS[number % 9]
        scene.talk(at, HOST, server, mail_port, up=size + longer, down=900)


def one(scene: Scene) -> Finding:
    (found,) = scene.findings(DETECTOR)
    return found


def test_a_batch_that_is_mailed_minutes_later_fires(scene: Scene) -> None:
    batch(scene, 600, size=14_000)
    found = one(scene)
    assert (found.subject, found.kind) == (HOST, "carries")
    assert found.proof["weight"] == ALONE < MOST
    told = {"port": PORT, "letters": 3, "mailed": 3, "batches": 1, "visits": 1, "lag_s": 162}
    assert told.items() <= found.proof.items()
    assert found.proof["passed_for"] == {DRIVER: 1.0}
    assert found.proof["first_seen_us"] == scene.at(600)


@pytest.mark.parametrize(("size", "adds"), [(40_000, True), (14_000, False)])
def test_each_batch_of_another_length_adds(scene: Scene, size: int, adds: bool) -> None:
    batch(scene, 600, size=14_000)
    batch(scene, 2600, size=size)
    assert (one(scene).proof["log10_chance"] < -ONE_SIZE) == adds


def test_of_one_length_all_are_one_coincidence(scene: Scene) -> None:
    for at_s in scene.times(20):
        batch(scene, at_s, size=14_000, letters=1)
    assert one(scene).proof["log10_chance"] == -ONE_SIZE


@pytest.mark.parametrize("port", [22, 25, 465, 587])
def test_what_its_keeper_or_everyone_brings_says_nothing(scene: Scene, port: int) -> None:
    batch(scene, 600, size=14_000, port=port)
    assert scene.findings(DETECTOR) == []


@pytest.mark.parametrize("port", [80, 443])
@pytest.mark.parametrize(("visitors", "quiet"), [(1, False), (3, False), (4, True)])
def test_a_web_port_of_many_visitors_is_a_site_that_is_told_of_orders(
    scene: Scene, port: int, visitors: int, quiet: bool
) -> None:
    batch(scene, 600, size=14_000, port=port)
    for number in range(1, visitors):
        scene.talk(1000 + number, outside(1 + number), HOST, port, up=14_000, down=300)
        scene.talk(1200 + number, HOST, EXCHANGERS[number], 25, up=14_000, down=900)
    assert (scene.findings(DETECTOR) == []) == quiet


@pytest.mark.parametrize(
    ("wait_s", "longer", "letters"),
    [
        (WITHIN_US / 1e6 + 10, 0, 3),
        (-100, 0, 3),  # the letters came first
        (160, 4_000, 3),
        (160, 0, 2),
    ],
)
def test_letters_of_its_own_are_quiet(
    scene: Scene, wait_s: float, longer: int, letters: int
) -> None:
    batch(scene, 600, size=14_000, wait_s=wait_s, longer=longer, letters=letters)
    assert scene.findings(DETECTOR) == []


def test_who_mails_much_else_is_quiet(scene: Scene) -> None:
    batch(scene, 600, size=14_000)
    for number, at_s in enumerate(scene.times(4)):
        scene.talk(at_s, HOST, EXCHANGERS[number], 25, up=90_000 + 30_000 * number, down=900)
    assert scene.findings(DETECTOR) == []


def test_who_brings_much_else_is_quiet(scene: Scene) -> None:
    """A few of many uploads are as long as a letter."""
    batch(scene, 600, size=14_000)
    for number, at_s in enumerate(scene.times(2, start_s=700)):
        scene.talk(at_s, outside(2), HOST, PORT, up=90_000 + 30_000 * number, down=300)
    assert scene.findings(DETECTOR) == []


def test_letters_of_every_length_are_no_coincidence(scene: Scene) -> None:
    scene.talk(600, DRIVER, HOST, PORT, up=14_000, down=300)
    sizes = [1_700 * 1.25**step for step in range(30)]
    for number, size in enumerate(sizes):
        scene.talk(700 + number, HOST, EXCHANGERS[number % 9], 25, up=int(size), down=900)
    assert scene.findings(DETECTOR) == []


@pytest.mark.parametrize(("at_s", "likelier"), [(650, True), (5000, False)])
def test_several_doors_make_a_coincidence_likelier(
    scene: Scene, at_s: float, likelier: bool
) -> None:
    """Those at which anything was brought before a letter."""
    batch(scene, 600, size=14_000)
    scene.talk(at_s, outside(2), HOST, 45_610, up=900_000, down=900)
    assert (one(scene).proof["weight"] < ALONE) == likelier


def test_sampled_records_are_left_alone(tmp_path: Path) -> None:
    scene = Scene(tmp_path, sampling=10)
    batch(scene, 600, size=14_000)
    assert scene.findings(DETECTOR) == []


def sessions(*each: tuple[int, int]) -> Sessions:
    """(minute, octets) of each."""
    minute, octets = np.array(each, np.int64).T
    opened_us, packets = minute * 60_000_000, octets // 1400
    return Sessions(
        row=np.arange(len(each)), opened_us=opened_us, octets=octets, packets=packets
    )


def test_each_letter_was_brought_by_the_last_visit_that_brought_as_much() -> None:
    visits = sessions((0, 14_000), (9, 14_000), (9, 14_000), (20, 28_000), (40, 14_000))
    letters = sessions((30, 28_000), (31, 14_000), (99, 14_000), (180, 14_000))
    handed = judge(visits, letters, 1)
    assert handed.letters.tolist() == [0, 1, 2]
    assert handed.visits.tolist() == [1, 3, 4]
    assert handed.weight > 0.0
