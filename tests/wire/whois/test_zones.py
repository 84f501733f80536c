import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.whois.zones import read_zone


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("z", 0), (" utc", 0), (" (utc+8)", 480), (" (gmt+0:00)", 0), ("+0530", 330),
        ("-03", -180), (" cest", 120), (" (jst)", 540), (" est", -300),
        ("", None), (" cst", None), ("+99", None), ("+01:75", None), (" #7137", None),
    ],
)  # fmt: skip
def test_zones(text: str, minutes: int | None) -> None:
    found, length = read_zone(text)
    assert found == minutes
    assert length == (len(text) if minutes is not None else 0)


@given(st.text(max_size=20))
def test_any_text_is_a_zone_or_none(text: str) -> None:
    minutes, length = read_zone(text)
    assert length <= len(text)
    assert minutes is None or -14 * 60 <= minutes <= 14 * 60
