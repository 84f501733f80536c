import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.columns import Ints
from headwater.measures.intervals import (
    NO_SESSION,
    OPEN,
    Statements,
    bisect,
    running_max,
    settle,
    stretches,
)


class Said(NamedTuple):
    """One statement, small numbers for everything."""

    holding: int
    starts: int
    sure: int
    ends: int  # OPEN: no end was told
    told: int
    subscriber: int
    session: int = NO_SESSION


def statements(rows: list[Said], margin: int = 0) -> Statements:
    columns = np.array(rows, np.int64).reshape(-1, 7).T
    margins = np.full(len(rows), margin)
    return Statements(margin=margins, **dict(zip(Said._fields, columns, strict=True)))


def settled(rows: list[Said]) -> list[tuple[int, int, int]]:
    one = settle(statements(rows))
    return list(zip(one.starts.tolist(), one.sure.tolist(), one.ends.tolist(), strict=True))


NEVER = int(OPEN)
ALICE, BOB = 1, 2


def test_a_release_shortens_what_was_promised() -> None:
    promise = Said(0, 10, 30, 30, 10, ALICE)
    assert settled([promise, Said(0, 10, 15, 15, 15, ALICE)]) == [(10, 15, 15)]


def test_a_renewal_then_a_release_leaves_nothing_of_the_first_promise() -> None:
    rows = [
        Said(0, 10, 30, 30, 10, ALICE),
        Said(0, 20, 40, 40, 20, ALICE),
        Said(0, 20, 25, 25, 25, ALICE),
    ]
    assert settled(rows) == [(10, 20, 20), (20, 25, 25)]


def test_a_start_by_another_cuts_a_promise_and_an_open_session() -> None:
    assert settled([Said(0, 10, 30, 30, 10, ALICE), Said(0, 20, 40, 40, 20, BOB)]) == [
        (10, 20, 20),
        (20, 40, 40),
    ]
    lost = Said(0, 10, 12, NEVER, 12, ALICE, 5)
    assert settled([lost, Said(0, 20, 20, NEVER, 20, BOB, 6)]) == [
        (10, 12, 20),
        (20, 20, NEVER),
    ]


def test_a_stop_ends_the_start_and_updates_of_its_session() -> None:
    rows = [
        Said(0, 10, 10, NEVER, 10, ALICE, 5),
        Said(0, 9, 15, NEVER, 15, ALICE, 5),
        Said(0, 10, 20, 20, 20, ALICE, 5),
        Said(0, 40, 40, NEVER, 40, ALICE, 5),  # the same number again, later
    ]
    assert settled(rows) == [(9, 15, 20), (10, 10, 20), (10, 20, 20), (40, 40, NEVER)]


def test_what_was_told_is_not_withdrawn_by_an_earlier_start_of_another() -> None:
    alive = Said(0, 10, 30, NEVER, 30, ALICE, 5)
    assert settled([alive, Said(0, 20, 25, 25, 25, BOB, 6)]) == [(10, 30, NEVER), (20, 25, 25)]


def test_holdings_do_not_touch_each_other() -> None:
    assert settled([Said(0, 10, 30, 30, 10, ALICE), Said(1, 20, 40, 40, 20, BOB)]) == [
        (10, 30, 30),
        (20, 40, 40),
    ]


def test_nothing_said() -> None:
    assert settled([]) == []
    assert stretches(settle(statements([]))).count == 0


def rows() -> st.SearchStrategy[list[Said]]:
    small = st.integers(0, 12)

    @st.composite
    def one(draw: st.DrawFn) -> Said:
        starts = draw(small)
        sure = starts + draw(small)
        ends = draw(st.sampled_from([sure, sure + 3, NEVER]))
        told = starts + draw(small)
        session = draw(st.sampled_from([NO_SESSION, 0, 1]))
        return Said(draw(st.integers(0, 1)), starts, sure, ends, told, draw(small) % 3, session)

    return st.lists(one(), max_size=12)


def slowly_cut(said: list[Said]) -> Iterator[Said]:
    for one in said:
        later = [
            s.starts
            for s in said
            if s.holding == one.holding and s.starts > one.starts and s.starts >= one.told
        ]
        limit = min(later, default=NEVER)
        yield one._replace(sure=min(one.sure, limit), ends=min(one.ends, limit))


