"""The syntax of ISC's lease files: words, quoted texts, statements and blocks.

A damaged statement costs itself: reading goes on with the next line that begins one at the
left margin, as every entry that dhcpd writes does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

MOST_DEPTH: Final = 8
MOST_WORDS: Final = 4000  # of one top-level statement
_TOKEN: Final = re.compile(
    r'\s+|#.*|(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[;{}])|(?P<word>[^\s;{}"#]+)|(?P<odd>.)',
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\([0-7]{1,3}|.)", re.DOTALL)
_TOP: Final = ("lease ", "ia-na ", "ia-ta ", "ia-pd ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Words up to ";", or words and the statements in braces behind them."""

    line: int
    words: tuple[str, ...]
    inner: tuple["Statement", ...] = ()
    fault: str = ""  # why it could not be read to its end


class _Open:
    """A block that is not closed yet."""

    __slots__ = ("inner", "line", "words")

    def __init__(self, line: int, words: tuple[str, ...]) -> None:
        self.line, self.words = line, words
        self.inner: list[Statement] = []


class _Reader:
    """Builds top-level statements from tokens."""

    __slots__ = ("_count", "_line", "_open", "_words")

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._open: list[_Open] = []
        self._words: list[str] = []
        self._line = 0
        self._count = 0

    @property
    def unfinished(self) -> bool:
        return bool(self._open or self._words)

    def broken(self, why: str, line: int) -> Statement:
        """Gives up on what was begun."""
        at = self._open[0].line if self._open else self._line or line
        self._forget()
        return Statement(line=at, words=(), fault=why)

    def word(self, text: str, line: int) -> Statement | None:
        if not self._words:
            self._line = line
        self._words.append(text)
        self._count += 1
        return self.broken("statement too long", line) if self._count > MOST_WORDS else None

    def mark(self, mark: str, line: int) -> Statement | None:
        words = tuple(self._words)
        self._words = []
        if mark == "{":
            self._open.append(_Open(self._line or line, words))
            return (
                self.broken("too many braces", line) if len(self._open) > MOST_DEPTH else None
            )
        if mark == ";":
            return self._done(Statement(line=self._line, words=words)) if words else None
        if not self._open or words:
            return self.broken("brace without its other half", line)
        block = self._open.pop()
        return self._done(
            Statement(line=block.line, words=block.words, inner=tuple(block.inner))
        )

    def _done(self, statement: Statement) -> Statement | None:
        if self._open:
            self._open[-1].inner.append(statement)
            return None
        self._forget()
        return statement


def read_statements(lines: Iterable[str]) -> Iterator[Statement]:
    """Top-level statements in order; those with a ``fault`` could not be read."""
    reader = _Reader()
    lost = False  # between a fault and the next entry
    number = 0
    for number, line in enumerate(lines, 1):
        if line.startswith(_TOP):
            if reader.unfinished:
                yield reader.broken("cut short", number)
            lost = False
        if lost:
            continue
        for statement in _line(reader, line, number):
            yield statement
            lost = lost or bool(statement.fault)
    if reader.unfinished:
        yield reader.broken("cut short", number)


def _line(reader: _Reader, line: str, number: int) -> Iterator[Statement]:
    for found in _TOKEN.finditer(line):
        done = None
        if found["mark"]:
            done = reader.mark(found["mark"], number)
        elif found["odd"]:
            done = reader.broken("text without its closing quote", number)
        elif found["text"] is not None:
            done = reader.word(_unescaped(found["text"][1:-1]), number)
        elif found["word"]:
            done = reader.word(found["word"], number)
        if done:
            yield done
            if done.fault:
                return


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_one, text)


def _one(found: re.Match[str]) -> str:
    escaped = found[1]
    return chr(int(escaped, 8) & 0xFF) if escaped[0] in "01234567" else escaped
