"""Indicators from malware analysis as CSV with a header; column names as sources have them."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.intake import Refused
from headwater.records.sighting import Sighting
from headwater.records.window import to_us
from headwater.wire.headers import find_columns, pick, plain_name
from headwater.wire.indicator_text import read_indicator, read_port

LONGEST_DETAIL: Final = 200
LONGEST_ROW: Final = 100_000  # characters
MOST_LINES: Final = 50  # of one row
NOT_CSV: Final = ["(not CSV)"]

COLUMNS: Final[Mapping[str, str]] = {
    "indicator": (
        "indicator value ioc iocvalue observable address ip ipaddress ipport domain host"
        " hostname url dst dstip dstaddress destination destinationip c2 server master"
    ),
    "kind": "type ioctype indicatortype kind",
    "port": "port dstport dport destinationport serverport",
    "detail": "description comment malware malwareprintable family threat title name tags",
    "from": "firstseen firstseenutc validfrom seenat date",
    "until": "until validuntil expires expiration expirationdate",
}
# Kinds of indicator that flow records can never meet.
NOT_ON_THE_WIRE: Final = ("hash", "md5", "sha1", "sha256", "sha512", "file", "email", "mutex")


def read_indicators(lines: Iterable[str], source: str) -> Iterator[Sighting | Refused]:
    """Sightings and what could not be read.

    Raises MalformedInput where no column can be the indicator, for then nothing can be.
    """
    places = None
    for number, spanned, row in _rows(lines):
        if places is None:
            places = _places(row)
            continue
        try:
            yield _sighting(row, spanned, places)
        except MalformedInput as wrong:
            yield Refused(
                source=source, position=f"line {number}", reason=str(wrong), records=spanned
            )


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, int, Sequence[str]]]:
    """Rows with the line each begins at and how many it spans; broken ones without cells."""
    reader = csv.reader(_wanted(lines), skipinitialspace=True)
    while True:
        before = reader.line_num
        try:
            row: list[str] = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = NOT_CSV
        spanned = reader.line_num - before
        if any(cell.strip() for cell in row) or spanned > 1:
            yield before + 1, spanned, row


def _wanted(lines: Iterable[str]) -> Iterator[str]:
    """Comments become blank lines, but a header that was commented out counts."""
    header_seen = False
    for line in lines:
        # A lone carriage return is no end of a line to us, but would be an error to csv.
        bare = line.rstrip("\r\n").replace("\r", " ").replace("\0", " ") + "\n"
        if line.startswith("#"):
            bare = bare.lstrip("# \t")
            if header_seen or not _is_header(next(csv.reader([bare[:LONGEST_ROW]]), [])):
                bare = "\n"
        header_seen = header_seen or bool(bare.strip())
        yield bare


def _is_header(row: Sequence[str]) -> bool:
    return len(row) > 1 and "indicator" in find_columns(row, COLUMNS)


def _places(header: Sequence[str]) -> dict[str, int]:
    places = find_columns(header, COLUMNS)
    if "indicator" not in places:
        raise MalformedInput(
            "no column holds the indicator: the first line must name the columns, such as"
            f" indicator,type,port,description; it is {','.join(header)[:100]!r}"
        )
    return places


def _sighting(row: Sequence[str], spanned: int, places: Mapping[str, int]) -> Sighting:
    if row is NOT_CSV:
        raise MalformedInput("not CSV: a cell is too long")
    if spanned > MOST_LINES:
        # A quote that is never closed would swallow its neighbours unseen.
        raise MalformedInput(f"quoted cell spans too many lines: {spanned}")
    cells = pick(row, places)
    kind = plain_name(cells.get("kind", ""))
    if kind.startswith(NOT_ON_THE_WIRE):
        raise MalformedInput(f"not met in flows: indicators of type {kind[:20]!r}")
    seen = read_indicator(cells["indicator"], read_port(cells.get("port", "")))
    return seen._replace(
        detail=" ".join(cells.get("detail", "").split())[:LONGEST_DETAIL] or None,
        from_us=read_instant(cells.get("from", "")),
        until_us=read_instant(cells.get("until", "")),
    )


def read_instant(text: str) -> int | None:
    """ISO 8601 to microseconds since 1970, UTC where no zone is named; empty is None."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
        return to_us(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)
    except (ValueError, OverflowError):
        raise MalformedInput(f"not a time: {text[:40]!r}") from None
