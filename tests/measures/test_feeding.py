"""Feeding: a host to which as much is brought as it mails."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.feeding import (
    FED,
    FED_MORE,
    LEAST_ALIKE,
    LEAST_MORE,
    LEAST_OCTETS,
    fed_weight,
)

MAILED, PACKETS = 8000.0, 12.0
OTHERS = 1.0 - FED - FED_MORE


def weight(brought: float, **said: float) -> float:
    known = {
        "mailed": MAILED,
        "packets": PACKETS,
        "alike": 0.0,
        "more": 0.0,
    } | said
    return fed_weight(brought, **known)


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        (MAILED / 4, FED / LEAST_ALIKE + OTHERS),
        (MAILED * 4, FED / LEAST_ALIKE + OTHERS),
        (MAILED * 4 + 1, FED_MORE / LEAST_MORE + OTHERS),
    ],
)
def test_as_much_says_most_and_more_says_something(brought: float, expected: float) -> None:
    assert weight(brought) == pytest.approx(math.log(expected))


def test_who_is_brought_nothing_probably_sends_by_itself_or_lawfully() -> None:
    assert -1.0 < weight(0.0) < -0.5
    assert weight(MAILED / 4 - 1) == weight(0.0)


def test_of_little_mail_the_feed_may_have_gone_unseen() -> None:
    assert weight(0.0, packets=1.0) > weight(0.0, packets=4.0) > weight(0.0, packets=40.0)


@pytest.mark.parametrize(("brought", "fed"), [(LEAST_OCTETS, True), (LEAST_OCTETS - 1, False)])
def test_knocks_are_no_feed(brought: float, fed: bool) -> None:
    assert (weight(brought, mailed=100.0, packets=2.0) > 0) == fed


def test_what_many_hosts_are_brought_says_less() -> None:
    common = {"alike": 0.4, "more": 0.5}
    assert weight(MAILED, **common) == pytest.approx(math.log(FED / 0.4 + OTHERS))
    assert weight(MAILED * 9, **common) == pytest.approx(math.log(FED_MORE / 0.5 + OTHERS))
    assert weight(0.0) < weight(MAILED * 9, **common) < 0.0


SHARES = st.floats(0.0, 1.0)
AMOUNTS = st.floats(0.0, 1e15)


@given(AMOUNTS, AMOUNTS, AMOUNTS, SHARES, SHARES)
def test_any_amounts_and_shares_have_a_weight(
    brought: float, mailed: float, packets: float, alike: float, more: float
) -> None:
    assert abs(fed_weight(brought, mailed, packets, alike, more)) < 5.0
