from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.window import EPOCH, Window, from_us, to_us

MOMENTS = st.datetimes(timezones=st.just(UTC))


def test_the_epoch_is_zero_and_a_microsecond_is_one() -> None:
    assert to_us(EPOCH) == 0
    assert to_us(EPOCH + timedelta(microseconds=1)) == 1
    assert to_us(EPOCH - timedelta(microseconds=1)) == -1


def test_other_time_zones_are_the_same_instant() -> None:
    zone = timezone(timedelta(hours=2))
    assert to_us(datetime(2026, 1, 1, 2, tzinfo=zone)) == to_us(
        datetime(2026, 1, 1, tzinfo=UTC)
    )


@given(MOMENTS)
def test_there_and_back_to_the_microsecond(moment: datetime) -> None:
    assert from_us(to_us(moment)) == moment


def test_a_window_gives_its_ends_in_microseconds() -> None:
    window = Window(EPOCH, EPOCH + timedelta(hours=1))
    assert (window.start_us, window.end_us) == (0, 3_600_000_000)


@pytest.mark.parametrize(("minutes", "hours"), [(90, 1.5), (0, 1 / 3_600_000_000)])
def test_a_window_lasts_so_many_hours_and_never_none(minutes: int, hours: float) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert Window(start, start + timedelta(minutes=minutes)).hours == hours
