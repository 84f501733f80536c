"""A text cut in lines, with the addresses, times and ports that stand in and near them."""

import re
from bisect import bisect_right
from collections import defaultdict
from typing import Final

from headwater.records.incident import Moment
from headwater.wire.mentions import Mention, find_mentions, read_port
from headwater.wire.moments import FoundMoment, find_moments, plain_dates
from headwater.wire.reports.claim import Desk
from headwater.wire.reports.fields import Side, What, field_of

MOST_LINES: Final = 50_000
LONGEST_LINE: Final = 5_000
_SIGNATURE: Final = 12
_REACH: Final = 12  # lines of one block looked at around an address
_FIELD: Final = re.compile(
    r"^[\s>*\u2022#|\"'-]*(?P<name>[^\W\d_][^:=\n\t|]{0,50}?)\s*[\"'*]?\s*(?::|=|\t)\s*(?P<value>\S.*)$"
)
_FROM_PORT: Final = re.compile(
    r"\b(?:from|source|src|von|depuis le|desde el|dal) (?:source )?(?:port|puerto|porta)"
    r"[ :=]{1,2}(\d{1,5})\b",
    re.IGNORECASE,
)
_CLOCK_ONLY: Final = re.compile(
    r"^\D{0,3}(\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?:\s?[AaPp][Mm])?(?:\s?[(\[]?[A-Za-z]{0,4}"
    r"\s?(?:[+-]\d\d:?\d\d)?[)\]]?)?)\s*$"
)
_BLANK: Final = re.compile(r"^[\s>*=_#-]*$")
_LISTED: Final = re.compile(r"^[\s>*\u2022#+\-,;\"'\[\](){}.:\w/]{0,60}$")


