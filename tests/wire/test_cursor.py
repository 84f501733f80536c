from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.cursor import Cursor

PAIR = Struct("!HB")


def test_fields_are_read_in_order_in_network_order() -> None:
    cursor = Cursor(b"\x01\x02\x03rest")
    assert cursor.fields(PAIR) == (0x0102, 3)
    assert (cursor.position, cursor.remaining) == (3, 4)
    assert bytes(cursor.take(4)) == b"rest"
    assert cursor.remaining == 0


@pytest.mark.parametrize("size", [-1, 4, 2**40])
def test_asking_for_too_much_is_malformed_and_moves_nothing(size: int) -> None:
    cursor = Cursor(b"abc")
    with pytest.raises(MalformedInput, match=r"wanted .* bytes, 3 left"):
        cursor.take(size)
    assert (cursor.position, bytes(cursor.take(3))) == (0, b"abc")


@pytest.mark.parametrize("size", range(PAIR.size))
def test_every_truncation_of_fields_is_malformed(size: int) -> None:
    with pytest.raises(MalformedInput):
        Cursor(bytes(size)).fields(PAIR)


@given(st.binary(max_size=40), st.lists(st.integers(0, 15)))
def test_what_is_taken_is_what_was_there(data: bytes, sizes: list[int]) -> None:
    cursor = Cursor(memoryview(data))
    taken = b""
    for size in sizes:
        if size <= cursor.remaining:
            taken += bytes(cursor.take(size))
    assert taken == data[: cursor.position]
