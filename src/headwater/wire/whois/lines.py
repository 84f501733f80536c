"""The structure of a WHOIS answer: who is labelled what, under which heading, in which block.

RFC 3912 says only that the answer is text. What registries print comes down to a few
forms: `label: value`, `label....: value`, `[label] value`, a label above its values,
columns parted by tabs or many blanks, and prose. All become entries of one shape.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from headwater.wire.whois.words import is_title

MAX_LINES: Final = 2000
MAX_WIDTH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One labelled value, or a bare line (``label`` is empty)."""

    line: int
    block: int  # counts paragraphs: blocks are parted by blank lines
    indent: int
    label: str
    value: str
    section: str = ""  # the heading this stands under
    opener: str = ""  # the first label of the block
    loose: bool = False  # the label was told from the value by blanks only
    text: str = ""  # the whole line, trimmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """An answer taken apart."""

    entries: tuple[Entry, ...]
    comments: tuple[str, ...]  # what stood behind `%`, `#` or `>>>`
    lines: tuple[str, ...]  # everything that is not blank, in order, trimmed


_COMMENT: Final = re.compile(r"^\s*(?:%+|#+|;+|>>>+|--+(?=\s|$)|\*{3,}(?!\w)|//)\s*(.*?)\s*#*$")
_BRACKET: Final = re.compile(r"^(?:[a-z0-9]{1,2}[.)]?\s+)?\[([^\[\]]{1,60})\]\s*[:.]?\s*(.*)$")
_TAG: Final = re.compile(r"^<([a-z][\w -]{0,40})>(.*?)(?:</\1>)?$", re.IGNORECASE)
_COLON: Final = re.compile(
    r"^([^:\uff1a]{1,80}?)[\s.·…_]*(?:(?<!\d)[:\uff1a]|[:\uff1a](?!\d))(?![/\\])(?:\s*[:\uff1a])?\s*(.*)$"
)
_LEADER: Final = re.compile(r"^([^\W\d_][^.]{0,60}?)#?(?:\s?\.){3,}\s*(.*)$")
_RWHOIS: Final = re.compile(
    r"^(?:domain|contact|host|network):([\w-]{2,40})(?:;I)?:(.*)$"
)  # RFC 2167
_PREFIX: Final = re.compile(r"^(?:\d{1,2}[a-z]?[.)]\s+|[-*•]+\s+(?=\S.*[:\uff1a]))")
_NO_VALUE: Final = re.compile(r"^(?:![A-Za-z]+|[|>]-?|\{|\[)$")  # YAML and JSON open a group so
_COLUMN: Final = re.compile(r"^(\S+(?: \S+){0,5})(?<![.,;])(?:\s*\t\s*| {2,})(\S.*)$")
_EQUALS: Final = re.compile(r"^([a-z][\w .-]{1,40}?)\s*=\s*(.*)$", re.IGNORECASE)
_NOT_A_LABEL: Final = re.compile(r"https?$|^[\W\d]*$|[<>{}@]", re.IGNORECASE)
_JUNK: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\u200b-\u200f]")


def take_apart(text: str) -> Structure:
    """The structure of ``text``; at most MAX_LINES lines of MAX_WIDTH characters are read."""
    reading = _Reading()
    for number, line in enumerate(_lines(text), start=1):
        reading.take(number, line)
    return Structure(
        entries=tuple(reading.entries),
        comments=tuple(reading.comments),
        lines=tuple(reading.lines),
    )


def _lines(text: str) -> Iterator[str]:
    flat = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    if "<br" in flat[: MAX_WIDTH * 4].lower():
        flat = re.sub(r"<br\s*/?>", "\n", flat, flags=re.IGNORECASE)
    for line in flat.split("\n", MAX_LINES)[:MAX_LINES]:
        yield _JUNK.sub("", line[:MAX_WIDTH]).replace("\xa0", " ").rstrip()


