"""Untold: how much is seen of sampled senders, and what it says that nothing more is."""

import numpy as np
import pytest

from headwater.measures.kinds import Claim
from headwater.measures.untold import SHOWS_MORE, seen_share, untold_weight


def sender(packets: float, exported: int, sampling: int = 10) -> Claim:
    return {"mail_packets": packets * sampling, "mail_exported": exported, "sampling": sampling}


@pytest.mark.parametrize("expected", [0.1, 0.5, 2.0, 6.0])
def test_what_is_unseen_is_told_by_what_is_seen(expected: float) -> None:
    packets = np.random.default_rng(1).poisson(expected, 20_000)
    found = seen_share([sender(int(packets.sum()), int(np.count_nonzero(packets)))])
    assert found == pytest.approx(np.count_nonzero(packets) / len(packets), abs=0.03)


def test_the_middle_sender_tells_however_long_the_letters_of_some_are() -> None:
    usual = [sender(20, 10)] * 5
    assert seen_share([*usual, sender(90_000, 10)]) == seen_share(usual)


def test_where_nothing_is_sampled_or_nothing_was_exported_nothing_is_said() -> None:
    assert seen_share([]) == 0.0
    assert seen_share([sender(400, 10, sampling=1)]) == 0.0
    assert seen_share([sender(0, 0)]) == 0.0
    assert seen_share([sender(10, 10)]) == pytest.approx(0.0, abs=0.05)  # a packet of each
    assert untold_weight(0.0) == 0.0


def test_the_more_is_seen_the_more_it_says_that_nothing_is_told() -> None:
    weights = [untold_weight(seen) for seen in (0.0, 0.2, 0.6, 1.0)]
    assert weights == sorted(weights, reverse=True)
    assert np.exp(weights[-1]) == pytest.approx(1.0 - SHOWS_MORE)
    assert weights[1] > -0.05  # of a fifth hardly a visit is seen with what follows it
