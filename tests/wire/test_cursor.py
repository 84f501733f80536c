from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.cursor import Cursor


def test_fields_come_in_order() -> None:
    cursor = Cursor(b"\x00\x05\x00\x00\x00\x07rest")
    assert cursor.fields(Struct("!HI")) == (5, 7)
    assert (cursor.position, cursor.remaining) == (6, 4)
    assert bytes(cursor.take(4)) == b"rest"
    assert cursor.remaining == 0


@pytest.mark.parametrize("size", [5, -1])
def test_more_than_there_is_is_malformed_and_takes_nothing(size: int) -> None:
    cursor = Cursor(b"four")
    with pytest.raises(MalformedInput):
        cursor.take(size)
    assert (cursor.position, cursor.remaining) == (0, 4)


@given(st.binary(max_size=40), st.lists(st.integers(-3, 20), max_size=10))
def test_the_cursor_never_leaves_its_octets(data: bytes, sizes: list[int]) -> None:
    cursor = Cursor(data)
    taken = b""
    for size in sizes:
        try:
            taken += bytes(cursor.take(size))
        except MalformedInput:
            assert not 0 <= size <= cursor.remaining
    assert data.startswith(taken)
    assert len(taken) + cursor.remaining == len(data)