def split_label(text: str) -> tuple[str, str, bool] | None:
    """(label, value, loose) of one trimmed line; None where it has no label."""
    text = _PREFIX.sub("", text)
    if match := _RWHOIS.match(text):
        return match[1], match[2].strip(), False
    if match := _BRACKET.match(text):
        return match[1].strip(), match[2].strip(), False
    for pattern, loose in ((_COLON, False), (_LEADER, False), (_EQUALS, True), (_COLUMN, True)):
        match = pattern.match(text)
        if match and not _NOT_A_LABEL.search(match[1].strip()):
            value = _NO_VALUE.sub("", match[2].strip())
            return match[1].strip(" \t.*-_"), value, loose
    if match := _TAG.match(text):
        return match[1], match[2].strip(), False
    return None


@dataclass(slots=True)
class _Heading:
    label: str
    indent: int
    block: int
    filled: bool = False
    deeper: bool = False  # something deeper has been seen: then only deeper lines belong


@dataclass(slots=True)
class _Reading:
    entries: list[Entry] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    headings: list[_Heading] = field(default_factory=list)
    labelled: Entry | None = None
    block: int = 0
    opener: str = ""
    blank: bool = True

    def take(self, number: int, line: str) -> None:
        text = line.strip()
        if not text:
            self._end_block()
            return
        self.lines.append(text)
        comment = _COMMENT.match(line)
        if comment:
            self._take_comment(comment[1])
            return
        indent = len(line.expandtabs(8)) - len(line.expandtabs(8).lstrip())
        self._close_headings(indent)
        self._take_text(number, indent, text)
        self.blank = False

    def _end_block(self) -> None:
        if not self.blank:
            self.block += 1
            self.opener = ""
        self.blank = True

    def _take_comment(self, text: str) -> None:
        self.comments.append(text)
        title = text.rstrip(":. ")
        if title and len(title) < 40:  # `% Registrar:` parts the objects that follow
            self._end_block()
            self.headings = [_Heading(title, -1, self.block)] if text.endswith(":") else []
            self.labelled = None

    def _close_headings(self, indent: int) -> None:
        while self.headings and not self._is_under(self.headings[-1], indent):
            self.headings.pop()

    def _is_under(self, heading: _Heading, indent: int) -> bool:
        if heading.block != self.block and heading.filled:
            return False
        if indent > heading.indent:
            heading.deeper = True
        elif heading.deeper or indent != heading.indent:
            return False
        heading.block = self.block  # a blank line may part a heading from what it heads
        return True

    def _take_text(self, number: int, indent: int, text: str) -> None:
        label, value, loose = split_label(text) or ("", text, True)
        if not self.opener:
            self.opener = label or text
        entry = Entry(
            line=number,
            block=self.block,
            indent=indent,
            label=label,
            value=value,
            section=self._section(indent, loose),
            opener=self.opener,
            loose=loose,
            text=text,
        )
        self.entries.append(entry)
        for heading in self.headings:
            heading.filled = True
        if label and not loose:
            self.labelled = entry
        self._open(entry)

    def _section(self, indent: int, loose: bool) -> str:
        """The label above: of the value that goes on here, or else the heading."""
        above = self.labelled
        if loose and above and above.block == self.block and indent > above.indent:
            return above.label
        heading = self.headings[-1] if self.headings else None
        if heading is None:
            return ""
        # Labelled lines at its own depth belong to a heading only where it opens the block:
        # elsewhere a label above others merely has no value.
        if loose or indent > heading.indent or heading.label in ("", self.opener):
            return heading.label
        return ""

    def _open(self, entry: Entry) -> None:
        if (entry.label and not entry.value) or is_title(entry.text):
            self.headings = [h for h in self.headings if h.indent < entry.indent]
            self.headings.append(_Heading(entry.label or entry.text, entry.indent, self.block))
        elif entry.loose and self._may_head(entry):
            # A line alone may be the heading of deeper ones (`Nameservers`, `Registrar`).
            self.headings.append(_Heading(entry.text, entry.indent, self.block, deeper=True))

    def _may_head(self, entry: Entry) -> bool:
        short = len(entry.text) < 60 and not entry.text.endswith((".", ","))
        return short and not any(h.indent <= entry.indent for h in self.headings)
