"""What the hosts that keep company with an outsider tell of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.votes import (
    EACH_WELL,
    UNHEARD,
    UNMET,
    UNSEEN_WELL,
    all_told,
    alone,
    few_each,
    log_ratio,
    others_share,
    ratios,
)

HOSTS, SICK = 1000, 20


def votes(*confidence: float, met: float = 10.0) -> np.ndarray:
    """Of hosts in a network of a thousand, twenty of them sick, ten places each."""
    each = np.array(confidence, np.float64)
    return ratios(
        each, np.full(len(each), met), hosts=HOSTS, sick=SICK, met_in_all=10.0 * HOSTS
    )


def told(*confidence: float, met: float = 10.0, shared: bool = False) -> float:
    each = votes(*confidence, met=met)
    return float(log_ratio(each, np.zeros(len(each), np.int64), np.array([shared]))[0])


def test_a_vote_is_how_much_oftener_the_sick_are_drawn_from_the_sick() -> None:
    assert votes(1.0, 0.5, 0.1).tolist() == pytest.approx([50.0, 25.0, 5.0])


def test_of_whom_nothing_was_heard_may_be_sick_all_the_same() -> None:
    assert votes(0.0).tolist() == pytest.approx([UNHEARD * HOSTS / SICK])


@pytest.mark.parametrize(
    ("met", "thinned"), [(1.0, 1.0), (10.0, 1.0), (20.0, 0.5), (1e3, 0.01)]
)
def test_who_goes_everywhere_is_no_surprise_anywhere(met: float, thinned: float) -> None:
    assert votes(1.0, met=met).tolist() == pytest.approx([50.0 * thinned])


def test_blind_draws_tell_nothing_on_average() -> None:
    """The mean vote of all hosts is one: a likelihood ratio by its nature."""
    confidence = np.array([1.0] * 20 + [UNHEARD] * 980)
    each = ratios(
        confidence,
        np.full(HOSTS, 10.0),
        hosts=HOSTS,
        sick=float(confidence.sum()),
        met_in_all=10.0 * HOSTS,
    )
    assert float(each.mean()) == pytest.approx(1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.booleans())
def test_who_is_surer_tells_more(confidence: list[float], shared: bool) -> None:
    surer = [min(1.0, each + 0.1) for each in confidence]
    assert told(*surer, shared=shared) >= told(*confidence, shared=shared) - 1e-9


def test_faint_suspicions_add_up_and_the_well_speak_against() -> None:
    assert told(0.2) < told(0.2, 0.2) < told(0.2, 0.2, 0.2)
    assert told(1.0, 1.0) > told(1.0, 1.0, 0.0) > told(1.0, 1.0, 0.0, 0.0)


def test_strangers_behind_a_shared_door_speak_less_against() -> None:
    crowd = [1.0] * 4 + [0.0] * 24
    assert told(*crowd, shared=True) > 0 > told(*crowd, shared=False)


def test_groups_are_judged_apart() -> None:
    each = votes(1.0, 1.0, 0.0)
    both = log_ratio(each, np.array([0, 0, 1]), np.array([False, False]))
    assert both.tolist() == pytest.approx([told(1.0, 1.0), told(0.0)])


def test_a_group_of_nobody_tells_nothing() -> None:
    nobody = np.zeros(0)
    assert log_ratio(nobody, np.zeros(0, np.int64), np.array([True])).tolist() == pytest.approx(
        [0.0], abs=1e-9
    )


def test_the_sick_speak_for_their_surest_few_alone() -> None:
    hosts = np.array([1, 2, 3])
    ballots = {7: hosts, 8: hosts, 9: hosts}
    sick = {7: {1, 2}, 8: {1}, 9: {1, 2}}
    kept = few_each(ballots, sick, {7, 8}, 1)
    # 3 is well and heard everywhere; 2 is not known to be sick where it is asked second.
    assert {group: each.tolist() for group, each in kept.items()} == {
        7: [1, 2, 3],
        8: [2, 3],
        9: [3],
    }


def test_who_was_not_chosen_uses_up_no_voice() -> None:
    hosts = np.array([1])
    kept = few_each({7: hosts, 8: hosts}, {7: {1}, 8: {1}}, set(), 1)
    assert [each.tolist() for each in kept.values()] == [[1], [1]]


@pytest.mark.parametrize(
    ("company", "rest", "unseen", "sampled", "told"),
    [
        (10.0, 0.0, 0.0, True, 2.5),  # company is kept where errands lead as well
        (10.0, -5.0, 0.0, True, 2.5 - 5.0),
        (10.0, 3.0, 0.0, True, 2.5 + 3.0),
        (2.0, -1.0, 0.0, True, 1.0),  # of whom little is known no more is
        (10.0, -5.0, 0.0, False, 5.0),  # visits would show
        (10.0, 0.0, -6.0, True, 2.5),  # errands are spoken of
        (7.0, 0.0, -6.0, True, 1.0),
        (10.0, 0.0, -6.0, False, 2.5),  # nor do the visits show that a tunnel brings
    ],
)
def test_no_master_is_surer_than_it_is_no_errands_end(
    company: float, rest: float, unseen: float, sampled: bool, told: float
) -> None:
    weights = {"company": company, "pace": rest, "unseen": unseen}
    assert all_told(weights, sampled=sampled, odds=2.5) == pytest.approx(told)


def test_strangers_tell_that_a_place_does_not_serve_the_sick_alone() -> None:
    def told(well: int) -> float:
        each = votes(*[0.9] * 6, *[0.0] * well)
        return float(alone(each, np.zeros(len(each), np.int64), 1)[0])

    assert told(0) > 2.0
    assert told(0) > told(2) > told(6)
    assert told(6) < 0.0


def test_what_is_said_of_one_by_the_others_is_not_said_of_it_by_itself() -> None:
    sure, unheard = 80.0, 0.2
    shares, _ = others_share(np.array([sure] * 5 + [unheard]), np.array([1.0] * 5 + [0.0]))
    assert shares[-1] > 0.85
    assert shares[0] < shares[-1]  # one of its others is not heard of
    alone, _ = others_share(np.array([sure]), np.array([1.0]))
    again, _ = others_share(np.array([unheard]), np.array([0.0]))
    assert alone[0] == again[0]


@pytest.mark.parametrize(("hidden", "told"), [(1.0, 0.82), (0.5, 0.75), (0.02, 0.16)])
def test_who_shows_nothing_where_nobody_else_goes_is_sick_as_often_as_the_sick_hide(
    hidden: float, told: float
) -> None:
    """Seven own a device of one maker; five of these were broken into, and show it."""
    known = np.array([1.0] * 5 + [0.0] * 2)
    shown, silent = others_share(np.where(known > 0, 80.0, 0.2), known, hidden)
    assert silent[-1] == pytest.approx(told, abs=0.01)
    assert shown.tolist() == others_share(np.where(known > 0, 80.0, 0.2), known)[0].tolist()


def test_who_shows_nothing_among_strangers_has_yet_to_be_met() -> None:
    def last(sick: int, well: int) -> tuple[float, float]:
        known = np.array([1.0] * sick + [0.0] * (well + 1))
        shown, silent = others_share(np.where(known > 0, 80.0, 0.2), known)
        return float(shown[-1]), float(silent[-1])

    assert last(20, 1)[1] == pytest.approx(last(20, 1)[0], abs=0.01)
    shown, silent = last(12, 77)
    assert shown == pytest.approx(1 / 8, abs=0.03)
    assert silent == pytest.approx(UNMET / (EACH_WELL * 77 + UNSEEN_WELL), rel=0.05)


def test_no_caller_tips_the_scales_by_a_hairs_breadth() -> None:
    """Seven faint suspects, one of whom is hardly less suspected than before."""
    before = others_share(np.full(7, 25.0), np.full(7, 0.301))
    after = others_share(np.array([24.0, *[25.0] * 6]), np.array([0.289, *[0.301] * 6]))
    for one, other in zip(before, after, strict=True):
        assert one == pytest.approx(other, abs=0.01)
