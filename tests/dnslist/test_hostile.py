"""Questions nobody honest asks: each has one right answer, or silence."""

import random
import struct
from typing import Any

import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.dnslist.answers.dal import DalZone
from headwater.dnslist.answers.single import Answerer
from headwater.dnslist.answers.young import YoungZone

PLAIN = dns.message.make_query("fresh.example.dal.example.org", "A", id=7).to_wire()
EDNS = dns.message.make_query("fresh.example.dal.example.org", "A", use_edns=0, id=7).to_wire()
LABEL = "a" * 63
# 255 bytes on the wire: the longest name there is.
LONGEST = ".".join([LABEL, LABEL, LABEL, "b" * 33, "old", "example", "dal.example.org"])


@pytest.fixture(scope="module")
def answerer(dal: DalZone, young: YoungZone) -> Answerer:
    return Answerer([dal, young], lambda _: None)


def code(answerer: Answerer, message: bytes, world: Any) -> int | None:
    answer = answerer.answer(message, world.now)
    return None if answer is None else int(dns.message.from_wire(answer).rcode())


@pytest.mark.parametrize("opcode", range(1, 16))
def test_other_opcodes_are_not_implemented(answerer: Answerer, world: Any, opcode: int) -> None:
    message = PLAIN[:2] + bytes([opcode << 3]) + PLAIN[3:]
    answer = answerer.answer(message, world.now)
    assert answer is not None
    assert (answer[2] >> 3 & 15, answer[3] & 15, len(answer)) == (opcode, 4, 12)


@pytest.mark.parametrize("opcode", range(16))
def test_answers_are_never_answered(answerer: Answerer, world: Any, opcode: int) -> None:
    assert (
        answerer.answer(PLAIN[:2] + bytes([0x80 | opcode << 3]) + PLAIN[3:], world.now) is None
    )


@pytest.mark.parametrize("flags", [0x0400, 0x0200, 0x0080, 0x0040, 0x0020, 0x000F])
def test_flags_that_mean_nothing_in_a_question_change_nothing(
    answerer: Answerer, world: Any, flags: int
) -> None:
    odd = PLAIN[:2] + struct.pack(">H", flags) + PLAIN[4:]
    calm = PLAIN[:2] + b"\0\0" + PLAIN[4:]
    assert answerer.answer(odd, world.now) == answerer.answer(calm, world.now)


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (2, 0, 0, 0), (65535, 0, 0, 0), (1, 1, 0, 0),
                                    (1, 0, 1, 0), (1, 0, 0, 1), (1, 0, 0, 65535)])  # fmt: skip
def test_counts_that_lie_are_malformed(
    answerer: Answerer, world: Any, counts: tuple[int, int, int, int]
) -> None:
    message = PLAIN[:4] + struct.pack(">HHHH", *counts) + PLAIN[12:]
    assert code(answerer, message, world) == dns.rcode.FORMERR


@pytest.mark.parametrize(
    "name",
    [
        b"\xc0\x0c",  # at itself
        b"\xc0\x0e\xc0\x0c",  # at each other
        b"\x01a\xc0\x0c",  # a loop that grows
        b"\xc0\xff",  # beyond the end
        b"\xc0",
        b"\x40" + b"a" * 64 + b"\0",  # RFC 6891 section 5: extended labels are no more
        b"\x80" + b"a" * 128 + b"\0",
        b"\x3f" + b"a" * 62,  # a label without its last byte
        (b"\x3f" + b"a" * 63) * 4 + b"\0",  # 257 bytes
        b"\x01a" * 127 + b"\x01a\0",
    ],
)
def test_names_that_are_none(answerer: Answerer, world: Any, name: bytes) -> None:
    assert code(answerer, PLAIN[:12] + name + b"\0\1\0\1", world) == dns.rcode.FORMERR


def test_the_longest_name_is_answered(answerer: Answerer, world: Any) -> None:
    message = dns.message.make_query(LONGEST, "A").to_wire()
    assert message.index(b"\0", 12) - 12 + 1 == 255
    answer = answerer.answer(message, world.now)
    assert answer is not None
    read = dns.message.from_wire(answer)
    assert read.answer[0][0].to_text() == "127.0.255.255"
    assert len(answer) <= 512


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (b"", dns.rcode.NOERROR),
        (b"\0\x0a\0\x08" + bytes(8), dns.rcode.NOERROR),  # a cookie
        (b"\xff\xff\0\0" * 50, dns.rcode.NOERROR),  # options nobody knows
        (b"\0\x0a\xff\xff" + bytes(8), dns.rcode.NOERROR),  # an option that lies: unread
        (b"\0\x08\0\x07\0\1\x18\0\xc0\0\2", dns.rcode.NOERROR),  # client subnet: not used
    ],
)
def test_options_are_passed_over(
    answerer: Answerer, world: Any, options: bytes, expected: dns.rcode.Rcode
) -> None:
    opt = EDNS[-11:-2] + len(options).to_bytes(2) + options
    answer = answerer.answer(EDNS[:-11] + opt, world.now)
    assert answer is not None
    assert answer[3] & 15 == expected
    assert answer == answerer.answer(EDNS, world.now)


@pytest.mark.parametrize("length", [1, 100, 65535])
def test_options_longer_than_the_message_are_malformed(
    answerer: Answerer, world: Any, length: int
) -> None:
    message = EDNS[:-2] + length.to_bytes(2)
    assert code(answerer, message, world) == dns.rcode.FORMERR


@given(seed=st.integers(0, 1 << 32), zone=st.sampled_from(["dal", "young"]), edns=st.booleans())
def test_the_case_of_the_question_comes_back(
    answerer: Answerer, world: Any, seed: int, zone: str, edns: bool
) -> None:
    name = f"www.fresh.example.{zone}.example.org"
    mixed = "".join(random.Random(seed).choice((c.lower(), c.upper())) for c in name)
    message = dns.message.make_query(mixed, "A", use_edns=0 if edns else None).to_wire()
    answer = answerer.answer(message, world.now)
    assert answer is not None
    end = message.index(b"\0", 12) + 5
    assert answer[12:end] == message[12:end]
    assert dns.message.from_wire(answer).answer
