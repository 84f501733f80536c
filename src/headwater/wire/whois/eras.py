"""Years counted otherwise than from 1 CE, and dates written with their units."""

import re
from typing import Final

# Japanese eras: the year before their year 1.
ERAS: Final = {"昭和": 1925, "平成": 1988, "令和": 2018}
BUDDHIST: Final = 543  # the Thai solar calendar is ahead by this (from 1941 on)

_ERA_YEAR: Final = re.compile("(" + "|".join(ERAS) + r")\s*(\d{1,2}|元)\s*年")
_UNITS: Final = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_THAI: Final = re.compile(r"(?<!\d)(2[45]\d\d)(?!\d)")
_THAI_ERA: Final = re.compile(r"\s*(?:พ\.ศ\.|b\.e\.)\s*")


def plain_calendar(text: str) -> str:
    """``text`` with years of our count, `-` between the parts, and ASCII digits."""
    text = "".join(_ascii_digit(character) for character in text)
    text = _ERA_YEAR.sub(_western, text)
    text = _UNITS.sub(r"\1-\2-\3", text)
    return _THAI.sub(_from_buddhist, _THAI_ERA.sub(" ", text), count=1)


def _ascii_digit(character: str) -> str:
    return str(int(character)) if character.isdecimal() else character


def _western(match: re.Match[str]) -> str:
    year = 1 if match[2] == "元" else int(match[2])
    return f"{ERAS[match[1]] + year}年"


def _from_buddhist(match: re.Match[str]) -> str:
    year = int(match[1])
    # 2526 is 1983, when domain names began; until 2643 (2100) nothing else is meant by it.
    return str(year - BUDDHIST) if year >= 2526 else match[1]