def slowly_settled(said: list[Said]) -> list[Said]:
    """The three rules, one statement at a time."""
    kept = [one for one in said if one.session != NO_SESSION or one is _last(one, said)]
    return list(slowly_cut([_closed(one, kept) for one in kept]))


def _last(one: Said, said: list[Said]) -> Said:
    rivals = [
        r
        for r in said
        if (r.holding, r.starts, r.subscriber, r.session)
        == (one.holding, one.starts, one.subscriber, one.session)
    ]
    return max(rivals, key=lambda r: (r.told, -r.sure))


def _closed(one: Said, said: list[Said]) -> Said:
    stops = [
        s
        for s in said
        if (s.holding, s.subscriber, s.session) == (one.holding, one.subscriber, one.session)
        and s.ends != NEVER
        and s.told >= one.told
    ]
    if one.session == NO_SESSION or one.ends != NEVER or not stops:
        return one
    stop = min(stops, key=lambda s: (s.told, s.starts, -s.sure))
    return one._replace(ends=max(stop.ends, one.sure), told=stop.told)


@given(rows())
def test_settling_agrees_with_one_at_a_time(said: list[Said]) -> None:
    said = list(
        dict.fromkeys(one if one.ends == NEVER else one._replace(ends=one.sure) for one in said)
    )
    said = [one for one in said if one.session != NO_SESSION or one.ends != NEVER]
    expected = sorted((s.starts, s.sure, s.ends) for s in slowly_settled(said))
    assert sorted(settled(said)) == expected


@given(rows(), st.integers(0, 3))
def test_stretches_cover_what_the_settled_statements_cover(said: list[Said], gap: int) -> None:
    one = settle(statements(said, gap))
    held = stretches(one)
    assert set(held.margin.tolist()) <= {gap}
    order = list(zip(held.holding.tolist(), held.starts.tolist(), strict=True))
    assert order == sorted(order)
    certain = np.flatnonzero(held.certain)
    for holding in (0, 1):
        for who in range(3):
            mine = (one.holding == holding) & (one.subscriber == who)
            true = _instants(one.starts[mine], one.sure[mine])
            here = certain[
                (held.holding[certain] == holding) & (held.subscriber[certain] == who)
            ]
            found = _instants(held.starts[here], held.ends[here])
            assert true <= found
            assert all(any(t - d in true for d in range(gap + 1)) for t in found)
            starts = sorted(zip(held.starts[here], held.ends[here], strict=True))
            assert all(b[0] > a[1] + gap for a, b in itertools.pairwise(starts))


def test_of_what_is_joined_the_widest_margin_counts() -> None:
    rows = [Said(0, 10, 20, 20, 10, ALICE), Said(0, 23, 30, 30, 23, ALICE)]
    for margins, joined in (((0, 3), 1), ((3, 0), 1), ((0, 2), 2)):
        one = replace(statements(rows), margin=np.array(margins))
        held = stretches(settle(one))
        assert held.count == joined
        assert held.margin.tolist() == ([3] if joined == 1 else list(margins))


def _instants(starts: Ints, ends: Ints) -> set[int]:
    return {t for s, e in zip(starts.tolist(), ends.tolist(), strict=True) for t in range(s, e)}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5))))
def test_running_maxima_stay_inside_their_group(pairs: list[tuple[int, int]]) -> None:
    pairs.sort(key=lambda pair: pair[0])
    group, values = np.array(pairs, np.int64).reshape(-1, 2).T
    expected = [
        max(v for g, v in pairs[: place + 1] if g == pairs[place][0])
        for place in range(len(pairs))
    ]
    assert running_max(group, values).tolist() == expected


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4))),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_bisection_over_two_columns(pairs: list[tuple[int, int]], a: int, b: int) -> None:
    pairs.sort()
    columns = tuple(np.array(pairs, np.int64).reshape(-1, 2).T)
    begin, end = np.array([0]), np.array([len(pairs)])
    values = (np.array([a]), np.array([b]))
    assert bisect(columns, values, begin, end)[0] == sum(p <= (a, b) for p in pairs)
    lower = bisect(columns, values, begin, end, or_equal=False)[0]
    assert lower == sum(p < (a, b) for p in pairs)
