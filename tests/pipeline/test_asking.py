"""Questions ahead of the answers that are judged."""

from threading import Event

import pyarrow as pa

from headwater.pipeline.asking import AHEAD, AT_ONCE, answers_ahead, askers
from headwater.pipeline.hunt import ALONE
from headwater.records.detector import Detector


def test_few_answers_wait_to_be_judged() -> None:
    asked: list[str] = []

    def ask(detector: Detector) -> pa.Table:
        asked.append(detector.name)
        return pa.table({"name": [detector.name]})

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
        return pa.table({"name": [detector.name]})

    with askers() as pool:
        told = [detector for detector, _ in answers_ahead(pool, ask, ALONE[:AT_ONCE])]
    assert told == list(ALONE[:AT_ONCE])


def test_what_there_is_to_do_meanwhile_is_done() -> None:
    done: list[int] = []

    def ask(detector: Detector) -> pa.Table:
        return pa.table({"name": [detector.name]})

    with askers() as pool:
        told = list(answers_ahead(pool, ask, ALONE, [lambda: done.append(1)]))
    assert len(told) == len(ALONE)
    assert done == [1]
