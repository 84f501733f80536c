"""Every form of date, and what is no date."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.domain import instant_of
from headwater.wire.whois.dates import Order, dates_in, read_date


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2003-09-26", "2003-09-26"),
        ("2003-09-26T04:00:00Z", "2003-09-26T04:00:00Z"),
        ("2003-09-26T04:00:00.0Z", "2003-09-26T04:00:00Z"),
        ("2003-09-26T04:00:00.123456+01:00", "2003-09-26T04:00:00+01:00"),
        ("2003-09-26 04:00:00+02", "2003-09-26T04:00:00+02:00"),
        ("2003-09-26 04:00:00 (UTC+8)", "2003-09-26T04:00:00+08:00"),
        ("2003-09-26 04:00:00 CLST", "2003-09-26T04:00:00-03:00"),
        ("2003-09-26 04:00 CST", "2003-09-26T04:00:00"),  # America's or China's
        ("2003-09-26 24:00:00", "2003-09-27T00:00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("26-Sep-2003", "2003-09-26"),
        ("26-sep-03 04:00:11 UTC", "2003-09-26T04:00:11Z"),
        ("26-Sep-98", "1998-09-26"),
        ("26-Sep-83", "1983-09-26"),
        ("26-Sep-82", "2082-09-26"),  # before there were names
        ("Sep 26, 2003", "2003-09-26"),
        ("September 26th 2003", "2003-09-26"),
        ("Fri Sep 26 04:00:00 GMT 2003", "2003-09-26T04:00:00Z"),
        ("Fri Sep 26 04:00:00 GMT+8 2003", "2003-09-26T04:00:00+08:00"),
        ("Fri Sep 26 04:00:00 2003", "2003-09-26T04:00:00"),
        ("Fri, 26 Sep 2003 04:00:00 +0100", "2003-09-26T04:00:00+01:00"),
        ("Friday 26th September 2003", "2003-09-26"),
        ("26th September 2003 at 00:00:00.000", "2003-09-26T00:00:00"),
        ("2003-Sep-26.", "2003-09-26"),
        ("20030926 #7137", "2003-09-26"),
        ("20030926040000", "2003-09-26T04:00:00"),
        ("20030926 04:00:00", "2003-09-26T04:00:00"),
        ("2003. 09. 26.", "2003-09-26"),
        ("2003/09/26 04:00:00 (JST)", "2003-09-26T04:00:00+09:00"),
        ("26.9.2003 04:00:00", "2003-09-26T04:00:00"),
        ("1.2.2003", "2003-02-01"),
        ("26/09/2003", "2003-09-26"),
        ("09/26/2003", "2003-09-26"),
        ("26/09/2003 2:11 PM", "2003-09-26T14:11:00"),
        ("26/09/2003 12:11 AM", "2003-09-26T00:11:00"),
        ("26 septembre 2003", "2003-09-26"),
        ("26 de septiembre de 2003", "2003-09-26"),
        ("26 сентября 2003", "2003-09-26"),
        ("26 eylül 2003", "2003-09-26"),
        ("平成15年9月26日", "2003-09-26"),
        ("2003年9月26日", "2003-09-26"),
        ("2003년 9월 26일", "2003-09-26"),
        ("26 กันยายน 2546", "2003-09-26"),
        ("26/09/2546", "2003-09-26"),
        ("٢٠٠٣-٠٩-٢٦", "2003-09-26"),
    ],
)
def test_forms(text: str, stamp: str) -> None:
    written = read_date(text)
    assert written is not None
    assert written.certain
    assert written.stamp() == stamp


@pytest.mark.parametrize(
    "text",
    [
        "", "before Aug-1996", "before 01 January 1996", "2003", "September 2003", "0000-00-00",
        "1970-01-01", "2003-13-45", "31/02/2003", "N/A", "1234567890", "192.0.2.1", "not set",
        "99/99/99", "12-34", "9999-12-31", "1382-07-04", "Feb 30, 2003",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "order", "stamp"),
    [
        ("03/04/2005", None, None),
        ("03/04/2005", Order.DMY, "2005-04-03"),
        ("03/04/2005", Order.MDY, "2005-03-04"),
        ("03/04/05", None, None),
        ("03/04/05", Order.YMD, "2003-04-05"),
        ("04-04-2005", None, "2005-04-04"),
        ("26/09/2003", Order.MDY, "2003-09-26"),
    ],
)
def test_day_and_month_are_not_guessed(
    text: str, order: Order | None, stamp: str | None
) -> None:
    written = read_date(text)
    assert written is not None
    assert written.stamp(order) == stamp


def test_dates_within_text() -> None:
    text = "Record created on 26-Sep-2003."
    found = [(text[at:], written.stamp()) for at, written in dates_in(text)]
    assert found == [("on 26-Sep-2003.", "2003-09-26"), ("26-Sep-2003.", "2003-09-26")]


@given(st.integers(473_385_600, 4_102_444_799))
def test_iso_text_comes_back(seconds: int) -> None:
    text = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    written = read_date(text)
    assert written is not None
    assert written.stamp() == text


@given(
    st.text(max_size=60) | st.from_regex(r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,4}[-/. ][0-9]{1,4}.*")
)
def test_any_text_is_a_date_or_none(text: str) -> None:
    written = read_date(text)
    for order in (None, *Order):
        if written and (stamp := written.stamp(order)):
            instant_of(stamp)
    list(dates_in(text))
