"""Whole numbers out of a column of integers, floats, decimals or text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PLAIN_NUMBER: Final = r"\A[+-]?[0-9]{1,18}\z"
LARGEST: Final = 2**63 - 1
LARGEST_IN_FLOAT: Final = 2.0**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A column (n) of numbers; 0 where it is missing (null) or bad (no such number)."""

    numbers: Ints
    missing: Mask
    bad: Mask

    def at(self, indices: Ints) -> "Values":
        """The rows that ``indices`` name, in their order."""
        return Values(
            numbers=self.numbers[indices],
            missing=self.missing[indices],
            bad=self.bad[indices],
        )


def values(numbers: Ints, missing: Mask, bad: Mask) -> Values:
    """Put 0 in the place of what is not there."""
    nothing = missing | bad
    if nothing.any():
        numbers, bad = np.where(nothing, 0, numbers), bad & ~missing
    return Values(numbers=numbers, missing=missing, bad=bad)


def all_bad(column: pa.Array) -> Values:
    """The answer for a column of a type that cannot hold such values."""
    missing = nulls(column)
    return values(np.zeros(len(column), np.int64), missing, ~missing)


def of_distinct(column: pa.Array, read: Callable[[pa.Array], Values]) -> Values:
    """Read each distinct value of a coded column once."""
    if column.type != pa.dictionary(pa.int32(), column.type.value_type):
        column = column.cast(pa.dictionary(pa.int32(), column.type.value_type))
    known = read(column.dictionary)
    if not (column.null_count or known.missing.any() or known.bad.any()):  # nearly always
        nowhere = np.zeros(len(column), np.bool_)
        numbers = known.numbers[column.indices.to_numpy()]
        return Values(numbers=numbers, missing=nowhere, bad=nowhere)
    last = len(known.numbers)
    padded = Values(
        numbers=np.append(known.numbers, 0),
        missing=np.append(known.missing, True),
        bad=np.append(known.bad, False),
    )
    return padded.at(column.indices.fill_null(last).to_numpy(zero_copy_only=False))


def whole_numbers(column: pa.Array) -> Values:
    """Each value as a 64-bit whole number. Empty text and NaN count as missing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return of_distinct(column, whole_numbers)
    if is_text(kind):
        return _from_text(column)
    if pa.types.is_integer(kind):
        return _from_integers(column)
    if pa.types.is_floating(kind):
        return _from_floats(column.cast(pa.float64()))
    if pa.types.is_decimal(kind):
        return _from_floats(column.cast(pa.float64()))
    return all_bad(column)


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def trimmed(column: pa.Array) -> pa.Array:
    """Text without white space around it; nothing left becomes null."""
    text = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(text, ""), None, text)


def nulls(column: pa.Array) -> Mask:
    if not column.null_count:
        return np.zeros(len(column), np.bool_)
    mask: Mask = column.is_null().to_numpy(zero_copy_only=False)
    return mask


def matches(text: pa.Array, pattern: str) -> Mask:
    """Where the whole pattern is found; false for null."""
    found = pc.match_substring_regex(text, pattern).fill_null(False)
    mask: Mask = found.to_numpy(zero_copy_only=False)
    return mask


def only(column: pa.Array, mask: Mask) -> pa.Array:
    """The column with null outside the mask."""
    return pc.if_else(pa.array(mask), column, pa.scalar(None, column.type))


def as_ints(column: pa.Array) -> Ints:
    """A column of 64-bit integers, 0 for null."""
    whole = column.fill_null(0) if column.null_count else column
    numbers: Ints = whole.to_numpy(zero_copy_only=False)
    return numbers


def _from_text(text: pa.Array) -> Values:
    try:  # nearly always
        numbers = as_ints(text.cast(pa.int64()))
        return values(numbers, nulls(text), np.zeros(len(text), np.bool_))
    except pa.ArrowInvalid:
        text = trimmed(text)
        missing = nulls(text)
        good = matches(text, PLAIN_NUMBER)
        numbers = only(pc.utf8_ltrim(text, "+"), good).cast(pa.int64())
        return values(as_ints(numbers), missing, ~good)


def _from_integers(column: pa.Array) -> Values:
    missing = nulls(column)
    if column.type != pa.uint64():
        bad = np.zeros(len(column), np.bool_)
        return values(as_ints(column.cast(pa.int64())), missing, bad)
    large: npt.NDArray[np.uint64] = column.fill_null(0).to_numpy(zero_copy_only=False)
    return values(large.view(np.int64), missing, large > LARGEST)


def _from_floats(column: pa.Array) -> Values:
    floats: npt.NDArray[np.float64] = column.fill_null(np.nan).to_numpy(zero_copy_only=False)
    missing = np.isnan(floats)
    bad = (np.abs(floats) >= LARGEST_IN_FLOAT) | (floats != np.trunc(floats))
    numbers = np.where(missing | bad, 0.0, floats).astype(np.int64)
    return values(numbers, missing, bad)
