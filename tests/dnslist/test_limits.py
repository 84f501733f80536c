"""Who may ask, and how often."""

from ipaddress import IPv6Address

import numpy as np
import pytest

from headwater.dnslist.answers.limits import AccessList, Clients, ResponseRate
from headwater.records.errors import Misconfigured

FACTOR = 0x9E3779B97F4A7C15


def v4(*lasts: int) -> Clients:
    """Addresses of 192.0.2.0/24 and, from 256 on, of the networks after it."""
    return np.array([0xC0000200 + last for last in lasts], np.uint32)


def v6(*texts: str) -> Clients:
    return np.array([IPv6Address(text).packed for text in texts], "S16")


def over(rate: ResponseRate, clients: Clients, second: int) -> tuple[list[bool], list[bool]]:
    found = rate.over(clients, second)
    if found is None:
        return [False] * len(clients), [False] * len(clients)
    return [bool(one) for one in found[0]], [bool(one) for one in found[1]]


def test_only_listed_networks_may_ask() -> None:
    access = AccessList(["192.0.2.0/25", "2001:db8::/48"])
    assert access.allowed(v4(0, 127, 128, 256)).tolist() == [True, True, False, False]
    asked = v6("2001:db8::1", "2001:db8:1::1", "::1", "2001:db8::")
    assert access.allowed(asked).tolist() == [True, False, False, True]


def test_an_empty_list_lets_nobody_in_and_nonsense_is_misconfigured() -> None:
    assert not AccessList([]).allowed(v4(1, 2)).any()
    assert not AccessList([]).allowed(v6("::1")).any()
    with pytest.raises(Misconfigured):
        AccessList(["everybody"])


def test_the_limit_itself_is_within_and_one_more_is_over() -> None:
    rate = ResponseRate(3, 0, FACTOR)
    assert over(rate, v4(1, 1, 1), 10)[0] == [False, False, False]
    assert over(rate, v4(1), 10)[0] == [True]
    assert over(rate, v4(1), 11)[0] == [False]  # a new second


def test_every_second_one_over_the_limit_is_truncated() -> None:
    dropped, slipped = over(ResponseRate(2, 2, FACTOR), v4(*[9] * 8), 10)
    assert dropped == [False, False, True, False, True, False, True, False]
    assert slipped == [False, False, False, True, False, True, False, True]


def test_a_network_counts_as_one() -> None:
    assert over(ResponseRate(2, 0, FACTOR), v4(1, 77, 255), 1)[0] == [False, False, True]
    assert over(ResponseRate(2, 0, FACTOR), v4(1, 77, 256), 1)[0] == [False, False, False]
    same = v6("2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:ff::1")
    assert over(ResponseRate(2, 0, FACTOR), same, 1)[0] == [False, False, True]
    other = v6("2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:100::1")
    assert over(ResponseRate(2, 0, FACTOR), other, 1)[0] == [False, False, False]


def test_no_limit_limits_nobody() -> None:
    assert ResponseRate(0, 2, FACTOR).over(v4(*[1] * 10_000), 1) is None
