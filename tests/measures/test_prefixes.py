from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.prefixes import NO_PREFIX, PrefixTable, network_of, networks_of

Network = IPv4Network | IPv6Network


def networks(version: int, base: int, bits: int) -> st.SearchStrategy[Network]:
    """Prefixes crowded into a small space, so that they nest and touch."""
    whole = 32 if version == 4 else 128
    kind = IPv4Network if version == 4 else IPv6Network
    return st.builds(
        lambda low, length: kind((base | low, length), strict=False),
        st.integers(0, 2**bits - 1),
        st.integers(whole - bits, whole),
    )


CROWDED = st.lists(
    networks(4, 0, 32)
    | networks(4, int(ip_address("192.0.2.0")), 8)
    | networks(4, 2**32 - 256, 8)
    | networks(6, int(ip_address("2001:db8::")), 12)
    | networks(6, 2**128 - 256, 8)
    | networks(6, 0, 128),
    max_size=12,
)
ADDRESSES = (
    st.ip_addresses(network="192.0.2.0/24")
    | st.ip_addresses(network="2001:db8::/116")
    | st.ip_addresses(v=4)
    | st.ip_addresses(v=6)
    | st.sampled_from(["0.0.0.0", "255.255.255.255", "::", "ffff:" * 7 + "ffff"]).map(
        ip_address
    )
)


def longest(prefixes: list[Network], text: str) -> int:
    address = ip_address(text)
    if address.version == 6 and (mapped := address.ipv4_mapped):
        address = mapped
    fits = [(n.prefixlen, at) for at, n in enumerate(prefixes) if address in n]
    return max(fits)[1] if fits else NO_PREFIX


@given(CROWDED, st.lists(ADDRESSES.map(str), min_size=1))
def test_agrees_with_a_plain_search(prefixes: list[Network], texts: list[str]) -> None:
    table = PrefixTable(prefixes)
    expected = [longest(prefixes, text) for text in texts]
    assert table.match_text(texts).tolist() == expected
    coded = pa.array(texts).dictionary_encode()
    assert table.match_text(coded).tolist() == expected
    assert table.match_text(pa.chunked_array([coded, coded])).tolist() == expected * 2
    assert table.holds_text(texts).tolist() == [e != NO_PREFIX for e in expected]


def test_the_edges_of_a_prefix() -> None:
    table = PrefixTable(["192.0.2.64/26"], [7])
    around = ["192.0.2.63", "192.0.2.64", "192.0.2.127", "192.0.2.128"]
    assert table.match_text(around).tolist() == [-1, 7, 7, -1]


def test_numbers_are_matched_as_their_text_is() -> None:
    table = PrefixTable(["198.51.100.0/24", "2001:db8::/32"], [1, 2])
    v4 = np.array([int(ip_address("198.51.100.9")), 0], np.uint32)
    v6 = np.array([ip_address("2001:db8::9").packed, bytes(16)], "S16")
    assert table.match_v4(v4).tolist() == [1, -1]
    assert table.match_v6(v6).tolist() == [2, -1]


def test_no_prefix_cuts_a_hole() -> None:
    table = PrefixTable(["192.0.2.0/24", "192.0.2.4/32"], [5, NO_PREFIX])
    assert table.match_text(["192.0.2.3", "192.0.2.4", "192.0.2.5"]).tolist() == [5, -1, 5]


def test_the_later_of_two_equal_prefixes_counts() -> None:
    table = PrefixTable(["192.0.2.0/24", "192.0.2.0/24"], [1, 2])
    assert table.match_text(["192.0.2.9"]).tolist() == [2]


def test_an_empty_table_holds_nothing_and_nulls_match_nothing() -> None:
    assert PrefixTable([]).match_text(["192.0.2.1", "::1", "?"]).tolist() == [-1, -1, -1]
    texts = pa.array(["192.0.2.1", None], pa.string())
    assert PrefixTable(["0.0.0.0/0"]).match_text(texts).tolist() == [0, -1]
    assert PrefixTable(["0.0.0.0/0"]).match_text(texts.dictionary_encode()).tolist() == [0, -1]
    assert PrefixTable(["::/0"]).match_text(pa.chunked_array([], pa.string())).tolist() == []


def test_what_is_no_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"192\.0\.2"):
        PrefixTable(["192.0.2.0/33"])
    with pytest.raises(ValueError, match="2 prefixes but 1 values"):
        PrefixTable([ip_network("192.0.2.0/24"), "::/0"], [1])


SPARSE = st.lists(st.sampled_from([0, 0, 0, 1, 0xDB8, 0xFFFF]), min_size=8, max_size=8).map(
    lambda groups: ip_address(sum(group << 16 * at for at, group in enumerate(groups)))
)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6) | SPARSE)
def test_the_network_is_the_one_that_holds_the_address(
    address: IPv4Address | IPv6Address,
) -> None:
    length = 24 if address.version == 4 else 48
    assert network_of(str(address)) == str(ip_network((address, length), strict=False))


def test_networks_are_numbered_in_the_order_of_their_names() -> None:
    told = networks_of(["203.0.113.9", "198.51.100.7", "2001:db8::1", "203.0.113.200"])
    assert told.tolist() == [2, 0, 1, 2]
    assert networks_of([]).tolist() == []
