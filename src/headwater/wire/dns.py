"""DNS messages between bytes and values, as far as an authoritative server needs them.

A query is read strictly: one question (RFC 9619), nothing in the answer and authority
sections, at most a few additional records of which one may be OPT (RFC 6891), and no
bytes left over. Names are kept as they were sent, so the answer can repeat the question
byte for byte (the 0x20 trick of clients depends on it).
"""

from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from headwater.records.errors import MalformedInput

HEADER: Final = Struct(">HHHHHH")
QUESTION_TAIL: Final = Struct(">HH")
RECORD_FIXED: Final = Struct(">HHIH")
HEADER_SIZE: Final = HEADER.size
LONGEST_LABEL: Final = 63  # RFC 1035 section 2.3.4
LONGEST_NAME: Final = 255  # in wire form, with the root
MOST_ADDITIONAL: Final = 4  # OPT, TSIG or SIG(0), and room to spare
PLAIN_UDP: Final = 512  # RFC 1035 section 4.2.1: without EDNS
SAFE_UDP: Final = 1232  # fits IPv6's minimum MTU of 1280: never fragmented

RESPONSE: Final = 0x8000
AUTHORITATIVE: Final = 0x0400
TRUNCATED: Final = 0x0200
RECURSION_DESIRED: Final = 0x0100
CHECKING_DISABLED: Final = 0x0010  # RFC 4035 section 3.1.6: copied into the answer
DNSSEC_OK: Final = 0x8000  # of the OPT record's flags, RFC 3225
OPT_FIXED: Final = 11  # an OPT record without options: root, type, size, flags, length
QUESTION_POINTER: Final = b"\xc0\x0c"  # RFC 1035 section 4.1.4: the name at offset 12

# RFC 4343: only ASCII letters are folded; bytes.lower() does the same.


class Type(IntEnum):
    """Record types (IANA, DNS parameters)."""

    A = 1
    NS = 2
    SOA = 6
    HINFO = 13
    TXT = 16
    AAAA = 28
    OPT = 41
    IXFR = 251
    AXFR = 252
    ANY = 255


class Class(IntEnum):
    """Classes; CHAOS is where server versions are asked for."""

    IN = 1
    CH = 3


class Code(IntEnum):
    """Response codes; BADVERS needs the OPT record's upper bits."""

    NOERROR = 0
    FORMERR = 1
    SERVFAIL = 2
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    BADVERS = 16


# Tuples and not dataclasses: one is made for every question, in a third of the time.
class Edns(NamedTuple):
    """What an OPT record says; its options are left unread."""

    payload: int
    version: int
    dnssec_ok: bool


class Query(NamedTuple):
    """One question as it was sent. ``labels`` are in lower case, the root left out."""

    message: bytes
    flags: int
    labels: tuple[bytes, ...]
    qtype: int
    qclass: int
    question_end: int
    edns: Edns | None

    @property
    def opcode(self) -> int:
        return self.flags >> 11 & 0xF

    @property
    def udp_limit(self) -> int:
        """How many bytes the asker can take over UDP, as far as we would go."""
        return (
            PLAIN_UDP if self.edns is None else min(SAFE_UDP, max(PLAIN_UDP, self.edns.payload))
        )


class Reply(NamedTuple):
    """What to say: a code and records in wire form."""

    code: Code
    authoritative: bool = False
    answers: tuple[bytes, ...] = ()
    authority: tuple[bytes, ...] = ()


def may_be_answered(message: bytes) -> bool:
    """False for what must meet silence: scraps, and answers (two servers would loop)."""
    return len(message) >= HEADER_SIZE and not message[2] & 0x80


def read_query(message: bytes) -> Query:
    """Read one query. Raises MalformedInput and nothing else.

    By offsets and not with a cursor: this is done for every single question.
    """
    if len(message) < HEADER_SIZE:
        raise MalformedInput("cut short in the header")
    _, flags, questions, answers, authority, additional = HEADER.unpack_from(message)
    if flags & RESPONSE:
        raise MalformedInput("a response, not a query")
    if questions != 1 or answers or authority or additional > MOST_ADDITIONAL:
        raise MalformedInput("not one question alone")
    folded = message.lower()  # length bytes are below "A", or wrong in either case
    labels, at = _read_labels(folded, HEADER_SIZE)
    end = at + QUESTION_TAIL.size
    if end > len(message):
        raise MalformedInput("cut short after the name")
    qtype, qclass = QUESTION_TAIL.unpack_from(message, at)
    edns, after = _read_additional(message, end, additional) if additional else (None, end)
    if after != len(message):
        raise MalformedInput("bytes after the last record")
    return Query(message, flags, labels, qtype, qclass, end, edns)


