"""Precedence: what is met first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.precedence import MOST_WEIGHT, QUIET, Meeting, Order, precedence


def test_of_what_may_have_begun_before_nothing_can_be_said() -> None:
    assert precedence([Meeting(0.0, 5, QUIET - 0.01)]) == Order(0, 0, 0.0)


@pytest.mark.parametrize(("meeting", "sign"), [
    (Meeting(0.5, 1, 0.6), 1),  # one call: it might as well have come later
    (Meeting(0.7, 1, 0.6), -1),
    (Meeting(0.65, 3, 0.6), -1),
])  # fmt: skip
def test_before_speaks_for_and_after_against(meeting: Meeting, sign: int) -> None:
    assert precedence([meeting]).weight * sign > 0


def test_to_call_at_that_very_instant_is_not_before() -> None:
    told = precedence([Meeting(0.6, 1, 0.6)])
    assert (told.before, told.told) == (0, 1)
    assert told.weight < 0


def test_what_fits_neither_says_nothing() -> None:
    """Fifty calls, all after it: hardly chance, and not the order either."""
    assert precedence([Meeting(0.65, 50, 0.6)]).weight == 0.0


def test_to_call_first_among_many_calls_is_no_news() -> None:
    assert precedence([Meeting(0.01, 200, 0.6)]).weight == 0.0


def test_long_silence_and_then_calls_before_it_happens_are() -> None:
    polled = [Meeting(first, 8, 0.6) for first in (0.02, 0.35, 0.5)]
    early, later, just_before = (precedence([one]).weight for one in polled)
    assert 0.0 == early < later < just_before <= MOST_WEIGHT


def test_many_say_more_than_one_and_never_too_much() -> None:
    one, few, many = (precedence([Meeting(0.5, 1, 0.6)] * n) for n in (1, 3, 50))
    assert 0 < one.weight < few.weight < many.weight == MOST_WEIGHT
    assert (few.before, few.told) == (3, 3)


meetings = st.builds(Meeting, st.floats(0, 1), st.integers(1, 100), st.floats(0, 1))


@given(st.lists(meetings, max_size=30))
def test_the_weight_is_bounded_and_the_order_of_clients_does_not_matter(
    found: list[Meeting],
) -> None:
    told = precedence(found)
    assert abs(told.weight) <= MOST_WEIGHT
    assert 0 <= told.before <= told.told <= len(found)
    assert precedence(found[::-1]).weight == pytest.approx(told.weight)
