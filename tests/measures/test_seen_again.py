"""One packet more of what was sampled."""

import numpy as np
import pytest

from headwater.measures.coupling import Legs
from headwater.measures.seen_again import seen_again


@pytest.mark.parametrize(
    ("packets", "share"),
    [([1, 1, 1, 1], 0.0), ([2, 2], 1.0), ([1, 1, 2], 0.5), ([], 1.0)],
)
def test_who_is_mostly_seen_once_is_seldom_seen_again(packets: list[int], share: float) -> None:
    sent = np.array(packets, np.int64) * 100
    none = np.zeros(len(packets), np.int64)
    legs = Legs(
        group=none, start_us=none, far=none, up_bytes=none, up_packets=sent,
        down_bytes=none, down_packets=none,
    )  # fmt: skip
    assert seen_again(legs, slice(0, len(packets)), 100) == share