class Text:
    """Lines of a text and what is in them; times are read only where asked for."""

    __slots__ = ("_desk", "_lead", "_times", "lines", "mentions", "signature", "starts")

    def __init__(self, text: str, desk: Desk) -> None:
        self._desk = desk
        self._lead: bool | None = None
        self._times: dict[int, list[FoundMoment]] = {}
        text = plain_dates(text)
        self.lines = text.split("\n")[:MOST_LINES]
        self.signature = _signature(self.lines)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.mentions: dict[int, list[Mention]] = defaultdict(list)
        for mention in find_mentions(text[: self.starts[-1]]):
            self.mentions[bisect_right(self.starts, mention.start) - 1].append(mention)

    def _found(self, number: int) -> list[FoundMoment]:
        known = self._times.get(number)
        if known is None:
            line = self.lines[number][:LONGEST_LINE] if self._is_timely(number) else ""
            known = list(find_moments(line, self._desk.clue))
            self._times[number] = known
        return known

    def _is_timely(self, number: int) -> bool:
        """False for lines that say when something else was: the notice, a registration."""
        field = _FIELD.match(self.lines[number][:200])
        if not field or self.mentions.get(number):
            return True
        tokens = re.findall(r"[^\W\d_]+", field["name"].lower())
        return not (self._desk.words.fields["not_time"] & set(tokens)) or self._is_time(field)

    def _is_time(self, field: re.Match[str]) -> bool:
        return field_of(field["name"], self._desk.words).what is What.TIME

    def times_in(self, number: int) -> list[Moment]:
        """Times of day in a line, first to last."""
        return [f.moment for f in self._found(number) if f.has_clock]

    def labelled_time(self, number: int) -> Moment | None:
        """The time of a line whose field is named for one ("Date: ...")."""
        field = _FIELD.match(self.lines[number][:300])
        if not field or not self._is_time(field):
            return None
        found = self._found(number)
        if found and found[0].has_clock:
            return found[0].moment
        return self._joined(number, found) or (found[0].moment if found else None)

    def _joined(self, number: int, found: list[FoundMoment]) -> Moment | None:
        """A date on one line and its time of day on one of the next two, or before."""
        for near in (number + 1, number - 1, number + 2):
            field = (
                _FIELD.match(self.lines[near][:300]) if 0 <= near < len(self.lines) else None
            )
            clock = _CLOCK_ONLY.match(field["value"]) if field else None
            if found and clock:
                here = self.lines[number][found[0].start : found[0].end]
                joined = list(find_moments(f"{here} {clock[1]}", self._desk.clue))
                return joined[0].moment if joined and joined[0].has_clock else None
        return None

    def block(self, number: int) -> tuple[list[int], list[int]]:
        """Lines after and before one, up to a blank line or another address."""
        after = self._reach(range(number + 1, min(number + _REACH, len(self.lines))))
        before = self._reach(range(number - 1, max(number - _REACH, -1), -1))
        return after, before

    def _reach(self, numbers: range) -> list[int]:
        reached: list[int] = []
        for near in numbers:
            if _BLANK.match(self.lines[near]) or self._has_own(near):
                break
            reached.append(near)
        return reached

    def _has_own(self, number: int) -> bool:
        return any(self._desk.own(m.address) for m in self.mentions.get(number, ()))

    def near_time(self, number: int) -> Moment | None:
        """The time nearest to an address in its block, the lines after it first."""
        after, before = self.block(number)
        near = [*before, *after] if self._times_lead else [*after, *before]
        for side in (before, after) if self._times_lead else (after, before):
            labelled = [m for m in map(self.labelled_time, side) if m]
            if labelled:
                return min(labelled, key=lambda moment: moment.at)  # "first seen", "last seen"
        return next((t for n in near for t in self.times_in(n)), None)

    @property
    def _times_lead(self) -> bool:
        """Whether in a list of several addresses the time stands before each."""
        if self._lead is None:
            numbers = [n for n in self.mentions if self._has_own(n)]
            self._lead = len(numbers) > 1 and self._leads(numbers[0], numbers[-1])
        return self._lead

    def _leads(self, first: int, last: int) -> bool:
        before, after = self.block(first)[1], self.block(last)[0]
        return any(map(self.times_in, before)) and not any(map(self.times_in, after))

    def near_port(self, number: int) -> tuple[int | None, bool]:
        """A port in the block of an address, and whether it is said to be the source's."""
        after, before = self.block(number)
        neutral: int | None = None
        for near in [*after, *before]:
            left_by = _FROM_PORT.search(self.lines[near][:LONGEST_LINE])
            if left_by and (port := read_port(left_by[1])):
                return port, True
            field = _FIELD.match(self.lines[near][:200])
            meant = field_of(field["name"], self._desk.words) if field else None
            if not field or not meant or meant.what is not What.PORT:
                continue
            port = read_port(field["value"].split(",")[0].split("/")[0])
            if port and meant.side is Side.SOURCE:
                return port, True
            if meant.side is Side.NEUTRAL:
                neutral = neutral or port
        return neutral, False

    def own_time(self) -> Moment | None:
        """The time of the whole text: the first that is named as one, else the first at all."""
        for number in range(min(len(self.lines), 400)):
            moment = self.labelled_time(number)
            if moment:
                return moment
        return next(
            (t for n in range(min(len(self.lines), 400)) for t in self.times_in(n)), None
        )


def _signature(lines: list[str]) -> int:
    """Where a short signature begins (RFC 3676 section 4.3), else the number of lines."""
    for number in range(len(lines) - 1, max(0, len(lines) - _SIGNATURE), -1):
        if lines[number].rstrip() == "--":
            return number
    return len(lines)


class Heading:
    """What stands above a list of addresses, for each line of the list."""

    __slots__ = ("_heading", "_last", "_text")

    def __init__(self, text: Text) -> None:
        self._text = text
        self._heading, self._last = "", -10

    def of(self, number: int) -> str:
        """The heading of a line; lines must be asked for in order."""
        lines = self._text.lines
        first = self._text.mentions[number][0].start - self._text.starts[number]
        if _WORDY.search(lines[number][:first]):
            self._heading = ""
            return ""
        above = [n for n in range(number - 1, max(-1, number - 4), -1) if lines[n].strip()]
        if above and lines[above[0]].rstrip().endswith(":"):
            self._heading = lines[above[0]].strip()[-70:]
        elif number - self._last > _REACH:
            self._heading = ""
        self._last = number
        return self._heading


_WORDY: Final = re.compile(r"[^\W\d_]{2,}")
