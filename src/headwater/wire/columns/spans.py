"""Lengths of time out of a column of seconds, as numbers or text."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headwater.wire.columns.numbers import (
    Values,
    all_bad,
    is_text,
    matches,
    nulls,
    only,
    trimmed,
)

SECONDS: Final = r"\A[0-9]{1,10}(\.[0-9]{1,12})?\z"
LONGEST_S: Final = 10.0**9  # three decades: longer is no measurement


def spans(column: pa.Array) -> Values:
    """Each value as microseconds; missing counts as none (0)."""
    if is_text(column.type):
        text = trimmed(column)
        good = matches(text, SECONDS)
        read = _from_floats(only(text, good).cast(pa.float64()))
        return Values(
            numbers=read.numbers, missing=nulls(text), bad=read.bad | ~(good | nulls(text))
        )
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind):
        return _from_floats(column.cast(pa.float64()))
    return all_bad(column)


def _from_floats(column: pa.Array) -> Values:
    seconds: npt.NDArray[np.float64] = pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False)
    bad = ~((seconds >= 0) & (seconds < LONGEST_S))
    us = np.rint(np.where(bad, 0.0, seconds) * 1e6).astype(np.int64)
    return Values(numbers=us, missing=nulls(column), bad=bad)
