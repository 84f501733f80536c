"""A session's heartbeat, taken off its pieces."""

import numpy as np
import pytest

from headwater.measures.heartbeat import WHOLE_US, beyond_rest

ENDS = np.array([2, 4, 6]) * WHOLE_US


def test_the_quietest_piece_tells_the_heartbeat() -> None:
    octets = np.array([200, 5000, 0])
    found = beyond_rest(np.zeros(3, np.int64), ENDS - 2 * WHOLE_US, ENDS, octets)
    assert found.tolist() == [1, 4800, 0]  # all heartbeat, but recorded; not recorded


@pytest.mark.parametrize(("short_us", "left"), [(WHOLE_US, 3800), (WHOLE_US - 1, 0)])
def test_short_pieces_tell_none(short_us: int, left: int) -> None:
    lasted = np.array([short_us, 2 * WHOLE_US])
    found = beyond_rest(
        np.zeros(2, np.int64), np.zeros(2, np.int64), lasted, np.array([600, 5000])
    )
    assert found[1] == max(left, 1)


def test_each_session_has_its_own() -> None:
    group, began = np.array([0, 0, 1]), np.zeros(3, np.int64)
    lasted = np.full(3, WHOLE_US)
    found = beyond_rest(group, began, lasted, np.array([100, 900, 900]))
    assert found.tolist() == [1, 800, 1]
