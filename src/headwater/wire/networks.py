"""Which system announces a prefix: CSV with a header, or the common route-to-AS texts."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.sighting import Announced
from headwater.wire.headers import find_columns, pick
from headwater.wire.prefix_text import read_prefix

HIGHEST_AS: Final = (1 << 32) - 1  # RFC 6793
LONGEST_NAME: Final = 200
LONGEST_LINE: Final = 4096

COLUMNS: Final[Mapping[str, str]] = {
    "prefix": "prefix network cidr route range",
    "as_number": "asnumber asn as origin autonomoussystemnumber",
    "as_name": (
        "asname name organization organisation asdescription autonomoussystemorganization"
    ),
    "country": "country countrycode cc",
}
_WORDS: Final = re.compile(r"(\S+?)(?:\s+|/)(\d{1,3})\s+(?:AS)?(\d[\d_,.]*)(?:\s+(.*))?", re.I)
_SEVERAL: Final = re.compile(r"[_,]")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def read_networks(lines: Iterable[str], source: str) -> Iterator[Announced | Refused]:
    """Prefixes with their systems. The first line tells which of the formats it is.

    Understood: CSV whose header names a prefix; ``prefix AS``; ``address length AS``
    separated by tabs or spaces. A prefix of several origins keeps the first named.
    """
    numbered = ((n, line) for n, line in enumerate(lines, 1) if _says_something(line))
    first = next(numbered, None)
    if first is None:
        return
    places = _places(first[1])
    rest = chain([] if places else [first], numbered)
    for number, line in rest:
        try:
            yield _from_columns(line, places) if places else _from_words(line)
        except MalformedInput as wrong:
            yield Refused(source=source, position=f"line {number}", reason=str(wrong))


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", ";", "%"))


def _places(line: str) -> dict[str, int] | None:
    """Where the columns are, if this line is a header."""
    places = find_columns(line[:LONGEST_LINE].split(","), COLUMNS)
    return places if "prefix" in places else None


def _from_columns(line: str, places: Mapping[str, int]) -> Announced:
    cells = pick(_cells(line), places)
    return Announced(
        prefix=read_prefix(cells["prefix"])[0],
        as_number=_as_number(cells.get("as_number", "")),
        as_name=cells.get("as_name", "")[:LONGEST_NAME] or None,
        country=_country(cells.get("country", "")),
    )


def _cells(line: str) -> Sequence[str]:
    if len(line) > LONGEST_LINE:
        raise MalformedInput(f"line too long: {len(line)} characters, {LONGEST_LINE} are read")
    if '"' not in line:
        return line.rstrip("\r\n").split(",")
    try:
        return next(csv.reader([line]), [])
    except csv.Error as wrong:
        raise MalformedInput(f"not CSV: {wrong}") from None


def _from_words(line: str) -> Announced:
    if len(line) > LONGEST_LINE:
        raise MalformedInput(f"line too long: {len(line)} characters, {LONGEST_LINE} are read")
    found = _WORDS.fullmatch(line.strip())
    if found is None:
        raise MalformedInput(f"not a prefix and a system: {line.strip()[:64]!r}")
    address, length, systems, name = found.groups()
    return Announced(
        prefix=read_prefix(f"{address}/{length}")[0],
        as_number=_as_number(systems),
        as_name=(name or "").strip()[:LONGEST_NAME] or None,
    )


def _as_number(text: str) -> int | None:
    plain = text.upper().removeprefix("AS").strip()
    if not plain or plain == "-":
        return None
    first = _SEVERAL.split(plain)[0].removeprefix("AS")
    if first.isascii() and first.isdigit() and len(first) <= 10 and int(first) <= HIGHEST_AS:
        return int(first) or None  # AS 0 means that nobody may announce it (RFC 7607)
    raise MalformedInput(f"not an AS number: {text[:40]!r}")


def _country(text: str) -> str | None:
    code = text.upper()
    if not code or code in {"-", "ZZ", "NONE"}:
        return None
    if not _COUNTRY.fullmatch(code):
        raise MalformedInput(f"not a country code: {text[:20]!r}")
    return code
