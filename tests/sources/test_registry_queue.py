"""The queue: paces, refusals, nothing asked twice, and restarts."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from headwater.records.domain import Standing
from headwater.sources.registry_queue import Pace, RegistryQueue, Turn

PACE = Pace(
    between=2,
    by_registry={"slow.example": 60},
    again_known=1000,
    again_free=100,
    first_refusal=10,
    longest_refusal=35,
)
ONE, TWO, THREE = ("a.test", "r.example"), ("b.test", "r.example"), ("c.test", "slow.example")


@pytest.fixture
def queue(tmp_path: Path) -> RegistryQueue:
    return RegistryQueue(tmp_path / "queue.sqlite", PACE)


def test_each_registry_has_its_turn(queue: RegistryQueue) -> None:
    assert queue.add([ONE], 1) == 1
    assert queue.add([TWO, THREE, ONE], 2) == 2
    assert queue.due(3) == [Turn(*ONE), Turn(*THREE)]
    queue.answered(Turn(*ONE), Standing.REGISTERED, 10)
    assert queue.due(11) == [Turn(*THREE)]  # r.example was asked a second ago
    assert set(queue.due(12)) == {Turn(*TWO), Turn(*THREE)}
    queue.answered(Turn(*THREE), Standing.FREE, 12)
    assert queue.due(70) == [Turn(*TWO)]
    assert queue.waiting() == 1


def test_nothing_is_asked_twice_within_its_time(queue: RegistryQueue) -> None:
    queue.add([ONE, TWO], 0)
    queue.answered(Turn(*ONE), Standing.REGISTERED, 0)
    queue.answered(Turn(*TWO), Standing.FREE, 0)
    assert queue.add([ONE, TWO], 99) == 0
    assert not queue.may_ask(*TWO, 99)
    assert queue.add([ONE, TWO], 100) == 1
    assert queue.may_ask(*TWO, 100)
    assert queue.add([ONE], 1000) == 1


def test_a_refusal_is_remembered_and_grows(queue: RegistryQueue) -> None:
    queue.add([ONE, TWO], 0)
    assert queue.refused(Turn(*ONE), 100) == 10
    assert queue.due(109) == []
    assert queue.due(110) == [Turn(*TWO)]  # the refused name went to the end of its line
    assert queue.refused(Turn(*TWO), 110) == 20
    assert queue.refused(Turn(*ONE), 130) == 35
    assert queue.refused(Turn(*ONE), 170, retry_after=500) == 500
    assert not queue.may_ask(*ONE, 669)
    queue.answered(Turn(*ONE), Standing.REGISTERED, 670)
    assert queue.refused(Turn(*TWO), 680) == 10  # an answer in between forgives


def test_restarts_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    RegistryQueue(path, PACE).add([ONE, TWO], 0)
    RegistryQueue(path, PACE).refused(Turn(*ONE), 5)
    again = RegistryQueue(path, PACE)
    assert again.waiting() == 2
    assert again.next_at("r.example") == 15
    assert again.next_at("slow.example") is None
    assert again.due(14) == []


def test_answers_too_old_to_count_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    queue = RegistryQueue(path, PACE)
    queue.add([ONE, TWO], 0)
    queue.answered(Turn(*ONE), Standing.REGISTERED, 0)
    queue.answered(Turn(*TWO), Standing.REGISTERED, 500)
    queue.add([], PACE.longest_again + 1)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select name from asked").fetchall() == [(TWO[0],)]
