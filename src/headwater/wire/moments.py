"""Times as people and programs write them, found in running text.

Takes ISO 8601, RFC 5322, Apache, ctime, syslog (no year), Snort, long and numeric dates in
several languages, date and time in either order, epoch seconds where a word says so. What
can be read in two ways is said to be ambiguous; what is before 1995 or well after the mail
is no time of an incident.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from headwater.records.incident import Moment, Zone
from headwater.wire.moment_zones import UTC_ASSUMED, ZONE, Reading, read_zone

_EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
_SLACK: Final = timedelta(hours=36)  # wrong clocks and zones of the sender
_FAR_FUTURE: Final = datetime(2100, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)

# The first three letters are enough in most languages; those that are not stand whole.
_MONTHS: Final = {
    1: "jan|ene|janv|gen|sty|янв|jän|led|oca",
    2: "feb|fév|fev|lut|фев|febr|úno|şub",
    3: "mar|mär|mrt|mrz|maa|mars|мар|břez",
    4: "apr|avr|abr|kwi|апр|dub|nis",
    5: "may|mai|mei|mag|maj|мая|май|maio|kvě",
    6: "jun|juin|giu|cze|июн|červn|haz",
    7: "jul|juil|lug|lip|июл|červenc|tem",
    8: "aug|aoû|aou|ago|sie|авг|srp",
    9: "sep|set|wrz|сен|zář|eyl",
    10: "oct|okt|ott|out|paź|paz|окт|říj|eki",
    11: "nov|lis|ноя|kas",
    12: "dec|dez|déc|dic|gru|дек|pro|ara",
}
_MONTH_OF: Final = {
    word: number for number, words in _MONTHS.items() for word in words.split("|")
}
_WORDS: Final = sorted(_MONTH_OF, key=len, reverse=True)
_MONTH: Final = rf"(?:{'|'.join(_WORDS)})[^\W\d_]{{0,8}}\.?"


def _clock_of(key: str) -> str:
    """A time of day with its zone, its groups named with a key of one letter."""
    return (
        rf"(?P<h{key}>[01]?\d|2[0-4])(?::|(?<=\d)h(?=\d)|(?<=\d\d)\.(?=\d\d\.\d\d))"
        rf"(?P<m{key}>[0-5]\d)(?:[:.](?P<s{key}>[0-5]\d|60)(?:[.,]\d{{1,9}})?)?"
        rf"(?:\s?(?P<ap{key}>[AaPp]\.?[Mm]\b\.?))?(?:\s?(?:Uhr|uur|hrs?|hours)\b)?"
        rf"(?P<z{key}>{ZONE})?"
    )


_GAP: Final = (
    r"(?:T|[\s,;@|\"']{1,4}(?:-\s|at\s|um\s|at:\s|à\s|a\slas\s|alle\s|om\s|às\s|в\s|time[:=]?\s?)?"
    r"|\s?[-/_]\s?|:)"
)
_WEEKDAY: Final = r"(?:[^\W\d_]{2,9}\.?,?\s{1,2})?"
_YEAR: Final = r"(?P<{0}>(?:19|20)\d\d)"
_FORMS: Final = {
    "iso": _YEAR.format("iy") + r"(?P<isep>[-/.])(?P<imo>[01]?\d)(?P=isep)(?P<id>[0-3]?\d)"
    rf"(?:{_GAP}{_clock_of('i')})?",
    "dashed": _YEAR.format("by") + rf"[-/ ](?P<bmo>{_MONTH})[-/ ](?P<bd>[0-3]?\d)"
    rf"(?:{_GAP}{_clock_of('b')})?",
    "named": r"(?P<nd>[0-3]?\d)(?:st|nd|rd|th|\.)?[\s/-]{0,2}(?:of\s|de\s)?"
    rf"(?P<nmo>{_MONTH})(?:\s(?:de|del))?[\s,/-]{{0,2}}(?P<ny>(?:19|20)\d\d|\d\d(?=\s\d\d:))"
    rf"(?:{_GAP}{_clock_of('n')})?",
    "ctime": rf"(?P<cmo>{_MONTH})\s{{1,2}}(?P<cd>[0-3]?\d)\s{_clock_of('c')}\s"
    + _YEAR.format("cy"),
    "long": rf"(?P<lmo>{_MONTH})[\s/-](?P<ld>[0-3]?\d)(?:st|nd|rd|th)?[,\s/-]\s?"
    + _YEAR.format("ly")
    + rf"(?:{_GAP}{_clock_of('l')})?",
    "syslog": rf"(?P<smo>{_MONTH})\s{{1,2}}(?P<sd>[0-3]?\d)\s{{1,2}}{_clock_of('s')}",
    "numeric": r"(?P<ua>[0-3]?\d)(?P<usep>[-/.])(?P<ub>[0-3]?\d)(?P=usep)"
    rf"(?P<uy>(?:19|20)\d\d|\d\d(?=[\s-]{{1,2}}\d\d?:))(?:{_GAP}{_clock_of('u')})?",
    "snort": rf"(?P<xmo>[01]\d)/(?P<xd>[0-3]\d)-{_clock_of('x')}",
    "packed": r"(?P<py>20\d\d)(?P<pmo>[01]\d)(?P<pd>[0-3]\d)[T_\s-]?(?P<hp>[0-2]\d):?"
    rf"(?P<mp>[0-5]\d):?(?P<sp>[0-5]\d)(?P<zp>{ZONE})?",
    "after": rf"{_clock_of('t')}[\s,]{{1,3}}(?:on\s|am\s|\w{{3,9}},?\s)?"
    r"(?:(?P<ta>[0-3]?\d)(?P<tsep>[-/.])(?P<tb>[0-3]?\d)(?P=tsep)(?P<ty>20\d\d)"
    r"|(?P<tiy>20\d\d)-(?P<timo>[01]\d)-(?P<tid>[0-3]\d)"
    rf"|(?P<tnd>[0-3]?\d)[\s-](?P<tmo>{_MONTH}),?[\s-](?P<tny>20\d\d)"
    rf"|(?P<tlmo>{_MONTH})\s(?P<tld>[0-3]?\d)(?:st|nd|rd|th)?,?\s(?P<tly>20\d\d))",
    "epoch": r"(?<=[\"'=:\s\[(])(?P<ee>1[0-9]{9})(?:\.\d{1,6}|(?P<ems>\d{3}))?"
    r"(?=[\"'\s,\])}]|$)",
}
_ANY: Final = re.compile(
    r"(?<![\d.])(?<!\d:)(?:"
    + "|".join(f"(?P<{form}>{regex})" for form, regex in _FORMS.items())
    + r")"
    r"(?![\d])",
    re.IGNORECASE,
)
_EAST_ASIAN: Final = re.compile(
    r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일](?:\s?\(?[^\W\d]?\)?)?"
)
_EAST_ASIAN_CLOCK: Final = re.compile(
    r"(\d{1,2})\s?[时時시]\s?(\d{1,2})\s?[分분](?:\s?(\d{1,2})\s?[秒초])?"
)
# Cheap to look for, and in every form: a clock, a year, or ten digits.
_ANCHOR: Final = re.compile(r"\d[:h.]\d\d|(?:19|20)\d\d|1\d{9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """What the mail knows about the times in it: when it was sent, a zone for all."""

    sent: datetime
    zone: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMoment:
    moment: Moment
    start: int
    end: int
    has_clock: bool  # false: a date only, taken as its midnight
    epoch: bool = False  # a bare number: only a time where a word says so


def plain_dates(text: str) -> str:
    """East Asian dates written with digits and separators."""
    if not any(mark in text for mark in "年년"):
        return text
    text = _EAST_ASIAN.sub(lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02} ", text)
    return _EAST_ASIAN_CLOCK.sub(
        lambda m: f"{int(m[1]):02}:{int(m[2]):02}:{int(m[3] or 0):02}", text
    )


def find_moments(text: str, clue: Clue) -> Iterator[FoundMoment]:
    """Each time in the text, first to last; impossible ones are left out."""
    if not _ANCHOR.search(text):
        return
    for match in _ANY.finditer(text):
        form = next(f for f in _FORMS if match[f] is not None)
        found = _READERS[form](match.groupdict(), clue)
        if found and plausible(found.at, clue):
            yield FoundMoment(
                moment=found,
                start=match.start(),
                end=match.end(),
                has_clock=form == "epoch" or _has_clock(match, form),
                epoch=form == "epoch",
            )


def plausible(moment: datetime, clue: Clue) -> bool:
    return _EARLIEST <= moment <= min(clue.sent + _SLACK, _FAR_FUTURE)


_CLOCKS: Final = {
    "iso": "i", "named": "n", "dashed": "b", "ctime": "c", "long": "l", "syslog": "s",
    "numeric": "u", "snort": "x", "after": "t",
}  # fmt: skip


def _has_clock(match: re.Match[str], form: str) -> bool:
    return form == "packed" or match[f"h{_CLOCKS[form]}"] is not None


Groups = dict[str, str | None]


def _moment(ymd: tuple[int, int, int], groups: Groups, key: str, clue: Clue) -> Moment | None:
    clock = _clock(groups, key)
    tz, zone = _zone(groups.get(f"z{key}"), clue)
    try:
        local = datetime(*ymd, tzinfo=tz) + clock
        return Moment(at=local.astimezone(UTC), zone=zone)
    except (ValueError, OverflowError):
        return None


def _clock(groups: Groups, key: str) -> timedelta:
    hours = int(groups.get(f"h{key}") or 0)
    half = (groups.get(f"ap{key}") or "")[:1].lower()
    if half and hours <= 12:
        hours = hours % 12 + (12 if half == "p" else 0)
    return timedelta(
        hours=hours,
        minutes=int(groups.get(f"m{key}") or 0),
        seconds=int(groups.get(f"s{key}") or 0),
    )


def _zone(text: str | None, clue: Clue) -> Reading:
    return (read_zone(text) if text else None) or clue.zone or UTC_ASSUMED


def _number(groups: Groups, key: str) -> int:
    number = int(groups[key] or 0)
    return number + 2000 if key.endswith("y") and number < 100 else number


def month_number(word: str) -> int:
    """1 to 12 for a month's name or its beginning in one of several languages, else 0."""
    low = word.lower()
    return next((_MONTH_OF[w] for w in _WORDS if low.startswith(w)), 0)


