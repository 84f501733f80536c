"""Bytes of a mail into plain text: character sets, encoded words, HTML, odd marks."""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header
from html import unescape
from typing import Final

LONGEST_TEXT: Final = 2 * 2**20  # characters of one part that are looked at
_LONGEST_HEADER: Final = 10_000
# Text codecs that are slow or change meaning on hostile bytes.
_REFUSED_CODECS: Final = {
    "idna", "punycode", "unicode_escape", "raw-unicode-escape", "unicode-escape", "undefined",
    "raw_unicode_escape", "mbcs", "oem",
}  # fmt: skip
_HIDDEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00]")
_SPACES: Final = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u3000": " ",
                                "\uff1a": ":", "\uff0e": ".", "\r": None})  # fmt: skip
_DEFANGED: Final = re.compile(
    r"\s?[\[({]\s?(?:\.|dot|punkt|punto|point)\s?[\])}]\s?(?=\w)|(?<=\d)\[\.(?=\d)|(?<=\d)\.\](?=\d)"
    r"|(?<=\d) dot (?=\d)",
    re.IGNORECASE,
)
_DEFANGED_COLON: Final = re.compile(r"[\[({](:{1,2})[\])}]")
_DEFANGED_SCHEME: Final = re.compile(r"\bhxxp|\bh\*\*p|\bmeow(?=s?://)", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<(?:script|style|head)\b", re.IGNORECASE)
_UNSEEN_END: Final = re.compile(r"</(?:script|style|head)\s*>", re.IGNORECASE)
_CELL: Final = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_BREAK: Final = re.compile(
    r"<(?:br|/?p|/?tr|/?div|/?li|/?h\d|/?table|/?pre|hr|/?ul|/?dt|/?dd|/?blockquote)\b[^<>]*>",
    re.IGNORECASE,
)
_ROW: Final = re.compile(r"<tr\b", re.IGNORECASE)
_BREAK_IN_CELL: Final = re.compile(r"</?(?:br|p|div|span|pre|h\d)\b[^<>]*>", re.IGNORECASE)
_LONGEST_ROW: Final = 3_000
_LINK: Final = re.compile(r"<a\b[^<>]*?\bhref=[\"']?(https?://[^\"'<>\s]{1,500})[^<>]*>", re.I)
_TAG: Final = re.compile(r"</?[a-zA-Z!?][^<>]*>")
_SOURCE_BREAKS: Final = re.compile(r"[ \t]*\r?\n[ \t]*")


def decoded(body: bytes, charset: str) -> str:
    """Text of a part; a charset that is wrong or unknown never loses the ASCII."""
    for name in (charset, "utf-8"):
        if _is_text_codec(name):
            try:
                return body.decode(name)
            except (UnicodeError, ValueError):
                continue
    return body.decode("latin-1")


def _is_text_codec(name: str) -> bool:
    if not name or len(name) > 40 or not name.isascii() or "\0" in name:
        return False
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return info.name not in _REFUSED_CODECS and bool(getattr(info, "_is_text_encoding", True))


def header_text(value: str) -> str:
    """A header's value unfolded, its encoded words (RFC 2047) read."""
    value = (
        value[:_LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    )
    unfolded = " ".join(value.split())
    if "=?" not in unfolded:
        return unfolded
    try:
        pieces = decode_header(unfolded)
    except (HeaderParseError, ValueError, AssertionError):
        return unfolded
    words = [p if isinstance(p, str) else decoded(p, c or "ascii") for p, c in pieces]
    return " ".join(" ".join(words).split())


def plain(text: str) -> str:
    """Text for reading: no hidden marks, one kind of space, defanged addresses made whole."""
    text = text[:LONGEST_TEXT].translate(_SPACES)
    if not text.isascii():
        text = _HIDDEN.sub("", text)
    if any(mark in text for mark in ("[", "(", "{", " dot ", " DOT ")):
        text = _DEFANGED.sub(".", text)
        text = _DEFANGED_COLON.sub(r"\1", text)
    return _DEFANGED_SCHEME.sub("http", text)


def html_to_text(page: str) -> str:
    """What a reader sees of a page: rows as lines, cells parted by tabs. Linear in its size."""
    page = page[:LONGEST_TEXT]
    pieces = _UNSEEN.split(page)
    seen = [pieces[0]]
    for piece in pieces[1:]:
        end = _UNSEEN_END.search(piece)
        seen.append(piece[end.end() :] if end else "")
    flat = _SOURCE_BREAKS.sub("\n" if "<pre" in page.lower() else " ", " ".join(seen))
    flat = _LINK.sub(r" \1 ", _rows_whole(flat))
    flat = _BREAK.sub("\n", _CELL.sub("\t", flat))
    lines = unescape(_TAG.sub("", flat)).split("\n")
    return "\n".join(line.strip(" ") for line in lines if line.strip())


def _rows_whole(page: str) -> str:
    """Breaks inside a small row of a table are not breaks of the row."""
    pieces = _ROW.split(page)
    whole = [pieces[0]]
    for piece in pieces[1:]:
        cells, mark, rest = piece.partition("</tr")
        if len(cells) <= _LONGEST_ROW and len(_CELL.findall(cells)) > 1:
            cells = _BREAK_IN_CELL.sub(" ", cells)
        whole.append(f"<tr{cells}{mark}{rest}")
    return "".join(whole)


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def safe_line(text: str, most: int = 300) -> str:
    """One line fit for a terminal: no control characters, no escape sequences, bounded."""
    return " ".join(_CONTROLS.sub(" ", text[: most * 4]).split())[:most]


_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula."""
    line = safe_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line