def _read_labels(message: bytes, start: int) -> tuple[tuple[bytes, ...], int]:
    """Labels of the name at ``start``, and where what comes after it begins."""
    labels: list[bytes] = []
    at, size = start, len(message)
    while at < size and (length := message[at]):
        # A first name has nothing to point back to, and RFC 6891 wants OPT at the root.
        if length > LONGEST_LABEL:
            raise MalformedInput("compressed or extended label in a query")
        at += length + 1
        labels.append(message[at - length : at])
    if at >= size:
        raise MalformedInput("cut short in a name")
    if at + 1 - start > LONGEST_NAME:
        raise MalformedInput("name longer than 255 bytes")
    return tuple(labels), at + 1


def _read_additional(message: bytes, at: int, count: int) -> tuple[Edns | None, int]:
    """What OPT says, and where the last of ``count`` records ends."""
    edns: Edns | None = None
    for _ in range(count):
        owner, at = _read_labels(message, at)
        if at + RECORD_FIXED.size > len(message):
            raise MalformedInput("cut short in a record")
        rtype, payload, extended, length = RECORD_FIXED.unpack_from(message, at)
        at += RECORD_FIXED.size + length
        if at > len(message):
            raise MalformedInput("cut short in a record's data")
        if rtype == Type.OPT:
            # RFC 6891 section 6.1.1: one OPT at most, owned by the root.
            if owner or edns is not None:
                raise MalformedInput("OPT twice or not at the root")
            edns = Edns(payload, extended >> 16 & 0xFF, bool(extended & DNSSEC_OK))
    return edns, at


def encode_reply(query: Query, reply: Reply, limit: int) -> bytes:
    """The answer in at most ``limit`` bytes; what does not fit is left out whole and TC set."""
    body = b"".join((*reply.answers, *reply.authority))
    opt = b"" if query.edns is None else opt_record(query.edns.dnssec_ok, reply.code)
    flags = RESPONSE | query.flags & (0x7800 | RECURSION_DESIRED | CHECKING_DISABLED)
    flags |= reply.code & 0xF | (AUTHORITATIVE if reply.authoritative else 0)
    counts = len(reply.answers), len(reply.authority)
    if query.question_end + len(body) + len(opt) > limit:
        body, counts, flags = b"", (0, 0), flags | TRUNCATED
    ident = int.from_bytes(query.message[:2])
    header = HEADER.pack(ident, flags, 1, *counts, 1 if opt else 0)
    return header + query.message[HEADER_SIZE : query.question_end] + body + opt


def encode_refusal(message: bytes, code: Code) -> bytes:
    """A bare header, for messages whose question cannot be repeated."""
    ident, flags = int.from_bytes(message[:2]), int.from_bytes(message[2:4])
    kept = flags & (0x7800 | RECURSION_DESIRED | CHECKING_DISABLED)
    return HEADER.pack(ident, RESPONSE | kept | code, 0, 0, 0, 0)


def record(owner: bytes, rtype: int, ttl: int, rdata: bytes) -> bytes:
    """One record of class IN; ``owner`` in wire form or a pointer."""
    return owner + RECORD_FIXED.pack(rtype, Class.IN, ttl, len(rdata)) + rdata


def opt_record(dnssec_ok: bool, code: int = 0) -> bytes:
    """Our OPT record (RFC 6891 section 6.1.2): how much we take, and the code's upper bits."""
    extended = code >> 4 << 24 | (DNSSEC_OK if dnssec_ok else 0)
    return b"\0" + RECORD_FIXED.pack(Type.OPT, SAFE_UDP, extended, 0)


def soa_rdata(primary: bytes, mailbox: bytes, serial: int, timers: Sequence[int]) -> bytes:
    """``timers``: refresh, retry, expire, minimum, in seconds (RFC 1035 section 3.3.13)."""
    numbers = (serial & 0xFFFFFFFF, *timers)
    return primary + mailbox + b"".join(number.to_bytes(4) for number in numbers)


def txt_rdata(text: bytes) -> bytes:
    """Character strings of at most 255 bytes each (RFC 1035 section 3.3.14)."""
    pieces = [text[at : at + 255] for at in range(0, len(text), 255)] or [b""]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


def wire_name(labels: Sequence[bytes]) -> bytes:
    """Labels to wire form with the root. Raises MalformedInput for what has none."""
    if not all(0 < len(label) <= LONGEST_LABEL for label in labels):
        raise MalformedInput("a label must have 1 to 63 bytes")
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(wire) > LONGEST_NAME:
        raise MalformedInput("name longer than 255 bytes")
    return wire


def labels_of(name: str) -> tuple[bytes, ...]:
    """The labels of a plain ASCII name, in lower case. Raises MalformedInput."""
    bare = name.rstrip(".").lower()
    try:
        labels = tuple(bare.encode("ascii").split(b".")) if bare else ()
    except UnicodeEncodeError:
        raise MalformedInput(f"not an ASCII name: {name[:64]!r}") from None
    wire_name(labels)
    return labels