def _iso(groups: Groups, clue: Clue) -> Moment | None:
    ymd = _number(groups, "iy"), _number(groups, "imo"), _number(groups, "id")
    return _moment(ymd, groups, "i", clue)


def _with_month(key: str) -> Callable[[Groups, Clue], Moment | None]:
    """Of a form whose month is a word; its groups begin with ``key``."""

    def read(groups: Groups, clue: Clue) -> Moment | None:
        month = month_number(groups[f"{key}mo"] or "")
        ymd = _number(groups, f"{key}y"), month, _number(groups, f"{key}d")
        return _moment(ymd, groups, key, clue)

    return read


def _syslog(groups: Groups, clue: Clue) -> Moment | None:
    return _without_year(
        month_number(groups["smo"] or ""), _number(groups, "sd"), "s", groups, clue
    )


def _snort(groups: Groups, clue: Clue) -> Moment | None:
    return _without_year(_number(groups, "xmo"), _number(groups, "xd"), "x", groups, clue)


def _without_year(month: int, day: int, key: str, groups: Groups, clue: Clue) -> Moment | None:
    # RFC 3164 section 4.1.2 has no year: the latest one not after the mail.
    for year in (clue.sent.year + 1, clue.sent.year, clue.sent.year - 1):
        found = _moment((year, month, day), groups, key, clue)
        if found and found.at <= clue.sent + _SLACK:
            return found
    return None


