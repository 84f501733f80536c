"""Any other mail: what its texts show, structure first, then evidence, then prose.

Recognises  every mail
Takes       rows under a header, named fields, log lines of any program, Received lines of a
            quoted spam, lists of addresses, and an address that prose or the subject accuses
Refuses     an own address that is only named as a victim, resolver, hop, or among others in
            prose: that mail is for a person
"""

import re
from collections.abc import Iterator
from typing import Final

from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mentions import find_mentions, read_port
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Desk, Gathered, Opinion, Reading, excerpt
from headwater.wire.reports.evidence import (
    LEAST_WORDS,
    OWN_PORT_KINDS,
    Find,
    accused,
    claims_of,
    line_finds,
)
from headwater.wire.reports.fields import Side
from headwater.wire.reports.lines import Line, Strength, parts
from headwater.wire.reports.packed_texts import packed_texts
from headwater.wire.reports.received import (
    handed_over_by,
    hops,
    is_inside,
    received_in_text,
)
from headwater.wire.reports.tables import find_tables
from headwater.wire.reports.text import Text

MOST_TEXTS: Final = 20
_PORT: Final = re.compile(r"(?<![a-z_-])port[\"'>:=\s]{1,5}(\d{1,5})\b", re.IGNORECASE)


def takes(mail: Mail, desk: Desk) -> Reading:
    kind = desk.kind or desk.words.kind_of(mail.subject, "\n".join(mail.texts)[:20_000])
    return read_texts(mail, desk, kind)


def read_texts(mail: Mail, desk: Desk, kind: IncidentKind | None) -> Reading:
    """What subject, texts and spam samples of a mail accuse, settled over all of them."""
    said = [*mail.texts, *packed_texts(mail)]
    texts = [Text(t, desk) for t in said[:MOST_TEXTS]]
    finds = [f for text in texts for f in finds_in(text, desk, kind)]
    finds += subject_finds(mail, desk)
    finds = with_samples(finds, [*_quoted(texts, desk), *sample_finds(mail, desk)], mail, desk)
    gathered = Gathered(desk.own)
    gathered.outside |= {f.address for f in finds if not desk.own(f.address)}
    when = report_time(mail, texts, desk)
    # An opinion that was tried before has known it as a report already.
    speaks = LEAST_WORDS if desk.kind else desk.words.speaks_of_abuse(mail.subject, mail.body)
    for claim in claims_of(finds, desk, speaks):
        gathered.accuse(claim)
    return gathered.reading(kind=kind, moment=when)


def with_samples(finds: list[Find], samples: list[Find], mail: Mail, desk: Desk) -> list[Find]:
    """A spam's own Received lines count where the text names nobody, or the same address."""
    named = {f.address for f in accused(finds, desk) if f.strength >= Strength.NAMED}
    if named:
        return finds + [s for s in samples if s.address in named]
    return finds + samples if desk.words.speaks_of_abuse(mail.subject, mail.body) else finds


def _quoted(texts: list[Text], desk: Desk) -> list[Find]:
    return [f for text in texts for f in received_finds(text, desk)]


def report_time(mail: Mail, texts: list[Text], desk: Desk) -> Moment | None:
    """The time for what has none of its own: of the first text that has one, or the subject."""
    said = next((m for m in (t.own_time() for t in texts) if m), None)
    if said:
        return said
    found = list(find_moments(mail.subject, desk.clue))
    if found and found[0].has_clock:
        return found[0].moment
    return sample_time(mail, desk)


def sample_time(mail: Mail, desk: Desk) -> Moment | None:
    """When an attached spam was taken in, by its newest Received line, or written."""
    for sample in mail.attached[:1]:
        for hop in hops(sample.all("received"), desk.clue):
            if hop.moment:
                return hop.moment
        written = [
            f.moment for f in find_moments(sample.header("date"), desk.clue) if f.has_clock
        ]
        return written[0] if written else None
    return None


def finds_in(text: Text, desk: Desk, kind: IncidentKind | None) -> Iterator[Find]:
    used = received_lines(text)
    found = [*table_finds(text, desk, kind, used)]
    found += line_finds(text, desk, used)
    for find in found:
        yield _completed(find, text, kind) if desk.own(find.address) else find


def _completed(find: Find, text: Text, kind: IncidentKind | None) -> Find:
    """With time and port from near where it stands."""
    if find.side is Side.TARGET or (find.moment and find.port):
        return find
    port, sure = (find.port, True) if find.port else text.near_port(find.line)
    port = port or _port_beside(find, text)
    return Find(
        address=find.address,
        side=find.side,
        strength=find.strength,
        line=find.line,
        excerpt=find.excerpt,
        port=port if sure or kind in OWN_PORT_KINDS else None,
        moment=find.moment or text.near_time(find.line),
        until=find.until,
    )


def _port_beside(find: Find, text: Text) -> int | None:
    """A port on the line of one address alone."""
    if len(text.mentions.get(find.line, ())) != 1:
        return None
    found = _PORT.search(text.lines[find.line])
    return read_port(found[1]) if found else None


def table_finds(
    text: Text, desk: Desk, kind: IncidentKind | None, used: set[int]
) -> Iterator[Find]:
    free = {n for n in text.mentions if n not in used}
    for table in find_tables(text.lines, desk, free):
        used.update(table.lines)
        for number, row in table.rows:
            yield Find(
                address=row.address,
                side=Side.SOURCE,
                strength=Strength.LABELLED,
                line=number,
                excerpt=excerpt(text.lines[number]),
                port=row.port if row.port_sure or kind in OWN_PORT_KINDS else None,
                moment=row.moment,
                until=row.until,
            )


def received_lines(text: Text) -> set[int]:
    quoted = received_in_text("\n".join(text.lines))
    return {
        n for start, end, _ in quoted for n in text.mentions if start <= text.starts[n] < end
    }


def received_finds(text: Text, desk: Desk) -> Iterator[Find]:
    """Received lines of a spam quoted in the text: its newest own client is the accused."""
    quoted = received_in_text("\n".join(text.lines))
    for hop in hops([value for _, _, value in quoted], desk.clue):
        if desk.own(hop.address) and not is_inside(hop, desk.own):
            yield Find(
                address=hop.address,
                side=Side.SOURCE,
                strength=Strength.LOGGED,
                line=0,
                excerpt=excerpt(hop.line),
                moment=hop.moment,
            )
            return


def sample_finds(mail: Mail, desk: Desk) -> Iterator[Find]:
    """A spam that is attached: the own address that handed it over."""
    for sample in mail.attached[:MOST_TEXTS]:
        hop = handed_over_by(sample, desk.own, desk.clue)
        if hop:
            yield Find(
                address=hop.address,
                side=Side.SOURCE,
                strength=Strength.LOGGED,
                line=0,
                excerpt=excerpt(hop.line),
                moment=hop.moment,
            )


def subject_finds(mail: Mail, desk: Desk) -> Iterator[Find]:
    """An address in the subject is what the mail is about, unless words say otherwise."""
    subject = mail.subject[:500]
    mentions = list(find_mentions(subject))
    shown = parts(Line(text=subject, base=0, mentions=mentions), desk.words)
    for mention, part in zip(mentions, shown, strict=True):
        is_source = part.side is not Side.TARGET
        yield Find(
            address=mention.address,
            side=Side.SOURCE if is_source else part.side,
            strength=max(part.strength, Strength.LOGGED) if is_source else Strength.MENTIONED,
            line=0,
            excerpt=excerpt(mail.subject),
            port=mention.port,
        )


OPINION: Final = Opinion(name="free-form", recognises=lambda mail: True, takes=takes)
