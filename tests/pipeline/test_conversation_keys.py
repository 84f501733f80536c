import numpy as np
import pyarrow as pa

from headwater.pipeline.conversation_keys import (
    UNKNOWN,
    code_addresses,
    code_exporters,
    directory_of,
    lasting_names,
)

CODED = pa.dictionary(pa.int32(), pa.string())


def one(value: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([value], np.int64)


def code(value: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([value], np.int32)


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
    met = directory.codes(coded(["192.0.2.2", "203.0.113.9"], ["192.0.2.1"]))
    assert met.tolist() == [source[1], UNKNOWN, source[0]]


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


def test_digests_of_a_known_directory_are_the_same() -> None:
    known = directory_of(pa.array(["192.0.2.1", "192.0.2.2"]))
    names = pa.array(["192.0.2.2", "192.0.2.3", "192.0.2.1"])
    anew, carried_on = directory_of(names), directory_of(names, known)
    assert anew.digests.tolist() == carried_on.digests.tolist()
    assert carried_on.digests[2] == known.digests[0]


def test_names_last_whatever_the_codes() -> None:
    ports = (code(40_000), code(443), code(6), one(1_700_000_000_000_000))
    here = directory_of(pa.array(["192.0.2.1", "198.51.100.1"])).digests
    there = directory_of(pa.array(["198.51.100.1", "203.0.113.5", "192.0.2.1"])).digests
    name = lasting_names(here, code(0), code(1), *ports)
    assert name == lasting_names(there, code(2), code(0), *ports)
    # As in every version so far: what is stored of them stays true.
    assert name.tolist() == [1_917_559_200_139_794_846]


def test_a_million_names_are_all_different() -> None:
    count = 1_000_000
    digests = directory_of(pa.array(["192.0.2.1", "198.51.100.1"])).digests
    zero, opened = np.zeros(count, np.int32), np.arange(count, dtype=np.int64)
    port = (40_000 + opened % 7).astype(np.int32)
    names = lasting_names(digests, zero, zero + 1, port, zero + 443, zero + 6, opened)
    assert len(np.unique(names)) == count
    assert names.min() >= 0
