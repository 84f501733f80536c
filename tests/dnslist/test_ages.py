"""The age table: what went in comes out, what did not is not found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.dnslist.answers.ages import (
    DAY_ZERO,
    AgeFact,
    AgeTable,
    build_ages,
    pack_facts,
    stored_day,
    unpack_fact,
)
from headwater.records.errors import MalformedInput

HASHES = st.lists(st.integers(0, 2**64 - 1), max_size=200, unique_by=lambda h: h >> 31)


@given(HASHES, st.integers(0, 2**64 - 1))
def test_names_are_found_singly_and_together(hashes: list[int], stranger: int) -> None:
    facts = np.arange(1, len(hashes) + 1, dtype=np.uint64)
    table = build_ages(np.array(hashes, np.uint64), facts)
    found, packed = table.find_many(np.array(hashes, np.uint64))
    assert found.all()
    assert packed.tolist() == facts.tolist()
    assert [table.find(h) for h in hashes] == [unpack_fact(int(f)) for f in facts]
    if not any(h >> 31 == stranger >> 31 for h in hashes):
        assert table.find(stranger) is None
        assert not table.find_many(np.array([stranger], np.uint64))[0].any()


def test_of_the_same_name_twice_the_later_counts() -> None:
    table = build_ages(np.array([9, 9], np.uint64), np.array([1, 2], np.uint64))
    assert len(table) == 1
    assert table.find_many(np.array([9], np.uint64))[1].tolist() == [2]


def test_a_name_takes_less_than_sixteen_bytes() -> None:
    hashes = np.random.default_rng(3).integers(0, 2**64, 100_000, np.uint64)
    table = build_ages(hashes, hashes)
    size = table.starts.nbytes + table.fingerprints.nbytes + table.facts.nbytes
    assert size / len(hashes) < 14.1


def test_facts_come_back_as_they_went_in() -> None:
    days = np.array([DAY_ZERO + 1, 20000])
    stored = stored_day(days)
    packed = pack_facts(stored, stored, np.array([3, 0]), np.array([65535, 1]))
    assert unpack_fact(int(packed[0])) == AgeFact(DAY_ZERO + 1, DAY_ZERO + 1, 3, 65535)
    assert unpack_fact(int(packed[1])) == AgeFact(20000, 20000, 0, 1)
    assert unpack_fact(0).registered is None


def test_days_out_of_range_are_held_to_it() -> None:
    assert stored_day(np.array([-5, 10**6])).tolist() == [1, 65535]


def test_a_table_that_does_not_fit_together_is_refused() -> None:
    four, facts = np.zeros(4, np.uint32), np.zeros(0, np.uint64)
    with pytest.raises(MalformedInput):
        AgeTable(four, np.zeros(0, np.uint32), facts)
    with pytest.raises(MalformedInput):
        AgeTable(np.array([0, 1, 5], np.uint32), np.zeros(0, np.uint32), facts)
