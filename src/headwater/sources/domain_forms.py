"""Which form a file of domains has: names, columns, or a zone file."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PEEKED: Final = 200  # lines
# What other sources call the columns we read.
_CALLED: Final = """
name        domain domain_name domainname name fqdn hostname
registered  registered created creation_date create_date created_date registration_date
            registered_date registered_at created_at creationdate createddate
first-seen  first_seen firstseen first_commit first_observed seen_at
changed     changed updated updated_date update_date last_changed
expires     expires expiry expiration_date expiry_date expires_date
registrar   registrar registrar_name domain_registrar_name
"""


def _columns(table: str) -> dict[str, frozenset[str]]:
    rows = (row.split() for row in re.split(r"\n(?=\S)", table.strip()))
    return {row[0]: frozenset(row[1:]) for row in rows}


COLUMNS: Final[Mapping[str, frozenset[str]]] = _columns(_CALLED)
DATES: Final = frozenset({"registered", "first-seen", "changed", "expires"})
_RECORD: Final = re.compile(
    r"^[^\s,;|]+\s+(?:\d+\s+)?(?:IN\s+)?(?:\d+\s+)?(?:NS|DS|SOA|A|AAAA|RRSIG|NSEC3?)\s",
    re.IGNORECASE,
)
_ORIGIN: Final = re.compile(r"^\$ORIGIN\s+(\S+)", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}[-/]?\d{2}[-/]?\d{2}")


class Form(StrEnum):
    """The forms that are told apart."""

    NAMES = "names"  # one a line
    COLUMNS = "columns"  # CSV, TSV, semicolons
    ZONE = "zone"  # RFC 1035 section 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the file is read."""

    form: Form
    delimiter: str = ","
    header: bool = False
    columns: Mapping[str, int] | None = None  # what is read -> its place, from 0
    origin: str = ""  # of a zone file, without a final dot


def layout_of(lines: Sequence[str]) -> Layout:
    """The form of a file, from its first lines."""
    telling = [x for x in lines[:PEEKED] if x.strip() and not x.startswith(("#", ";", "//"))]
    if any(_ORIGIN.match(x) or _RECORD.match(x) for x in telling[:20]):
        origin = next((m[1] for x in telling if (m := _ORIGIN.match(x))), "")
        return Layout(form=Form.ZONE, origin=origin.strip(".").lower())
    first = telling[0].lstrip("\ufeff") if telling else ""
    delimiter = next((d for d in ("\t", ";", ",", "|") if d in first), None)
    if delimiter is None:
        header = _column(first) == "name"
        return (
            Layout(form=Form.COLUMNS, header=True, columns={"name": 0})
            if header
            else (Layout(form=Form.NAMES))
        )
    cells = next(csv.reader([first], delimiter=delimiter))
    if columns := _named(cells):
        return Layout(form=Form.COLUMNS, delimiter=delimiter, header=True, columns=columns)
    return Layout(form=Form.COLUMNS, delimiter=delimiter, columns=_guessed(cells))


def _named(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        if column := _column(cell):
            found.setdefault(column, at)
    return found if "name" in found else {}


def _column(cell: str) -> str | None:
    plain = re.sub(r"\W+", "_", cell.strip().lower()).strip("_")
    return next((column for column, names in COLUMNS.items() if plain in names), None)


def _guessed(cells: Sequence[str]) -> dict[str, int]:
    """Without a header: the first cell with a dot is the name, the first date its date."""
    name = next(
        (at for at, cell in enumerate(cells) if "." in cell and not _DATE.match(cell)), 0
    )
    date = next((at for at, cell in enumerate(cells) if _DATE.match(cell.strip())), None)
    return {"name": name} if date is None else {"name": name, "dated": date}
