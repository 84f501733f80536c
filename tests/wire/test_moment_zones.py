from datetime import timedelta

import pytest

from headwater.records.incident import Zone
from headwater.wire.moment_zones import read_zone, zone_said_for_all


@pytest.mark.parametrize(
    ("text", "minutes", "zone"),
    [
        ("Z", 0, Zone.KNOWN),
        ("(UTC+01:00)", 60, Zone.KNOWN),
        ("+0530", 330, Zone.KNOWN),
        ("-5", -300, Zone.KNOWN),
        ("GMT-0500", -300, Zone.KNOWN),
        ("-00:00", 0, Zone.KNOWN),
        ("CEST", 120, Zone.KNOWN),
        ("CST", -360, Zone.AMBIGUOUS),
    ],
)
def test_zones(text: str, minutes: int, zone: Zone) -> None:
    read = read_zone(text)
    assert read is not None
    assert (read[0].utcoffset(None), read[1]) == (timedelta(minutes=minutes), zone)


@pytest.mark.parametrize("text", ["", "hello", "+99", "()"])
def test_what_is_no_zone(text: str) -> None:
    assert read_zone(text) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("All times are in UTC.", 0),
        ("Timezone: GMT+2", 120),
        ("Timestamps (at the very left) are UTC", 0),
        ("Zeitangaben in MEZ", 60),
        ("All dates and times are GMT -0500.", -300),
    ],
)
def test_a_zone_stated_for_the_whole_mail(text: str, minutes: int) -> None:
    said = zone_said_for_all(text)
    assert said is not None
    assert said[0].utcoffset(None) == timedelta(minutes=minutes)


def test_a_time_with_its_own_zone_states_nothing_for_others() -> None:
    assert zone_said_for_all("Date: 2019-03-12 08:15:27 +0100") is None
