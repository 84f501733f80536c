"""Which column of a table holds what, whatever its source calls it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

MOST_COLUMNS: Final = 200
_FILLING: Final = re.compile(r"[\s_\-\"\ufeff]")


def plain_name(name: str) -> str:
    """A column's name without case, spaces, dashes, underscores and quotes."""
    return _FILLING.sub("", name).lower()


def find_columns(header: Sequence[str], known: Mapping[str, str]) -> dict[str, int]:
    """Positions by meaning. ``known`` gives each meaning's names, with spaces between.

    Of several columns that could be meant, the first; meanings not found are absent.
    """
    names = [plain_name(cell) for cell in header[:MOST_COLUMNS]]
    places = {}
    for meaning, spellings in known.items():
        wanted = spellings.split()
        at = next((place for place, name in enumerate(names) if name in wanted), None)
        if at is not None:
            places[meaning] = at
    return places


def pick(row: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    """The row's cells by meaning, trimmed; empty where the row is too short."""
    return {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
