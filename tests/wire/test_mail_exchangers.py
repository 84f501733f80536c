"""MX questions and answers, against messages that dnspython makes and reads."""

from contextlib import suppress

import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.records.errors import MalformedInput
from headwater.wire.mail_exchangers import Exchangers, mx_question, read_mx

NUMBER = 4711


def answer(*records: str, rcode: int = 0, text: str = "") -> bytes:
    """dnspython compresses names, as resolvers do."""
    query = dns.message.from_wire(mx_question("example.net", NUMBER))
    said = dns.message.make_response(query)
    said.set_rcode(dns.rcode.Rcode(rcode))
    if text:
        said.answer.append(dns.rrset.from_text("example.net.", 60, "IN", "TXT", text))
    if records:
        said.answer.append(dns.rrset.from_text("example.net.", 60, "IN", "MX", *records))
    return said.to_wire()


def test_the_question_is_what_others_read() -> None:
    query = dns.message.from_wire(mx_question("Example.NET.", NUMBER))
    assert (query.id, str(query.question[0])) == (NUMBER, "example.net. IN MX")


def test_hosts_in_the_order_of_preference() -> None:
    message = answer("20 mx2.example.org.", "10 mx1.example.net.")
    assert read_mx(message, NUMBER) == Exchangers(
        exists=True, hosts=("mx1.example.net", "mx2.example.org")
    )


def test_other_records_before_are_left_out() -> None:
    message = answer("10 mx.example.net.", text='"v=spf1 -all"')
    assert read_mx(message, NUMBER).hosts == ("mx.example.net",)


def test_no_mail_no_records_no_domain() -> None:
    assert read_mx(answer("0 ."), NUMBER).hosts == ("",)
    assert read_mx(answer(), NUMBER) == Exchangers(exists=True, hosts=())
    assert read_mx(answer(rcode=3), NUMBER) == Exchangers(exists=False, hosts=())


def test_what_is_no_answer() -> None:
    for wrong in (answer(rcode=2), mx_question("example.net", NUMBER), b""):
        with pytest.raises(MalformedInput):
            read_mx(wrong, NUMBER)
    with pytest.raises(MalformedInput):
        read_mx(answer(), NUMBER + 1)
    with pytest.raises(MalformedInput):
        mx_question("a" * 64 + ".example", NUMBER)


def test_a_name_that_points_at_itself() -> None:
    message = bytearray(answer("10 mx.example.net."))
    end = len(message) - 2
    message[end:] = (0xC000 | end).to_bytes(2)
    with pytest.raises(MalformedInput):
        read_mx(bytes(message), NUMBER)


WHOLE = answer("20 mx2.example.org.", "10 mx1.example.net.")


@pytest.mark.parametrize("size", range(len(WHOLE)))
def test_every_truncation_is_malformed(size: int) -> None:
    with pytest.raises(MalformedInput):
        read_mx(WHOLE[:size], NUMBER)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_give_an_answer_or_malformed_input(data: bytes, headed: bool) -> None:
    with suppress(MalformedInput):
        read_mx(WHOLE[:12] + data if headed else data, NUMBER)
