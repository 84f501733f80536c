"""Lines are parsed in blocks; a bad one is named and costs itself only."""

from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.wire.lines import (
    LONGEST_LINE,
    BadLine,
    Block,
    Parser,
    blocks,
    delimited,
    json_objects,
    records,
)

TWO = delimited(["a", "b"], ",")


def parse(
    text: bytes, parser: Parser = TWO, size: int = 1 << 20
) -> tuple[dict[int, object], dict[int, str]]:
    """Line number -> row, and line number -> why it is bad."""
    rows: dict[int, object] = {}
    bad: dict[int, str] = {}
    for block in blocks(BytesIO(text), size):
        for got in [block] if isinstance(block, BadLine) else records(block, parser):
            if isinstance(got, BadLine):
                bad[got.number] = got.reason
            else:
                rows |= zip(got.numbers.tolist(), got.rows.to_pylist(), strict=True)
    return rows, bad


def row(a: str | None, b: str | None) -> dict[str, str | None]:
    return {"a": a, "b": b}


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_blocks_hold_whole_lines_and_know_their_numbers(size: int) -> None:
    text = b"one\n\nthree\nfour"
    got = [block for block in blocks(BytesIO(text), size) if isinstance(block, Block)]
    assert b"".join(block.data for block in got) == text
    for block in got:
        assert (
            block.first == text[: text.index(block.data)].count(b"\n") + 1
            or not block.data.strip()
        )
        assert block.data.endswith(b"\n") or block is got[-1]


def test_a_line_beyond_all_measure_is_passed_over() -> None:
    text = b"1,2\n" + b"x" * (2 * LONGEST_LINE) + b"\n3,4\n"
    rows, bad = parse(text, size=1 << 16)
    assert rows == {1: row("1", "2"), 3: row("3", "4")}
    assert bad == {2: f"line too long: more than {LONGEST_LINE} octets"}


def test_a_last_line_beyond_all_measure() -> None:
    rows, bad = parse(b"1,2\n" + b"x" * (LONGEST_LINE * 2), size=1 << 16)
    assert list(rows) == [1]
    assert list(bad) == [2]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"3", "wrong number of values: 1 of 2"),
        (b"3,4,5", "wrong number of values: 3 of 2"),
        (b'"3,4', "wrong number of values"),
        (b"\xff,4", "not readable"),
        (b'"3\n4",5', "wrong number of values"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 50, 99, 100])
def test_a_bad_line_costs_itself_only(line: bytes, why: str, place: int) -> None:
    good = [b"%d,%d" % (number, number) for number in range(100)]
    rows, bad = parse(b"\n".join([*good[:place], line, *good[place:]]) + b"\n")
    assert place + 1 in bad
    assert why in bad[place + 1]
    extra = line.count(b"\n")
    for number in range(100):
        at = number + 1 + (1 + extra if number >= place else 0)
        assert rows[at] == row(str(number), str(number))


def test_quoted_values_and_missing_ones() -> None:
    rows, bad = parse(b'1,"a,b"\n2,\n"3","4"\n')
    assert rows == {1: row("1", "a,b"), 2: row("2", None), 3: row("3", "4")}
    assert bad == {}


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"  \n", b"\t\n", b"\n\n\n"])
@pytest.mark.parametrize("parser", [TWO, json_objects], ids=["csv", "json"])
def test_blank_lines_are_passed_over_and_counted(blank: bytes, parser: Parser) -> None:
    line = b"1,2\n" if parser is TWO else b'{"a":"1","b":"2"}\n'
    wanted = row("1", "2")
    rows, bad = parse(blank + line + blank + line + blank, parser)
    lines = blank.count(b"\n")
    assert rows == {lines + 1: wanted, 2 * lines + 2: wanted}
    assert bad == {}


def test_values_of_another_kind() -> None:
    rows, bad = parse(b"1|2\nx|3\n4|5\n", delimited(["a", "b"], "|", kind=pa.int64()))
    assert rows == {1: {"a": 1, "b": 2}, 3: {"a": 4, "b": 5}}
    assert list(bad) == [2]


def test_tabs_leave_quotes_alone() -> None:
    rows, bad = parse(b'"1\t-\n', delimited(["a", "b"], "\t", "-"))
    assert rows == {1: row('"1', None)}
    assert bad == {}


def test_json_lines() -> None:
    text = b'{"a":1}\n{"a":"x"}\nnope\n{"a":2}{"a":3}\n{"b":2.5}\n[1]\n'
    rows, bad = parse(text, json_objects)
    assert rows == {1: {"a": 1}, 2: {"a": "x"}, 5: {"b": 2.5}}
    assert sorted(bad) == [3, 4, 6]


@given(st.binary(max_size=400), st.sampled_from([TWO, json_objects]))
def test_any_bytes_give_rows_and_bad_lines(text: bytes, parser: Parser) -> None:
    rows, bad = parse(text, parser, size=64)
    lines = text.count(b"\n") + 1
    assert not set(rows) & set(bad)
    assert all(1 <= number <= lines for number in (*rows, *bad))
    for number, line in enumerate(text.split(b"\n"), 1):
        assert number in rows or number in bad or not line.strip(b" \t\r")
