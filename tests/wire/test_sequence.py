import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.intake import SequenceUnit
from headwater.wire.sequence import (
    FARTHEST,
    LATEST,
    MODULUS,
    MOST_HOLES,
    PATIENCE,
    RECORDS_PER_PACKET,
    SequenceTracker,
)


def packets() -> SequenceTracker:
    return SequenceTracker(SequenceUnit.PACKETS)


def missing(tracker: SequenceTracker, numbers: list[int], count: int = 1) -> int:
    """Everything that is missing once these have arrived and no more will come."""
    return (
        sum(tracker.arrived(number % MODULUS, count) for number in numbers) + tracker.finish()
    )


def test_an_unbroken_row_has_no_gap_across_the_wrap() -> None:
    assert missing(packets(), list(range(MODULUS - 5, MODULUS + 5))) == 0


def test_what_never_came_is_counted() -> None:
    assert missing(packets(), [MODULUS - 1, 3]) == 3
    assert missing(packets(), [0, 2, 4, 7]) == 4


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=60),
    st.lists(st.integers(0, 3), min_size=60, max_size=60),
    st.booleans(),
    st.integers(0, 60),
)
def test_many_at_once_are_as_one_by_one(
    numbers: list[int], counts: list[int], in_order: bool, cut: int
) -> None:
    if in_order:
        numbers = [MODULUS - 20 + sum(counts[:at]) for at in range(len(numbers))]
    row = np.array([number % MODULUS for number in numbers], np.int64)
    units = np.array(counts[: len(row)], np.int64)
    together, singly = packets(), packets()
    told = []
    for part in (slice(0, cut), slice(cut, None)):
        if len(row[part]):
            first = part.start
            found = together.arrived_in_turn(row[part], units[part])
            told += [(first + place, missing) for place, missing in found]
    alone = [singly.arrived(*pair) for pair in zip(row.tolist(), units.tolist(), strict=True)]
    assert told == [(place, missing) for place, missing in enumerate(alone) if missing]
    assert together.finish() == singly.finish()


def test_a_gap_is_told_after_some_patience() -> None:
    tracker = packets()
    told = [tracker.arrived(number, 1) for number in (0, *range(2, 2 + PATIENCE + 1))]
    assert told == [0] * (PATIENCE + 1) + [1]
    assert tracker.finish() == 0


@given(st.randoms(use_true_random=False), st.integers(0, MODULUS - 1))
def test_packets_out_of_order_are_not_missing(rng: random.Random, start: int) -> None:
    numbers = list(range(start, start + 40))
    for place in range(0, 40, 5):
        shuffled = numbers[place : place + 5]
        rng.shuffle(shuffled)
        numbers[place : place + 5] = shuffled
    # What comes before the very first packet seen belongs to nobody.
    numbers.remove(start)
    assert missing(packets(), [start, *numbers]) == 0


def test_a_late_packet_fills_part_of_a_hole() -> None:
    assert missing(packets(), [0, 10, 5]) == 8
    assert missing(packets(), [0, 10, 1, 9, 5, 2]) == 5


def test_a_packet_that_came_twice_changes_nothing() -> None:
    assert missing(packets(), [0, 1, 1, 2, 2, 3]) == 0


def test_a_restart_is_no_gap() -> None:
    assert missing(packets(), [3_000_000_000, 0, 1, 2]) == 0
    assert missing(packets(), [0, 1, 3_000_000_000, 3_000_000_001]) == 0


@pytest.mark.parametrize(("ahead", "gap"), [(FARTHEST, FARTHEST), (FARTHEST + 1, 0)])
def test_how_far_a_gap_reaches(ahead: int, gap: int) -> None:
    assert missing(packets(), [0, 1 + ahead]) == gap


def test_how_late_a_packet_may_be() -> None:
    tracker = packets()
    tracker.arrived(1_000, 1)
    tracker.arrived(1_001 - LATEST, 1)  # late: the row goes on at 1001
    assert missing(tracker, [1_001]) == 0
    tracker.arrived(1_001 - LATEST, 1)  # one more behind: begun anew
    assert missing(tracker, [1_002 - LATEST]) == 0


def test_records_count_by_the_packet() -> None:
    flows = SequenceTracker(SequenceUnit.FLOWS)
    assert missing(flows, [0, 30, 60, 120], count=30) == 30
    records = SequenceTracker(SequenceUnit.RECORDS)
    far = FARTHEST * RECORDS_PER_PACKET
    assert missing(records, [0, 30 + far], count=30) == far


def test_an_exporter_that_numbers_behind_its_records() -> None:
    records = SequenceTracker(SequenceUnit.RECORDS)
    # The numbers of softflowd 1.1.0, which leaves its options out.
    arrivals = [(24, 25), (56, 32), (88, 32), (120, 32), (144, 24), (176, 32)]
    assert sum(records.arrived(*arrival) for arrival in arrivals) + records.finish() == 0
    lossy = SequenceTracker(SequenceUnit.RECORDS)
    arrivals = [(32, 32), (64, 32), (128, 32), (160, 32)]
    assert sum(lossy.arrived(*arrival) for arrival in arrivals) + lossy.finish() == 32


def test_options_may_be_left_out_of_the_count() -> None:
    # softflowd 1.1.0 -v 10 repeats its templates and one record of options every few packets.
    behind = [(20, 21, 1), (48, 28, 0), (50, 2, 0), (70, 21, 1), (96, 26, 0), (117, 22, 1)]
    before = [(0, 21, 1), (20, 28, 0), (48, 2, 0), (50, 21, 1), (70, 26, 0)]
    counted = [(0, 21, 1), (21, 28, 0), (49, 21, 1), (70, 26, 0)]
    for arrivals in (behind, before, counted):
        tracker = SequenceTracker(SequenceUnit.RECORDS)
        told = [tracker.arrived(*arrival) for arrival in arrivals]
        assert (sum(told), tracker.finish()) == (0, 0)
    del behind[2], before[2]
    for arrivals in (behind, before):
        tracker = SequenceTracker(SequenceUnit.RECORDS)
        assert sum(tracker.arrived(*arrival) for arrival in arrivals) + tracker.finish() > 0


def test_after_a_packet_that_cannot_be_counted_anything_may_follow() -> None:
    tracker = SequenceTracker(SequenceUnit.RECORDS)
    tracker.arrived(0, None)
    assert missing(tracker, [5_000]) == 0


def test_holes_kept_are_bounded() -> None:
    tracker = packets()
    told = sum(tracker.arrived(2 * n, 1) for n in range(MOST_HOLES * 3))
    assert told + tracker.finish() == MOST_HOLES * 3 - 1


@given(st.lists(st.tuples(st.integers(0, MODULUS - 1), st.integers(0, 100)), max_size=200))
def test_any_numbers_give_a_count(arrivals: list[tuple[int, int]]) -> None:
    tracker = SequenceTracker(SequenceUnit.RECORDS)
    told = [tracker.arrived(number, count) for number, count in arrivals]
    assert min([*told, tracker.finish()]) >= 0
