from ipaddress import IPv4Address, IPv6Address

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire import addresses


def octets(texts: list[str]) -> addresses.Octets:
    packed = b"".join(IPv6Address(text).packed for text in texts)
    return np.frombuffer(packed, dtype=np.uint8).reshape(-1, 16)


# RFC 5952 section 4, on the documentation prefix of RFC 3849.
SPELLINGS = [
    ("2001:0db8::0001", "2001:db8::1"),
    ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:DB8::A", "2001:db8::a"),
    ("2001:db8:1:2:3:4:0:0", "2001:db8:1:2:3:4::"),
    ("0:0:0:0:0:0:0:0", "::"),
    ("::1", "::1"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
]


@pytest.mark.parametrize(("written", "canonical"), SPELLINGS)
def test_one_address_has_one_spelling(written: str, canonical: str) -> None:
    assert addresses.canonical(written) == canonical
    assert addresses.v6_dictionary(octets([written])).to_pylist() == [canonical]


@pytest.mark.parametrize(
    "text",
    [
        "", " 192.0.2.1", "192.0.2.1 ", "192.0.2.01", "192.0.2.256", "192.0.2", "192.0.2.1/32",
        "192.0.2.1:80", "fe80::1%eth0", "2001:db8::1::", "2001:db8:::1", "host.example",
        "2001:db8::10000", "0xc0.0.2.1", "3221225985", "\u0661.0.2.1", "[2001:db8::1]", "1:2",
    ],
)  # fmt: skip
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(MalformedInput):
        addresses.canonical(text)


@given(st.text(max_size=50))
def test_any_text_is_an_address_or_malformed(text: str) -> None:
    try:
        answer = addresses.canonical(text)
    except MalformedInput:
        return
    assert addresses.canonical(answer) == answer


@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_v4_columns_read_as_the_standard_library_writes_them(words: list[int]) -> None:
    column = addresses.v4_dictionary(np.array(words, dtype=np.uint32))
    assert column.to_pylist() == [str(IPv4Address(word)) for word in words]


groups = st.lists(st.one_of(st.just(0), st.integers(0, 0xFFFF)), min_size=8, max_size=8)


@given(st.lists(groups, max_size=40))
def test_v6_columns_are_canonical(table: list[list[int]]) -> None:
    texts = [":".join(f"{group:x}" for group in row) for row in table]
    column = addresses.v6_dictionary(octets(texts))
    assert column.to_pylist() == [addresses.canonical(text) for text in texts]


def test_only_distinct_addresses_are_formatted() -> None:
    column = addresses.v4_dictionary(np.full(1_000, 0xC0000201, dtype=np.uint32))
    assert len(column) == 1_000
    assert column.dictionary.to_pylist() == ["192.0.2.1"]


def test_an_ipv4_address_survives_the_way_through_ipv6() -> None:
    words = np.array([0xC0000201, 0xCB007107], dtype=np.uint32)
    mapped = addresses.address_dictionary(addresses.v4_as_v6(words))
    assert mapped.to_pylist() == addresses.address_dictionary(words).to_pylist()
    assert mapped.to_pylist() == ["192.0.2.1", "203.0.113.7"]


def test_text_columns_become_canonical_and_the_bad_are_marked() -> None:
    texts = pa.array(["2001:DB8::1", "nonsense", None, "2001:db8::1", "::ffff:192.0.2.1"])
    column, bad = addresses.canonical_texts(texts)
    assert column.to_pylist() == ["2001:db8::1", None, None, "2001:db8::1", "192.0.2.1"]
    assert bad.tolist() == [False, True, True, False, False]
    assert column.dictionary.to_pylist() == ["2001:db8::1", "192.0.2.1"]


def test_chunked_and_coded_text_columns_read_alike() -> None:
    texts = ["192.0.2.1", "2001:db8::1"]
    chunked = pa.chunked_array([texts[:1], texts[1:]])
    coded = pa.array(texts).dictionary_encode()
    for column in (chunked, coded):
        answer, bad = addresses.canonical_texts(column)
        assert answer.to_pylist() == texts
        assert not bad.any()


def test_empty_columns_stay_empty() -> None:
    assert len(addresses.v4_dictionary(np.zeros(0, dtype=np.uint32))) == 0
    assert len(addresses.v6_dictionary(np.zeros((0, 16), dtype=np.uint8))) == 0
    column, bad = addresses.canonical_texts(pa.array([], pa.string()))
    assert (len(column), len(bad)) == (0, 0)
