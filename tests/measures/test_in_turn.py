"""Errands of one visit are added up, set beside it, and beside what other moments give."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from headwater.measures.columns import Ints
from headwater.measures.coupling import HEADER_OCTETS, Coupling, Legs, Matches, couple, match
from headwater.measures.in_turn import SIZES, Errands, Visits, done_in_turn, in_turn
from headwater.measures.pairing import Pairing, Side

S = 1_000_000
BEFORE, AFTER = S // 10, 2 * S
VISITOR, SITE = 1, 2
VISITS, EACH = 40, 4
LASTS = np.full(VISITS, 50 * S)
NAMES = ["up_bytes", "up_packets", "down_bytes", "down_packets"]
PACKETS = 20
FEW = 5  # that chance may give


def legs(
    start_s: NDArray[Any],
    up: Ints,
    down: Ints,
    far: int,
    *,
    group: int = 0,
    packets: int = PACKETS,
) -> Legs:
    every = np.full(len(start_s), packets)
    return Legs(
        group=np.full(len(start_s), group),
        start_us=np.asarray(start_s * S, np.int64),
        far=np.full(len(start_s), far),
        up_bytes=up + packets * HEADER_OCTETS,
        up_packets=every,
        down_bytes=down + packets * HEADER_OCTETS,
        down_packets=every,
    )


def joined(*parts: Legs) -> Legs:
    """In order of time."""
    whole = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("group", "start_us", "far", *NAMES)
    }
    order = np.argsort(whole["start_us"], kind="stable")
    return Legs(**{name: column[order] for name, column in whole.items()})


def beside(visits: Legs, opened: Legs) -> Pairing:
    return Pairing(
        keys=np.zeros((1, 1), np.int64),
        of=np.zeros(len(visits), np.int64),
        inbound=Side(visits, np.arange(len(visits))),
        outbound=Side(opened, np.arange(len(opened))),
    )


def kept_open(*, each: int = EACH, adds: int = 0, far: int = SITE) -> tuple[Legs, Legs]:
    """Visits, each with errands ten seconds apart; ``adds``: octets besides."""
    dice = np.random.default_rng(4)
    up, down = dice.integers(2_000, 60_000, (2, VISITS, each))
    at_s = 200.0 + 150 * np.arange(VISITS)
    begun = (at_s[:, None] + 0.3 + 10 * np.arange(each)).ravel()
    visits = legs(
        at_s, up.sum(axis=1) + adds, down.sum(axis=1) + adds, VISITOR, packets=each * PACKETS
    )
    return visits, legs(begun, up.ravel(), down.ravel(), far)


def told(visits: Legs, opened: Legs) -> tuple[Matches, Coupling, Errands]:
    pairing = beside(visits, opened)
    each = couple(visits, opened, pairing.of, 1, BEFORE, AFTER)
    return in_turn(pairing, LASTS, BEFORE, each)


def test_visits_are_as_large_as_their_errands_together() -> None:
    visits, opened = kept_open()
    matches, counts, errands = told(visits, opened)
    assert matches.balanced.all()
    assert counts.balanced.tolist() == [VISITS]
    assert counts.balanced_by_chance[0] < 2
    assert errands.count.tolist() == [EACH] * VISITS
    which, visit = errands.of(np.array([3, 5]), beside(visits, opened))
    assert which.tolist() == [12, 13, 14, 15, 20, 21, 22, 23]
    assert visit.tolist() == [3] * 4 + [5] * 4


def test_of_another_size_they_stay_what_single_sessions_told() -> None:
    visits, opened = kept_open(adds=30_000)
    matches, counts, errands = told(visits, opened)
    assert counts.balanced[0] < FEW
    assert errands.count.max() == 1
    assert (errands.first == matches.partner).all()


def test_one_errand_each_is_told_as_it_was() -> None:
    visits, opened = kept_open(each=1)
    pairing = beside(visits, opened)
    before = couple(visits, opened, pairing.of, 1, BEFORE, AFTER)
    matches, counts, errands = in_turn(pairing, LASTS, BEFORE, before)
    assert (matches, counts) == before
    assert errands.count.tolist() == [1] * VISITS


def test_what_is_opened_to_the_visitor_is_no_errand() -> None:
    """A host that calls its gateway has other calls to it under way."""
    visits, opened = kept_open()
    back, _ = kept_open()
    beside_it = joined(
        opened, legs(back.start_us / S + 5, back.up_bytes, back.up_bytes, VISITOR)
    )
    matches, _, errands = told(visits, beside_it)
    assert matches.balanced.all()
    which, _ = errands.of(np.arange(VISITS), beside(visits, beside_it))
    assert (beside_it.far[which] == SITE).all()
    assert len(which) == EACH * VISITS


def test_all_of_one_size_is_chance() -> None:
    """Each visit is as large as the errands of any other."""
    visits, opened = kept_open()
    alike = {name: np.full(len(opened), 9_000) for name in ("up_bytes", "down_bytes")}
    same = Legs(
        **{**{n: getattr(opened, n) for n in ("group", "start_us", "far", *NAMES)}, **alike}
    )
    whole = {name: np.full(VISITS, EACH * 9_000) for name in alike}
    large = Legs(
        **{**{n: getattr(visits, n) for n in ("group", "start_us", "far", *NAMES)}, **whole}
    )
    _, counts, _ = told(large, same)
    assert counts.balanced[0] - counts.balanced_by_chance[0] < FEW


def test_what_grows_with_a_visits_length_alone_is_chance() -> None:
    """Who sends and polls steadily does as much for longer visits, at any time."""
    lasts_s = np.random.default_rng(5).integers(30, 90, VISITS)
    ticks = np.arange(0, 7_000, 2)
    opened = legs(ticks, np.full(len(ticks), 1_500), np.full(len(ticks), 1_500), SITE)
    octets = 750 * lasts_s
    visits = legs(200 + 150 * np.arange(VISITS), octets, octets, VISITOR, packets=800)
    pairing, lasted_us = beside(visits, opened), lasts_s * S
    each = couple(visits, opened, pairing.of, 1, BEFORE, AFTER)
    same = Visits(visits, opened, BEFORE, lasted_us, np.arange(VISITS)).same()
    assert same.all()
    _, counts, _ = in_turn(pairing, lasted_us, BEFORE, each)
    assert counts.balanced[0] - counts.balanced_by_chance[0] < FEW


@pytest.mark.parametrize(("each", "found"), [(EACH, True), (1, False)])
def test_several_errands_in_one_visit(each: int, found: bool) -> None:
    visits, opened = kept_open(each=each)
    matches = match(visits, opened, BEFORE, AFTER)
    assert done_in_turn(visits, LASTS, opened, BEFORE, matches).tolist() == [found] * VISITS


SESSION = st.tuples(*[st.integers(0, 60), st.integers(1, 3), st.integers(0, 5_000)])


@given(st.lists(SESSION, min_size=1, max_size=12), st.lists(SESSION, max_size=30))
def test_sums_are_those_of_a_loop(
    visits: list[tuple[int, ...]], calls: list[tuple[int, ...]]
) -> None:
    """Of (second, far end, octets): all within ten seconds, but for those to the visitor."""
    came, went = (
        joined(
            *(
                legs(np.array([at]), np.array([size]), np.array([size]), far)
                for at, far, size in each
            )
        )
        if each
        else legs(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), SITE)
        for each in (visits, calls)
    )
    lasted = np.full(len(came), 10 * S)
    count, sums = Visits(came, went, 0, lasted, np.arange(len(came))).together()
    for row, (start, far) in enumerate(zip(came.start_us, came.far, strict=True)):
        inside = (
            (went.start_us >= start) & (went.start_us <= start + 10 * S) & (went.far != far)
        )
        assert count[row] == inside.sum()
        for name in SIZES:
            assert getattr(sums, name)[row] == getattr(went, name)[inside].sum()
