"""Dates as registries write them, without guessing.

A date of which day and month cannot be told apart (`03/04/2005`) has several readings; the
caller may know the order. Anything vague ("before August 1996", "2004") is no date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from headwater.wire.whois.eras import plain_calendar
from headwater.wire.whois.months import MONTHS, folded
from headwater.wire.whois.zones import read_zone

LONGEST: Final = 120  # characters looked at
EARLIEST: Final = 1983  # the year of RFC 881 to 883: no domain is older


class Order(StrEnum):
    """The order in which the parts of a numeric date are written."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


class Day(NamedTuple):
    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A date as written: its readings by order, and the time of day if one was given."""

    days: dict[Order, Day]
    clock: tuple[int, int, int] | None = None
    offset: int | None = None  # minutes east of UTC
    shape: str = ""  # dates of one shape ("-", "/") in one answer are written in one order
    rest: str = ""  # what followed

    @property
    def certain(self) -> bool:
        return len(set(self.days.values())) == 1

    def stamp(self, order: Order | None = None) -> str | None:
        """ISO 8601 text of the reading in this order; None where it cannot be told."""
        if order is None and not self.certain:
            return None
        day = self.days.get(order) if order else None
        if day is None:
            day = next(iter(self.days.values()))
            if not self.certain:
                return None
        text = f"{day.year:04}-{day.month:02}-{day.day:02}"
        if self.clock is None:
            return text
        hour, minute, second = self.clock
        return f"{text}T{hour:02}:{minute:02}:{second:02}{_offset_text(self.offset)}"


def _offset_text(minutes: int | None) -> str:
    if minutes is None:
        return ""
    if minutes == 0:
        return "Z"
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


_WEEKDAY: Final = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?[.,]*\s+(?=\S)"
)
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_MONTH_WORD: Final = re.compile(
    "|".join(sorted((re.escape(m) for m in MONTHS), key=len, reverse=True))
)
_AT: Final = re.compile(r"^(?:the|on|at|since)\s+")

_NUMBER_FIRST: Final = re.compile(r"(\d{4})\s?([-/.年 ])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)\.?")
_NUMBER_LAST: Final = re.compile(
    r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d\d)(?!\d)(?!:)\.?"
)
_SOLID: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?=(?:\d{4}|\d{6})?(?:\.\d+)?(?:[^\d]|$))")
_NAMED_DMY: Final = re.compile(
    r"(\d{1,2})[-/. ,]*(?:de )?<(\d+)>[-/. ,]*(?:de )?(\d{4}|\d\d)(?![\d:])\.?"
)
_NAMED_YMD: Final = re.compile(r"(\d{4})[-/. ,]*<(\d+)>[-/. ,]*(\d{1,2})(?!\d)\.?")
_NAMED_MDY: Final = re.compile(r"<(\d+)>[-/. ]*(\d{1,2})(?:[-/ ]*,\s*|[-/. ]+)(\d{4})(?![\d:])")
_CTIME: Final = re.compile(
    r"<(\d+)>\s+(\d{1,2}),?\s+(?P<clock>\d{1,2}:\d\d(?::\d\d)?)\s*(?P<zone>[a-z]{3,5}(?:[+-]\d{1,2}(?::?\d\d)?)?)?"
    r"\s+(\d{4})"
)
_CLOCK: Final = re.compile(
    r"(?:\s*t|\s*,|\s+at|\s*:|\s*-)?\s*(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:[.,:]\d{1,9})?)?"
    r"(?![\d:])\s*([ap]\.?m\.?)?"
)
_SOLID_CLOCK: Final = re.compile(r"t?(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(?!\d)")


def read_date(text: str) -> Written | None:
    """The date at the start of ``text``; None where there is none or it is vague."""
    plain = _prepared(text)
    for reader in (_ctime, _named, _year_first, _year_last, _solid):
        if found := reader(plain):
            return found
    return None


def _prepared(text: str) -> str:
    plain = plain_calendar(folded(text[:LONGEST]).strip())
    plain = _WEEKDAY.sub("", _AT.sub("", plain))
    return _MONTH_WORD.sub(_numbered, _ORDINAL.sub("", plain), count=2)


def _numbered(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if before.isalpha() or (after.isalpha() and not match[0].endswith(".")):
        return match[0]
    return f"<{MONTHS[match[0]]}>"


def _ctime(text: str) -> Written | None:
    """`<9> 26 04:00:00 GMT 2003` (asctime, with or without its weekday)."""
    match = _CTIME.match(text)
    if not match:
        return None
    month, day, year = int(match[1]), int(match[2]), int(match[5])
    hour, minute, *second = (int(part) for part in match["clock"].split(":"))
    days = _real({Order.MDY: Day(year, month, day)})
    offset, _ = read_zone(match["zone"] or "")
    clock = (hour, minute, second[0] if second else 0)
    return _written(days, clock, offset, "name", text[match.end() :])


def _named(text: str) -> Written | None:
    if match := _NAMED_DMY.match(text):
        day = Day(_year(match[3]), int(match[2]), int(match[1]))
    elif match := _NAMED_YMD.match(text):
        day = Day(int(match[1]), int(match[2]), int(match[3]))
    elif match := _NAMED_MDY.match(text):
        day = Day(int(match[3]), int(match[1]), int(match[2]))
    else:
        return None
    return _with_clock(_real({Order.DMY: day}), "name", text[match.end() :])


def _year_first(text: str) -> Written | None:
    match = _NUMBER_FIRST.match(text)
    if not match:
        return None
    day = Day(int(match[1]), int(match[3]), int(match[4]))
    return _with_clock(_real({Order.YMD: day}), match[2], text[match.end() :])


def _year_last(text: str) -> Written | None:
    match = _NUMBER_LAST.match(text)
    if not match:
        return None
    first, second, third = int(match[1]), int(match[3]), _year(match[4])
    days = {Order.DMY: Day(third, second, first), Order.MDY: Day(third, first, second)}
    if len(match[4]) == 2:
        days[Order.YMD] = Day(_year(match[1]), second, int(match[4]))
    elif match[2] == ".":  # dots with the year last are day first wherever they are used
        del days[Order.MDY]
    return _with_clock(_real(days), match[2], text[match.end() :])


def _solid(text: str) -> Written | None:
    match = _SOLID.match(text)
    if not match:
        return None
    day = Day(int(match[1]), int(match[2]), int(match[3]))
    days = _real({Order.YMD: day})
    rest = text[match.end() :]
    if clock := _SOLID_CLOCK.match(rest):
        parts = (int(clock[1]), int(clock[2]), int(clock[3] or 0))
        offset, length = read_zone(rest[clock.end() :])
        return _written(days, parts, offset, "solid", rest[clock.end() + length :])
    return _with_clock(days, "solid", rest)


def _year(digits: str) -> int:
    """Four digits as they are; two by a window, for registration began in 1985."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (1900 if year >= 83 else 2000)


