"""Errands at other times than a session's pieces."""

import numpy as np
from numpy.typing import NDArray

from headwater.measures.balance import Balance
from headwater.measures.errands import Errands
from headwater.measures.other_times import TIMES, at_other_times, held_against

HOST, OTHER, PEER, FAR = 0, 1, 2, 3


def errands(host: list[int], began_us: list[int]) -> Errands:
    began = np.array(began_us)
    amounts = (np.ones(len(began), np.int64),)
    return Errands(
        host=np.array(host), peer=np.full(len(began), FAR), began_us=began, amounts=amounts
    )


def sums(of: Errands, began: list[int], ended: list[int]) -> NDArray[np.int64]:
    many = len(began)
    whose = np.full(many, HOST), np.full(many, PEER)
    span = np.array(began), np.array(ended)
    each = at_other_times(of, np.zeros(many, np.int64), whose, span)
    return np.array([found for (found,) in each])


def test_what_goes_on_all_the_time_is_met_at_any_time() -> None:
    always = errands([HOST] * 2000, list(range(2000)))
    found = sums(always, [0, 400, 1000], [300, 700, 1300])
    assert found.shape == (TIMES, 3)
    assert (found == 300).all()


def test_what_was_done_for_the_pieces_is_mostly_not() -> None:
    began = [0, 1000, 2000, 3000, 4000]
    found = sums(
        errands([HOST] * 5, [at + 10 for at in began]), began, [at + 50 for at in began]
    )
    assert found.mean() < 0.2


def test_pieces_come_round_within_their_session() -> None:
    late = errands([HOST] * 100, list(range(900, 1000)))
    found = sums(late, [0, 900], [99, 999])
    assert found[:, 0].max() > 0  # the first piece is asked about at the end, too
    assert found.sum(axis=1).max() <= 2 * 99


def test_others_errands_are_theirs() -> None:
    assert sums(errands([OTHER] * 50, list(range(50))), [0, 20], [10, 40]).sum() == 0


def test_chance_is_never_less_than_was_told() -> None:
    way = Balance(intervals=10, balanced=9, by_chance=2.0, log10_chance=-5.0)
    assert held_against(way, 1.0) == way
    likelier = held_against(way, 8.0)
    assert (likelier.by_chance, likelier.balanced) == (8.0, 9)
    assert -1.0 < likelier.log10_chance <= 0.0
