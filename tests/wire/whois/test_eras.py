import pytest

from headwater.wire.whois.eras import plain_calendar


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("平成7年10月19日", "1995-10-19"),
        ("令和元年5月1日", "2019-5-1"),
        ("昭和60年1月2日", "1985-1-2"),
        ("2007년 03월 02일", "2007-03-02"),
        ("8 ตุลาคม 2542", "8 ตุลาคม 1999"),
        ("8 ตุลาคม พ.ศ. 2542", "8 ตุลาคม 1999"),
        ("๘/๑๐/๒๕๔๒", "8/10/1999"),
        ("2003-09-26", "2003-09-26"),
        ("2400 Main Street", "2400 Main Street"),  # before domains began: no year of theirs
    ],
)
def test_years_are_of_our_count(text: str, plain: str) -> None:
    assert plain_calendar(text) == plain
