"""In step: the order of sizes tells a front from who asks a service for something."""

import numpy as np
import pytest

from headwater.measures.coupling import HEADER_OCTETS, Legs
from headwater.measures.in_step import (
    FEWEST,
    OPEN_AND_CLOSE,
    SEGMENT,
    SPREAD,
    acknowledged,
    came_down,
    in_step,
)

DRAWN = np.random.default_rng(5)
PAGES = DRAWN.integers(2_000, 90_000, 400)
OTHERS = DRAWN.integers(2_000, 90_000, 400)


def test_a_front_that_adds_its_own_goes_in_step() -> None:
    """Half of what it gives is what it fetched."""
    assert (in_step(PAGES + OTHERS, PAGES) or 0.0) > 10.0


def test_sizes_that_have_nothing_to_do_with_each_other_do_not() -> None:
    assert abs(in_step(OTHERS, PAGES) or 9.0) < 2.0


def test_the_more_there_are_the_surer_it_is() -> None:
    few, many = in_step(PAGES[:100], PAGES[:100]), in_step(PAGES, PAGES)
    assert (few, many) == (round(99**0.5, 1), round(399**0.5, 1))


def test_of_few_it_is_not_known() -> None:
    assert in_step(PAGES[:FEWEST], PAGES[:FEWEST]) is not None
    assert in_step(PAGES[: FEWEST - 1], PAGES[: FEWEST - 1]) is None
    one_way = np.where(np.arange(FEWEST) == 3, 0, PAGES[:FEWEST])  # one is not in the records
    assert in_step(PAGES[:FEWEST], one_way) is None


@pytest.mark.parametrize(("wide", "known"), [(1.1 * SPREAD, True), (0.9 * SPREAD, False)])
def test_sizes_all_alike_have_no_order(wide: float, known: bool) -> None:
    alike = np.where(np.arange(400) % 2, 10_000, int(10_000 * wide))
    assert (in_step(alike, alike[::-1]) is not None) == known


def test_who_gives_this_and_that_for_ever_the_same_gives_his_own() -> None:
    alike = 10_000 + DRAWN.integers(0, 1_000, 400)
    assert abs(in_step(PAGES, alike) or 9.0) < 2.0


def sessions(up: int, down: int, down_packets: int, asked: int = 900) -> Legs:
    """Three, of so many packets that only acknowledge, and of one with a question."""
    packets = up + 1 + OPEN_AND_CLOSE
    none = dict.fromkeys(("group", "start_us", "far"), np.zeros(3, np.int64))
    said = {
        "up_packets": packets, "up_bytes": asked + HEADER_OCTETS * packets,
        "down_bytes": down, "down_packets": down_packets,
    }  # fmt: skip
    return Legs(**none, **{name: np.full(3, value) for name, value in said.items()})


@pytest.mark.parametrize(
    ("asked", "acks", "share"),
    [(900, 5, 1.0), (900, 1, 0.2), (900, 0, 0.0), (SEGMENT, 5, 1.0), (SEGMENT + 1, 5, 0.8)],
)
def test_each_two_segments_that_came_are_acknowledged(
    asked: int, acks: int, share: float
) -> None:
    gave = sessions(9, 10 * SEGMENT, 10)
    assert acknowledged(gave, sessions(acks, 0, 0, asked)) == share


def test_what_is_seen_needs_no_acknowledgements() -> None:
    gave, came = sessions(9, 10 * SEGMENT, 10), sessions(5, 10 * SEGMENT, 10)
    assert acknowledged(gave, came) is None
    assert acknowledged(sessions(9, 0, 0), sessions(5, 0, 0)) is None
    assert came_down(came).tolist() == [10 * SEGMENT] * 3
    assert came_down(sessions(5, 0, 0)).tolist() == [5 + 1 + OPEN_AND_CLOSE] * 3
