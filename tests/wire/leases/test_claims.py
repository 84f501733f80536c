from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from tests.wire.leases.samples import at

from headwater.records.errors import MalformedInput
from headwater.wire.leases.claims import held_by, read_instant, session_name, subscriber_name


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:00:00Z",
        "2026-03-01 09:00:00",
        "2026-03-01T10:00:00+01:00",
        "1772355600",
        "1772355600.0",
    ],
)
def test_times(text: str) -> None:
    assert read_instant(text, UTC) == at("09:00")


@pytest.mark.parametrize("text", ["2026-03-29 02:30:00", "2026-10-25 02:30:00"])
def test_local_times_that_were_skipped_or_repeated_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput, match="occurs twice or never"):
        read_instant(text, ZoneInfo("Europe/Vienna"))


def test_names_and_holdings() -> None:
    assert subscriber_name(None, " ", " a ") == "a"
    assert held_by("::ffff:192.0.2.1") == "192.0.2.1"
    assert held_by("2001:DB8::/32") == "2001:db8::/32"
    with pytest.raises(MalformedInput, match="not an address of anybody"):
        held_by("::/64")


def test_sessions_are_safe_to_print() -> None:
    assert session_name("a\x1b[2J\u202eb" + "c" * 500).startswith("a?[2J?bccc")
    assert len(session_name("c" * 500)) == 128
