import pytest

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire.leases.rows import LONGEST_LINE, cells_of, delimiter_of, read_rows

KNOWN = {"name": "name who", "age": "age"}


def test_cells_by_meaning_with_their_places() -> None:
    lines = ["", "Age;WHO", '7;"a;b"', "Age;WHO", "8"]
    assert list(read_rows(lines, KNOWN, ["name"], "f")) == [
        ("line 3", {"name": "a;b", "age": "7"}),
        ("line 5", {"name": "", "age": "8"}),
    ]


def test_a_missing_column_is_said_once() -> None:
    assert list(read_rows(["age", "1"], KNOWN, ["name"], "f")) == [
        Refused(source="f", position="line 1", reason="no such column: name")
    ]
    assert list(read_rows([], KNOWN, ["name"], "f")) == []


def test_delimiters_and_bounds() -> None:
    assert delimiter_of("a\tb") == "\t"
    with pytest.raises(MalformedInput, match="line too long"):
        cells_of("x" * (LONGEST_LINE + 1), ",")
