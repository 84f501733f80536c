"""The comment lines of a Zeek log: they name its columns, its separator, its blank.

Zeek documentation, "Zeek Log Formats": ``#separator``, ``#fields``, ``#unset_field``.
"""

import re
from collections.abc import Iterator
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.lines import Block, Parser, delimited
from headwater.wire.zeek import check_columns

ESCAPED: Final = re.compile(r"\\x([0-9a-fA-F]{2})")
COMMENTS: Final = re.compile(rb"(?:^#[^\n]*(?:\n|\Z))+", re.MULTILINE)
MOST_COLUMNS: Final = 1000


class ZeekHeader:
    """What the comment lines read so far say."""

    def __init__(self) -> None:
        self._separator = "\t"
        self._unset = "-"
        self._names: list[str] = []

    def read(self, lines: bytes) -> None:
        """Take in comment lines. Raises MalformedInput where they make no sense."""
        for line in lines.decode("utf-8", "replace").splitlines():
            if line.startswith("#separator"):
                self._separator = _unescaped(line.removeprefix("#separator").lstrip(" "))
            elif line.startswith("#unset_field"):
                self._unset = line.split(self._separator)[-1]
            elif line.startswith("#fields"):
                self._names = _names(line.split(self._separator)[1:])

    def parser(self) -> Parser:
        """A parser of the lines that follow. Raises MalformedInput before any #fields."""
        if not self._names:
            raise MalformedInput("Zeek log without a #fields line before its first record")
        return delimited(self._names, self._separator, self._unset)


def comment_cuts(block: Block) -> Iterator[Block]:
    """The block in pieces that are comment lines or records, never both."""
    place, number = 0, block.first
    for comments in COMMENTS.finditer(block.data):
        for start, end in ((place, comments.start()), comments.span()):
            if start < end:
                yield Block(number, block.data[start:end])
                number += block.data.count(b"\n", start, end)
        place = comments.end()
    if place < len(block.data):
        yield Block(number, block.data[place:])


def _names(names: list[str]) -> list[str]:
    if len(names) > MOST_COLUMNS or len(set(names)) < len(names):
        raise MalformedInput("Zeek log with a column name twice, or thousands of columns")
    check_columns(names)
    return names


def _unescaped(text: str) -> str:
    separator = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if len(separator) != 1 or separator in '"\n\r':
        raise MalformedInput(f"Zeek log with the separator {text[:20]!r}")
    return separator
