from ipaddress import IPv4Address, IPv6Address, ip_address

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.address_text import read_addresses

V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)


@pytest.mark.parametrize(
    "text",
    [
        "", "192.0.2", "192.0.2.256", "192.0.02.1", "192.0.2.1 ", "192.0.2.1\n", "1.2.3.4.5",
        "2001:db8::1%e", "2001:db8:::1", ":", "g::", "٣.٣.٣.٣", "0x7f.0.0.1", "::" + "0" * 99
    ],
)  # fmt: skip
def test_what_is_no_address_has_no_family(text: str) -> None:
    assert read_addresses(pa.array([text], pa.string())).family.tolist() == [0]


def test_nulls_and_empty_arrays_are_read() -> None:
    assert read_addresses(pa.array([None, "192.0.2.1"], pa.string())).family.tolist() == [0, 4]
    assert read_addresses(pa.array([], pa.string())).family.tolist() == []


def test_mapped_v6_is_v4() -> None:
    read = read_addresses(pa.array(["::ffff:192.0.2.1", "::ffff:c000:201"]))
    assert read.family.tolist() == [4, 4]
    assert read.v4.tolist() == [int(IPv4Address("192.0.2.1"))] * 2


@given(st.lists(V4 | V6 | st.text(max_size=20)))
def test_agrees_with_the_standard_library(texts: list[str]) -> None:
    read = read_addresses(pa.array(texts, pa.string()))
    for at, text in enumerate(texts):
        family = int(read.family[at])
        try:
            expected = ip_address(text)
        except ValueError:
            assert family == 0
            continue
        mapped = isinstance(expected, IPv6Address) and expected.ipv4_mapped
        if mapped or expected.version == 4:
            assert (family, int(read.v4[at])) == (4, int(mapped or expected))
        elif "%" not in text:
            assert (family, bytes(read.v6[at]).ljust(16, b"\0")) == (6, expected.packed)


@given(st.lists(st.ip_addresses(v=6), min_size=2))
def test_packed_v6_sorts_as_the_addresses_do(addresses: list[IPv6Address]) -> None:
    unmapped = [a for a in addresses if not a.ipv4_mapped]
    read = read_addresses(pa.array([str(a) for a in unmapped], pa.string()))
    in_order = np.sort(read.v6).tolist()
    assert [b.ljust(16, b"\0") for b in in_order] == [a.packed for a in sorted(unmapped)]
