"""Blocklists as text: plain, CIDR, ranges, address:port, tables, and rbldnsd's data sets.

Read line by line, whatever the dialect, because lists mix them. Understood of rbldnsd(8):
ip4set, ip4trie, ip6trie and ip6tset entries with values, ``:code:text`` default values,
``!`` exclusions, ``$`` directives; of generic data sets the reversed names of addresses.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.sighting import Excluded, Sighting, SubjectKind
from headwater.wire.prefix_text import BARE_ADDRESS, Subject, covering, read_prefix, read_range
from headwater.wire.reversed_names import read_reversed

LONGEST_LINE: Final = 4096
LONGEST_DETAIL: Final = 200
HIGHEST_PORT: Final = 65_535

# The entry ends at white space, a comment or the next column.
_ENTRY: Final = re.compile(r'[\s"]*([^\s;#,|"]+)"?[\s;#,|"]*')
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.ASCII)
_PORT: Final = re.compile(r"([0-9.]+):([0-9]{1,5})/?|\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,5}))?/?")
_RECORD: Final = re.compile(r"(?:[0-9]+\s+)?(?:IN\s+)?(?:A|TXT)\s+\S", re.ASCII)
_VALUE: Final = re.compile(r":([^:]*):(.*)", re.DOTALL)
_MASKED: Final = re.compile(r"([0-9.]+)\s+([0-9]{1,2})(?:\s|$)")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def read_blocklist(
    lines: Iterable[str], source: str
) -> Iterator[Sighting | Excluded | Refused]:
    """Everything a list says, in its order, and what could not be read of it.

    The most specific entry wins: whoever keeps the sightings takes the exclusions out.
    """
    default = None
    for number, line in enumerate(lines, 1):
        if bare := BARE_ADDRESS.fullmatch(
            line
        ):  # most lines of most lists: three times as fast
            yield Sighting(bare[1], SubjectKind.ADDRESS, None, default)
            continue
        first = line.lstrip()[:1]
        if first in "#;$<" or line.startswith("//"):  # comments, directives; "" is in any text
            continue
        if first == ":":
            default = _detail(line)
            continue
        try:
            yield from _entry(line, first == "!", default)
        except MalformedInput as wrong:
            yield Refused(source=source, position=f"line {number}", reason=str(wrong))


def _entry(line: str, excluded: bool, default: str | None) -> Iterator[Sighting | Excluded]:
    if len(line) > LONGEST_LINE:
        raise MalformedInput(f"line too long: {len(line)} characters, {LONGEST_LINE} are read")
    entry = line.lstrip()[1:] if excluded else line
    found = _ENTRY.match(entry)
    if found is None:
        raise MalformedInput("no entry before the comment")
    rest = entry[found.end() :]
    subjects, port, described = _subjects(found[1], rest)
    if excluded:
        yield from (Excluded(*subject) for subject in subjects)
        return
    detail = _detail(rest if described else "") or default
    yield from (Sighting(text, kind, port, detail) for text, kind in subjects)


def _subjects(entry: str, rest: str) -> tuple[list[Subject], int | None, bool]:
    """Subjects, port, and whether the rest of the line describes them."""
    if _RECORD.match(rest):
        return [read_reversed(entry)], None, True
    if (masked := _MASKED.match(rest)) and (whole := _masked(entry, *masked.groups())):
        return whole, None, False
    if "://" in entry:
        entry = _SCHEME.sub("", entry)
    if addressed := _PORT.fullmatch(entry):
        v4, v4_port, v6, v6_port = addressed.groups()
        return [read_prefix(v4 or v6)], _port(v4_port or v6_port), True
    if "-" in entry:
        return read_range(entry), None, True
    return [read_prefix(entry)], None, True


def _masked(first: str, last: str, bits: str) -> list[Subject] | None:
    """``first last bits`` in three columns is one prefix, said twice."""
    try:
        subjects = covering(read_prefix(first)[0], read_prefix(last)[0])
    except (MalformedInput, ValueError):
        return None
    return subjects if subjects == [read_prefix(f"{first}/{bits}")] else None


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not 0 < int(text) <= HIGHEST_PORT:
        raise MalformedInput(f"not a port: {text}")
    return int(text)


def _detail(rest: str) -> str | None:
    """What a list says of an entry: the text of ``:code:text``, or the line's remainder."""
    text = rest.strip()
    if not text:
        return None
    if value := _VALUE.fullmatch(text):
        text = value[2].strip() or value[1].strip()
    return _UNPRINTABLE.sub(" ", text)[:LONGEST_DETAIL] or None
