"""What a visited host does for itself."""

import numpy as np
import pytest

from headwater.measures.homes import FILM_OCTETS
from headwater.measures.own_life import Opened, own_life

FILM = int(FILM_OCTETS)


def opened(*sessions: tuple[int, int, int]) -> Opened:
    """(peer, port, octets) of each."""
    columns = np.array(sessions, np.int64).reshape(-1, 3)
    return Opened(peer=columns[:, 0], port=columns[:, 1], got=columns[:, 2])


def test_each_web_server_counts_once() -> None:
    own = opened((1, 443, 9), (1, 80, 9), (2, 443, 9), (3, 22, 9))
    assert own_life(own, np.array([2]), 0) == {"own_web_servers": 2, "watches": False}
    assert own_life(opened(), np.array([]), 0)["own_web_servers"] == 0


@pytest.mark.parametrize(
    ("own", "gave", "watches"),
    [
        (opened((1, 443, FILM)), 0, True),
        (opened((1, 443, FILM // 2), (1, 443, FILM // 2)), 0, True),
        (opened((1, 443, FILM // 2), (3, 443, FILM // 2)), 0, False),
        (opened((2, 443, FILM)), 0, False),  # of whom visitors want something
        (opened((1, 443, FILM)), FILM + 1, False),  # they may have got just that
    ],
)
def test_a_film_comes_from_one_server(own: Opened, gave: int, watches: bool) -> None:
    assert own_life(own, np.array([2]), gave)["watches"] == watches
