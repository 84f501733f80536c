"""Whether the sick come to a site's doors as its visitors do."""

import numpy as np
import pytest

from headwater.measures.doors import MOST, one_door

Doors = tuple[int, int]


@pytest.mark.parametrize(("sick", "well"), [
    ((0, 9), (30, 30)),  # the public comes by either
    ((1, 15), (25, 25)),  # one of the sick lives with somebody of the public
    ((9, 0), (30, 30)),
    ((0, 9), (60, 2)),
])  # fmt: skip
def test_who_all_know_one_of_two_doors_are_a_programs(sick: Doors, well: Doors) -> None:
    assert one_door(np.array(sick), np.array(well)) > 1.5


@pytest.mark.parametrize(
    ("sick", "well"), [((1, 1), (0, 0)), ((2, 5), (0, 3)), ((8, 8), (9, 30))]
)
def test_who_come_by_either_are_visitors(sick: Doors, well: Doors) -> None:
    assert one_door(np.array(sick), np.array(well)) < -1.5


def test_where_the_public_hardly_takes_the_other_door_to_leave_it_says_little() -> None:
    assert 0.0 < one_door(np.array([0, 3]), np.array([2, 30])) < 0.3


def test_of_few_strangers_one_may_have_come_by_another_door_by_chance() -> None:
    assert 0.0 < one_door(np.array([0, 23]), np.array([1, 3])) < 0.5
    assert one_door(np.array([0, 23]), np.array([10, 30])) > 1.5


def test_where_nobody_else_comes_one_door_says_nothing() -> None:
    assert one_door(np.array([0, 9]), np.array([0, 0])) == 0.0


def test_doors_alone_prove_nothing() -> None:
    for sick in ([0, 500], [250, 250]):
        assert abs(one_door(np.array(sick), np.array([300, 300]))) == MOST
