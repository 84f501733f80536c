"""One message in, one answer out: the exact path, for every query there is."""

from collections.abc import Callable, Sequence
from typing import Final

from headwater.dnslist.answers.zone import Moment, Standing, Verdict, Zone
from headwater.records.errors import MalformedInput
from headwater.wire.dns import (
    QUESTION_POINTER,
    Class,
    Code,
    Query,
    Reply,
    Type,
    encode_refusal,
    encode_reply,
    may_be_answered,
    read_query,
    record,
    soa_rdata,
    txt_rdata,
)

REFRESH: Final = 3600
RETRY: Final = 600
EXPIRE: Final = 604800
TCP_LIMIT: Final = 65535
TRANSFERS: Final = range(249, 255)  # TKEY, TSIG, IXFR, AXFR, MAILB, MAILA: not here

Want = Callable[[bytes], None]


class Answerer:
    """Answers for a set of zones. ``want`` is called with names nobody knows yet."""

    __slots__ = ("_want", "zones")

    def __init__(self, zones: Sequence[Zone], want: Want) -> None:
        # The longest apex first: a zone below another one is cut out of it.
        self.zones = sorted(zones, key=lambda zone: -len(zone.apex.labels))
        self._want = want

    def answer(self, message: bytes, moment: Moment, *, tcp: bool = False) -> bytes | None:
        """The answer to any bytes, or None for silence. Raises nothing."""
        if not may_be_answered(message):
            return None
        if message[2] & 0x78:  # RFC 1035 section 4.1.1: any opcode but QUERY
            return encode_refusal(message, Code.NOTIMP)
        try:
            query = read_query(message)
        except MalformedInput:
            return encode_refusal(message, Code.FORMERR)
        limit = TCP_LIMIT if tcp else query.udp_limit
        return encode_reply(query, self._reply(query, moment), limit)

    def refuse(self, message: bytes) -> bytes | None:
        """REFUSED, for those who may not ask; never an address, which would read as listed."""
        if not may_be_answered(message):
            return None
        try:
            return encode_reply(read_query(message), Reply(code=Code.REFUSED), TCP_LIMIT)
        except MalformedInput:
            return encode_refusal(message, Code.REFUSED)

    def truncate(self, message: bytes) -> bytes | None:
        """Nothing but "ask again over TCP": what a real client over its rate is told."""
        if not may_be_answered(message):
            return None
        try:
            query = read_query(message)
        except MalformedInput:
            return None
        filler = record(QUESTION_POINTER, Type.A, 0, b"\0\0\0\0")
        full = Reply(code=Code.NOERROR, authoritative=True, answers=(filler,))
        return encode_reply(query, full, query.question_end)

    def _reply(self, query: Query, moment: Moment) -> Reply:
        if query.edns is not None and query.edns.version:
            return Reply(code=Code.BADVERS)
        # Class CHAOS asks for versions; we have none to tell.
        if query.qclass != Class.IN or query.qtype in TRANSFERS:
            return Reply(code=Code.REFUSED)
        for zone in self.zones:
            below = len(query.labels) - len(zone.apex.labels)
            if below >= 0 and query.labels[below:] == zone.apex.labels:
                if below == 0:
                    return _apex_reply(zone, query.qtype, moment)
                verdict = zone.look(query.labels[:below], moment)
                if verdict.wanted is not None:
                    self._want(verdict.wanted)
                return reply_for(zone, verdict, query.qtype)
        return Reply(code=Code.REFUSED)


def reply_for(zone: Zone, verdict: Verdict, qtype: int) -> Reply:
    """A verdict as records, for the type asked."""
    answers = _records(verdict, qtype) if verdict.standing is Standing.LISTED else ()
    code = Code.NXDOMAIN if verdict.standing is Standing.ABSENT else Code.NOERROR
    authority = () if answers else (soa_record(zone, verdict.ttl),)
    return Reply(code=code, authoritative=True, answers=answers, authority=authority)


def _records(verdict: Verdict, qtype: int) -> tuple[bytes, ...]:
    # RFC 8482 section 4.1: of everything there is, ANY gets one record set.
    if qtype in (Type.A, Type.ANY):
        rdata = verdict.address.to_bytes(4)
        return (record(QUESTION_POINTER, Type.A, verdict.ttl, rdata),)
    if qtype == Type.TXT and verdict.text:
        return (record(QUESTION_POINTER, Type.TXT, verdict.ttl, txt_rdata(verdict.text)),)
    return ()


def _apex_reply(zone: Zone, qtype: int, moment: Moment) -> Reply:
    answers: tuple[bytes, ...] = ()
    if qtype in (Type.SOA, Type.ANY):
        answers = (soa_record(zone, moment.left),)
    elif qtype == Type.NS:
        answers = tuple(
            record(QUESTION_POINTER, Type.NS, moment.left, name) for name in zone.apex.servers
        )
    authority = () if answers else (soa_record(zone, min(zone.apex.absent_ttl, moment.left)),)
    return Reply(code=Code.NOERROR, authoritative=True, answers=answers, authority=authority)


def soa_record(zone: Zone, ttl: int) -> bytes:
    """The SOA as it stands in negative answers: its TTL is the time to remember them.

    RFC 2308 section 5: the lesser of TTL and MINIMUM counts, so MINIMUM is the cap. The
    owner is written in full: then these bytes are the same behind every question.
    """
    apex = zone.apex
    timers = (REFRESH, RETRY, EXPIRE, max(apex.absent_ttl, apex.unknown_ttl))
    rdata = soa_rdata(apex.servers[0], apex.mailbox, zone.serial, timers)
    return record(apex.wire, Type.SOA, ttl, rdata)
