"""X-ARF 0.1 and 0.2 (and what calls itself so): a text part of named fields.

Recognises  a part with "Reported-From", "Report-Type" or "Category", and "Source"
Takes       Source where it is an address, Date, Port, Report-Type; blocklist.de, clean-mx,
            Netcraft, fail2ban scripts and others write it
Refuses     Source that is a link or a name: kind and date are lent to the next opinion
"""

import re
from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mentions import Setting, find_mentions, read_port
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading, excerpt
from headwater.wire.reports.evidence import OWN_PORT_KINDS

_FIELD: Final = re.compile(
    r"^[ \t\"']{0,4}([A-Za-z][\w -]{1,30}?)[\"']?[ \t]*:[ \t]*(.*)$", re.MULTILINE
)
_TELLING: Final = {"report-type", "category", "schema-url", "reported-from", "source-type"}
_LEAST_TELLING: Final = 2
_SERVICES: Final = {
    "regbot": IncidentKind.SPAM, "harvesting": IncidentKind.SPAM, "badbot": IncidentKind.SCAN,
    "mail": IncidentKind.SPAM, "postfix": IncidentKind.SPAM,
    "strongips": IncidentKind.LOGIN_ATTACK,
    "ddos": IncidentKind.OTHER, "fraud": IncidentKind.PHISHING,
    "portflood": IncidentKind.SCAN, "apache": IncidentKind.SCAN,
    "rfi-attack": IncidentKind.SCAN,
    "webattack": IncidentKind.SCAN, "info": IncidentKind.OTHER,
}  # fmt: skip


def fields_of(mail: Mail) -> dict[str, str] | None:
    """The report's fields, names in lower case; None where no part is one."""
    for part in mail.parts:
        if not part.text or "ource" not in part.text[:5_000]:
            continue
        fields: dict[str, str] = {}
        for name, value in _FIELD.findall(part.text[:5_000]):
            fields.setdefault(name.strip().lower(), value.strip(" \t\"'"))
        if "source" in fields and len(_TELLING & fields.keys()) >= _LEAST_TELLING:
            return fields
    return None


def recognises(mail: Mail) -> bool:
    return fields_of(mail) is not None


def takes(mail: Mail, desk: Desk) -> Reading:
    fields = fields_of(mail) or {}
    kind = _kind(fields, mail, desk)
    moment = _moment(fields, desk)
    reporter = fields.get("reported-from", "").rpartition("@")[2].strip(" >")
    gathered = Gathered(desk.own)
    named = [m for m in find_mentions(fields["source"][:200]) if m.setting is Setting.TEXT]
    port = read_port(fields.get("source-port", ""))
    beside = read_port(fields.get("port", "")) if kind in OWN_PORT_KINDS else None
    for mention in named[:1]:
        gathered.accuse(
            Claim(
                address=mention.address,
                port=port or mention.port or beside,
                moment=moment,
                kind=kind,
                confidence=0.97,
                excerpt=excerpt(
                    f"Source: {mention.address}",
                    fields.get("report-type", ""),
                    fields.get("date", ""),
                ),
            )
        )
    return gathered.reading(settled=bool(named), kind=kind, moment=moment, reporter=reporter)


def _kind(fields: dict[str, str], mail: Mail, desk: Desk) -> IncidentKind | None:
    for name in ("report-type", "service", "category"):
        value = fields.get(name, "").lower()
        known = desk.words.kind_of(value.replace("_", " ").replace("-", " "), "")
        kind = _SERVICES.get(value) or known
        if kind:
            return kind
    return desk.words.kind_of(mail.subject, mail.body)


def _moment(fields: dict[str, str], desk: Desk) -> Moment | None:
    found = list(find_moments(fields.get("date", "")[:100], desk.clue))
    return found[0].moment if found else None


OPINION: Final = Opinion(name="x-arf", recognises=recognises, takes=takes)
