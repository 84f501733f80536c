import numpy as np
import pytest

from headwater.measures.clocks_apart import FARTHEST_US, SENT_AGAIN_US, ahead_us
from headwater.measures.openers import CLOCK_TICK_US, LEAST_TRIED

S = 1_000_000
NEAR_US, FAR_US = 4_000, 40_000  # what answers take, from own hosts and from others
Seen = tuple[int, int, int]  # the clocks of questions and of their answers; what these took


def told(*seen: Seen, clocks: int = 2, times: int = LEAST_TRIED) -> list[int]:
    asked, answered, took = (
        np.repeat(np.array(column), times) for column in zip(*seen, strict=True)
    )
    found: list[int] = ahead_us(asked, answered, took, clocks).tolist()
    return found


def apart(lead_us: int, one: int = 0, other: int = 1) -> list[Seen]:
    """What is seen of two clocks, the second of which is ahead."""
    return [(one, other, FAR_US + lead_us), (other, one, NEAR_US - lead_us)]


@pytest.mark.parametrize("lead_us", [0, NEAR_US, -FAR_US])
def test_what_may_be_the_way_of_the_answer_is_no_difference(lead_us: int) -> None:
    assert told(*apart(lead_us)) == [0, 0]


@pytest.mark.parametrize("lead_us", [50_000, -50_000, 2 * S, -2 * S, FARTHEST_US - S])
def test_asked_both_ways_clocks_are_told_to_what_an_answer_takes(lead_us: int) -> None:
    first, second = told(*apart(lead_us))
    assert abs(second - first - lead_us) <= FAR_US
    assert min(first, second) == 0  # of two clocks the slower one is believed


def test_clocks_that_are_set_wrong_are_left_alone() -> None:
    assert told(*apart(FARTHEST_US + S)) == [0, 0]


@pytest.mark.parametrize(
    ("took_us", "lead_us"),
    [
        (SENT_AGAIN_US, 0),
        (SENT_AGAIN_US + 1, SENT_AGAIN_US + 1),
        (-CLOCK_TICK_US, 0),
        (-CLOCK_TICK_US - 1, -CLOCK_TICK_US - 1),
    ],
)
def test_asked_one_way_no_answer_comes_early_and_few_are_as_late(
    took_us: int, lead_us: int
) -> None:
    first, second = told((0, 1, took_us))
    assert second - first == lead_us


@pytest.mark.parametrize(("times", "found"), [(LEAST_TRIED - 1, 0), (LEAST_TRIED, 2 * S)])
def test_few_answers_tell_nothing(times: int, found: int) -> None:
    assert told((0, 1, 2 * S), times=times) == [0, found]


def test_half_of_the_answers_may_be_anything() -> None:
    odd = [(0, 1, took) for took in (-50 * S, 40 * S, 50 * S)]
    assert told(*[(0, 1, 2 * S)] * 4, *odd) == [0, 2 * S]


def test_what_most_clocks_say_is_believed() -> None:
    first, second, third = told(*apart(-2 * S), *apart(-2 * S, 2, 1), clocks=3)
    assert (first, third) == (0, 0)
    assert second == pytest.approx(-2 * S, abs=FAR_US)


def test_clocks_that_never_met_are_not_compared() -> None:
    seen = [*apart(2 * S), *apart(0, 2, 3)]
    _, second, third, fourth = told(*seen, clocks=4)
    assert second == pytest.approx(2 * S, abs=FAR_US)
    assert (third, fourth) == (0, 0)


def test_the_tie_seen_most_often_tells() -> None:
    seen = [(0, 1, 2 * S)] * 3 + [(1, 2, 2 * S)] * 2 + [(0, 2, 9 * S)]
    assert told(*seen, clocks=3) == [-2 * S, 0, 2 * S]


def test_nothing_seen_tells_nothing() -> None:
    nothing = np.empty(0, np.int64)
    assert ahead_us(nothing, nothing, nothing, 4).tolist() == [0, 0, 0, 0]
