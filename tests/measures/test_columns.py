import math

import numpy as np
import pyarrow as pa

from headwater.measures.columns import bools, codes, floats, ints, is_text, picked, texts

TABLE = pa.table(
    {
        "count": pa.array([3, None, 5], pa.int32()),
        "share": pa.array([0.5, None, 1.0]),
        "ours": pa.array([True, None, False]),
        "name": pa.array(["b", "a", "b"]).dictionary_encode(),
        "note": pa.array(["x", None, "y"]),
    }
)


def test_nulls_become_what_is_said() -> None:
    assert ints(TABLE, "count").tolist() == [3, 0, 5]
    assert bools(TABLE, "ours").tolist() == [True, False, False]
    assert texts(TABLE, "note") == ["x", "", "y"]
    assert is_text(TABLE, "note", "y").tolist() == [False, False, True]
    assert is_text(TABLE, "name", "b").tolist() == [True, False, True]
    values = floats(TABLE, "share").tolist()
    assert values[::2] == [0.5, 1.0]
    assert math.isnan(values[1])


def test_codes_stand_for_the_distinct_texts() -> None:
    found, names = codes(TABLE, "name")
    assert [names[code] for code in found.tolist()] == ["b", "a", "b"]
    assert sorted(names) == ["a", "b"]


def test_an_empty_column_has_no_codes() -> None:
    found, names = codes(TABLE.slice(0, 0), "name")
    assert (found.tolist(), names) == ([], [])


def test_coded_text_has_the_codes_of_what_was_met() -> None:
    names = pa.array(["a", "b", "c", "d"])
    chunks = [pa.DictionaryArray.from_arrays(pa.array(c), names) for c in ([3, 1], [1, 0])]
    found, met = codes(pa.table({"host": pa.chunked_array(chunks)}), "host")
    assert (found.tolist(), met) == ([0, 1, 1, 2], ["d", "b", "a"])


def test_rows_are_picked_in_the_order_asked_for() -> None:
    column = np.array([5, 6, 7], np.int32)
    assert picked(column, np.array([2, 0, 2])).tolist() == [7, 5, 7]
    assert picked(column[:0], np.array([], np.int64)).dtype == np.int32
