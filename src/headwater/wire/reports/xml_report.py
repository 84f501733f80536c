"""XML reports: copyright notices (ACNS), lists of malicious links, others.

Recognises  XML in a part or inside the text, without a document type (no entities: no bombs)
Takes       every element with an address field that is not a victim's, its time and port;
            a link whose host is an own address, where no field names one
Refuses     XML that is not well formed
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mail_text import decoded
from headwater.wire.mentions import Setting, find_mentions
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading, excerpt
from headwater.wire.reports.objects import MOST_RECORDS, Record, accuse_records

_ROOT: Final = re.compile(r"<([A-Za-z][\w.:-]{2,60})(?:\s[^<>]{0,2000})?>")
_DECLARED: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NAMESPACE: Final = re.compile(r"^\{[^}]*\}")
MOST_TEXT: Final = 4 * 2**20
_MOST_ROOTS: Final = 5


def recognises(mail: Mail) -> bool:
    return any("</" in t for t in mail.texts) or any("xml" in p.kind for p in mail.parts)


def _documents(mail: Mail) -> Iterator[ET.Element]:
    for part in mail.parts:
        if "xml" in part.kind or part.name.lower().endswith(".xml"):
            yield from _parsed(decoded(part.body, "utf-8")[:MOST_TEXT])
    for text in mail.texts:
        yield from _parsed(text[:MOST_TEXT])


def _parsed(text: str) -> Iterator[ET.Element]:
    if "</" not in text or _DECLARED.search(text):
        return
    for opening in list(_ROOT.finditer(text[:50_000]))[:_MOST_ROOTS]:
        end = text.rfind(f"</{opening[1]}>")
        if end < opening.start():
            continue
        try:
            # S314: no document type was let in, so there is nothing to expand.
            yield ET.fromstring(text[opening.start() : end] + f"</{opening[1]}>")  # noqa: S314
        except (ET.ParseError, ValueError):
            continue
        return


def _records(root: ET.Element) -> Iterator[Record]:
    for count, element in enumerate(root.iter()):
        if count >= MOST_RECORDS:
            return
        own = _NAMESPACE.sub("", str(element.tag))
        pairs = [(f"{own} {name}", value) for name, value in element.attrib.items()]
        pairs += [
            (f"{own} {_NAMESPACE.sub('', str(child.tag))}", child.text.strip())
            for child in element
            if child.text and child.text.strip() and not len(child)
        ]
        if pairs:
            yield [(name, value[:1_000]) for name, value in pairs]


def takes(mail: Mail, desk: Desk) -> Reading:
    gathered = Gathered(desk.own)
    kind = desk.kind or desk.words.kind_of(mail.subject, mail.body)
    moment: Moment | None = None
    for root in _documents(mail):
        if "notification_message" in str(root.tag):
            kind = kind or IncidentKind.MALWARE  # Safe Browsing's lists
        moment = moment or _date_of(root, desk)
        found = list(_records(root))
        accuse_records(iter(found), kind, desk, gathered)
        _accuse_links(found, kind, desk, gathered)
    return gathered.reading(kind=kind, moment=moment)


def _date_of(root: ET.Element, desk: Desk) -> Moment | None:
    found = list(find_moments(root.attrib.get("date", "")[:60], desk.clue))
    return found[0].moment if found else None


def _accuse_links(
    found: list[Record], kind: IncidentKind | None, desk: Desk, gathered: Gathered
) -> None:
    for record in found:
        named = [m for _, value in record for m in find_mentions(value)]
        if any(m.setting is Setting.TEXT for m in named):
            continue
        for mention in named:
            if mention.setting is Setting.HOST and desk.own(mention.address):
                gathered.accuse(
                    Claim(
                        address=mention.address,
                        kind=kind,
                        confidence=0.8,
                        excerpt=excerpt(*[v for _, v in record]),
                    )
                )


OPINION: Final = Opinion(name="xml", recognises=recognises, takes=takes)
