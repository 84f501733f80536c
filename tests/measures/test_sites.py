"""Sites: how much more often senders show one than others do."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.sites import FEWEST_SITES, MOST_AGAINST, WORTH, site_weight


def test_where_most_senders_show_a_site_another_is_one_of_them() -> None:
    expected = math.log(0.1 * (180 + WORTH) / (90 + 0.1 * WORTH))
    assert site_weight(180, 90, 0.1) == pytest.approx(expected)
    assert site_weight(180, 90, 0.1) < site_weight(180, 40, 0.1) < 0.0


@pytest.mark.parametrize(("senders", "with_site"), [(200, 40), (200, 0), (0, 0)])
def test_where_senders_show_no_more_than_others_it_says_nothing(
    senders: int, with_site: int
) -> None:
    assert site_weight(senders, with_site, 0.2) == 0.0


def test_of_few_senders_little_is_learnt() -> None:
    assert site_weight(200, 100, 0.1) < site_weight(4, 2, 0.1) < 0.0


def test_it_never_clears_alone_nor_rests_on_a_rarity() -> None:
    assert site_weight(1000, 1000, 0.0) == MOST_AGAINST
    assert site_weight(1000, 20, 0.0) == site_weight(1000, 20, FEWEST_SITES)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1))
def test_it_never_speaks_for_a_bot(senders: int, with_site: int, usual: float) -> None:
    weight = site_weight(senders, min(with_site, senders), usual)
    assert MOST_AGAINST <= weight <= 0.0
