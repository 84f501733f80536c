from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from headwater.cli.moments import read_moment
from headwater.records.errors import Misconfigured

NOW = datetime(2026, 3, 30, 1, 30, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")  # summer time began on the 29th


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-03-30T01:30"),
        ("6h", "2026-03-29T19:30"),
        ("90m", "2026-03-30T00:00"),
        ("30s", "2026-03-30T01:29:30"),
        ("2d", "2026-03-28T01:30"),
        ("1w", "2026-03-23T01:30"),
        (" Today ", "2026-03-29T22:00"),
        ("yesterday", "2026-03-28T23:00"),
        ("2026-01-31", "2026-01-31T00:00"),
        ("2026-01-31T12:00", "2026-01-31T12:00"),
        ("2026-01-31T12:00Z", "2026-01-31T12:00"),
        ("2026-01-31T12:00+02:00", "2026-01-31T10:00"),
    ],
)
def test_instants_as_people_type_them(text: str, moment: str) -> None:
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert read_moment(text, NOW, VIENNA) == expected


@pytest.mark.parametrize("text", ["", "soon", "6", "6y", "-6h", "999999w", "2026-13-01", "6 h"])
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(Misconfigured, match="expected a time such as"):
        read_moment(text, NOW, UTC)
