import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from headwater.pipeline.conversation_keys import (
    Directory,
    code_addresses,
    lasting_names,
    pair_keys,
)

PORT = st.integers(0, 65_535)
CODE = st.integers(0, 1000)


def one(value: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([value], np.int64)


@given(CODE, CODE, PORT, PORT, st.integers(0, 255))
def test_both_directions_have_one_key(a: int, b: int, p: int, q: int, protocol: int) -> None:
    there = pair_keys(one(a), one(b), one(p), one(q), one(protocol))
    back = pair_keys(one(b), one(a), one(q), one(p), one(protocol))
    assert there[:2] == back[:2]
    assert (there[2][0] != back[2][0]) or (a, p) == (b, q)


@given(st.lists(st.tuples(CODE, CODE, PORT, PORT), min_size=2, max_size=20, unique=True))
def test_different_pairs_have_different_keys(ends: list[tuple[int, int, int, int]]) -> None:
    a, b, p, q = np.array(ends, np.int64).T
    k1, k2, _ = pair_keys(a, b, p, q, np.full(len(ends), 6))
    unordered = {frozenset([(x, u), (y, v)]) for x, y, u, v in ends}
    assert len(set(zip(k1.tolist(), k2.tolist(), strict=True))) == len(unordered)


def test_one_directory_serves_both_columns() -> None:
    coded = pa.dictionary(pa.int32(), pa.string())
    flows = pa.table(
        {
            "src": pa.array(["192.0.2.1", "192.0.2.2"]).cast(coded),
            "dst": pa.array(["192.0.2.2", "198.51.100.1"]).cast(coded),
        }
    )
    directory, source, target = code_addresses(flows)
    assert directory.names.take(pa.array(source)).to_pylist() == ["192.0.2.1", "192.0.2.2"]
    assert directory.names.take(pa.array(target)).to_pylist() == ["192.0.2.2", "198.51.100.1"]
    assert directory.codes(pa.array(["192.0.2.2", "203.0.113.9"])).tolist() == [source[1], -1]


def test_names_last_whatever_the_codes() -> None:
    ports = (one(40_000), one(443), one(6), one(1_700_000_000_000_000))
    here = Directory(pa.array(["192.0.2.1", "198.51.100.1"])).digests()
    there = Directory(pa.array(["198.51.100.1", "203.0.113.5", "192.0.2.1"])).digests()
    assert lasting_names(here, one(0), one(1), *ports) == lasting_names(
        there, one(2), one(0), *ports
    )


def test_a_million_names_are_all_different() -> None:
    count = 1_000_000
    digests = Directory(pa.array(["192.0.2.1", "198.51.100.1"])).digests()
    zero, opened = np.zeros(count, np.int64), np.arange(count, dtype=np.int64)
    names = lasting_names(
        digests, zero, zero + 1, 40_000 + opened % 7, zero + 443, zero + 6, opened
    )
    assert len(np.unique(names)) == count
    assert names.min() >= 0
