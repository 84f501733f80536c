"""JSON reports of honeypots, sensors and scripts: any keys that name an accused.

Recognises  a part of JSON (by type, name or first character), one object, a list, or lines
Takes       every object with an address field that is not a victim's: cowrie's src_ip,
            dionaea's remote_host, Suricata's src_ip, and the like
Refuses     JSON that breaks off, is nested too deep, or names nobody
"""

import json
from collections.abc import Iterator
from typing import Final

from headwater.records.incident import IncidentKind
from headwater.wire.mail import Mail
from headwater.wire.reports.claim import Desk, Gathered, Opinion, Reading
from headwater.wire.reports.evidence import OWN_PORT_KINDS
from headwater.wire.reports.objects import accuse_records, records

MOST_TEXT: Final = 4 * 2**20
MOST_LINES: Final = 100_000
_MOST_OPENINGS: Final = 2_000  # "[" and "{": what a bomb of nesting is made of


def recognises(mail: Mail) -> bool:
    return any(True for _ in json_texts(mail))


def json_texts(mail: Mail) -> Iterator[str]:
    seen = set(mail.texts)
    for part in mail.parts:
        if part.text in seen:
            continue
        if part.kind.endswith("json") or part.name.lower().endswith(".json"):
            yield part.text
    for text in mail.texts:
        if text.lstrip()[:1] in {"{", "["} or '\n{"' in text or "\n{\n" in text:
            yield text


def values(text: str) -> list[object]:
    """What a text holds: one value, or one in each line, or one between other lines."""
    text = text.strip()[:MOST_TEXT]
    whole = _value(text)
    if whole is not None:
        return [whole]
    lines = [v for v in map(_value, _objects(text)) if v is not None]
    if lines:
        return lines
    start, end = text.find("{"), text.rfind("}")
    inside = _value(text[start : end + 1]) if 0 <= start < end else None
    return [inside] if inside is not None else []


def _objects(text: str) -> list[str]:
    return [s for line in text.split("\n")[:MOST_LINES] if (s := line.strip()).startswith("{")]


def _value(text: str) -> object | None:
    if text.count("[[") > _MOST_OPENINGS or text.count('":{') > MOST_LINES:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def takes(mail: Mail, desk: Desk) -> Reading:
    gathered = Gathered(desk.own, merging=frozenset(IncidentKind) - OWN_PORT_KINDS)
    kind = desk.kind or desk.words.kind_of(mail.subject, mail.body)
    for text in json_texts(mail):
        for value in values(text):
            accuse_records(records(value), kind, desk, gathered)
    return gathered.reading(kind=kind)


OPINION: Final = Opinion(name="json", recognises=recognises, takes=takes)
