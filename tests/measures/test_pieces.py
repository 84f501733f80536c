"""Pieces: a question's answer as columns, and the bins they are counted in."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from tests.detectors.pools import Piece, pieces
from tests.scene import window

from headwater.measures.pieces import (
    BINS_US,
    FEWEST_BINS,
    SHORT_BIN_US,
    grids,
    lasting,
    scene_in,
)
from headwater.records.window import Window, from_us

NUMBERS = {
    "port": [443, 3128, 25],
    "client_port": [1, 2, 3],
    "protocol": [6, 6, 6],
    "conversation": [9, 8, 7],
    "asked": [1, 1, 0],
    "outside": [1, 0, 1],
    "lasted": [5, 5, 5],
    "began_at": [300, 200, 100],
    "ended_at": [400, 300, 200],
    "sampling": [10, 10, 0],
    "sent": [500.0, 40.0, 7.0],
    "got": [100.0, 20.0, 7.0],
    "sent_packets": [10.0, 10.0, 1.0],
    "got_packets": [20.0, 10.0, 1.0],
}


def test_pieces_come_by_host_and_time_with_the_sampled_packets_alone() -> None:
    texts = {"leg": ["to", "in", "to"], "host": ["a", "b", "b"], "peer": ["x", "y", "x"]}
    scene, pieces = scene_in(pa.table({**texts, **NUMBERS}), window())
    assert [scene.hosts[code] for code in pieces.host] == ["a", "b", "b"]
    assert [scene.peers[code] for code in pieces.peer] == ["x", "x", "y"]
    assert pieces.began_us.tolist() == [300, 100, 200]
    assert pieces.inward.tolist() == [False, False, True]
    # What was not sampled counts as it is.
    assert pieces.sent.tolist() == [50.0, 7.0, 4.0]
    assert pieces.got_packets.tolist() == [2.0, 1.0, 1.0]
    assert (scene.sampling, scene.window) == (10, window())


@pytest.mark.parametrize(
    ("bins", "found"),
    [(FEWEST_BINS * 3, BINS_US), (FEWEST_BINS * 3 - 1, BINS_US[1:]), (FEWEST_BINS - 1, ())],
)
def test_a_window_is_cut_into_bins_of_which_it_has_enough(
    bins: int, found: tuple[int, ...]
) -> None:
    start = from_us(0)
    lasting = Window(start, start + timedelta(microseconds=bins * BINS_US[1]))
    assert tuple(grid.bin_us for grid in grids(lasting)) == found
    # Pieces of a few sampled packets tell their moment.
    short = (SHORT_BIN_US,) if bins * BINS_US[1] >= FEWEST_BINS * SHORT_BIN_US else ()
    assert tuple(grid.bin_us for grid in grids(lasting, fine=True)) == (*found, *short)


@pytest.mark.parametrize(("minutes", "lasts"), [(0, False), (6, True)])
def test_of_how_long_it_lasts_a_single_datagram_tells_nothing(
    minutes: int, lasts: bool
) -> None:
    once = [Piece(host=0, peer=20 + number, inward=True) for number in range(9)]
    twice = [Piece(host=0, peer=30, inward=True, at_s=at) for at in (600, 600 + 60 * minutes)]

    def told(rows: list[Piece]) -> bool:
        sessions = pieces(rows)
        datagrams = np.full(len(rows), 17)
        return lasting(replace(sessions, ended_us=sessions.began_us, protocol=datagrams))

    assert told([*once, *twice]) == lasts
    assert not told(once)
