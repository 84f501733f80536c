from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import value_octets

from headwater.records.errors import MalformedInput
from headwater.wire.information_elements import Element, element, reverse
from headwater.wire.templates import (
    DATA,
    VARIABLE,
    Field,
    column,
    compile_template,
    first_of,
    integers,
    numbers,
    records_of,
)

NUMERIC = [
    element(name)
    for name in (
        "octetDeltaCount", "packetDeltaCount", "sourceTransportPort", "flowStartMilliseconds",
        "tcpControlBits", "samplingInterval",
    )
]  # fmt: skip
UNREAD = Element(32_473, 1)  # an enterprise for examples (RFC 5612)


def fields(*pairs: tuple[Element, int]) -> tuple[Field, ...]:
    return tuple(Field(which, size) for which, size in pairs)


@st.composite
def templates_with_records(draw: Any) -> tuple[tuple[Field, ...], list[list[bytes]]]:
    """A template with fields of any size, and the octets of each field of some records."""
    known = draw(st.permutations(NUMERIC))[: draw(st.integers(1, 6))]
    sizes = [draw(st.integers(1, 8)) for _ in known]
    wanted = [Field(which, size) for which, size in zip(known, sizes, strict=True)]
    for _ in range(draw(st.integers(0, 3))):
        size = draw(st.sampled_from([0, 1, 3, 17, VARIABLE]))
        wanted.insert(draw(st.integers(0, len(wanted))), Field(UNREAD, size))
    rows = [
        [draw(octets_of(field.length)) for field in wanted]
        for _ in range(draw(st.integers(0, 5)))
    ]
    return tuple(wanted), rows


def octets_of(size: int) -> st.SearchStrategy[bytes]:
    if size != VARIABLE:
        return st.binary(min_size=size, max_size=size)
    return st.one_of(st.binary(max_size=4), st.binary(min_size=254, max_size=300))


@given(templates_with_records())
def test_every_size_and_way_gives_the_same_as_reading_one_by_one(
    given_: tuple[tuple[Field, ...], list[list[bytes]]],
) -> None:
    wanted, rows = given_
    layout = compile_template(wanted)
    body = b"".join(
        value_octets(octets, field.length)
        for row in rows
        for field, octets in zip(wanted, row, strict=True)
    )
    records, count, wrong = records_of(layout, body)
    assert (count, wrong) == (len(rows), "")
    table = layout.rows(records)
    for place, field in enumerate(wanted):
        if field.element != UNREAD:
            expected = [int.from_bytes(row[place], "big") for row in rows]
            assert integers(table, field.element).tolist() == expected
            assert numbers(table, field.element).tolist() == expected


@given(templates_with_records(), st.binary(max_size=60))
def test_any_body_is_cut_into_whole_records(
    given_: tuple[tuple[Field, ...], list[list[bytes]]], body: bytes
) -> None:
    layout = compile_template(given_[0])
    records, count, _ = records_of(layout, body)
    assert len(records) == count * layout.dtype.itemsize
    assert count * layout.least <= len(body)


def test_an_address_is_read_in_its_own_size_only() -> None:
    four, six = element("sourceIPv4Address"), element("destinationIPv6Address")
    layout = compile_template(fields((four, 4), (six, 16)))
    assert layout.names == {four, six}
    assert compile_template(fields((four, 3), (six, 15), (UNREAD, 1))).names == set()


def test_the_first_of_two_equal_fields_counts() -> None:
    which = element("octetDeltaCount")
    layout = compile_template(fields((which, 1), (which, 1)))
    assert integers(layout.rows(b"\x01\x02"), which).tolist() == [1]


def test_reverse_fields_are_read_under_their_own_name() -> None:
    which = reverse(element("octetDeltaCount"))
    assert column(which) == "29305/1"
    layout = compile_template(fields((which, 2)))
    assert integers(layout.rows(b"\x01\x00"), which).tolist() == [256]


def test_the_same_template_is_compiled_once() -> None:
    wanted = fields((element("octetDeltaCount"), 4))
    assert compile_template(wanted) is compile_template(tuple(wanted))
    assert compile_template(wanted, 1) is not compile_template(wanted, DATA)


@pytest.mark.parametrize(
    ("wanted", "scopes", "reason"),
    [
        ((), DATA, "template makes empty records"),
        (fields((UNREAD, 0)), DATA, "template makes empty records"),
        (fields(*[(UNREAD, 1)] * 1_025), DATA, "template too wide"),
        (fields((UNREAD, 65_534), (UNREAD, 2)), DATA, "template too wide"),
        (fields((UNREAD, 4)), 2, "template lies"),
    ],
)
def test_templates_that_describe_no_possible_record(
    wanted: tuple[Field, ...], scopes: int, reason: str
) -> None:
    with pytest.raises(MalformedInput, match=reason):
        compile_template(wanted, scopes)


def test_the_widest_templates_that_are_read() -> None:
    assert compile_template(fields(*[(UNREAD, 1)] * 1_024)).least == 1_024
    assert compile_template(fields((UNREAD, 65_534), (UNREAD, 1))).least == 65_535


def test_padding_is_dropped_and_a_piece_of_a_record_named() -> None:
    layout = compile_template(fields((element("octetDeltaCount"), 8)))
    assert records_of(layout, bytes(8) + bytes(7)) == (bytes(8), 1, "")
    assert records_of(layout, bytes(8) + b"\x01\x02\x03") == (bytes(8), 1, "")
    _, count, wrong = records_of(layout, bytes(8) + b"\x01\x02\x03\x04")
    assert (count, wrong) == (1, "record cut short: 4 of 8 octets")


@pytest.mark.parametrize("length", [b"\x05", b"\xff", b"\xff\x00", b"\xff\xff\xff"])
def test_a_variable_length_beyond_the_set(length: bytes) -> None:
    layout = compile_template(fields((UNREAD, VARIABLE), (UNREAD, VARIABLE)))
    whole = b"\x00\x00"
    _, count, wrong = records_of(layout, whole + length + b"\x00")
    assert (count, wrong) == (1, "variable-length field overruns its set")


def test_the_first_wanted_element_wins() -> None:
    one, two = element("octetDeltaCount"), element("octetTotalCount")
    assert first_of(frozenset({one, two}), (two, one)) == two
    assert first_of(frozenset({one}), (two, one)) == one
    assert first_of(frozenset(), (two, one)) is None


def test_native_sizes_stay_small() -> None:
    which = element("sourceTransportPort")
    table = compile_template(fields((which, 2))).rows(b"\x01\x00")
    assert numbers(table, which).dtype == np.uint16
