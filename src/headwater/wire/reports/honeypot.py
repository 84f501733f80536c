"""Summaries of honeypot networks: lists of own addresses under what each list did.

Recognises  Project Honey Pot's monitor reports ("IPs Engaged In ... On Your Network:")
Takes       each address with the newest time below it, of the kind its heading says
Refuses     the list of merely suspicious addresses: nobody was seen doing anything
"""

import re
from collections.abc import Iterator
from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mentions import find_mentions
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading, excerpt

_MARK: Final = "IPs Engaged In"
_HEADING: Final = re.compile(
    r"^\s*(?:IPs Engaged In (?P<deed>[\w ]+) On|Other .*Suspicious)", re.I
)
_DEEDS: Final = {
    "harvesting": IncidentKind.SPAM,
    "email spamming": IncidentKind.SPAM,
    "comment spamming": IncidentKind.SPAM,
    "dictionary attacks": IncidentKind.LOGIN_ATTACK,
}


def recognises(mail: Mail) -> bool:
    return _MARK in mail.body


def takes(mail: Mail, desk: Desk) -> Reading:
    gathered = Gathered(desk.own)
    for address, line, kind, moments in _entries(mail.body, desk):
        gathered.accuse(
            Claim(
                address=address,
                kind=kind,
                moment=moments[0] if moments else None,
                confidence=0.9,
                excerpt=excerpt(line),
                times=max(1, len(moments)),
            )
        )
    return gathered.reading(settled=True)


_Entry = tuple[str, str, IncidentKind, list[Moment]]


def _entries(body: str, desk: Desk) -> Iterator[_Entry]:
    deed: IncidentKind | None = None
    entry: _Entry | None = None
    for line in body.split("\n"):
        heading = _HEADING.match(line)
        mention = next(find_mentions(line), None)
        if entry and (heading or mention):
            yield entry
            entry = None
        if heading:
            deed = _DEEDS.get((heading["deed"] or "").lower()) if heading["deed"] else None
        elif mention and deed and not line[: mention.start].strip():
            entry = (mention.address, line, deed, [])
        elif entry:
            entry[3].extend(f.moment for f in find_moments(line, desk.clue) if f.has_clock)
    if entry:
        yield entry


OPINION: Final = Opinion(name="honeypot", recognises=recognises, takes=takes)
