"""Whole numbers out of every type a table may bring, and nothing guessed."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.columns.numbers import Values, whole_numbers

GOOD, MISSING, BAD = "good", "missing", "bad"


def read(column: pa.Array) -> list[int | str]:
    """Each value as its number, or the word for what it is instead."""
    return _plain(whole_numbers(column))


def _plain(found: Values) -> list[int | str]:
    words = zip(found.numbers.tolist(), found.missing, found.bad, strict=True)
    return [MISSING if missing else BAD if bad else number for number, missing, bad in words]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1, None, -3], pa.int8()), [1, MISSING, -3]),
        (pa.array([1, 2**64 - 1, None], pa.uint64()), [1, BAD, MISSING]),
        (pa.array([1.0, 1.5, float("nan"), None, 1e300]), [1, BAD, MISSING, MISSING, BAD]),
        (pa.array([Decimal("12.00"), Decimal("1.50"), None]), [12, BAD, MISSING]),
        (pa.array(["1", " 7 ", "+5", "-2", "", None]), [1, 7, 5, -2, MISSING, MISSING]),
        (pa.array(["1", "x", "1.5", "0x10", "1e3", "9" * 30]), [1, *[BAD] * 5]),
        (pa.array(["1", "2", "1", None, "x"]).dictionary_encode(), [1, 2, 1, MISSING, BAD]),
        (pa.array([b"1", None]), [BAD, MISSING]),
        (pa.array([True, None]), [BAD, MISSING]),
        (pa.array([], pa.string()), []),
    ],
    ids=str,
)
def test_each_type(column: pa.Array, expected: list[int | str]) -> None:
    assert read(column) == expected


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))))
def test_integers_survive_every_way_of_writing_them(numbers: list[int | None]) -> None:
    expected = [MISSING if number is None else number for number in numbers]
    assert read(pa.array(numbers, pa.int64())) == expected
    texts = [None if number is None else str(number) for number in numbers]
    assert read(pa.array(texts, pa.string())) == expected
    assert read(pa.array(texts, pa.string()).dictionary_encode()) == expected


@given(st.lists(st.text(max_size=25)))
def test_any_text_is_a_number_missing_or_bad(texts: list[str]) -> None:
    found = whole_numbers(pa.array(texts, pa.string()))
    assert not np.any(found.missing & found.bad)
    for text, number, known in zip(
        texts, found.numbers.tolist(), ~(found.missing | found.bad), strict=True
    ):
        assert number == (int(text) if known else 0)
