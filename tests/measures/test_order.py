import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from headwater.measures.order import FEW, firsts, order


def some(width: int, count: int = FEW + 100) -> NDArray[np.int64]:
    return np.random.default_rng(width).integers(-3, width, count)


@pytest.mark.parametrize("widths", [(5,), (70_000,), (1 << 33, 40), (1 << 60, 9, 1 << 17)])
def test_rows_stand_as_lexsort_puts_them(widths: tuple[int, ...]) -> None:
    keys = [some(width) for width in widths]
    assert order(*keys).tolist() == np.lexsort(keys).tolist()


def test_keys_may_be_narrow_and_reach_the_ends_of_their_kind() -> None:
    ends = np.where(some(2) > 0, np.iinfo(np.int64).max, np.iinfo(np.int64).min)
    small = some(100).astype(np.int32)
    flags = some(1) > -2
    assert order(small, ends).tolist() == np.lexsort((small, ends)).tolist()
    assert order(small, flags.astype(np.int8)).tolist() == np.lexsort((small, flags)).tolist()


def test_rows_that_are_all_alike_stay_as_they_stand() -> None:
    assert order(np.zeros(FEW + 1, np.int64)).tolist() == list(range(FEW + 1))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=20))
def test_few_rows_stand_alike(rows: list[tuple[int, int]]) -> None:
    one, two = (np.array([row[at] for row in rows], np.int64) for at in (0, 1))
    assert order(one, two).tolist() == np.lexsort((one, two)).tolist()


@given(st.lists(st.integers(0, 9), max_size=30))
def test_the_first_of_each_code_is_found(met: list[int]) -> None:
    found = np.array(met, np.int64)
    assert firsts(found, 10).tolist() == np.unique(found, return_index=True)[1].tolist()
