"""Feedback reports (RFC 5965, 6650, 6591) and the dialects of feedback loops.

Recognises  a message/feedback-report part, or multipart/report of that type
Takes       Source-IP and Arrival-Date (or Received-Date); where Source-IP is missing, the own
            address that handed the attached mail over; every Incident counts
Refuses     reports of feedback types that accuse nobody (not-spam)
"""

from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Fields, Mail
from headwater.wire.mentions import find_mentions, read_port
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading, excerpt
from headwater.wire.reports.received import handed_over_by

# RFC 5965 section 7.3, RFC 6430, RFC 6591; "miscategorized" is old for not-spam.
_KINDS: Final = {
    "abuse": IncidentKind.SPAM, "fraud": IncidentKind.PHISHING, "virus": IncidentKind.MALWARE,
    "complaint": IncidentKind.SPAM, "spam": IncidentKind.SPAM, "": IncidentKind.SPAM,
    "phishing": IncidentKind.PHISHING,
    "malware": IncidentKind.MALWARE, "other": IncidentKind.OTHER,
    "auth-failure": IncidentKind.OTHER, "opt-out": IncidentKind.OTHER,
}  # fmt: skip
_NOBODY: Final = {"not-spam", "miscategorized", "dmarc"}
# Forwarding breaks authentication too, and who opts out had once opted in.
_WEAK: Final = {"auth-failure": 0.4, "opt-out": 0.4, "opt-out-list": 0.4}
_TIMES: Final = ("arrival-date", "received-date", "original-date", "date")
_ADDRESSES: Final = (
    "source-ip",
    "source",
    "source-address",
    "original-ip",
    "sourceip",
    "x-source-ip",
)


def recognises(mail: Mail) -> bool:
    kind = mail.header("content-type").lower()
    return bool(mail.feedback) or ("multipart/report" in kind and "feedback-report" in kind)


def takes(mail: Mail, desk: Desk) -> Reading:
    gathered = Gathered(desk.own)
    for fields in mail.feedback or ((),):
        values = _values(fields)
        told = values.get("feedback-type", "").strip().lower()
        if told in _NOBODY:
            return Reading(settled=True, kind=IncidentKind.OTHER)
        _take(values, told, mail, desk, gathered)
    return gathered.reading(settled=bool(gathered.outside), kind=IncidentKind.SPAM)


def _values(fields: Fields) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in fields:
        values.setdefault(name, value)
    return values


def _take(
    values: dict[str, str], told: str, mail: Mail, desk: Desk, gathered: Gathered
) -> None:
    kind = _KINDS.get(told, IncidentKind.SPAM)
    moment = _moment(values, desk)
    named = [m for n in _ADDRESSES for m in find_mentions(values.get(n, "")[:200])]
    port = read_port(values.get("source-port", ""))  # RFC 6692 section 3
    for mention in named[:1]:
        gathered.accuse(
            Claim(
                address=mention.address,
                port=port or mention.port,
                moment=moment or _sample_time(mail, mention.address, desk),
                kind=kind,
                confidence=_WEAK.get(told, 0.97),
                excerpt=excerpt(
                    f"Source-IP: {mention.address}", values.get("feedback-type", "")
                ),
            )
        )
    if not named:
        _take_sample(mail, told, moment, desk, gathered)


def _moment(values: dict[str, str], desk: Desk) -> Moment | None:
    for name in _TIMES:
        for found in find_moments(values.get(name, "")[:100], desk.clue):
            if found.has_clock:
                return found.moment
    return None


def _sample_time(mail: Mail, address: str, desk: Desk) -> Moment | None:
    for sample in mail.attached:
        hop = handed_over_by(sample, lambda a: a == address, desk.clue)
        if hop and hop.moment:
            return hop.moment
    return None


def _take_sample(
    mail: Mail, told: str, moment: Moment | None, desk: Desk, gathered: Gathered
) -> None:
    kind = _KINDS.get(told, IncidentKind.SPAM)
    for sample in mail.attached:
        hop = handed_over_by(sample, desk.own, desk.clue)
        if hop:
            gathered.accuse(
                Claim(
                    address=hop.address,
                    moment=hop.moment or moment,
                    kind=kind,
                    confidence=min(0.85, _WEAK.get(told, 1)),
                    excerpt=excerpt(hop.line),
                )
            )


OPINION: Final = Opinion(name="arf", recognises=recognises, takes=takes)
