"""Patterns that a person taught: whose mails, and what stands before each field.

A pattern is learnt from one mail by marking the address and, if there, time and port: the
text before each on its line becomes what is looked for, with its numbers left open.
"""

import re
import tomllib
from dataclasses import dataclass
from json import dumps
from typing import Any, Final

from headwater.records.errors import Misconfigured
from headwater.records.incident import IncidentKind, Moment
from headwater.wire.mail import Mail
from headwater.wire.mentions import find_mentions, read_port
from headwater.wire.moments import find_moments
from headwater.wire.reports.claim import Claim, Desk, Gathered, Opinion, Reading, excerpt

LONGEST_BEFORE: Final = 60
MOST_LINES: Final = 50_000
CONFIDENCE: Final = 0.9
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_OPEN: Final = re.compile(r"[0-9A-Fa-f]*\d[\w.:-]*")  # numbers, times, addresses, identifiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """``*_before``: what stands before the field on its line (or, where the line begins with
    the field, the line above), numbers written as ``#``; "" where the field is not taught."""

    name: str
    sender: str  # the domain of From
    subject: str  # its words, numbers written as "#"
    address_before: str
    time_before: str = ""
    port_before: str = ""
    kind: IncidentKind | None = None


def skeleton(text: str) -> str:
    """Text with everything that changes from mail to mail written as "#"."""
    return " ".join(_OPEN.sub("#", text).split())


def learn(
    name: str, mail: Mail, address: str, time: str = "", port: str = "",
    kind: IncidentKind | None = None,
) -> Pattern:  # fmt: skip
    """The pattern of one mail. Raises Misconfigured where a mark is not found in it."""
    if not _NAME.fullmatch(name):
        raise Misconfigured(f"name = {name!r}: expected lower case letters, digits and dashes")
    if not mail.sender:
        raise Misconfigured("the mail has no sender: there is nothing to know its like by")
    return Pattern(
        name=name,
        sender=mail.sender.partition("@")[2],
        subject=skeleton(mail.subject),
        address_before=_before(mail, address, "address"),
        time_before=_before(mail, time, "time") if time else "",
        port_before=_before(mail, port, "port") if port else "",
        kind=kind,
    )


def _before(mail: Mail, mark: str, what: str) -> str:
    for line, above in _lines(mail):
        at = line.find(mark)
        if at >= 0:
            before = skeleton(line[:at][-LONGEST_BEFORE:]) or f"^{skeleton(above)}"
            if before == "^":
                raise Misconfigured(
                    f"nothing stands before the {what}: there is no mark to learn"
                )
            return before
    raise Misconfigured(f"the {what} {mark!r} does not stand in the mail")


def _lines(mail: Mail) -> list[tuple[str, str]]:
    """Lines, each with the nearest line above that is not empty; the subject is the first."""
    found = []
    above = ""
    for line in [mail.subject, *"\n".join(mail.texts).split("\n")][:MOST_LINES]:
        found.append((line, above))
        above = line if line.strip() else above
    return found


def opinion_of(pattern: Pattern) -> Opinion:
    """A pattern as an opinion among the others."""

    def recognises(mail: Mail) -> bool:
        return (
            mail.sender.partition("@")[2] == pattern.sender
            and skeleton(mail.subject) == pattern.subject
        )

    def takes(mail: Mail, desk: Desk) -> Reading:
        return _take(pattern, mail, desk)

    return Opinion(name=f"taught {pattern.name}", recognises=recognises, takes=takes)


def _take(pattern: Pattern, mail: Mail, desk: Desk) -> Reading:
    gathered = Gathered(desk.own)
    address: tuple[str, str] | None = None
    moment: Moment | None = None
    port: int | None = None
    found: list[tuple[str, str, Moment | None, int | None]] = []
    for line, above in _lines(mail):
        moment = _moment(pattern, line, above, desk) or moment
        port = _port(pattern, line, above) or port
        for mention in find_mentions(line):
            if _stands_after(pattern.address_before, line, mention.start, above):
                address = (mention.address, line)
                found.append((*address, moment, mention.port or port))
    for accused, line, at, its_port in found:
        gathered.accuse(
            Claim(
                address=accused,
                port=its_port or port,
                moment=at or moment,
                kind=pattern.kind,
                confidence=CONFIDENCE,
                excerpt=excerpt(line),
            )
        )
    return gathered.reading(settled=bool(gathered.outside), kind=pattern.kind)


def _stands_after(before: str, line: str, at: int, above: str) -> bool:
    if before.startswith("^"):
        return not line[:at].strip() and skeleton(above) == before[1:]
    return skeleton(line[:at][-LONGEST_BEFORE:]) == before


def _moment(pattern: Pattern, line: str, above: str, desk: Desk) -> Moment | None:
    if not pattern.time_before:
        return None
    for found in find_moments(line, desk.clue):
        if _stands_after(pattern.time_before, line, found.start, above):
            return found.moment
    return None


def _port(pattern: Pattern, line: str, above: str) -> int | None:
    if not pattern.port_before:
        return None
    for number in re.finditer(r"(?<!\d)\d{1,5}(?!\d)", line):
        if _stands_after(pattern.port_before, line, number.start(), above):
            return read_port(number.group())
    return None


def to_toml(pattern: Pattern) -> str:
    """One pattern as a file. JSON's strings are TOML's basic strings but for one character."""
    fields = {
        "sender": pattern.sender,
        "subject": pattern.subject,
        "address_before": pattern.address_before,
        "time_before": pattern.time_before,
        "port_before": pattern.port_before,
        "kind": str(pattern.kind or ""),
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in fields.items()]
    return f"# Taught pattern: {pattern.name}\n" + "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def from_toml(name: str, text: str) -> Pattern:
    """Raises Misconfigured naming the file and what is wrong with it."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
        kind = IncidentKind(raw["kind"]) if raw.get("kind") else None
        texts = {k: str(raw.get(k, "")) for k in ("time_before", "port_before")}
        needed = {k: str(raw[k]) for k in ("sender", "subject", "address_before")}
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise Misconfigured(f"pattern {name}: {error}") from None
    return Pattern(name=name, kind=kind, **needed, **texts)
