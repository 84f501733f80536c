"""The hash of a suffix is the same by name, by label list and in a batch."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.dnslist.answers.keyed_hash import KEY_BYTES, KeyedHash
from headwater.records.errors import MalformedInput

KEYED = KeyedHash(np.random.default_rng(5).bytes(KEY_BYTES))
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=63)
NAMES = st.lists(st.lists(LABEL, min_size=1, max_size=3), max_size=20)


@given(NAMES)
def test_columns_hash_as_single_names_do(names: list[list[str]]) -> None:
    column = pa.array([".".join(labels) for labels in names], pa.string())
    singly = [KEYED.suffixes([x.encode() for x in labels], 9)[-1] for labels in names]
    assert KEYED.names(column).tolist() == singly


def test_slices_of_columns_hash_the_same() -> None:
    column = pa.array(["first.example", "second.example", "third.example"])
    assert KEYED.names(column.slice(1, 2)).tolist() == KEYED.names(column).tolist()[1:]


@given(st.lists(LABEL, min_size=1, max_size=4))
def test_hashes_of_suffixes_do_not_depend_on_what_is_before(labels: list[str]) -> None:
    wire = [label.encode() for label in labels]
    assert KEYED.suffixes([b"www", *wire], 9)[:-1] == KEYED.suffixes(wire, 9)
    assert len(KEYED.suffixes(wire, 2)) == min(2, len(wire))


def test_names_that_differ_in_their_dots_differ() -> None:
    names = ["ab.c.example", "a.bc.example", "abc.example", "a.b.c.example"]
    assert len(set(KEYED.names(pa.array(names)).tolist())) == len(names)


def test_another_secret_gives_other_hashes() -> None:
    other = KeyedHash(np.random.default_rng(6).bytes(KEY_BYTES))
    assert other.suffixes([b"a"], 1) != KEYED.suffixes([b"a"], 1)


def test_a_secret_has_its_size() -> None:
    with pytest.raises(MalformedInput):
        KeyedHash(b"short")