def _numeric(groups: Groups, clue: Clue) -> Moment | None:
    first, second, year = _number(groups, "ua"), _number(groups, "ub"), _number(groups, "uy")
    return either_order(first, second, year, groups["usep"] or "", groups, "u", clue)


def either_order(
    first: int, second: int, year: int, separator: str, groups: Groups, key: str, clue: Clue
) -> Moment | None:
    """Day and month in the order that is possible; both possible: the nearer to the mail.

    Dots are European (DIN 1355): day first. Where both orders give a past time in the year
    before the mail, the answer is said to be ambiguous.
    """
    day_first = _moment((year, second, first), groups, key, clue)
    if separator == "." or first == second:
        return day_first
    month_first = _moment((year, first, second), groups, key, clue)
    able = [m for m in (day_first, month_first) if m and plausible(m.at, clue)]
    if len(able) < 2:
        return able[0] if able else None
    nearest = min(able, key=lambda m: abs(clue.sent - m.at))
    return Moment(at=nearest.at, zone=Zone.AMBIGUOUS)


def _packed(groups: Groups, clue: Clue) -> Moment | None:
    ymd = _number(groups, "py"), _number(groups, "pmo"), _number(groups, "pd")
    return _moment(ymd, groups, "p", clue)


def _after(groups: Groups, clue: Clue) -> Moment | None:
    if groups["tiy"]:
        ymd = _number(groups, "tiy"), _number(groups, "timo"), _number(groups, "tid")
        return _moment(ymd, groups, "t", clue)
    if groups["tlmo"]:
        ymd = _number(groups, "tly"), month_number(groups["tlmo"]), _number(groups, "tld")
        return _moment(ymd, groups, "t", clue)
    if groups["tmo"]:
        ymd = _number(groups, "tny"), month_number(groups["tmo"]), _number(groups, "tnd")
        return _moment(ymd, groups, "t", clue)
    first, second, year = _number(groups, "ta"), _number(groups, "tb"), _number(groups, "ty")
    return either_order(first, second, year, groups["tsep"] or "", groups, "t", clue)


def _epoch(groups: Groups, clue: Clue) -> Moment | None:
    return Moment(at=datetime.fromtimestamp(int(groups["ee"] or 0), UTC), zone=Zone.KNOWN)


_READERS: Final = {
    "iso": _iso, "named": _with_month("n"), "dashed": _with_month("b"),
    "ctime": _with_month("c"), "long": _with_month("l"),
    "syslog": _syslog, "numeric": _numeric, "snort": _snort, "packed": _packed,
    "after": _after, "epoch": _epoch,
}  # fmt: skip
