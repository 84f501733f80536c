"""A mail out of bytes: headers, leaf parts, mails inside it, feedback fields; all bounded.

RFC 5322 and 2045 to 2049 by the standard library's compat32 parser, after checks that keep
hostile nesting, floods of headers and sizes from costing time or memory.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.mail_text import decoded, header_text, html_to_text, plain

MOST_BYTES: Final = 32 * 2**20
MOST_LINES: Final = 600_000
MOST_HEADERS: Final = 1_000
MOST_PARTS: Final = 300
MOST_BOUNDARIES: Final = 60
MOST_NESTED_MAILS: Final = 60
DEEPEST_MAIL: Final = 4  # a report about a forwarded mail that holds a mail
_LONGEST_FIELD: Final = 20_000
_WANTED: Final = re.compile(
    r"text/|message/|multipart/|application/(?:(?:x-)?zip|(?:x-)?gzip|x-zip-compressed|json|xml|octet-stream"
    r"|csv|vnd\.ms-excel|x-xarf|xarf|yaml|x-yaml|rfc822|force-download|.*\+json|.*\+xml)",
    re.IGNORECASE,
)
_WANTED_NAME: Final = re.compile(
    r"\.(?:txt|csv|tsv|log|zip|gz|json|xml|eml|yaml|yml|arf|xarf|msg|rfc822|html?)$",
    re.IGNORECASE,
)
_BOUNDARY: Final = re.compile(rb"boundary\s*=", re.IGNORECASE)
_NESTED: Final = re.compile(rb"message/", re.IGNORECASE)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A leaf of a mail: text is plain (HTML made text), other kinds keep their bytes."""

    kind: str  # "text/plain", lower case
    name: str  # file name, or ""
    body: bytes
    text: str  # "" where it is no text


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    headers: Fields  # names in lower case, values unfolded and decoded
    parts: tuple[Part, ...]
    attached: tuple["Mail", ...]  # message/rfc822 and text/rfc822-headers
    feedback: tuple[Fields, ...]  # each message/feedback-report (RFC 5965 section 3)
    statuses: int  # how many message/delivery-status parts (RFC 3464)

    def header(self, name: str) -> str:
        """The first value of a header, "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def subject(self) -> str:
        return plain(self.header("subject"))

    @property
    def sender(self) -> str:
        """The address in From, lower case, "" where there is none."""
        found = re.search(r"([\w.+=/-]{1,100}@[\w.-]{1,200})", self.header("from"))
        return found[1].lower() if found else ""

    @property
    def body(self) -> str:
        """What a person reads first: the plain text, or the HTML where there is no other."""
        texts = [p for p in self.parts if p.text and not p.name and p.kind.startswith("text/")]
        chosen = [p for p in texts if p.kind != "text/html"] or texts
        return "\n".join(p.text for p in chosen)

    @property
    def texts(self) -> list[str]:
        """The body, then every other text with a name of its own (logs, reports)."""
        named = [p.text for p in self.parts if p.text and p.name and p.kind != "text/html"]
        return [t for t in (self.body, *named) if t.strip()]


def read_mail(raw: bytes) -> Mail:
    """Raises MalformedInput for what is too big, too deep or no mail at all."""
    _check(raw)
    try:
        return _mail(message_from_bytes(_from_header(raw)), 0)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise MalformedInput(f"mail not readable: {type(error).__name__}") from None


def _check(raw: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise MalformedInput(f"mail too big: more than {MOST_BYTES} bytes")
    if raw.count(b"\n") > MOST_LINES:
        raise MalformedInput(f"mail too long: more than {MOST_LINES} lines")
    head = raw[: raw.find(b"\n\n") if b"\n\n" in raw[:500_000] else 500_000]
    if head.count(b"\n") > MOST_HEADERS * 4:
        raise MalformedInput(f"flood of headers: more than {MOST_HEADERS}")
    if sum(1 for _ in _BOUNDARY.finditer(raw)) > MOST_BOUNDARIES:
        raise MalformedInput(f"nested too deep: more than {MOST_BOUNDARIES} boundaries")
    if sum(1 for _ in _NESTED.finditer(raw)) > MOST_NESTED_MAILS * 4:
        raise MalformedInput(f"nested too deep: more than {MOST_NESTED_MAILS} mails")


def _from_header(raw: bytes) -> bytes:
    """Without the line of an mbox, or empty lines, before the first header."""
    raw = raw.lstrip(b"\r\n \t")
    if raw.startswith((b"From ", b">From ")):
        return raw[raw.find(b"\n") + 1 :]
    return raw


class _Gathering:
    """What has been found so far of one mail."""

    __slots__ = ("attached", "feedback", "parts", "statuses")

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.attached: list[Mail] = []
        self.feedback: list[Fields] = []
        self.statuses = 0

    @property
    def size(self) -> int:
        return len(self.parts) + len(self.attached) + len(self.feedback) + self.statuses


def _mail(message: "Message[str, str]", depth: int) -> Mail:
    found = _Gathering()
    waiting = [message]
    while waiting and found.size < MOST_PARTS:
        part = waiting.pop()
        kind = _kind(part)
        if part is not message and kind == "message/rfc822":
            _take_nested(part, depth, found)
        elif kind == "message/feedback-report":
            found.feedback.append(_embedded_fields(part))
        elif kind == "message/delivery-status":
            found.statuses += 1
        elif part.is_multipart():
            waiting += [p for p in reversed(_children(part)) if isinstance(p, Message)]
        else:
            _take_leaf(part, kind, depth, found)
    return Mail(
        headers=_fields(message),
        parts=tuple(found.parts),
        attached=tuple(found.attached),
        feedback=tuple(found.feedback),
        statuses=found.statuses,
    )


def _children(part: "Message[str, str]") -> list[object]:
    payload = part.get_payload()
    return list(payload) if isinstance(payload, list) else []


def _kind(part: "Message[str, str]") -> str:
    if len(str(part.get("content-type", ""))) > _LONGEST_FIELD:
        return "application/x-too-long"
    return part.get_content_type()


def _fields(message: "Message[str, str]") -> Fields:
    items = list(message.raw_items())[:MOST_HEADERS]
    return tuple((str(name).lower(), header_text(str(value))) for name, value in items)


def _take_nested(part: "Message[str, str]", depth: int, found: _Gathering) -> None:
    if depth >= DEEPEST_MAIL:
        return
    children = [p for p in _children(part) if isinstance(p, Message)]
    if children:
        found.attached += [_mail(child, depth + 1) for child in children]
    else:
        found.attached.append(_mail_from(_bytes(part), depth))


def _mail_from(raw: bytes, depth: int) -> Mail:
    return _mail(message_from_bytes(_from_header(raw)), depth + 1)


def _embedded_fields(part: "Message[str, str]") -> Fields:
    """The standard library reads message/* as a mail whose headers are the fields."""
    children = [p for p in _children(part) if isinstance(p, Message)]
    inner = children[0] if children else message_from_bytes(_bytes(part).lstrip())
    fields = _fields(inner)
    rest = inner.get_payload()
    if not fields and isinstance(rest, str):
        return _fields(message_from_bytes(rest.lstrip().encode("utf-8", "surrogateescape")))
    return fields


def _bytes(part: "Message[str, str]") -> bytes:
    body = part.get_payload(decode=True)
    if isinstance(body, bytes):
        return body
    # A multipart whose boundary never comes: its text is still there.
    rest = part.get_payload()
    return rest.encode("utf-8", "surrogateescape") if isinstance(rest, str) else b""


def _take_leaf(part: "Message[str, str]", kind: str, depth: int, found: _Gathering) -> None:
    name = _name(part)
    if not (_WANTED.match(kind) or _WANTED_NAME.search(name)):
        found.parts.append(Part(kind=kind, name=name, body=b"", text=""))
        return
    body = _bytes(part)
    is_mail = kind.startswith("text/rfc822-header") or name.lower().endswith(
        (".eml", ".rfc822")
    )
    if is_mail and depth < DEEPEST_MAIL:
        found.attached.append(_mail_from(body, depth))
        return
    found.parts.append(
        Part(kind=kind, name=name, body=body, text=_text(part, kind, name, body))
    )


def _name(part: "Message[str, str]") -> str:
    if len(str(part.get("content-disposition", ""))) > _LONGEST_FIELD:
        return ""
    return header_text(part.get_filename() or "")[:200]


def _text(part: "Message[str, str]", kind: str, name: str, body: bytes) -> str:
    packed = body.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF")) or b"\0\0\0" in body[:512]
    if packed or not (kind.startswith("text/") or _is_text_like(kind, name)):
        return ""
    text = decoded(body, str(part.get_content_charset() or "utf-8"))
    return plain(html_to_text(text) if kind == "text/html" else text)


def _is_text_like(kind: str, name: str) -> bool:
    return (
        kind.startswith(("message/", "multipart/"))
        or bool(_WANTED_NAME.search(name))
        or kind.endswith(("json", "xml", "yaml", "csv"))
    )


def sent_at(mail: Mail) -> datetime | None:
    """When the mail says it was sent, or else was received; UTC, None where neither says."""
    arrivals = [value.rpartition(";")[2] for value in mail.all("received")[:3]]
    for text in (mail.header("date"), *arrivals):
        try:
            moment = parsedate_to_datetime(text.strip()[:100])
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
