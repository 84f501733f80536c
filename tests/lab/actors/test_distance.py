"""How long packets travel."""

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from headwater.lab.actors.distance import FARTHEST_MS, NEAREST_MS, travel_s


def _frame(source: str, target: str) -> bytes:
    addresses = ip_address(source).packed + ip_address(target).packed
    if ip_address(source).version == 4:
        return bytes(12) + b"\x08\x00" + bytes(12) + addresses
    return bytes(12) + b"\x86\xdd" + bytes(8) + addresses


def test_both_directions_of_a_conversation_take_the_same_time() -> None:
    for own, outside in (
        ("192.0.2.60", "203.0.113.80"),
        ("2001:db8:100::1", "2001:db8:f000::9"),
    ):
        there = travel_s(_frame(own, outside), outside_first=False)
        back = travel_s(_frame(outside, own), outside_first=True)
        assert there == back


def test_an_outside_address_is_as_far_from_everybody() -> None:
    times = {travel_s(_frame(f"192.0.2.{n}", "203.0.113.80"), False) for n in range(9)}
    assert len(times) == 1


def test_arp_does_not_travel() -> None:
    assert travel_s(bytes(12) + b"\x08\x06" + bytes(28), False) == 0.0


@given(st.binary(max_size=80), st.booleans())
def test_any_frame_has_a_bounded_time(frame: bytes, outside_first: bool) -> None:
    seconds = travel_s(frame, outside_first)
    assert seconds == 0 or NEAREST_MS / 1000 <= seconds <= FARTHEST_MS / 1000
