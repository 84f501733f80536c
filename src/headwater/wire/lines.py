"""Text of one record a line: cut into blocks, parsed at speed, bad lines found and named.

A block is parsed in one go. Where that fails, or does not give one row for each line, the
block is halved until the lines at fault stand alone: one bad line costs itself only.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.json as pc_json

from headwater.records.tables import TEXT
from headwater.wire.pcap import Readable

BLOCK_OCTETS: Final = 8 << 20
LONGEST_LINE: Final = 1 << 20
BLANK_LINE: Final = re.compile(rb"^[ \t\r]*(?:\n|\Z)", re.MULTILINE)
BLANKS: Final = np.frombuffer(b" \t\r\n", np.uint8)

LineNumbers = npt.NDArray[np.int64]


class Block(NamedTuple):
    """Whole lines of a text."""

    first: int  # number of the first line, from 1
    data: bytes


class BadLine(NamedTuple):
    """A line that is no record."""

    number: int
    reason: str


class Records(NamedTuple):
    """Rows and the line each came from."""

    rows: pa.Table
    numbers: LineNumbers


class Attempt(NamedTuple):
    """What one go at some lines gave; ``skipped``: indices of lines with no row."""

    rows: pa.Table
    skipped: dict[int, str]


Parser = Callable[[bytes], Attempt]


def blocks(stream: Readable, size: int = BLOCK_OCTETS) -> Iterator[Block | BadLine]:
    """The stream in blocks of whole lines; a line beyond all measure comes out as bad."""
    number, rest = 1, b""
    while data := stream.read(size):
        data = rest + data
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if cut:
            yield Block(number, data[:cut])
            number += data.count(b"\n", 0, cut)
        if len(rest) > LONGEST_LINE:
            yield BadLine(number, f"line too long: more than {LONGEST_LINE} octets")
            rest, number = _after_line(stream, size), number + 1
    if rest:
        yield Block(number, rest)


def _after_line(stream: Readable, size: int) -> bytes:
    while data := stream.read(size):
        end = data.find(b"\n")
        if end >= 0:
            return data[end + 1 :]
    return b""


def records(block: Block, parse: Parser) -> Iterator[Records | BadLine]:
    """The block's rows in order, and its bad lines; blank lines are passed over."""
    data, numbers = _without_blank_lines(block)
    if data:
        yield from _records(data, numbers, parse)


def _without_blank_lines(block: Block) -> tuple[bytes, LineNumbers]:
    octets = np.frombuffer(block.data, np.uint8)
    ends = np.flatnonzero(octets == ord("\n"))
    begins = np.append(0, ends + 1)
    begins = begins[begins < len(octets)]
    numbers = block.first + np.arange(len(begins))
    if not np.isin(octets[begins], BLANKS).any():  # a cheap look spares a dear one
        return block.data, numbers
    blank = [match for match in BLANK_LINE.finditer(block.data) if match.start() < match.end()]
    indices = np.searchsorted(ends, [match.start() for match in blank])
    return BLANK_LINE.sub(b"", block.data), np.delete(numbers, indices)


def _records(data: bytes, numbers: LineNumbers, parse: Parser) -> Iterator[Records | BadLine]:
    attempt = _attempt(data, parse, len(numbers))
    if isinstance(attempt, Attempt):
        yield from _placed(attempt, numbers)
    elif len(numbers) == 1:
        yield BadLine(int(numbers[0]), attempt)
    else:
        middle = _middle(data)
        above = data.count(b"\n", 0, middle)
        yield from _records(data[:middle], numbers[:above], parse)
        yield from _records(data[middle:], numbers[above:], parse)


def _attempt(data: bytes, parse: Parser, lines: int) -> Attempt | str:
    """The rows, or the reason why there are none, or not one for each line."""
    try:
        attempt = parse(data)
    except pa.ArrowInvalid as why:
        return f"not readable: {str(why)[:200]}"
    except UnicodeError:
        return "not readable: not UTF-8"
    except (pa.ArrowException, ValueError) as why:
        return f"not readable: {type(why).__name__}"
    if attempt.rows.num_rows + len(attempt.skipped) != lines:
        return "not readable: not one record in one line"
    return attempt


def _placed(attempt: Attempt, numbers: LineNumbers) -> Iterator[Records | BadLine]:
    for index, reason in sorted(attempt.skipped.items()):
        yield BadLine(int(numbers[index]), reason)
    if attempt.rows.num_rows:
        yield Records(attempt.rows, np.delete(numbers, list(attempt.skipped)))


def _middle(data: bytes) -> int:
    """Where the line behind the middle begins."""
    middle = data.find(b"\n", len(data) // 2) + 1
    if 0 < middle < len(data):
        return middle
    return data.rfind(b"\n", 0, len(data) - 1) + 1


def delimited(
    names: Sequence[str], delimiter: str, missing: str = "", kind: pa.DataType = TEXT
) -> Parser:
    """A parser of lines with one value of ``kind`` for each of ``names``."""
    convert = pc_csv.ConvertOptions(
        column_types=dict.fromkeys(names, kind),
        null_values=[missing],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )

    def parse(data: bytes) -> Attempt:
        skipped: dict[int, str] = {}
        if not data.isascii():
            data.decode()  # the parser would stumble over other bytes while it complains

        def skip(row: pc_csv.InvalidRow) -> str:
            given, wanted = row.actual_columns, row.expected_columns
            skipped[int(row.number) - 1] = f"wrong number of values: {given} of {wanted}"
            return "skip"

        rows = pc_csv.read_csv(
            pa.BufferReader(data),
            pc_csv.ReadOptions(
                use_threads=False, column_names=list(names), block_size=len(data) + 1
            ),
            pc_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if delimiter != "\t" and b'"' in data else False,
                invalid_row_handler=skip,
            ),
            convert,
        )
        return Attempt(rows, skipped)

    return parse


def json_objects(data: bytes) -> Attempt:
    """Parse one JSON object a line; the columns are those that occur."""
    rows = pc_json.read_json(
        pa.BufferReader(data), pc_json.ReadOptions(use_threads=False, block_size=len(data) + 1)
    )
    return Attempt(rows, {})
