import pytest

from headwater.wire.whois.dates import Order
from headwater.wire.whois.lines import take_apart
from headwater.wire.whois.moments import Moments, moments
from headwater.wire.whois.words import Meaning


def found(text: str, order: Order | None = None, today: str | None = None) -> Moments:
    structure = take_apart(text)
    return moments(structure.entries, structure.comments, order, today)


def created(text: str, order: Order | None = None, today: str | None = None) -> str | None:
    return found(text, order, today).stamps.get(Meaning.CREATED)


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("Created: 03/04/2005", None),
        ("Created: 03/04/2005\nExpires: 28/04/2030", "2005-04-03"),
        ("Created: 03/04/2005\nExpires: 04/28/2030", "2005-03-04"),
        ("Created (mm/dd/yyyy): 03/04/2005", "2005-03-04"),
        ("% date format: DD/MM/YYYY\nCreated: 03/04/2005", "2005-04-03"),
        ("Record created on 26-Sep-2003.", "2003-09-26"),
        ("Registration Date: 2009-10-03\nCreation Date: 1995-06-22", "1995-06-22"),
        ("changed: someone@example.net 19990605 (Assigned)", "1999-06-05"),
        ("created: 0-REG 20020903000000", "2002-09-03T00:00:00"),
        ("Registered Office: 12 Street, St 9 May 2003", None),
    ],
)
def test_dates_of_creation(text: str, stamp: str | None) -> None:
    assert created(text) == stamp


def test_the_registry_and_the_calendar_settle_the_order() -> None:
    assert created("Created: 03/04/2005", Order.MDY) == "2005-03-04"
    assert created("Created: 03/11/2026", today="2026-06-01") == "2026-03-11"
    assert created("Created: 2027-01-01", today="2026-06-01") is None


def test_a_registry_may_be_a_day_ahead_of_us_and_no_more() -> None:
    for day in ("2026-06-01", "2026-06-02"):  # the second: Auckland's morning, London's night
        assert created(f"Created: {day}", today="2026-06-01") == day
    assert created("Created: 2026-06-03", today="2026-06-01") is None


def test_what_expires_on_its_first_day_is_believed() -> None:
    stamps = found("Created: 2026-01-01T10:00:00Z\nExpires: 2026-01-01").stamps
    assert stamps[Meaning.EXPIRES] == "2026-01-01"


def test_remarks_say_why_a_date_is_missing() -> None:
    assert found("Created: 03/04/2005").remarks == [
        "created: day and month cannot be told: 03/04/2005"
    ]
    late = found("Created: 2020-01-01\nExpires: 2019-01-01")
    assert Meaning.EXPIRES not in late.stamps
    assert late.remarks == ["expires before it was registered: 2019-01-01"]


def test_states_that_hold_a_date() -> None:
    stamps = found("status: OK-UNTIL 20140903121852").stamps
    assert stamps == {Meaning.EXPIRES: "2014-09-03T12:18:52"}
    assert found("[State]   Connected (2010/09/30)").stamps[Meaning.EXPIRES] == "2010-09-30"


def test_renewal_yields_to_expiry() -> None:
    text = "Renew date: 8 Oct 2012\nExp date: 7 Oct 2013"
    assert found(text).stamps[Meaning.EXPIRES] == "2013-10-07"


def test_of_signed_changes_the_last_counts() -> None:
    text = "changed: a@example.net 20000101\nchanged: a@example.net 20200101"
    assert found(text).stamps[Meaning.CHANGED] == "2020-01-01"
