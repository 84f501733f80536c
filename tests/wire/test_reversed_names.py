from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.reversed_names import read_reversed

V6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("1.2.0.192", "192.0.2.1"),
        ("1.2.0.192.bl.example.", "192.0.2.1"),
        ("*.2.0.192", "192.0.2.0/24"),
        ("*.10", "10.0.0.0/8"),
        (V6, "2001:db8::1"),
        (f"{V6}.bl.example", "2001:db8::1"),
        ("*.8.b.d.0.1.0.0.2", "2001:db8::/32"),
    ],
)
def test_names_of_addresses(name: str, subject: str) -> None:
    assert read_reversed(name)[0] == subject


@pytest.mark.parametrize(
    "name", ["", "*", "test", "2.0.192", "1.2.0.999", "*.example", "x.2.0.192"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(MalformedInput):
        read_reversed(name)


@given(st.ip_addresses())
def test_there_and_back(address: object) -> None:
    known = ip_address(str(address))
    name = known.reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
    if known.version == 4 or not known.ipv4_mapped:
        assert read_reversed(name)[0] == str(known)


@given(st.text(alphabet="0123456789abf.*", max_size=70))
def test_any_name_gives_a_subject_or_malformed_input(name: str) -> None:
    with suppress(MalformedInput):
        assert read_reversed(name)[0]
