"""What headers add, learnt from what a tunnel carries and its host passes on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.balance import FEWEST_OCTETS, balanced
from headwater.measures.headers import MOST, without_headers

LETTERS = np.array([1_500, 40_000, 9_000, 2_500])


def learnt(times: float, passed_on: np.ndarray = LETTERS) -> float:
    """What is taken off where a tunnel carries so many times what is passed on."""
    carried = (passed_on * times).astype(np.int64)
    inner = without_headers(np.zeros(len(carried), np.int64), carried, passed_on)
    return float(carried[-1] / inner[-1])


def test_a_tunnel_carries_more_than_it_passes_on_and_not_many_times_as_much() -> None:
    taken_off = [round(learnt(times), 2) for times in (0.5, 1.0, 1.2, 2.2, 9.0)]
    assert taken_off == [1.0, 1.0, 1.2, 2.2, MOST]


def test_each_session_has_its_own() -> None:
    group = np.repeat([0, 1, 3], 4)
    passed_on = np.tile(LETTERS, 3)
    carried = passed_on * np.repeat([1, 2, 1], 4)
    assert without_headers(group, carried, passed_on).tolist() == passed_on.tolist()


def test_some_odd_pieces_and_silent_ones_teach_nothing() -> None:
    carried = np.array([3_000, 80_000, 18_000, 5_000, 100_000, FEWEST_OCTETS, 9_000])
    passed_on = np.array([1_500, 40_000, 9_000, 2_500, 90_000, FEWEST_OCTETS, 0])
    inner = without_headers(np.zeros(7, np.int64), carried, passed_on)
    assert balanced(inner, passed_on).tolist() == [True] * 4 + [False] * 3
    assert without_headers(np.zeros(1, np.int64), carried[-1:], passed_on[-1:]) == [9_000]


def test_of_no_piece_there_is_nothing() -> None:
    nothing = np.zeros(0, np.int64)
    assert len(without_headers(nothing, nothing, nothing)) == 0


@given(st.lists(st.tuples(*[st.integers(0, 5_000)] * 2), min_size=1, max_size=9))
def test_nothing_is_added_and_less_than_two_thirds_is_taken_off(
    pieces: list[tuple[int, int]],
) -> None:
    carried, passed_on = np.array(pieces).T
    inner = without_headers(np.zeros(len(carried), np.int64), carried, passed_on)
    assert (inner <= carried).all()
    assert (inner >= (carried / MOST).astype(np.int64)).all()


def test_a_heartbeat_teaches_nothing_however_often_it_beats() -> None:
    carried = np.append(2 * LETTERS, [FEWEST_OCTETS] * 9)
    passed_on = np.append(LETTERS, [FEWEST_OCTETS - 10] * 9)
    inner = without_headers(np.zeros(13, np.int64), carried, passed_on)
    assert inner[:4].tolist() == LETTERS.tolist()