def _real(days: dict[Order, Day]) -> dict[Order, Day]:
    return {order: day for order, day in days.items() if _is_real(day)}


def _is_real(day: Day) -> bool:
    try:
        datetime(*day)  # noqa: DTZ001 - only asked whether the calendar has such a day
    except ValueError:
        return False
    return EARLIEST <= day.year <= 2200


def _with_clock(days: dict[Order, Day], shape: str, rest: str) -> Written | None:
    match = _CLOCK.match(rest)
    if not match:
        return _written(days, None, None, shape, rest)
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4].startswith("p") else 0)
    rest = rest[match.end() :]
    offset, length = read_zone(rest)
    return _written(days, (hour, minute, second), offset, shape, rest[length:])


def _written(
    days: dict[Order, Day],
    clock: tuple[int, int, int] | None,
    offset: int | None,
    shape: str,
    rest: str,
) -> Written | None:
    if not days:
        return None
    if clock and clock[0] == 24 and clock[1:] == (0, 0):
        days, clock = {o: _next(day) for o, day in days.items()}, (0, 0, 0)
    if clock and (clock[0] > 23 or clock[1] > 59 or clock[2] > 60):
        clock, offset = None, None
    if clock and clock[2] == 60:  # a leap second: the calendar here has none
        clock = (clock[0], clock[1], 59)
    return Written(days=days, clock=clock, offset=offset, shape=shape, rest=rest.strip())


def _next(day: Day) -> Day:
    moment = datetime(*day) + timedelta(days=1)  # noqa: DTZ001 - a calendar day
    return Day(moment.year, moment.month, moment.day)


def dates_in(text: str) -> Iterator[tuple[int, Written]]:
    """Every date that begins at a word of ``text``, with where it begins."""
    for match in re.finditer(r"(?<![\w./:-])(?=[^\W_])", text[:LONGEST]):
        if found := read_date(text[match.start() :]):
            yield match.start(), found
