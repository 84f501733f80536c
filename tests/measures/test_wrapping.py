"""What wraps visits is learnt where they agree, and nowhere else."""

import numpy as np
import pytest

from headwater.measures.columns import Ints
from headwater.measures.coupling import HANDSHAKE_OCTETS, HEADER_OCTETS, Legs, couple, match
from headwater.measures.pairing import Pairing, Side
from headwater.measures.wrapping import (
    AGREE,
    MOST_OCTETS,
    Wrapping,
    may_be_wrapped,
    wrapping,
)

S = 1_000_000
SLACK = (S // 10, 2 * S)
VISITS = 40
DICE = np.random.default_rng(8)
UP, DOWN = DICE.integers(1_000, 90_000, (2, VISITS))


def legs(up: Ints, down: Ints, far: int, at_s: float = 0.0, group: int = 0) -> Legs:
    every_minute = 200 + 60.0 * np.arange(len(up)) + at_s
    return Legs(
        group=np.full(len(up), group),
        start_us=(every_minute * S).astype(np.int64),
        far=np.full(len(up), far),
        up_bytes=up + 8 * HEADER_OCTETS,
        up_packets=np.full(len(up), 8),
        down_bytes=down + 8 * HEADER_OCTETS,
        down_packets=np.full(len(up), 8),
    )


ONWARD = legs(UP, DOWN, far=2, at_s=0.3)


def beside(visits: Legs, onward: Legs = ONWARD, groups: int = 1) -> Pairing:
    """A group for each host."""
    return Pairing(
        keys=np.arange(groups)[None, :],
        of=visits.group,
        inbound=Side(visits, np.arange(len(visits))),
        outbound=Side(onward, np.arange(len(onward))),
    )


def learnt(visits: Legs) -> tuple[int, int]:
    found = wrapping(beside(visits), *SLACK)
    return int(found.up[0]), int(found.down[0])


def balanced(paired: Pairing) -> int:
    legs = paired.inbound.legs, paired.outbound.legs
    _, counts = couple(*legs, paired.of, paired.groups, *SLACK)
    return int(counts.balanced[0])


def test_certificates_and_tickets_are_learnt_and_taken_off() -> None:
    """They differ from visit to visit by some octets, and records add a little of each."""
    wrapped = legs(
        UP + 900 + DICE.integers(0, 60, VISITS),
        DOWN * 101 // 100 + 3_000 + DICE.integers(0, 60, VISITS),
        far=1,
    )
    up, down = learnt(wrapped)
    assert up == pytest.approx(930, abs=30)
    assert down == pytest.approx(3_500, abs=500)
    paired = beside(wrapped)
    assert balanced(paired) == 0
    assert balanced(wrapping(paired, *SLACK).off(paired)) == VISITS


@pytest.mark.parametrize(
    ("octets", "told"),
    [(HANDSHAKE_OCTETS, 0), (HANDSHAKE_OCTETS + 1, HANDSHAKE_OCTETS + 1),
     (MOST_OCTETS, MOST_OCTETS), (MOST_OCTETS + 1, 0)],
)  # fmt: skip
def test_what_is_allowed_for_anyway_is_left_and_so_is_what_no_wrapping_takes(
    octets: int, told: int
) -> None:
    assert learnt(legs(UP, DOWN + octets, far=1)) == (0, told)
    assert learnt(legs(UP + octets, DOWN, far=1)) == (told, 0)


def test_who_asks_another_for_something_shows_all_sizes() -> None:
    assert learnt(legs(UP, DOWN + DICE.integers(0, MOST_OCTETS, VISITS), far=1)) == (0, 0)


@pytest.mark.parametrize(("fewer", "told"), [(0, 3_000), (1, 0)])
def test_half_may_be_sessions_taken_up_again(fewer: int, told: int) -> None:
    again = np.arange(VISITS) >= AGREE * VISITS - fewer
    down = DOWN + np.where(again, DICE.integers(4_500, MOST_OCTETS, VISITS), 3_000)
    down[again] += 600 * np.arange(np.count_nonzero(again))  # each another
    assert learnt(legs(UP, down, far=1)) == (0, told)


def test_of_a_direction_that_one_leg_shows_nothing_is_known() -> None:
    one_way = legs(UP + 900, DOWN + 3_000, far=1)
    one_way.down_packets[:] = one_way.down_bytes[:] = 0
    assert learnt(one_way) == (900, 0)


def test_each_group_has_its_own() -> None:
    bare, wrapped = legs(UP, DOWN, far=1), legs(UP, DOWN + 3_000, far=1, group=1)
    onward = legs(UP, DOWN, far=2, at_s=0.3, group=1)
    visits, out = (
        Legs(**{n: np.concatenate([getattr(a, n), getattr(b, n)]) for n in Legs.__slots__})
        for a, b in ((bare, wrapped), (ONWARD, onward))
    )
    paired = beside(visits, out, groups=2)
    found = wrapping(paired, *SLACK)
    assert (found.up.tolist(), found.down.tolist()) == ([0, 0], [0, 3_000])
    less = found.off(paired).inbound.legs
    assert less.down_bytes.tolist() == [*bare.down_bytes.tolist()] * 2
    assert less.up_bytes.tolist() == visits.up_bytes.tolist()


def test_where_nothing_is_known_nothing_is_taken_off() -> None:
    visits = legs(UP, DOWN, far=1)
    same = Wrapping.nothing(1).off(beside(visits)).inbound.legs
    assert same.down_bytes.tolist() == visits.down_bytes.tolist()


def test_no_visits_no_wrapping() -> None:
    none = legs(UP[:0], DOWN[:0], far=1)
    assert wrapping(beside(none, groups=0), *SLACK).up.tolist() == []


@pytest.mark.parametrize(
    ("more", "wrapped"),
    [(-HANDSHAKE_OCTETS - 1, False), (0, False), (MOST_OCTETS, True), (MOST_OCTETS + 1, False)],
)
def test_what_is_followed_by_somewhat_less_may_be_wrapped(more: int, wrapped: bool) -> None:
    """What is followed by as much is told anyway."""
    for up, down in ((more, 3_000), (3_000, more)) if more else ((0, 0),):
        visits = legs(UP + up, DOWN + down, far=1)
        found = may_be_wrapped(visits, ONWARD, match(visits, ONWARD, *SLACK))
        assert set(found.tolist()) == {wrapped}


def test_what_nothing_follows_is_not_wrapped() -> None:
    late = legs(UP + 900, DOWN + 3_000, far=1, at_s=20)
    assert not may_be_wrapped(late, ONWARD, match(late, ONWARD, *SLACK)).any()
