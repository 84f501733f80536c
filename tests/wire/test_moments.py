from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.records.incident import Zone
from headwater.wire.moment_zones import read_zone
from headwater.wire.moments import Clue, find_moments, month_number, plain_dates, plausible

CLUE = Clue(sent=datetime(2019, 3, 12, 10, tzinfo=UTC))
K, A, M = Zone.KNOWN, Zone.ASSUMED, Zone.AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "expected", "zone"),
    [
        ("2019-03-12T08:15:27Z", "2019-03-12 08:15:27", K),
        ("2019-03-12 08:15:27.123456+0000", "2019-03-12 08:15:27", K),
        ("2019-03-12 09:15:27 +01:00", "2019-03-12 08:15:27", K),
        ("2019-03-12 03:15:27 -0500 EST", "2019-03-12 08:15:27", K),
        ("2019/03/12 10:15:27 UTC+2", "2019-03-12 08:15:27", K),
        ("2019-03-12 at 09:15:27 (UTC+01:00)", "2019-03-12 08:15:27", K),
        ("2019-03-12_08:15:27", "2019-03-12 08:15:27", A),
        ("2019-Mar-12 08:15:27", "2019-03-12 08:15:27", A),
        ("Tue, 12 Mar 2019 09:15:27 +0100", "2019-03-12 08:15:27", K),
        ("[12/Mar/2019:09:15:27 +0100]", "2019-03-12 08:15:27", K),
        ("12-Mar-2019 08:15:27.123", "2019-03-12 08:15:27", A),
        ("Tue Mar 12 08:15:27 2019", "2019-03-12 08:15:27", A),
        ("Tue Mar 12 09:15:27 CET 2019", "2019-03-12 08:15:27", K),
        ("March 12, 2019 at 3:15 AM EST", "2019-03-12 08:15:00", K),
        ("Mar 12 08:15:27 host sshd", "2019-03-12 08:15:27", A),
        ("Dec 24 08:15:27 host sshd", "2018-12-24 08:15:27", A),
        ("03/12-08:15:27.123456", "2019-03-12 08:15:27", A),
        ("20190312 081527", "2019-03-12 08:15:27", A),
        ("20190312T081527Z", "2019-03-12 08:15:27", K),
        ("08:15:27 UTC on 12/03/2019", "2019-03-12 08:15:27", K),
        ("08:15 on 12 March 2019", "2019-03-12 08:15:00", A),
        ("08:15 on March 12th, 2019", "2019-03-12 08:15:00", A),
        ("12.03.2019 um 09:15 Uhr (MEZ)", "2019-03-12 08:15:00", K),
        ("13/02/2019 08:15:27", "2019-02-13 08:15:27", A),
        ("02/13/2019 08:15:27 AM", "2019-02-13 08:15:27", A),
        ("02/03/2019 08:15:27", "2019-03-02 08:15:27", M),
        ("2019-03-12 08:15:27 IST", "2019-03-12 02:45:27", M),
        ('"ts": 1552378527,', "2019-03-12 08:15:27", K),
        ("ts=1552378527123 ", "2019-03-12 08:15:27", K),
        ("12 de marzo de 2019 08:15:27", "2019-03-12 08:15:27", A),
        ("12 mars 2019 à 08:15", "2019-03-12 08:15:00", A),
        ("12 марта 2019 08:15", "2019-03-12 08:15:00", A),
        ("date=2019-03-12 time=08:15:27", "2019-03-12 08:15:27", A),
    ],
)
def test_each_way_to_write_a_time(text: str, expected: str, zone: Zone) -> None:
    (found,) = find_moments(text, CLUE)
    assert found.has_clock
    assert (f"{found.moment.at:%Y-%m-%d %H:%M:%S}", found.moment.zone) == (expected, zone)


def test_east_asian_dates() -> None:
    (found,) = find_moments(plain_dates("2019年3月12日 8時15分27秒"), CLUE)
    assert f"{found.moment.at:%H:%M:%S}" == "08:15:27"


def test_a_date_alone_has_no_clock() -> None:
    (found,) = find_moments("2019-03-12", CLUE)
    assert not found.has_clock


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01 00:00:00",
        "2100-01-01 00:00:00",
        "2019-13-40 08:15:27",
        "12:34:56",
        "192.0.2.1",
        "2019-03-20 08:15:27",
        "v2019",
        "Mar 99 08:15:27",
    ],
)
def test_what_cannot_be_the_time_of_an_incident_is_none(text: str) -> None:
    assert not [f for f in find_moments(text, CLUE) if f.has_clock]


def test_a_zone_for_all_holds_where_none_is_written() -> None:
    zone = read_zone("GMT+2")
    (found,) = find_moments("2019-03-12 10:15:27", Clue(sent=CLUE.sent, zone=zone))
    assert (found.moment.at.hour, found.moment.zone) == (8, Zone.KNOWN)


@pytest.mark.parametrize(
    ("word", "number"),
    [("März", 3), ("août", 8), ("ottobre", 10), ("мая", 5), ("grudnia", 12), ("xyz", 0)],
)
def test_months_of_several_languages(word: str, number: int) -> None:
    assert month_number(word) == number


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789:-/. TZ+janfebmrUC,()[]", max_size=120))
def test_any_text_gives_only_plausible_times(text: str) -> None:
    assert all(plausible(f.moment.at, CLUE) for f in find_moments(text, CLUE))
