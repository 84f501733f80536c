"""Rows of a CSV file whose first line names its columns."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.wire.headers import find_columns, pick

LONGEST_LINE: Final = 8192
DELIMITERS: Final = ",;\t|"

Row = tuple[str, Mapping[str, str]]  # its place, and its cells by meaning


def delimiter_of(header: str) -> str:
    """What parts the cells of this header."""
    return max(DELIMITERS, key=header.count)


def cells_of(line: str, delimiter: str) -> Sequence[str]:
    """The cells of one line. Raises MalformedInput."""
    if len(line) > LONGEST_LINE:
        raise MalformedInput(f"line too long: {len(line)} characters, {LONGEST_LINE} are read")
    if '"' not in line:
        return line.rstrip("\r\n").split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as wrong:
        raise MalformedInput(f"not CSV: {wrong}") from None


def read_rows(
    lines: Iterable[str], known: Mapping[str, str], needed: Sequence[str], source: str
) -> Iterator[Row | Refused]:
    """Each line's cells by meaning. ``known``: the names that each meaning goes by.

    A repeated header (files put together) is passed over. Without a header that names
    every ``needed`` column, one refusal and nothing else.
    """
    numbered = ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    number, header = next(numbered, (0, ""))
    delimiter = delimiter_of(header)
    places = places_in(header, known)
    if missing := [name for name in needed if name not in places]:
        reason = f"no such column: {', '.join(missing)}"
        if number:
            yield Refused(source=source, position=f"line {number}", reason=reason)
        return
    for number, line in numbered:
        if line == header:
            continue
        where = f"line {number}"
        try:
            yield where, pick(cells_of(line, delimiter), places)
        except MalformedInput as wrong:
            yield Refused(source=source, position=where, reason=str(wrong))


def places_in(header: str, known: Mapping[str, str]) -> dict[str, int]:
    """Where the columns are, if ``header`` names them."""
    return find_columns(header[:LONGEST_LINE].split(delimiter_of(header)), known)
