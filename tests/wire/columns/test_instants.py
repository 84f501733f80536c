"""Instants in every way they are written; zones assumed are counted."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.window import to_us
from headwater.wire.columns.instants import instants

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOON_US = to_us(NOON)
NOON_S = NOON_US // 1_000_000


def read(column: pa.Array) -> list[int | None]:
    found = instants(column).values
    known = ~(found.missing | found.bad)
    return [us if ok else None for us, ok in zip(found.numbers.tolist(), known, strict=True)]


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T12:00:00Z",
        "2024-05-01 12:00:00",
        "2024-05-01T12:00",
        "2024-05-01 12:00:00.000000999",
        "2024-05-01T14:00:00+02:00",
        "2024-05-01T14:00:00+0200",
        "2024-05-01T10:00:00.000-02",
        str(NOON_S),
        f"{NOON_S}.000000",
        f"{NOON_S}000",
        f"{NOON_S}000000",
        f"{NOON_S}000000999",
        " 2024-05-01T12:00:00Z ",
    ],
)
@pytest.mark.parametrize("others", [[], ["nonsense"], ["1714564800", "2024-05-01", None]])
def test_noon_alone_and_among_others(text: str, others: list[str]) -> None:
    assert read(pa.array([text, *others], pa.string()))[0] == NOON_US
    assert read(pa.array([*others, text], pa.string()))[-1] == NOON_US
    assert read(pa.array([text, *others], pa.string()).dictionary_encode())[0] == NOON_US


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([NOON_S, NOON_S * 1000, NOON_US, NOON_US * 1000]), [NOON_US] * 4),
        (pa.array([NOON_S + 0.5, None]), [NOON_US + 500_000, None]),
        (pa.array([NOON_S + 0.321305]), [NOON_US + 321_305]),
        (pa.array([NOON_S], pa.uint32()), [NOON_US]),
        (pa.array([NOON, None], pa.timestamp("s", tz="UTC")), [NOON_US, None]),
        (pa.array([NOON], pa.timestamp("ns", tz="Asia/Tokyo")), [NOON_US]),
        (pa.array([2**62], pa.timestamp("s")), [None]),
        (pa.array([float("inf"), float("nan")]), [None, None]),
        (pa.array([True]), [None]),
    ],
    ids=str,
)
def test_numbers_and_timestamps(column: pa.Array, expected: list[int | None]) -> None:
    assert read(column) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-13-01",
        "2024-02-30T00:00:00Z",
        "2024-05-01T25:00:00",
        "1e9",
        "9" * 25,
    ],
)
def test_what_is_no_instant_costs_itself_only(text: str) -> None:
    texts = ["2024-05-01T12:00:00Z", text, "2024-05-01T12:00:00Z"]
    assert read(pa.array(texts, pa.string())) == [NOON_US, None, NOON_US]


@pytest.mark.parametrize(
    ("column", "count"),
    [
        (pa.array(["2024-05-01 12:00:00", "2024-05-01", None]), 2),
        (pa.array(["2024-05-01 12:00:00", "2024-05-01T12:00:00Z"]), 1),
        (pa.array(["2024-05-01T12:00:00Z", str(NOON_S)]), 0),
        (pa.array([NOON.replace(tzinfo=None), None], pa.timestamp("us")), 1),
        (pa.array([NOON], pa.timestamp("us", tz="UTC")), 0),
    ],
    ids=str,
)
def test_zones_assumed_are_counted(column: pa.Array, count: int) -> None:
    assert instants(column).without_zone == count


YEARS = st.datetimes(datetime(1995, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.lists(st.tuples(YEARS, ZONES), min_size=1))
def test_iso_text_with_any_zone(moments: list[tuple[datetime, timezone]]) -> None:
    aware = [moment.replace(tzinfo=zone) for moment, zone in moments]
    texts = pa.array([moment.isoformat() for moment in aware], pa.string())
    assert read(texts) == [to_us(moment) for moment in aware]


@given(st.lists(st.text(max_size=30)))
def test_any_text_is_an_instant_missing_or_bad(texts: list[str]) -> None:
    found = instants(pa.array(texts, pa.string())).values
    assert len(found.numbers) == len(texts)
    assert not np.any(found.missing & found.bad)
