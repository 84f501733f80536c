"""Flows in lines of text: CSV of our own columns, nfdump's CSV, Zeek's logs."""

from collections.abc import Callable, Iterator

import pyarrow as pa

from headwater.records.errors import MalformedInput
from headwater.sources.flow_formats import FlowFormat, header
from headwater.sources.line_records import Read, Reading, read_records
from headwater.sources.opened import Stream
from headwater.sources.tally import Tally
from headwater.wire import flow_table, nfdump, zeek
from headwater.wire.flow_rows import Places
from headwater.wire.lines import BadLine, Block, blocks, delimited, json_objects
from headwater.wire.zeek_header import ZeekHeader, comment_cuts


def read_csv(stream: Stream, source: str, kind: FlowFormat) -> Iterator[Reading]:
    """Flows of a CSV with a header line. Raises MalformedInput where columns are missing."""
    lines = blocks(stream)
    first = next(lines, None)
    if not isinstance(first, Block):
        raise MalformedInput("no line of column names")
    head, data = _first_line(first)
    names, delimiter = header(head.data)
    _check(names, kind)
    parse = delimited(names, delimiter)
    ending = nfdump.SUMMARY if kind is FlowFormat.NFDUMP_CSV else None
    pieces = _until(_chain(data, lines), ending)
    read = flow_table.read if kind is FlowFormat.CSV else nfdump.read_csv
    tally = Tally(source)
    yield from read_records(pieces, parse, _reader(read, source), tally, "line")
    yield from tally.drain()


def read_zeek(stream: Stream, source: str) -> Iterator[Reading]:
    """Flows of a conn.log in Zeek's own format; a new header may come at any line."""
    zeek_header = ZeekHeader()
    tally = Tally(source)
    for block in blocks(stream):
        if isinstance(block, BadLine):
            tally.add(f"line {block.number}", block.reason)
            continue
        for piece in comment_cuts(block):
            if piece.data.startswith(b"#"):
                zeek_header.read(piece.data)
                continue
            read = _reader(zeek.read, source)
            yield from read_records(iter([piece]), zeek_header.parser(), read, tally, "line")
    yield from tally.drain()


def read_zeek_json(stream: Stream, source: str) -> Iterator[Reading]:
    """Flows of a conn.log with one JSON object a line."""
    tally = Tally(source)
    read = _reader(zeek.read, source)
    yield from read_records(blocks(stream), json_objects, read, tally, "line")
    yield from tally.drain()


def _reader(
    read: Callable[[pa.RecordBatch, Places, str], Iterator[Reading]], source: str
) -> Read:
    return lambda rows, places: read(rows, places, source)


def _check(names: list[str], kind: FlowFormat) -> None:
    if kind is FlowFormat.CSV:
        flow_table.known_columns(names)
    else:
        nfdump.check_csv(names)
    if len(set(names)) < len(names):
        raise MalformedInput("a column name twice")


def _first_line(block: Block) -> tuple[Block, Block]:
    end = block.data.find(b"\n") + 1 or len(block.data)
    return Block(block.first, block.data[:end]), Block(block.first + 1, block.data[end:])


def _chain(first: Block, rest: Iterator[Block | BadLine]) -> Iterator[Block | BadLine]:
    if first.data:
        yield first
    yield from rest


def _until(pieces: Iterator[Block | BadLine], ending: str | None) -> Iterator[Block | BadLine]:
    """All lines before one that is ``ending``."""
    for piece in pieces:
        if ending and isinstance(piece, Block):
            mark = ending.encode() + b"\n"
            at = 0 if piece.data.startswith(mark) else piece.data.find(b"\n" + mark) + 1
            if at or piece.data.startswith(mark):
                if at:
                    yield Block(piece.first, piece.data[:at])
                return
        yield piece
