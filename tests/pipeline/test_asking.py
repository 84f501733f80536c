"""Questions ahead of the answers that are judged."""

import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Event

import pyarrow as pa
import pytest

from headwater.pipeline.asking import AHEAD, AT_ONCE, answers_ahead, askers
from headwater.pipeline.hunt import ALONE
from headwater.records.detector import Detector
from headwater.records.errors import LakeDamaged


def until(happened: Callable[[], bool]) -> None:
    """Waits, a few seconds at most."""
    for _ in range(500):
        if happened():
            return
        Event().wait(0.01)


def named(detector: Detector) -> pa.Table:
    return pa.table({"name": [detector.name]})


def test_few_answers_wait_to_be_judged() -> None:
    asked: list[str] = []

    def ask(detector: Detector) -> pa.Table:
        asked.append(detector.name)
        return named(detector)

    judged = []
    with askers() as pool:
        for detector, told in answers_ahead(pool, ask, ALONE):
            judged.append(detector.name)
            assert told.column("name").to_pylist() == [detector.name]
            assert len(asked) <= len(judged) + AHEAD
    assert judged == [detector.name for detector in ALONE]
    assert sorted(asked) == sorted(judged)


def test_questions_are_asked_side_by_side_and_answered_in_order() -> None:
    second = Event()

    def ask(detector: Detector) -> pa.Table:
        if detector is ALONE[0]:
            assert second.wait(10)
        else:
            second.set()
        return named(detector)

    with askers() as pool:
        told = [detector for detector, _ in answers_ahead(pool, ask, ALONE[:AT_ONCE])]
    assert told == list(ALONE[:AT_ONCE])


def test_what_there_is_to_do_meanwhile_is_done() -> None:
    done: list[int] = []

    with askers() as pool:
        told = list(answers_ahead(pool, named, ALONE, [lambda: done.append(1)]))
    assert len(told) == len(ALONE)
    assert done == [1]


def test_what_there_is_to_do_meanwhile_comes_after_the_first_questions() -> None:
    asked, waited = Event(), list[bool]()

    def ask(detector: Detector) -> pa.Table:
        asked.set()
        return named(detector)

    with askers() as pool:
        list(answers_ahead(pool, ask, ALONE, [lambda: waited.append(asked.wait(5))]))
    assert waited == [True]


def test_two_questions_are_asked_at_a_time_and_few_are_begun_before_the_first_is_told() -> None:
    fourth, busy, most = Event(), list[str](), list[int]()
    last = ALONE[AHEAD]

    def ask(detector: Detector) -> pa.Table:
        busy.append(detector.name)
        most.append(len(busy))
        if detector is ALONE[0]:
            assert not fourth.wait(0.2)
        elif detector is last:
            fourth.set()
        busy.remove(detector.name)
        return named(detector)

    with askers() as pool:
        assert len(list(answers_ahead(pool, ask, ALONE))) == len(ALONE)
    assert fourth.is_set()
    assert max(most) <= AT_ONCE


def test_what_goes_wrong_with_a_question_is_heard() -> None:
    """A detector whose answer is missing would be one that found nothing."""

    def ask(detector: Detector) -> pa.Table:
        if detector is ALONE[1]:
            raise LakeDamaged("sessions")
        return named(detector)

    judged = []
    with askers() as pool:
        answers = answers_ahead(pool, ask, ALONE)
        judged.append(next(answers)[0])
        with pytest.raises(LakeDamaged):
            next(answers)
    assert judged == [ALONE[0]]


def test_answers_that_were_judged_are_let_go() -> None:
    given: list[weakref.ref[pa.Table]] = []

    def ask(detector: Detector) -> pa.Table:
        told = named(detector)
        given.append(weakref.ref(told))
        return told

    with askers() as pool:
        for count, _ in enumerate(answers_ahead(pool, ask, ALONE)):
            until(lambda: sum(told() is not None for told in given) <= AHEAD)
            assert sum(told() is not None for told in given) <= AHEAD, count


def test_who_stops_does_not_wait_for_what_has_not_begun() -> None:
    waiting: list[Future[None]] = []

    def busy() -> None:
        until(lambda: bool(waiting) and waiting[0].cancelled())

    with askers() as pool:
        for _ in range(AT_ONCE):
            pool.submit(busy)
        waiting.append(pool.submit(busy))
    assert waiting[0].cancelled()
    with pytest.raises(RuntimeError):
        pool.submit(busy)


def test_what_a_question_comes_with_is_made_when_its_turn_comes() -> None:
    made: list[int] = []

    def portions() -> Iterator[pa.Table]:
        for number in range(9):
            made.append(number)
            yield pa.table({"number": [number]})

    with askers() as pool:
        for number, (_, told) in enumerate(answers_ahead(pool, lambda each: each, portions())):
            assert told.column("number").to_pylist() == [number]
            assert len(made) <= number + AHEAD + 1
    assert made == list(range(9))
