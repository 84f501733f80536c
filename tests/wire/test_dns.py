"""DNS messages: dnspython's as examples, every truncation, any bytes."""

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.dns import (
    QUESTION_POINTER,
    SAFE_UDP,
    Code,
    Reply,
    Type,
    encode_refusal,
    encode_reply,
    labels_of,
    may_be_answered,
    read_query,
    record,
    soa_rdata,
    txt_rdata,
    wire_name,
)

LONG_LABEL = "a" * 63


def query(name: str = "WwW.Example.COM", kind: str = "A", **options: object) -> bytes:
    return dns.message.make_query(name, kind, **options).to_wire()  # type: ignore[arg-type]


def test_a_query_is_read_as_it_was_sent() -> None:
    message = query(use_edns=0, payload=4096, want_dnssec=True)
    read = read_query(message)
    assert read.labels == (b"www", b"example", b"com")
    assert (read.qtype, read.qclass, read.opcode) == (Type.A, 1, 0)
    assert read.edns is not None
    assert (read.edns.payload, read.edns.dnssec_ok, read.edns.version) == (4096, True, 0)
    assert read.udp_limit == SAFE_UDP


@pytest.mark.parametrize(
    ("payload", "limit"), [(None, 512), (100, 512), (900, 900), (9000, SAFE_UDP)]
)
def test_an_answer_over_udp_has_room(payload: int | None, limit: int) -> None:
    message = query() if payload is None else query(use_edns=0, payload=payload)
    assert read_query(message).udp_limit == limit


def test_the_longest_names_and_labels_are_read() -> None:
    name = ".".join([LONG_LABEL, LONG_LABEL, LONG_LABEL, "a" * 61])
    read = read_query(query(name))
    assert [len(label) for label in read.labels] == [63, 63, 63, 61]
    too_long = query(name).replace(b"\x3d" + b"a" * 61, b"\x3e" + b"a" * 62)
    with pytest.raises(MalformedInput):
        read_query(too_long)


def test_options_are_skipped_and_cookies_among_them() -> None:
    cookie = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"12345678")
    assert read_query(query(use_edns=0, options=[cookie])).edns is not None


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\0" * 11,
        query()[:2] + b"\x81" + query()[3:],  # a response
        query()[:4] + b"\0\0" + query()[6:],  # no question (RFC 9619)
        query()[:4] + b"\0\2" + query()[6:],
        query()[:6] + b"\0\1" + query()[8:],  # an answer in a query
        query()[:12] + b"\xc0\x0c\0\1\0\1",  # a name that points at itself
        query()[:12] + b"\x41" + b"a" * 65 + b"\0\0\1\0\1",  # an extended label
        query() + b"x",
        query(use_edns=0)[:-11] + query(use_edns=0)[-11:] * 2,  # bytes left over
        query(use_edns=0)[:11] + b"\2" + query(use_edns=0)[12:] + query(use_edns=0)[-11:],
        query()[:11] + b"\x09" + query()[12:],  # nine additional records
    ],
    ids=range(12),  # the messages' numbers are random: other names in every worker
)
def test_what_is_no_plain_query_is_refused(message: bytes) -> None:
    with pytest.raises(MalformedInput):
        read_query(message)


def test_every_truncation_is_refused() -> None:
    message = query(use_edns=0)
    for size in range(len(message)):
        with pytest.raises(MalformedInput):
            read_query(message[:size])


@given(st.binary(max_size=600))
def test_any_bytes_are_a_query_or_malformed(message: bytes) -> None:
    try:
        read = read_query(message)
    except MalformedInput:
        return
    assert read.question_end <= len(message)
    assert sum(len(label) + 1 for label in read.labels) < 255


def test_answers_are_understood_by_others() -> None:
    message = query(use_edns=0)
    answer = record(QUESTION_POINTER, Type.A, 60, b"\x7f\0\2\2")
    text = record(QUESTION_POINTER, Type.TXT, 60, txt_rdata(b"x" * 300))
    reply = Reply(code=Code.NOERROR, authoritative=True, answers=(answer, text))
    read = dns.message.from_wire(encode_reply(read_query(message), reply, 4096))
    assert read.flags & dns.flags.AA
    assert read.question[0].name == dns.name.from_text("WwW.Example.COM")
    assert [rrset.ttl for rrset in read.answer] == [60, 60]
    assert read.answer[0][0].to_text() == "127.0.2.2"
    assert dns.message.from_wire(message).is_response(read)


def test_the_question_keeps_its_case() -> None:
    message = query()
    answer = encode_reply(read_query(message), Reply(code=Code.NXDOMAIN), 512)
    assert answer[12:] == message[12:]


def test_what_does_not_fit_is_left_out_and_said_so() -> None:
    message = query()
    big = record(QUESTION_POINTER, Type.TXT, 60, txt_rdata(b"x" * 600))
    answer = encode_reply(read_query(message), Reply(code=Code.NOERROR, answers=(big,)), 512)
    read = dns.message.from_wire(answer)
    assert read.flags & dns.flags.TC
    assert not read.answer


def test_an_answer_may_be_as_long_as_the_limit_and_no_longer() -> None:
    message = query(use_edns=0)
    text = record(QUESTION_POINTER, Type.TXT, 60, txt_rdata(b"x" * 600))
    reply = Reply(code=Code.NOERROR, answers=(text,))
    whole = encode_reply(read_query(message), reply, 4096)
    assert encode_reply(read_query(message), reply, len(whole)) == whole
    cut = dns.message.from_wire(encode_reply(read_query(message), reply, len(whole) - 1))
    assert cut.flags & dns.flags.TC


@pytest.mark.parametrize(("records", "read"), [(4, True), (5, False)])
def test_so_many_additional_records_are_read(records: int, read: bool) -> None:
    extra = record(b"\0", Type.A, 0, bytes(4)) * records
    message = query()[:11] + bytes([records]) + query()[12:] + extra
    if read:
        assert read_query(message).edns is None
        return
    with pytest.raises(MalformedInput):
        read_query(message)


def test_upper_bits_of_a_code_go_into_opt() -> None:
    message = query(use_edns=0)
    answer = encode_reply(read_query(message), Reply(code=Code.BADVERS), 512)
    assert dns.message.from_wire(answer).rcode() == dns.rcode.BADVERS


def test_a_refusal_needs_no_question() -> None:
    read = dns.message.from_wire(encode_refusal(query()[:14], Code.FORMERR))
    assert (read.rcode(), read.question) == (dns.rcode.FORMERR, [])


def test_answers_and_scraps_meet_silence() -> None:
    assert may_be_answered(query())
    assert not may_be_answered(query()[:11])
    assert not may_be_answered(query()[:2] + b"\x80" + query()[3:])


def test_a_soa_is_understood_by_others() -> None:
    rdata = soa_rdata(wire_name([b"ns"]), wire_name([b"a.b", b"c"]), 7, (1, 2, 3, 4))
    reply = Reply(code=Code.NOERROR, authority=(record(b"\0", Type.SOA, 5, rdata),))
    read = dns.message.from_wire(encode_reply(read_query(query()), reply, 512))
    assert read.authority[0][0].to_text() == "ns. a\\.b.c. 7 1 2 3 4"


@pytest.mark.parametrize("name", ["a..b", "a" * 64, "x." * 127 + "xx", "caf\u00e9.example"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(MalformedInput):
        labels_of(name)
