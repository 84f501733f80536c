"""Lists: who names suspects alone confirms, who names everybody does not."""

import math

import numpy as np
import pytest

from headwater.measures.lists import (
    AGAIN,
    MOST,
    NAMES_OTHERS,
    NAMES_SICK,
    lists_weights,
    named_weight,
)

SICK, WELL = 0.99, 0.01


def weight(sick: tuple[int, int], well: tuple[int, int]) -> float:
    """Of a list that names so many of so many suspects, and so many of so many others."""
    named = [
        {"a"} if number < names else set()
        for names, crowd in (sick, well)
        for number in range(crowd)
    ]
    crowd = np.repeat([SICK, WELL], [sick[1], well[1]])
    return lists_weights([*named, {"a"}], np.append(crowd, 0.5))["a"]


def test_of_a_small_crowd_it_says_what_is_known_of_lists() -> None:
    usual = (NAMES_SICK[0] / sum(NAMES_SICK)) / (NAMES_OTHERS[0] / sum(NAMES_OTHERS))
    assert math.log(usual) == pytest.approx(3.0, abs=0.01)
    assert weight((0, 0), (0, 0)) == pytest.approx(math.log(usual), abs=0.3)


def test_a_list_that_names_suspects_alone_confirms_most() -> None:
    assert weight((40, 100), (0, 2000)) == MOST
    assert weight((40, 100), (0, 2000)) > weight((40, 100), (100, 2000)) > 1.0


def test_a_list_that_names_everybody_confirms_nothing() -> None:
    assert weight((100, 100), (2000, 2000)) < 0.2
    assert weight((1, 100), (500, 2000)) == 0.0  # nor does it clear


def test_lists_copy_from_each_other() -> None:
    weights = {"a": 3.0, "b": 1.5, "c": 0.6}
    assert named_weight({"a"}, weights) == 3.0
    assert named_weight({"b", "a", "c"}, weights) == 3.0 + AGAIN * 1.5
    assert named_weight((), weights) == 0.0


def test_nobody_named_no_list_weighed() -> None:
    assert lists_weights([(), ()], np.array([0.1, 0.9])) == {}
