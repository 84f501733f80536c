"""Lengths of time in seconds, as numbers or text."""

import pyarrow as pa
import pytest

from headwater.wire.columns.spans import spans


@pytest.mark.parametrize(
    ("column", "lengths", "bad"),
    [
        (pa.array(["0.136721", "12", "", None]), [136_721, 12_000_000, 0, 0], [0, 0, 0, 0]),
        (pa.array(["-1", "1e3", "x", "99999999999"]), [0] * 4, [1] * 4),
        (
            pa.array([0.5, None, float("nan"), -1.0, 1e12]),
            [500_000, 0, 0, 0, 0],
            [0, 0, 1, 1, 1],
        ),
        (pa.array([3, None]), [3_000_000, 0], [0, 0]),
        (pa.nulls(2), [0, 0], [0, 0]),
        (pa.array([True]), [0], [1]),
    ],
    ids=str,
)
def test_each_type(column: pa.Array, lengths: list[int], bad: list[int]) -> None:
    found = spans(column)
    assert found.numbers.tolist() == lengths
    assert found.bad.astype(int).tolist() == bad
