"""Rows under a header: comma, semicolon, tab, bar, or columns aligned by spaces."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mentions import find_mentions, read_port
from headwater.wire.moment_zones import read_zone
from headwater.wire.moments import Clue, find_moments, plausible
from headwater.wire.reports.claim import Claim, Desk, excerpt
from headwater.wire.reports.fields import Side, What, field_of
from headwater.wire.reports.words import Words

MOST_COLUMNS: Final = 300
LONGEST_ROW: Final = 20_000
_RULE: Final = re.compile(r"^[\s+|=_:-]*$")
_GAPS: Final = re.compile(r"\s{2,}|\t+")
_CELL: Final = re.compile(r"\S+(?:\s\S+)*")
_DELIMITERS: Final = ("|", "\t", ";", ",")
_IP: Final = re.compile(r"ip(?![a-z])|ip(?:v[46]|addr)|addr", re.IGNORECASE)
_ZONE_NAME: Final = re.compile(r"\W*(?:tz|time[ _-]?zone|zone|zeitzone)\W*$", re.IGNORECASE)
_TIME_RANK: Final = ("timestamp", "time", "event", "first", "start", "attack", "seen", "date")
TABLE_CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns of a table tell what; -1 where none does."""

    address: int
    port: int
    port_sure: bool  # said to be the source's
    times: tuple[int, ...]
    kinds: tuple[int, ...]
    zone: str  # that a time column's name states, "" where none does
    zone_at: int = -1  # a column of zones
    others: tuple[int, ...] = ()  # other columns that accuse (a row of a list of pairs)


def columns_of(header: Sequence[str], words: Words) -> Columns | None:
    """Read a header; None where no column holds the accused."""
    if not 1 < len(header) <= MOST_COLUMNS:
        return None
    meant = [field_of(cell.strip(" \t\"'*"), words) for cell in header]
    addresses = [at for at, f in enumerate(meant) if f.what is What.ADDRESS]
    sources = [at for at in addresses if meant[at].side is Side.SOURCE]
    neutral = [at for at in addresses if meant[at].side is Side.NEUTRAL]
    # "Source IP" before "ip" before "source" alone ("proxy" may be a yes or no).
    chosen = sorted(
        [*sources, *neutral], key=lambda at: _address_rank(header[at], at in sources)
    )
    if not chosen:
        return None
    ports = [at for at, f in enumerate(meant) if f.what is What.PORT]
    sure = [at for at in ports if meant[at].side is Side.SOURCE]
    free = [at for at in ports if meant[at].side is Side.NEUTRAL]
    times = [at for at, f in enumerate(meant) if f.what is What.TIME]
    return Columns(
        address=chosen[0],
        port=(sure or free or [-1])[0],
        port_sure=bool(sure)
        or bool(sources and free and (not addresses[1:] or free[0] == chosen[0] + 1)),
        times=tuple(sorted(times, key=lambda at: _time_rank(header[at]))),
        kinds=tuple(at for at, f in enumerate(meant) if f.what is What.KIND),
        zone=next((z for z in ("UTC", "GMT") if any(z in header[t] for t in times)), ""),
        zone_at=next((at for at, name in enumerate(header) if _ZONE_NAME.match(name)), -1),
        others=tuple(chosen[1:]),
    )


def _address_rank(name: str, is_source: bool) -> int:
    has_ip = bool(_IP.search(name))
    return 0 if has_ip and is_source else 1 if has_ip else 2 if is_source else 3


