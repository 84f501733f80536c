"""Every packet is read once, in order, the odd ones alone."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.run_writer import packets_of, run_of

from headwater.records.intake import FlowReading, Refused
from headwater.wire.stretches import FEWEST, walk


class Marked:
    """Packets that are plain where a mark says so; notes what is read how."""

    def __init__(self, plain: list[bool], most: int = 1000) -> None:
        self.plain, self.most = plain, most
        self.read: list[tuple[int, bool]] = []
        self.flushes = 0

    def until(self, start: int, end: int) -> int:
        return next((at for at in range(start, end) if not self.plain[at]), end)

    def within(self, start: int, end: int) -> int:
        return min(end, start + self.most)

    def take(self, start: int, end: int) -> list[FlowReading]:
        self.read += [(place, True) for place in range(start, end)]
        return [self.word(start)]

    def one(self, place: int) -> list[FlowReading]:
        self.read.append((place, False))
        return [self.word(place)]

    def word(self, place: int) -> Refused:
        return Refused(source="a", position=str(place), reason="seen")

    def flush(self) -> Iterator[FlowReading]:
        self.flushes += 1
        yield from ()

    def walked(self) -> list[FlowReading]:
        run = run_of(packets_of([(b"", False)] * len(self.plain)))
        return list(walk(run, self, self.one, self.flush))


@given(st.lists(st.booleans() | st.just(True), max_size=60), st.integers(1, 20))
def test_each_once_and_in_order(plain: list[bool], most: int) -> None:
    marked = Marked(plain, most)
    marked.walked()
    assert [place for place, _ in marked.read] == list(range(len(plain)))
    assert all(plain[place] for place, together in marked.read if together)


def test_odd_ones_are_read_alone_and_the_rest_together() -> None:
    marked = Marked([True] * 20 + [False] + [True] * 20)
    assert len(marked.walked()) == 3
    assert [place for place, together in marked.read if not together] == [20]


@pytest.mark.parametrize(("size", "together"), [(FEWEST - 1, False), (FEWEST, True)])
def test_a_few_are_read_one_by_one(size: int, together: bool) -> None:
    marked = Marked([True] * size)
    marked.walked()
    assert {how for _, how in marked.read} == {together}


def test_batches_may_leave_after_every_step() -> None:
    marked = Marked([True] * 30, most=10)
    marked.walked()
    assert marked.flushes == 3
