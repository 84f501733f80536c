from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from headwater.pipeline.own_addresses import membership

PREFIXES = [
    ip_network(p)
    for p in ("192.0.2.0/25", "192.0.2.128/26", "198.51.100.7/32", "2001:db8:1::/48")
]
SPARED = [ip_network("192.0.2.9/32")]
OWN = membership(PREFIXES, SPARED)


@given(st.ip_addresses(v=4, network="192.0.2.0/24") | st.ip_addresses(network="2001:db8::/44"))
def test_as_the_prefixes_say(address: object) -> None:
    read = ip_address(str(address))
    inside = any(read in p for p in PREFIXES) and not any(read in p for p in SPARED)
    assert OWN(str(address)) is inside


def test_what_is_no_address_is_not_own() -> None:
    assert not OWN("hello")
    assert not membership([])("192.0.2.1")
