"""What an answer without a registration amounts to, by the phrases servers use."""

import csv
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final, NamedTuple

from headwater.records.domain import Standing
from headwater.wire.whois.months import folded

LONGEST: Final = 200  # a phrase stands in a short line; the small print is longer
MAX_LINES: Final = 400
# The small print of servers that do answer: what one must not do, what may happen then.
_SMALL_PRINT: Final = re.compile(
    r"you (?:agree|may|must|shall|are not|hereby)|guarantee|warrant|reserves? the right"
    r"|rights? (?:are )?reserved|rights restricted|agree (?:that|to)|terms of use|lawful"
    r"|for information|purposes|copyright|©|under no circumstances|liable|failure to|abuse"
    r"|whether a (?:specific )?domain|not authorized|is permitted|reduced information"
    r"|access to|terminate|does not necessarily|queries,"
)


class Phrase(NamedTuple):
    standing: Standing
    pattern: re.Pattern[str]


def read_phrases(lines: Iterable[str]) -> tuple[Phrase, ...]:
    """The register: ``standing,expression``; lines that begin with # are remarks."""
    rows = csv.reader(
        (line for line in lines if not line.startswith("#")), quoting=csv.QUOTE_NONE
    )
    body = [(row[0], ",".join(row[1:])) for row in rows][1:]
    return tuple(Phrase(Standing(standing), re.compile(text)) for standing, text in body)


_PLACE = files("headwater.wire.registers") / "whois_phrases.csv"
PHRASES: Final = read_phrases(_PLACE.read_text("utf-8").splitlines())


def standing_of(lines: Sequence[str]) -> Standing:
    """What the first telling line says; CANNOT_SAY where none says anything.

    For answers that hold no registration: the small print is passed over.
    """
    short = [folded(line) for line in lines[:MAX_LINES] if len(line) <= LONGEST]
    telling = (line for line in short if not _SMALL_PRINT.search(line))
    stated = (_standing_of_line(line) for line in telling)
    return next((s for s in stated if s is not Standing.CANNOT_SAY), Standing.CANNOT_SAY)


def _standing_of_line(line: str) -> Standing:
    found = (p.standing for p in PHRASES if p.pattern.search(line))
    return next(found, Standing.CANNOT_SAY)
