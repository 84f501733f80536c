"""Orders told from pages by how full the packets are."""

import math

import numpy as np
import pytest

from headwater.measures.fetching import (
    BARE,
    FULL,
    LEAST,
    MOST,
    OF_ONE,
    Packets,
    fetching,
    packets_of,
)

NOBODY = Packets(full=0.0, all=0.0)


def packets(*each: tuple[int, float, float]) -> Packets:
    """Of calls: who made it, octets, packets."""
    caller, octets, count = (np.array(column) for column in zip(*each, strict=True))
    return packets_of(caller, octets, count)


@pytest.mark.parametrize(("octets", "full"), [
    (BARE, 0.0), (40.0, 0.0), (FULL, 1.0), (9000.0, 1.0), ((BARE + FULL) / 2, 0.5),
])  # fmt: skip
def test_a_packet_is_as_full_as_what_it_carries(octets: float, full: float) -> None:
    told = packets((1, octets, 1.0))
    assert told.full == pytest.approx(full)
    assert told.all == 1.0


def test_of_one_caller_a_few_packets_count_however_many_there_are() -> None:
    told = packets(*((1, FULL, 1.0) for _ in range(40)), (2, BARE, 1.0))
    assert told.full == pytest.approx(OF_ONE)
    assert told.all == pytest.approx(OF_ONE + 1)


def test_who_sends_nothing_that_was_seen_tells_nothing() -> None:
    assert packets((1, 0.0, 0.0)) == NOBODY
    assert fetching(NOBODY, NOBODY) == pytest.approx(0.0)
    assert fetching(NOBODY, Packets(30.0, 40.0)) == pytest.approx(0.0)


def test_from_where_all_packets_are_full_pages_are_fetched() -> None:
    assert fetching(Packets(9.0, 9.0), NOBODY) == -LEAST
    assert -LEAST < fetching(Packets(1.0, 1.0), NOBODY) < 0


def test_short_questions_alone_are_asked_by_many_a_program() -> None:
    assert 0 < fetching(Packets(0.0, 20.0), NOBODY) <= math.log(2) + 0.01


def test_where_the_well_fetch_pages_short_questions_are_others() -> None:
    assert fetching(Packets(0.5, 9.0), Packets(70.0, 90.0)) == MOST
    assert fetching(Packets(7.0, 9.0), Packets(70.0, 90.0)) == -LEAST


def test_where_the_well_ask_short_questions_those_of_the_sick_are_the_same() -> None:
    assert fetching(Packets(1.0, 20.0), Packets(9.0, 90.0)) < 0.5
