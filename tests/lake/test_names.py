"""Addresses as numbers and back: nothing is lost, nothing is confused."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.lake.layout import CODED
from headwater.lake.names import NUMBER, Names, numbered, numbers_of
from headwater.records.errors import Misconfigured

HOSTS = [f"192.0.2.{number}" for number in range(20)]
CHUNKS = st.lists(st.lists(st.sampled_from(HOSTS), max_size=5), max_size=4)


def coded(chunks: list[list[str]]) -> pa.ChunkedArray:
    """Each chunk with a dictionary of its own, as row groups have."""
    return pa.chunked_array(
        [pa.array(c, pa.string()).dictionary_encode() for c in chunks], CODED
    )


@given(CHUNKS)
def test_there_and_back(chunks: list[list[str]]) -> None:
    clients = coded(chunks)
    rows = pa.table({"client": clients, "server": clients, "inside": clients, "port": clients})
    told, names = numbered(rows)
    assert told.schema.types == [NUMBER, NUMBER, CODED, CODED]
    assert names.named(told).to_pydict() == rows.to_pydict()


@given(CHUNKS)
def test_numbers_are_in_the_order_of_text(chunks: list[list[str]]) -> None:
    told, _ = numbered(pa.table({"client": coded(chunks)}))
    numbers = told.column("client").to_pylist()
    texts = [host for chunk in chunks for host in chunk]
    assert [n for n, _ in sorted(zip(numbers, texts, strict=True))] == sorted(numbers)
    assert [t for _, t in sorted(zip(numbers, texts, strict=True))] == sorted(texts)


@pytest.fixture
def names() -> Names:
    return numbered(pa.table({"client": coded([HOSTS[:3]])}))[1]


def test_who_was_never_met_gets_a_number_that_stays(names: Names) -> None:
    given = pa.table(
        {"host": [HOSTS[1], HOSTS[9], None, HOSTS[9]], "kind": ["a", "b", "c", "d"]}
    )
    told = names.coded(given)
    assert told.to_pydict() == {"host": [1, 3, None, 3], "kind": ["a", "b", "c", "d"]}
    assert names.coded(pa.table({"server": [HOSTS[8], HOSTS[9]]})).to_pydict() == {
        "server": [4, 3]
    }
    assert names.named(told).column("host").to_pylist() == given.column("host").to_pylist()


def test_an_answer_can_be_given_back(names: Names) -> None:
    answer = names.named(pa.table({"host": pa.array([2, 0, None], NUMBER)}))
    assert names.coded(answer).to_pydict() == {"host": [2, 0, None]}
    names.coded(pa.table({"host": [HOSTS[9]]}))  # the names have grown since
    assert names.coded(answer).to_pydict() == {"host": [2, 0, None]}


def test_an_empty_answer_has_its_columns(names: Names) -> None:
    empty = names.named(pa.table({"peer": pa.array([], NUMBER)}))
    assert empty.schema.types == [CODED]
    assert names.coded(pa.table({"host": pa.array([], pa.string())})).schema.types == [NUMBER]


def test_numbers_lost_among_text_are_told(names: Names) -> None:
    with pytest.raises(Misconfigured, match="'host'"):
        names.named(pa.table({"host": ["2"]}))


@given(CHUNKS, CHUNKS)
def test_chunks_that_were_cut_elsewhere_have_the_same_numbers(
    chunks: list[list[str]], others: list[list[str]]
) -> None:
    met = coded([[host for chunk in [*chunks, *others] for host in chunk]])
    numbers = numbers_of(part.dictionary for part in met.chunks)
    for again in (coded(chunks), coded(others), met.slice(1)):
        rows = pa.table({"client": again})
        assert numbers.names.named(numbers.put(rows)).to_pydict() == rows.to_pydict()
