"""Instants out of a column of timestamps, ISO 8601 text or epoch numbers of any unit."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headwater.wire.columns.numbers import (
    Values,
    all_bad,
    as_ints,
    is_text,
    matches,
    nulls,
    only,
    trimmed,
    values,
    whole_numbers,
)

MICROSECONDS_OF: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}
# An epoch number tells its unit by its size: as seconds 10**11 is the year 5138, as
# milliseconds it is 1973, and so on upwards.
MILLISECONDS_FROM, MICROSECONDS_FROM, NANOSECONDS_FROM = 10**11, 10**14, 10**17

WHOLE_EPOCH: Final = r"\A-?[0-9]{1,19}\z"
EPOCH: Final = r"\A-?[0-9]{1,19}\.[0-9]{0,9}\z"
CLOCK: Final = (
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}(:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?)?"
)
ISO: Final = CLOCK + r"\z"
ISO_WITH_ZONE: Final = CLOCK + r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)\z"


class Instants(NamedTuple):
    """Microseconds since 1970 UTC, and how many were written without a time zone."""

    values: Values
    without_zone: int  # taken as UTC


def instants(column: pa.Array) -> Instants:
    """Each value as an instant. Text without a zone, and naive timestamps, count as UTC."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return instants(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return _from_timestamps(column)
    if pa.types.is_integer(kind):
        return Instants(_epoch(whole_numbers(column)), 0)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Instants(_epoch_with_fraction(column.cast(pa.float64())), 0)
    if is_text(kind):
        return _all_alike(column) or _from_text(trimmed(column))
    return Instants(all_bad(column), 0)


def _from_timestamps(column: pa.Array) -> Instants:
    unit, missing = column.type.unit, nulls(column)
    raw = as_ints(column.view(pa.int64()))
    if unit == "ns":
        us, bad = raw // 1000, np.zeros(len(raw), np.bool_)
    else:
        factor = MICROSECONDS_OF[unit]
        bad = np.abs(raw) > 2**62 // factor
        us = np.where(bad, 0, raw) * factor
    naive = 0 if column.type.tz else int(np.count_nonzero(~missing))
    return Instants(values(us, missing, bad), naive)


def _epoch(seconds: Values) -> Values:
    raw = seconds.numbers
    size = np.abs(raw)
    us = np.select(
        [size < MILLISECONDS_FROM, size < MICROSECONDS_FROM, size < NANOSECONDS_FROM],
        [raw * 1_000_000, raw * 1_000, raw],
        raw // 1_000,
    )
    return values(us, seconds.missing, seconds.bad)


def _epoch_with_fraction(column: pa.Array) -> Values:
    floats: npt.NDArray[np.float64] = column.fill_null(np.nan).to_numpy(zero_copy_only=False)
    missing = np.isnan(floats)
    bad = np.abs(floats) >= 2.0**62
    floats = np.where(missing | bad, 0.0, floats)
    size = np.abs(floats)
    scaled = np.select(
        [size < MILLISECONDS_FROM, size < MICROSECONDS_FROM, size < NANOSECONDS_FROM],
        [floats * 1e6, floats * 1e3, floats],
        floats / 1e3,
    )
    # A float holds the microseconds of today's seconds with an error of an eighth.
    return values(np.rint(scaled).astype(np.int64), missing, bad)


def _all_alike(text: pa.Array) -> Instants | None:
    """The quick way, for a column in which every text is written as the first one is."""
    first = next((value.as_py() for value in text[:100] if value.is_valid), "")
    for form in FORMS:
        if re.match(form.pattern.replace(r"\z", r"\Z"), first):
            try:
                found = form.read(text.cast(form.kind))
            except pa.ArrowInvalid:
                return None
            return Instants(found, int(np.count_nonzero(~found.missing)) * form.is_naive)
    return None


def _from_text(text: pa.Array) -> Instants:
    missing, size = nulls(text), len(text)
    us, good = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    without_zone = 0
    for form in FORMS:
        here = matches(text, form.pattern) & ~good
        if here.any():
            # The shape is right, but there may be no such day.
            found = form.read(_cast_where_possible(only(text, here), form.kind))
            known = here & ~found.missing & ~found.bad
            us, good = np.where(known, found.numbers, us), good | known
            without_zone += int(np.count_nonzero(known)) * form.is_naive
    return Instants(values(us, missing, ~good), without_zone)


def _whole_epoch(column: pa.Array) -> Values:
    return _epoch(whole_numbers(column))


def _clock(column: pa.Array) -> Values:
    nanoseconds = as_ints(column.view(pa.int64()))
    return values(nanoseconds // 1000, nulls(column), np.zeros(len(column), np.bool_))


class _Form(NamedTuple):
    """One way in which an instant is written."""

    pattern: str
    kind: pa.DataType  # what its texts are cast to
    read: Callable[[pa.Array], Values]
    is_naive: bool = False


FORMS: Final = (
    _Form(WHOLE_EPOCH, pa.int64(), _whole_epoch),
    _Form(EPOCH, pa.float64(), _epoch_with_fraction),
    _Form(ISO, pa.timestamp("ns"), _clock, True),
    _Form(ISO_WITH_ZONE, pa.timestamp("ns", tz="UTC"), _clock),
)


def _cast_where_possible(text: pa.Array, kind: pa.DataType) -> pa.Array:
    """Null where it is not possible."""
    try:
        return text.cast(kind)
    except pa.ArrowInvalid:
        if len(text) == 1:
            return pa.nulls(1, kind)
    middle = len(text) // 2
    return pa.concat_arrays(
        [
            _cast_where_possible(text[:middle], kind),
            _cast_where_possible(text[middle:], kind),
        ]
    )
