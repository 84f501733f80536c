from datetime import UTC, date, datetime

import pytest

from headwater.records.domain import day_of, instant_of


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("2003-09-26", datetime(2003, 9, 26, tzinfo=UTC)),
        ("2003-09-26T04:00:00", datetime(2003, 9, 26, 4, tzinfo=UTC)),
        ("2003-09-26T04:00:00Z", datetime(2003, 9, 26, 4, tzinfo=UTC)),
        ("2003-09-26T04:00:00+08:00", datetime(2003, 9, 25, 20, tzinfo=UTC)),
    ],
)
def test_a_stamp_is_an_instant(stamp: str, instant: datetime) -> None:
    assert instant_of(stamp) == instant


def test_the_day_is_that_of_utc() -> None:
    assert day_of("2003-09-26T04:00:00+08:00") == date(2003, 9, 25)


@pytest.mark.parametrize(
    "text",
    ["", "2003", "26.9.2003", "2003-02-30", "2003-09-26 04:00", "0001-01-01T00:00:00+01:00"],
)
def test_what_is_no_stamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        instant_of(text)
