import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from headwater.cli.list_reports import changed_at, when_seen
from headwater.records.errors import Misconfigured

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
NOWHERE = Path("/nowhere")


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-01-10", datetime(2026, 1, 10, tzinfo=UTC)),
        ("2026-01-10T01:00+01:00", datetime(2026, 1, 10, tzinfo=UTC)),
        ("2d", NOW - timedelta(days=2)),
        ("yesterday", datetime(2026, 1, 8, 23, tzinfo=UTC)),
    ],
)
def test_times_are_told_as_everywhere(told: str, at: datetime) -> None:
    assert when_seen(told, NOWHERE, NOW, ZoneInfo("Europe/Berlin")) == at


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(Misconfigured, match="expected a time"):
        when_seen("noon", NOWHERE, NOW, UTC)


def test_a_file_from_the_future_is_from_now(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch()
    os.utime(path, (NOW.timestamp() + 999, NOW.timestamp() + 999))
    assert changed_at(path, NOW) == NOW
    assert when_seen(None, path, NOW + timedelta(days=1), UTC) == NOW + timedelta(seconds=999)
