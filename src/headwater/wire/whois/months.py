"""Month names as registries and registrars print them, in the languages they print them in."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Final


def folded(text: str) -> str:
    """``text`` as it is compared: one width and one case, accents joined to their letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def _spellings(lines: Iterable[str]) -> Iterator[tuple[str, int]]:
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        for month in range(1, 13):
            for spelling in row[str(month)].split("|"):
                yield folded(spelling), month


def read_months(lines: Iterable[str]) -> dict[str, int]:
    """Months by name; a name that is two months in two languages (``lis``) is nobody's."""
    found: dict[str, int] = {}
    for name, month in _spellings(lines):
        found[name] = month if found.get(name, month) == month else 0
    return {name: month for name, month in found.items() if month}


_PLACE = files("headwater.wire.registers") / "month_names.csv"
MONTHS: Final[Mapping[str, int]] = read_months(_PLACE.read_text("utf-8").splitlines())
