"""Time zones as people write them in reports: offsets, letters, words."""

import re
from datetime import UTC, timedelta, timezone
from typing import Final

from headwater.records.incident import Zone

_HOUR: Final = 60
# Letters that mean one thing to everyone (RFC 5322 section 4.3 and common use), in minutes.
_LETTERS: Final = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "CET": 60, "MEZ": 60, "MET": 60,
    "CEST": 120, "MESZ": 120, "MEST": 120, "EET": 120, "EEST": 180, "MSK": 180, "MSD": 240,
    "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "ADT": -180, "NST": -210, "NDT": -150,
    "BRT": -180, "BRST": -120, "ART": -180, "CLT": -240, "CLST": -180, "COT": -300,
    "PET": -300, "JST": 540, "KST": 540, "SGT": 480, "HKT": 480, "PHT": 480, "WIB": 420,
    "ICT": 420, "PKT": 300, "NPT": 345, "TRT": 180, "SAST": 120, "EAT": 180, "WAT": 60,
    "CAT": 120, "AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630, "AWST": 480,
    "NZST": 720, "NZDT": 780,
}  # fmt: skip
# Letters that mean several things: the most common reading, said to be ambiguous.
_AMBIGUOUS: Final = {
    "CST": -360,  # central America, or China (+8)
    "IST": 330,  # India, Israel (+2) or Ireland (+1)
    "BST": 60,  # British summer, or Bangladesh (+6)
    "AST": -240,  # Atlantic, or Arabia (+3)
    "GST": 240,
    "LOCAL": 0,
    "ET": -300,  # standard or daylight, not said
    "PT": -480,
    "CT": -360,
}
_NAMES: Final = "|".join(
    sorted({*_LETTERS, *_AMBIGUOUS} - {"Z", "LOCAL"}, key=len, reverse=True)
)
_OFFSET: Final = r"[+-](?:1[0-4]|0?\d)(?::?[0-5]\d)?(?!\d|[:.]\d)"
# After a time: " +0200", "+02:00", "Z", " (UTC+2)", " CEST", " GMT -0500", "[UTC]".
# The form "+0200 (CEST)" is covered by its offset.
ZONE: Final = (
    r"(?:\s?Z(?![A-Za-z])|\s{0,2}[\(\[]?"
    rf"(?:(?:UTC|GMT)?\s?{_OFFSET}|(?:{_NAMES})(?![A-Za-z])))"
)
_READ: Final = re.compile(rf"(?P<name>[A-Za-z]+)?\s*(?P<offset>{_OFFSET})?")
_SAID: Final = re.compile(
    r"(?:time[ -]?zone|times?(?:tamps?)?|dates?|zeit\w*|uhrzeit\w*|heures?|horas?|hora|logs?)"
    rf"\b[^\n:;]{{0,60}}?\b(?:in|are|is|zone|all|[:=]|sind|en|als)?[\s:(=]*"
    rf"(?:[A-Z][a-z]+/[A-Za-z_/]+[\s(]{{1,3}})?(?P<zone>(?:UTC|GMT)\s?{_OFFSET}|(?<![\w:]){_OFFSET}|(?:{_NAMES}))(?![\w:])",
    re.IGNORECASE,
)

UTC_ASSUMED: Final = (UTC, Zone.ASSUMED)
Reading = tuple[timezone, Zone]


def read_zone(text: str) -> Reading | None:
    """The offset a zone stands for and how sure it is; None where it is no zone."""
    match = _READ.fullmatch(text.strip(" ()[]"))
    if not match or not match.group():
        return None
    name, offset = (match["name"] or "UTC").upper(), match["offset"]
    if offset:
        # RFC 3339 section 4.3: -00:00 says "UTC is known, the place is not": still known.
        return timezone(timedelta(minutes=_minutes(offset))), Zone.KNOWN
    if name in _AMBIGUOUS:
        return timezone(timedelta(minutes=_AMBIGUOUS[name])), Zone.AMBIGUOUS
    if name in _LETTERS:
        return timezone(timedelta(minutes=_LETTERS[name])), Zone.KNOWN
    return None


def _minutes(offset: str) -> int:
    digits = offset[1:].replace(":", "")
    hours, minutes = (
        (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    )
    return (hours * _HOUR + minutes) * (-1 if offset[0] == "-" else 1)


def zone_said_for_all(text: str) -> Reading | None:
    """The zone a mail states once for all its times ("All times are in UTC")."""
    found = _SAID.search(text)
    return read_zone(found["zone"]) if found else None
