"""Roaming: how far one of a crowd goes, by its own spread."""

import math

import numpy as np
import pytest

from headwater.measures.roaming import FEWEST_STEPS, believed, log_shares

SURE = 4000


def crowd(shares: list[float]) -> tuple["np.typing.NDArray[np.int64]", list[int]]:
    """Thousands of whom such shares go to one host, to two, and so on."""
    numbers = [round(SURE * share / sum(shares)) for share in shares]
    return np.repeat(np.arange(1, len(shares) + 1), numbers), numbers


POISSON = [1.2**k / math.factorial(k) for k in range(1, 8)]
GEOMETRIC = [0.4**k for k in range(1, 8)]
KEEN = [(k + 2) * 0.45**k for k in range(1, 12)]  # negative binomial: some are keener


@pytest.mark.parametrize("shares", [POISSON, GEOMETRIC, KEEN])
def test_the_spread_tells_the_law(shares: list[float]) -> None:
    going, numbers = crowd(shares)
    told = np.exp(log_shares(going, np.ones(len(going))))
    assert told.sum() == pytest.approx(1.0)
    seen = np.array([n for n in numbers if n >= 40])
    assert told[: len(seen)] == pytest.approx(seen / SURE, rel=0.12)


def test_who_chooses_blindly_goes_less_far_than_who_is_keen() -> None:
    blind, keen = crowd(POISSON)[0], crowd(GEOMETRIC)[0]
    far = [log_shares(np.append(going, 12), np.ones(len(going) + 1)) for going in (blind, keen)]
    assert far[0][11] < far[1][11] - 3


def test_who_is_surely_no_part_of_the_crowd_does_not_widen_it() -> None:
    going = np.append(crowd(POISSON)[0], [14] * 60)
    among = log_shares(going, np.ones(len(going)))
    apart = log_shares(going, np.where(going == 14, 0.0, 1.0))
    assert apart[13] < among[13] - 5


def test_of_nobody_the_geometric_law_is_told() -> None:
    told = np.diff(log_shares(np.array([0, 14]), np.zeros(2)))
    assert told[:4] == pytest.approx([math.log(0.5)] * 4, abs=0.05)


@pytest.mark.parametrize(("steps", "share"), [(0, 0.0), (1, 0.0), (2, 0.5), (10, 0.9)])
def test_a_spread_is_known_by_steps_from_host_to_host(steps: int, share: float) -> None:
    going = np.full(int(FEWEST_STEPS), steps + 1)
    assert believed(going, np.ones(len(going))) == pytest.approx(share)
    assert believed(going, np.zeros(len(going))) == 0.0
