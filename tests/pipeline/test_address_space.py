from ipaddress import ip_network

import pyarrow as pa
import pytest

from headwater.pipeline.address_space import address_space


@pytest.mark.parametrize(
    ("prefixes", "four", "six"),
    [
        ((), 0, 0),
        (("192.0.2.0/24",), 256, 0),
        (("192.0.2.7/32", "2001:db8::/64"), 1, 2**64),
        (("192.0.2.0/24", "192.0.2.0/25", "192.0.2.128/25"), 256, 0),  # none twice
        (("192.0.2.0/25", "198.51.100.0/24"), 128 + 256, 0),
    ],
)
def test_each_own_address_counts_once(prefixes: tuple[str, ...], four: int, six: int) -> None:
    lit = pa.chunked_array([["192.0.2.1", "2001:db8::1"], ["192.0.2.2"]])
    rows = address_space(map(ip_network, prefixes), lit).to_pylist()
    assert rows == [
        {"family": 4, "addresses": four, "lit": 2},
        {"family": 6, "addresses": six, "lit": 1},
    ]
