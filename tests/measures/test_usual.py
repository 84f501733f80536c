"""What is usual among many places: what share of what could stand out does."""

import numpy as np
import pytest

from headwater.measures.columns import Floats
from headwater.measures.usual import MANY, Usual

CLEAR = 3.0  # -log10: what a farm is asked about from


def stands(share: float, differ: float, worth: Floats, seed: int = 1) -> Floats:
    """How far places stand out where about such a share of what could does; both ways."""
    chance = np.random.default_rng(seed)
    shares = share + differ * chance.normal(size=(2, len(worth)))
    return np.asarray(shares * worth + chance.normal(size=(2, len(worth))))


def both(worth: Floats | float) -> Floats:
    return np.stack([np.atleast_1d(np.asarray(worth, np.float64))] * 2)


WORTH = np.geomspace(8.0, 80.0, 400)


@pytest.mark.parametrize(("share", "differ"), [(0.0, 0.0), (0.1, 0.0), (0.1, 0.05), (0.3, 0.2)])
def test_the_share_and_how_it_differs_are_told_by_all(share: float, differ: float) -> None:
    usual = Usual.of(stands(share, differ, WORTH), both(WORTH))
    assert usual.middle == pytest.approx([share, share], abs=0.02)
    assert usual.spread == pytest.approx([differ, differ], abs=0.04)


def test_what_many_call_stands_out_more_for_the_same() -> None:
    """A maker's cloud that two hundred call, and a gateway that ten dial."""
    usual = Usual.of(stands(0.1, 0.05, WORTH), both(WORTH))
    cloud, gateway = (
        float(usual.strength(both(share * worth), both(worth))[0])
        for share, worth in ((0.18, 80.0), (0.45, 18.0))
    )
    assert cloud < CLEAR < gateway
    assert Usual(np.zeros(2), np.zeros(2)).strength(both(9.6), both(80.0)) > CLEAR


def test_some_gateways_among_them_change_little() -> None:
    apart = stands(0.05, 0.0, WORTH)
    apart[:, ::10] = 0.6 * WORTH[::10]
    usual = Usual.of(apart, both(WORTH))
    assert usual.middle == pytest.approx([0.05, 0.05], abs=0.03)
    assert usual.spread.max() < 0.1


@pytest.mark.parametrize(("places", "middle"), [(MANY, 0.25), (MANY - 1, 0.0)])
def test_of_few_nothing_is_taken_off(places: int, middle: float) -> None:
    worth = np.full(places, 8.0)
    usual = Usual.of(np.stack([np.full(places, 2.0), np.full(places, -2.0)]), both(worth))
    assert (usual.middle.tolist(), usual.spread.tolist()) == ([middle, 0.0], [0.0, 0.0])


def test_who_could_show_nothing_tells_nothing() -> None:
    worth = np.concatenate([np.full(MANY, 8.0), np.full(5 * MANY, 0.9)])
    usual = Usual.of(np.stack([np.where(worth > 1, 2.0, 0.0)] * 2), both(worth))
    assert usual.middle.tolist() == [0.25, 0.25]
    alone = Usual.of(np.zeros((2, 0)), np.zeros((2, 0)))
    assert alone.middle.tolist() == [0.0, 0.0]


def test_two_ways_are_one_witness_and_a_half() -> None:
    usual, worth = Usual(np.zeros(2), np.zeros(2)), both(20.0)
    there, back = usual.beyond(np.array([[5.0], [4.0]]), worth)[:, 0]
    told = usual.strength(np.array([[5.0], [4.0]]), worth)[0]
    assert told == pytest.approx(there + back / 2)
    assert usual.strength(np.array([[4.0], [5.0]]), worth)[0] == pytest.approx(told)
