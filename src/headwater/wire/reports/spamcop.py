"""SpamCop's brief reports.

Recognises  "[ SpamCop V...": the first line of its mails
Takes       "Email from ADDRESS / TIME", and the host of a spamvertised site ("...; is ADDRESS")
Refuses     nothing else: the offending message below is its evidence, not another report
"""

import re
from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mentions import canonical_or_none
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading, excerpt

_MARK: Final = re.compile(r"\[\s?SpamCop V", re.IGNORECASE)
_SENT: Final = re.compile(
    r"(?:Email|Mail|Message) from\s+([0-9A-Fa-f.:]{3,45})\s*/\s*([^\n]{5,60})"
)
_SITE: Final = re.compile(r"\bis\s+([0-9A-Fa-f.:]{3,45});\s*([^\n]{5,60})")
_MOST: Final = 1_000


def recognises(mail: Mail) -> bool:
    return bool(_MARK.search(mail.body[:5_000]))


def takes(mail: Mail, desk: Desk) -> Reading:
    gathered = Gathered(desk.own)
    head = mail.body.partition("[ Offending message ]")[0]
    for pattern in (_SENT, _SITE):
        for found in list(pattern.finditer(head))[:_MOST]:
            address = canonical_or_none(found[1])
            if address:
                gathered.accuse(
                    Claim(
                        address=address,
                        kind=IncidentKind.SPAM,
                        moment=_moment(found[2], desk),
                        confidence=0.97,
                        excerpt=excerpt(found.group()),
                    )
                )
    named = bool(gathered.outside or gathered.claims)
    return gathered.reading(settled=named, kind=IncidentKind.SPAM)


def _moment(text: str, desk: Desk) -> Moment | None:
    return next((f.moment for f in find_moments(text, desk.clue) if f.has_clock), None)


OPINION: Final = Opinion(name="spamcop", recognises=recognises, takes=takes)
