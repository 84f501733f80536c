"""Tables that are attached: Shadowserver's reports and everybody else's, zipped or not.

Recognises  a part with the name or type of a table (csv, tsv) or an archive that holds one
Takes       each row whose accused column holds an own address: address, port, time, kind
Refuses     tables whose header names no accused; archives that are damaged or too big
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.records.incident import IncidentKind, Zone
from headwater.wire.mail import Mail, Part
from headwater.wire.mail_text import decoded, plain
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading
from headwater.wire.reports.evidence import OWN_PORT_KINDS
from headwater.wire.reports.tables import Columns, claim_of, columns_of, csv_rows, read_row
from headwater.wire.unpack import MOST_BYTES, Member, unpack

_TABLE: Final = re.compile(r"\.(?:csv|tsv)(?:\.(?:zip|gz))?$|\.(?:zip|gz)$", re.IGNORECASE)
_KIND: Final = re.compile(r"text/(?:csv|comma|tab-sep)|zip|application/(?:csv|vnd\.ms-excel)")
_MOST_TABLES: Final = 20
# What the names of published reports say; "scan_x" there means "answers to scans of x".
_BY_NAME: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"open[-_]?proxy|botnet[-_]proxy|socks|http[-_]connect|proxies", IncidentKind.PROXY),
        (r"brute[-_]?force|login", IncidentKind.LOGIN_ATTACK),
        (r"honeypot.*scan|darknet|http[-_]scan|botnet[-_]scan|rdp[-_]scan", IncidentKind.SCAN),
        (r"honeypot[-_]url|backdoor|netis", IncidentKind.MALWARE),
        (r"device[-_]id|chargen|netbios", IncidentKind.OTHER),
        (r"phish", IncidentKind.PHISHING),
        (r"ddos|amplif", IncidentKind.OTHER),
        (r"spam", IncidentKind.SPAM),
        (
            r"sinkhole|drone|botnet|infect|compromi|malware|sandbox|ccip|c2|virus|web.?shell|irc",
            IncidentKind.MALWARE,
        ),
        (
            r"scan[-_]|open|accessible|resolver|ntp|ssl|snmp|poodle|freak|vulnerab|exposed|qotd",
            IncidentKind.OTHER,
        ),
    )
)


def recognises(mail: Mail) -> bool:
    return any(_is_table(part) for part in mail.parts)


def _is_table(part: Part) -> bool:
    return bool(part.body) and bool(_TABLE.search(part.name) or _KIND.search(part.kind))


def takes(mail: Mail, desk: Desk) -> Reading:
    tables = [_claims(member, mail, desk) for member in _members(mail)]
    gathered = Gathered(desk.own)
    known: set[str] = set()
    # Of two tables on the same addresses the one whose times have a zone is better.
    for claims, outside in sorted(tables, key=_is_unsure):
        gathered.outside |= outside
        for claim in claims:
            if claim.address not in known:
                gathered.accuse(claim)
        known |= {c.address for c in claims}
    return gathered.reading(settled=bool(gathered.outside and not gathered.claims))


def _is_unsure(table: tuple[list[Claim], set[str]]) -> bool:
    moment = table[0][0].moment if table[0] else None
    return moment is None or moment.zone is not Zone.KNOWN


def _members(mail: Mail) -> Iterator[Member]:
    left = MOST_BYTES
    for part in [p for p in mail.parts if _is_table(p)][:_MOST_TABLES]:
        try:
            members = unpack(part.name, part.body, left)
        except MalformedInput:
            continue
        for member in members[:_MOST_TABLES]:
            left -= len(member.content)
            yield member


def _claims(member: Member, mail: Mail, desk: Desk) -> tuple[list[Claim], set[str]]:
    """Claims of own addresses, and the addresses of others."""
    rows = csv_rows(plain(decoded(member.content, "utf-8")))
    header = next(rows, [])
    columns = columns_of(header, desk.words)
    if columns is None:
        return [], set()
    kind = kind_by_name(member.name, mail.subject, desk)
    gathered = Gathered(desk.own)
    columns = _with_zone(columns, header)
    for cells in rows:
        row = read_row(cells, columns, desk)
        if row:
            gathered.accuse(claim_of(row, kind, kind is None or kind in OWN_PORT_KINDS))
    return list(gathered.claims.values()), gathered.outside


def _with_zone(columns: Columns, header: list[str]) -> Columns:
    """Shadowserver's times are UTC by its documentation; its header is easily known."""
    names = {name.strip().lower() for name in header}
    if {"timestamp", "ip", "asn", "geo"} <= names:
        return replace(columns, zone="UTC")
    return columns


def kind_by_name(name: str, subject: str, desk: Desk) -> IncidentKind | None:
    """What a table is about, by the words of its file's name, else of the subject."""
    for pattern, kind in _BY_NAME:
        if pattern.search(name):
            return kind
    return desk.words.kind_of(f"{subject} {re.sub(r'[-_.]', ' ', name)}", "")


OPINION: Final = Opinion(name="csv-attachment", recognises=recognises, takes=takes)
