"""What the labels of an answer speak of, in the languages registries print."""

import csv
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final

from headwater.wire.whois.months import folded


class Meaning(StrEnum):
    """What a label speaks of."""

    CREATED = "created"
    CHANGED = "changed"
    EXPIRES = "expires"
    NOT_DATE = "not-date"
    PERSON = "person"
    REGISTRAR = "registrar"
    NAMESERVER = "nameserver"
    STATUS = "status"
    DOMAIN = "domain"
    REFERRAL = "referral"


# Words that add nothing to what a label means.
FILLERS: Final = frozenset(
    [
        "the",
        "of",
        "in",
        "on",
        "at",
        "by",
        "for",
        "and",
        "or",
        "date",
        "name",
        "names",
        "dates",
        "de",
        "la",
        "le",
        "du",
        "del",
        "des",
        "da",
        "do",
        "di",
        "since",
        "current",
        "list",
        "listed",
        "order",
        "information",
        "info",
        "details",
        "primary",
        "secondary",
        "tertiary",
        "first",
        "second",
        "third",
        "fourth",
        "other",
        "main",
        "domain",
        "dominio",
        "number",
        "no",
        "nr",
        "value",
        "entry",
        "record",
        "key",
        "sponsoring",
        "registration",
        "organization",
        "company",
        "1st",
        "2nd",
        "3rd",
        "4th",
        "5th",
    ]
)
_BRACKETED: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>")
_GAPS: Final = re.compile(r"[\s_\-.*:=/·…]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBERING: Final = re.compile(r"^(?:\d{1,2}[.)]|[a-z][.)])\s+|(?<=[a-z])\d{1,2}\b|\s\d{1,2}\b")


def plain(label: str) -> str:
    """A label as words: one case, blanks between, no brackets, no numbering.

    >>> plain("Name_Server 1")
    'name server'
    """
    text = folded(_CAMEL.sub(" ", label[:200]))
    text = _GAPS.sub(" ", _BRACKETED.sub(" ", text)).strip()
    return _NUMBERING.sub("", text.strip(" #,'\"")).strip()


def read_words(lines: Iterable[str]) -> Mapping[Meaning, frozenset[str]]:
    """Phrases by meaning, as ``plain`` writes them; lines that begin with # are remarks."""
    found: dict[Meaning, set[str]] = {meaning: set() for meaning in Meaning}
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        found[Meaning(row["meaning"])].update(plain(word) for word in row["words"].split("|"))
    return {meaning: frozenset(words) for meaning, words in found.items()}


_PLACE = files("headwater.wire.registers") / "whois_words.csv"
WORDS: Final = read_words(_PLACE.read_text("utf-8").splitlines())


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """One expression for all phrases, longest first; unspaced scripts match anywhere."""
    spaced: list[str] = []
    unspaced: list[str] = []
    for phrase in sorted(phrases, key=len, reverse=True):
        (unspaced if _is_unspaced(phrase) else spaced).append(re.escape(phrase))
    parts = [rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)"] if spaced else []
    return re.compile("|".join([*parts, *unspaced]))


def _is_unspaced(phrase: str) -> bool:
    """Thai (U+0E00) and all that is written in Han, kana or Hangul (from U+2E80 on)."""
    return any("\u0e00" <= c <= "\u0e7f" or c >= "\u2e80" for c in phrase)


_PATTERNS: Final = {meaning: _pattern(phrases) for meaning, phrases in WORDS.items()}


@lru_cache(maxsize=4096)
def speaks_of(label: str, meaning: Meaning) -> bool:
    """Whether a word or phrase of this meaning occurs in the label."""
    return bool(_PATTERNS[meaning].search(plain(label)))


@lru_cache(maxsize=4096)
def says_only(label: str, meaning: Meaning) -> bool:
    """Whether the label is nothing but words of this meaning and fillers."""
    words = plain(label)
    if not _PATTERNS[meaning].search(words):
        return False
    rest = _PATTERNS[meaning].sub(" ", words)
    return all(word in FILLERS or word.isdigit() for word in rest.split())


def is_title(line: str) -> bool:
    """Whether a whole line is a heading of servers or of the registrar, without its colon."""
    return len(line) < 60 and (
        says_only(line, Meaning.NAMESERVER) or says_only(line, Meaning.REGISTRAR)
    )
