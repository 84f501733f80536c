import numpy as np
import pyarrow as pa

from headwater.pipeline.conversation_keys import (
    UNKNOWN,
    code_addresses,
    code_exporters,
    fresh_names,
)

CODED = pa.dictionary(pa.int32(), pa.string())


def coded(*chunks: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array(
        [pa.array(chunk, pa.string()).cast(CODED) for chunk in chunks], CODED
    )


def test_one_directory_serves_both_columns_and_all_chunks() -> None:
    flows = pa.table(
        {
            "src": coded(["192.0.2.1", "192.0.2.2"], ["192.0.2.2"]),
            "dst": coded(["192.0.2.2"], ["198.51.100.1", "192.0.2.1"]),
        }
    )
    directory, source, target = code_addresses(flows)
    names = directory.names
    assert sorted(names.to_pylist()) == ["192.0.2.1", "192.0.2.2", "198.51.100.1"]
    assert directory.column(source).to_pylist() == flows["src"].to_pylist()
    assert directory.column(target).to_pylist() == flows["dst"].to_pylist()
    left, right = directory.codes(
        coded(["192.0.2.2", "203.0.113.9"], ["192.0.2.1"]), coded([None, "198.51.100.1"])
    )
    assert left.tolist() == [source[1], UNKNOWN, source[0]]
    assert right.tolist() == [UNKNOWN, target[1]]


def test_columns_of_one_directory_are_looked_up_alike() -> None:
    flows = pa.table(
        {"src": coded(["192.0.2.1", "192.0.2.2"]), "dst": coded(["192.0.2.3"] * 2)}
    )
    directory, *_ = code_addresses(flows)
    names = pa.array(["192.0.2.9", "192.0.2.3", "192.0.2.2"])
    one, other = (
        pa.chunked_array([pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), names)])
        for codes in ([0, 1, 2], [2, 2, 0])
    )
    left, right = directory.codes(one, other)
    found = [
        [None if code < 0 else directory.names[code].as_py() for code in c]
        for c in (left, right)
    ]
    assert found == [[None, "192.0.2.3", "192.0.2.2"], ["192.0.2.2", "192.0.2.2", None]]


def test_no_flows_have_an_empty_directory() -> None:
    directory, source, target = code_addresses(pa.table({"src": coded(), "dst": coded()}))
    assert (len(directory.names), len(source), len(target)) == (0, 0, 0)


def test_exporters_are_numbered_as_they_appear() -> None:
    column = coded(["203.0.113.1", None], [None], ["203.0.113.2", "203.0.113.1"])
    names, codes = code_exporters(column)
    assert names.to_pylist() == ["203.0.113.1", None, "203.0.113.2"]
    assert codes.tolist() == [0, 1, 1, 2, 0]
    turned = pa.DictionaryArray.from_arrays(
        pa.array([1, 0, None], pa.int32()), pa.array(["203.0.113.2", "203.0.113.1"])
    )
    names, codes = code_exporters(pa.chunked_array([turned]))
    assert names.to_pylist() == ["203.0.113.1", "203.0.113.2", None]
    assert codes.tolist() == [0, 1, 2]


def test_names_of_every_hour_differ_and_stand_in_order() -> None:
    first, next_one = fresh_names(490_000, 0, 3), fresh_names(490_001, 0, 2)
    assert np.diff([*first, *next_one]).min() > 0
    assert np.diff(first).tolist() == [1, 1]
    assert fresh_names(490_000, 3, 1).tolist() == [first[-1] + 1]
    assert fresh_names(490_000, 0, 0).tolist() == []
