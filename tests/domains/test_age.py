from datetime import UTC, datetime, timedelta, timezone

import pytest

from headwater.domains.age import age_days

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "days"),
    [
        ("2026-11-21", 1),
        ("2026-11-20", 1),
        ("2026-11-19", 2),
        ("2003-09-26", 8457),
        ("2026-11-20T23:30:00-01:00", 1),  # the 21st in UTC
        ("2026-12-01", 1),
    ],
)
def test_days_of_age(stamp: str, days: int) -> None:
    assert age_days(stamp, NOON) == days


def test_the_age_changes_at_midnight_utc() -> None:
    late = datetime(2026, 11, 22, 1, tzinfo=timezone(timedelta(hours=2)))
    assert age_days("2026-11-19", late) == 2
    assert age_days("2026-11-19", late + timedelta(hours=1)) == 3
