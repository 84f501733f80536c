"""Which hosts take a domain's mail: the question and the answer in DNS (RFC 1035, RFC 7505)."""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from headwater.records.errors import MalformedInput
from headwater.wire.dns import HEADER, HEADER_SIZE, RECURSION_DESIRED, labels_of, wire_name

MX: Final = 15
TAIL: Final = Struct(">HH")
RECORD: Final = Struct(">HHIH")
MOST_RECORDS: Final = 100
MOST_JUMPS: Final = 10
RESPONSE: Final = 0x8000
NO_SUCH_NAME: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchangers:
    """What the DNS says of a domain's mail."""

    exists: bool  # whether there is such a domain
    hosts: tuple[str, ...]  # best first; "" is a null MX (RFC 7505): it takes no mail


def mx_question(domain: str, number: int) -> bytes:
    """A query for the domain's MX records. Raises MalformedInput for what is no name."""
    head = HEADER.pack(number, RECURSION_DESIRED, 1, 0, 0, 0)
    return head + wire_name(labels_of(domain)) + TAIL.pack(MX, 1)


def read_mx(message: bytes, number: int) -> Exchangers:
    """The answer to ``mx_question``. Raises MalformedInput, also for "ask again"."""
    if len(message) < HEADER_SIZE:
        raise MalformedInput("DNS answer: cut short")
    named, flags, questions, answers, _, _ = HEADER.unpack_from(message)
    code = flags & 0xF
    if named != number or not flags & RESPONSE or questions != 1 or answers > MOST_RECORDS:
        raise MalformedInput("DNS answer: not the answer to this question")
    if code not in (0, NO_SUCH_NAME):
        raise MalformedInput(f"DNS answer: the resolver says error {code}")
    at = _after_name(message, HEADER_SIZE) + TAIL.size
    found: list[tuple[int, str]] = []
    for _ in range(answers):
        at = _after_name(message, at)
        kind, _, _, length = _unpack(RECORD, message, at)
        at += RECORD.size
        if kind == MX:
            (preference,) = _unpack(Struct(">H"), message, at)
            found.append((preference, _name(message, at + 2)))
        at += length
    hosts = tuple(host for _, host in sorted(found))
    return Exchangers(exists=code != NO_SUCH_NAME, hosts=hosts)


def _unpack(shape: Struct, message: bytes, at: int) -> tuple[int, ...]:
    if at + shape.size > len(message):
        raise MalformedInput("DNS answer: cut short")
    return shape.unpack_from(message, at)


def _after_name(message: bytes, at: int) -> int:
    """Where what follows the name at ``at`` begins."""
    while at < len(message):
        length = message[at]
        if length >= 0xC0:  # RFC 1035 section 4.1.4: a pointer ends the name
            return at + 2
        if length == 0:
            return at + 1
        at += length + 1
    raise MalformedInput("DNS answer: cut short in a name")


def _name(message: bytes, at: int) -> str:
    labels: list[str] = []
    jumps = 0
    while at < len(message) and (length := message[at]):
        if length >= 0xC0:
            (pointer,) = _unpack(Struct(">H"), message, at)
            at, jumps = pointer & 0x3FFF, jumps + 1
            if jumps > MOST_JUMPS:
                raise MalformedInput("DNS answer: a name that turns in circles")
            continue
        labels.append(message[at + 1 : at + 1 + length].decode("ascii", "replace").lower())
        at += length + 1
        if len(labels) > 127:
            raise MalformedInput("DNS answer: a name without end")
    if at >= len(message):
        raise MalformedInput("DNS answer: cut short in a name")
    return ".".join(labels)