def _time_rank(name: str) -> int:
    low = name.lower()
    return next((r for r, word in enumerate(_TIME_RANK) if word in low), len(_TIME_RANK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a row says. ``port`` is the accused's where ``port_sure``, else nobody's yet."""

    address: str
    port: int | None
    port_sure: bool
    moment: Moment | None
    until: Moment | None
    kind: IncidentKind | None
    cells: Sequence[str]


def read_row(cells: Sequence[str], columns: Columns, desk: Desk) -> Row | None:
    """None where the row's cell holds no address."""
    if columns.address >= len(cells):
        return None
    mention = next(find_mentions(cells[columns.address][:100]), None)
    if mention is None:
        return None
    if not desk.own(mention.address):  # only counted: the rest need not be read
        return Row(address=mention.address, port=None, port_sure=False, moment=None, until=None,
                   kind=None, cells=cells)  # fmt: skip
    moments = _row_moments(cells, columns, desk.clue)
    port = read_port(cells[columns.port]) if 0 <= columns.port < len(cells) else None
    said = " ".join(cells[at] for at in columns.kinds if at < len(cells))
    return Row(
        address=mention.address,
        port=mention.port or port,
        port_sure=columns.port_sure or mention.port is not None,
        moment=moments[0] if moments else None,
        until=moments[-1] if len(moments) > 1 else None,
        kind=kind_of_cell(said[:200], desk.words),
        cells=cells,
    )


@lru_cache(maxsize=4096)
def kind_of_cell(said: str, words: Words) -> IncidentKind | None:
    """What words in a cell or field speak of."""
    return words.kind_of("", said) if said.strip() else None


def _row_moments(cells: Sequence[str], columns: Columns, clue: Clue) -> list[Moment]:
    texts = [cells[at].strip()[:60] for at in columns.times if at < len(cells)]
    zone = _zone_of(cells, columns)
    found = []
    for text in texts:
        for one in find_moments(f" {text}{zone}" if text else "", clue):
            found.append((one.has_clock, one.moment))
            break
    clocked = [m for has, m in found if has]
    if clocked or not found:
        return (
            [clocked[0], *(m for m in clocked[1:] if m.at > clocked[0].at)] if clocked else []
        )
    # A date in one column, the time of day in another, in either order.
    for joined in (" ".join(texts), " ".join(reversed(texts))):
        both = [m.moment for m in find_moments(joined + zone, clue) if m.has_clock]
        if both and plausible(both[0].at, clue):
            return both[:1]
    return [found[0][1]]


def _zone_of(cells: Sequence[str], columns: Columns) -> str:
    """What stands beside the times of a row, or is said of all in the header."""
    written = cells[columns.zone_at].strip() if -1 < columns.zone_at < len(cells) else ""
    zone = written if written and read_zone(written[:20]) else columns.zone
    return f" {zone}" if zone else ""


def claim_of(row: Row, kind: IncidentKind | None, own_port: bool) -> Claim:
    return Claim(
        address=row.address,
        port=row.port if row.port_sure or own_port else None,
        moment=row.moment,
        until=row.until.at
        if row.until and row.moment and row.until.at > row.moment.at
        else None,
        kind=kind or row.kind,
        confidence=TABLE_CONFIDENCE,
        excerpt=excerpt(*[c for c in row.cells[:30] if c]),
    )


def csv_rows(text: str) -> Iterator[list[str]]:
    """Cells of each row of delimited text; the delimiter is that of its first line."""
    lines = (line for line in text.splitlines() if line.strip() and not _RULE.match(line))
    first = next(lines, "")
    if not first:
        return
    delimiter = max(_DELIMITERS, key=first.count)
    yield from csv_cells([first], delimiter)
    yield from csv_cells(lines, delimiter)


def csv_cells(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows too broken to part are left out."""
    bounded = (line[:LONGEST_ROW].replace("\0", "") for line in lines)
    rows = csv.reader(bounded, delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            continue
        yield row


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTable:
    """A table in running text: its header's line, the rows' lines and what they say."""

    lines: tuple[int, ...]
    rows: tuple[tuple[int, Row], ...]


def find_tables(
    lines: Sequence[str], desk: Desk, has_address: set[int]
) -> Iterator[FoundTable]:
    """Tables in a text. ``has_address``: numbers of lines that name any address."""
    done = -1
    for number in sorted(has_address):
        if number <= done:
            continue
        found = _table_before(lines, number, desk, has_address)
        if found:
            done = max(found.lines)
            yield found


def _table_before(
    lines: Sequence[str], number: int, desk: Desk, has_address: set[int]
) -> FoundTable | None:
    """The table whose first row with an address is this line; its header is just above."""
    for above in range(number - 1, max(-1, number - 4), -1):
        header = lines[above]
        if above in has_address or not header.strip() or _RULE.match(header):
            continue
        split = _splitter(header)
        columns = columns_of(split(header), desk.words) if split else None
        if split and columns and (columns.times or columns.port >= 0 or columns.kinds):
            return _rows_under(lines, above, split, columns, desk)
        return None
    return None


def _rows_under(
    lines: Sequence[str], header: int, split: "_Split", columns: Columns, desk: Desk
) -> FoundTable | None:
    rows: list[tuple[int, Row]] = []
    used = [header]
    for number in range(header + 1, len(lines)):
        line = lines[number][:LONGEST_ROW]
        if not line.strip() and number > header + 2:
            break
        row = read_row(split(line), columns, desk)
        if row:
            rows.append((number, row))
            used.append(number)
        elif rows and not _RULE.match(line):
            break
    return FoundTable(lines=tuple(used), rows=tuple(rows)) if rows else None


@dataclass(frozen=True, slots=True)
class _Split:
    """Cuts lines as the header is cut."""

    delimiter: str  # "" for columns aligned by spaces
    starts: tuple[int, ...] = ()
    count: int = 0

    def __call__(self, line: str) -> list[str]:
        if self.delimiter == "|":
            return [cell.strip() for cell in line.strip().strip("|").split("|")]
        if self.delimiter:
            return next(csv_cells([line.strip()], self.delimiter), [])
        cells = _GAPS.split(line.strip())
        if len(cells) == self.count:
            return cells
        ends = (*self.starts[1:], len(line))
        return [line[s:e].strip() for s, e in zip(self.starts, ends, strict=True)]


def _splitter(header: str) -> _Split | None:
    for delimiter in _DELIMITERS:
        if header.strip().strip("|").count(delimiter) >= 1:
            return _Split(delimiter)
    starts = tuple(m.start() for m in _CELL.finditer(header))
    return _Split("", starts, len(starts)) if len(starts) > 1 else None
