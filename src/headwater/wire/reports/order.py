"""The opinions in the order they are tried, and how a mail is read by them.

Structure first, then evidence, then plain text: an opinion that names its sources ends the
search; one that recognises a mail but finds no source lends its kind and time to the next.
Adding an opinion touches its own file, its test and this list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from headwater.records.incident import Incident, IncidentKind, Moment, Zone
from headwater.wire.mail import Mail, sent_at
from headwater.wire.mail_text import safe_line
from headwater.wire.moment_zones import zone_said_for_all
from headwater.wire.moments import Clue
from headwater.wire.reports import (
    arf,
    csv_attachment,
    free_form,
    honeypot,
    json_report,
    spamcop,
    x_arf,
    xarf,
    xml_report,
)
from headwater.wire.reports.claim import Claim, Desk, Opinion, Own, Reading
from headwater.wire.reports.not_a_report import is_newsletter, not_a_report
from headwater.wire.reports.words import Words

OPINIONS: Final[tuple[Opinion, ...]] = (
    arf.OPINION,
    xarf.OPINION,
    x_arf.OPINION,
    spamcop.OPINION,
    honeypot.OPINION,
    csv_attachment.OPINION,
    xml_report.OPINION,
    json_report.OPINION,
    free_form.OPINION,
)
_ZONE_LOOKED_FOR: Final = 20_000
_DEEPEST_FORWARD: Final = 2
MOST_FORWARDED: Final = 50
LEAST_CONFIDENCE: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What became of one mail: incidents, or why there are none."""

    incidents: tuple[Incident, ...] = ()
    outside: int = 0  # addresses accused that are not own
    read_by: str = ""
    not_a_report: str = ""
    unread: str = ""  # why a person must read it


def open_report(
    mail: Mail, own: Own, words: Words, now: datetime, first: Sequence[Opinion] = ()
) -> Opened:
    """Read one mail. ``first``: opinions tried before the others, such as taught patterns.

    ``now`` stands for the time of a mail that does not say when it was sent.
    """
    reason = not_a_report(mail)
    if reason:
        return Opened(not_a_report=reason)
    opened = _open(mail, own, words, now, (*first, *OPINIONS), 0)
    if opened.unread and not opened.outside and is_newsletter(mail):
        return Opened(not_a_report="newsletter")
    return opened


def _open(
    mail: Mail,
    own: Own,
    words: Words,
    now: datetime,
    opinions: Sequence[Opinion],
    depth: int,
) -> Opened:
    sent = _sent(mail, now)
    said = zone_said_for_all("\n".join(mail.texts)[:_ZONE_LOOKED_FOR])
    desk = Desk(own=own, words=words, clue=Clue(sent=sent, zone=said))
    opened = _by_opinions(mail, desk, opinions)
    if opened.incidents or not mail.attached or depth >= _DEEPEST_FORWARD or opened.outside:
        return opened
    return _forwarded(mail, own, words, sent, opinions, depth) or opened


def _forwarded(
    mail: Mail,
    own: Own,
    words: Words,
    sent: datetime,
    opinions: Sequence[Opinion],
    depth: int,
) -> Opened | None:
    """A report that somebody forwarded; or several, each known by its subject as one."""
    found: Opened | None = None
    for inner in mail.attached[:MOST_FORWARDED]:
        if found and not words.speaks_of_abuse(inner.subject, ""):
            continue  # the first was a report: this may be what it is about
        one = _open(inner, own, words, sent, opinions, depth + 1)
        if one.incidents and found:
            found = replace(
                found,
                incidents=(*found.incidents, *one.incidents),
                outside=found.outside + one.outside,
            )
        elif one.incidents:
            found = one
    return found


def _sent(mail: Mail, now: datetime) -> datetime:
    sent = sent_at(mail)
    plausible = sent and datetime(1995, 1, 1, tzinfo=UTC) < sent < now + timedelta(days=2)
    return sent if sent and plausible else now


def _by_opinions(mail: Mail, desk: Desk, opinions: Sequence[Opinion]) -> Opened:
    outside: set[str] = set()
    lent = Reading()
    for opinion in opinions:
        if not opinion.recognises(mail):
            continue
        reading = opinion.takes(mail, replace(desk, kind=lent.kind))
        outside |= reading.outside
        if reading.claims:
            return Opened(
                incidents=_incidents(mail, desk, opinion, reading, lent),
                outside=len(outside),
                read_by=opinion.name,
            )
        if reading.settled:
            return Opened(outside=len(outside), read_by=opinion.name)
        lent = replace(
            lent,
            kind=lent.kind or reading.kind,
            moment=lent.moment or reading.moment,
            reporter=lent.reporter or reading.reporter,
        )
    if outside:
        return Opened(outside=len(outside), unread="no own address accused")
    return Opened(unread="no address accused")


def _incidents(
    mail: Mail, desk: Desk, opinion: Opinion, reading: Reading, lent: Reading
) -> tuple[Incident, ...]:
    reporter = safe_line(
        reading.reporter or lent.reporter or mail.sender.partition("@")[2], 100
    )
    kind = lent.kind or reading.kind
    moment = reading.moment or lent.moment or mail_moment(desk.clue)
    found = (_incident(c, kind, moment, reporter, opinion, mail, desk) for c in reading.claims)
    return tuple(found)


def mail_moment(clue: Clue) -> Moment:
    return Moment(at=clue.sent, zone=Zone.KNOWN, of_mail=True)


def _incident(
    claim: Claim,
    kind: IncidentKind | None,
    moment: Moment,
    reporter: str,
    opinion: Opinion,
    mail: Mail,
    desk: Desk,
) -> Incident:
    return Incident(
        address=claim.address,
        port=claim.port,
        seen=claim.moment or moment,
        until=claim.until,
        kind=claim.kind
        or kind
        or desk.words.kind_of(mail.subject, mail.body)
        or desk.words.kind_hinted(mail.subject, mail.body)
        or IncidentKind.OTHER,
        reporter=reporter,
        confidence=claim.confidence,
        excerpt=claim.excerpt,
        read_by=opinion.name,
        times=claim.times,
    )
