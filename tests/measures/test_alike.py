import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures import alike
from headwater.measures.alike import NOBODY, Leaders, counts, leaders, likely_among, parted

KEY = st.integers(-(2**63), 2**63 - 1)


def check(first: list[int], second: list[int]) -> None:
    keys = list(zip(first, second, strict=True))
    lead = leaders(np.array(first, np.int64), np.array(second, np.int64)).tolist()
    of_key = dict(zip(keys, lead, strict=True))
    assert lead == [of_key[key] for key in keys]  # one leader for each key
    assert all(keys[of_key[key]] == key for key in keys)  # and it is one of them


@given(st.lists(st.tuples(KEY, KEY), max_size=30))
def test_equal_rows_have_one_leader_of_their_own(rows: list[tuple[int, int]]) -> None:
    doubled = rows + rows[::2]
    check([a for a, _ in doubled], [b for _, b in doubled])


@pytest.mark.parametrize("distinct", [1, 7, 3000])
def test_of_many_rows(distinct: int) -> None:
    rng = np.random.default_rng(distinct)
    keys = rng.integers(0, 2**40, (distinct, 2))[rng.integers(0, distinct, 10_000)]
    check(keys[:, 0].tolist(), keys[:, 1].tolist())


def test_keys_made_to_collide_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "MULTIPLIERS", np.zeros_like(alike.MULTIPLIERS))
    rng = np.random.default_rng(1)
    check(rng.integers(0, 30, 500).tolist(), rng.integers(0, 3, 500).tolist())


def asked(rows: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    known, other = (np.array(keys, np.int64).reshape(-1, 2).T.copy() for keys in (rows, others))
    found = Leaders(*known)
    of_key = dict(zip(rows, found.of_rows.tolist(), strict=True))
    assert found.of(*other).tolist() == [of_key.get(key, NOBODY) for key in others]


@given(st.lists(st.tuples(KEY, KEY), max_size=30), st.lists(st.tuples(KEY, KEY), max_size=9))
def test_others_are_told_who_leads_their_key(
    rows: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    asked(rows + rows[::3], others + rows[1::2])


@pytest.mark.parametrize("collide", [0, 1])
def test_others_of_many_rows(monkeypatch: pytest.MonkeyPatch, collide: int) -> None:
    if collide:
        monkeypatch.setattr(alike, "MULTIPLIERS", np.zeros_like(alike.MULTIPLIERS))
    keys = np.random.default_rng(3).integers(0, 40, (3000, 2)).tolist()
    asked([tuple(key) for key in keys[:1500]], [tuple(key) for key in keys[1500:]])


def test_counts_are_of_each_rows_key() -> None:
    first = np.array([5, 6, 5, 5, 7], np.int64)
    assert counts(leaders(first)).tolist() == [3, 1, 3, 3, 1]


def test_those_among_the_chosen_are_all_likely_and_hardly_any_other() -> None:
    keys = np.arange(100_000) * 7
    likely = likely_among(keys, keys[:1000])
    assert likely[:1000].all()
    assert np.count_nonzero(likely[1000:]) < 1000
    assert not likely_among(keys, keys[:0]).any()


def test_equal_keys_are_of_one_part_and_parts_are_of_like_size() -> None:
    keys = np.random.default_rng(5).integers(0, 1 << 48, 30_000)
    part = parted(np.concatenate([keys, keys]), 7)
    assert (part[:30_000] == part[30_000:]).all()
    assert (np.bincount(part, minlength=7) > 60_000 / 7 * 0.9).all()
    assert parted(keys, 1).max() == 0
