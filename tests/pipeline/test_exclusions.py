from ipaddress import IPv4Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.pipeline import exclusions
from headwater.pipeline.exclusions import Exclusions
from headwater.records.errors import MalformedInput
from headwater.records.sighting import Excluded, Sighting
from headwater.wire.prefix_text import read_prefix


def left(listed: str, *excluded: str) -> list[str]:
    holes = Exclusions(Excluded(*read_prefix(text)) for text in excluded)
    return [s.subject for s in holes.applied_to(Sighting(*read_prefix(listed), detail="x"))]


def test_nothing_excluded_leaves_everything() -> None:
    assert left("192.0.2.0/24") == ["192.0.2.0/24"]


def test_the_same_entry_is_gone() -> None:
    assert left("192.0.2.1", "192.0.2.1") == []
    assert left("192.0.2.0/24", "192.0.2.0/24") == []


def test_a_hole_leaves_the_prefixes_around_it() -> None:
    assert left("192.0.2.0/30", "192.0.2.1") == ["192.0.2.0", "192.0.2.2/31"]
    assert left("2001:db8::/127", "2001:db8::1") == ["2001:db8::"]


def test_a_more_specific_entry_inside_an_exclusion_stays() -> None:
    assert left("192.0.2.1", "192.0.2.0/24") == ["192.0.2.1"]
    assert left("192.0.2.0/28", "192.0.2.0/24") == ["192.0.2.0/28"]


def test_the_other_family_is_not_touched() -> None:
    assert left("0.0.0.0/0", "::1") == ["0.0.0.0/0"]
    assert left("::/0", "0.0.0.1") == ["::/0"]


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusions, "MOST_EXCLUSIONS", 2)
    with pytest.raises(MalformedInput, match="more than 2"):
        left("192.0.2.0/24", "192.0.2.1", "192.0.2.2", "192.0.2.3")


SMALL = st.builds(
    lambda low, length: str(IPv4Network((0xC0000200 | low, length), strict=False)),
    st.integers(0, 255),
    st.integers(25, 32),
)


@given(st.lists(SMALL, max_size=6))
def test_what_is_left_and_what_is_out_make_the_whole(excluded: list[str]) -> None:
    kept = [ip_network(text) for text in left("192.0.2.0/24", *excluded)]
    holes = [ip_network(text) for text in excluded]
    for number in range(256):
        address = ip_address(f"192.0.2.{number}")
        times = sum(address in network for network in kept)
        assert times == (0 if any(address in hole for hole in holes) else 1)
