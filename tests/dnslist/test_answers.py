"""Whole messages: the exact path against dnspython, the batch against the exact path."""

from collections.abc import Callable, Sequence
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dnslist.answers.batch import LONGEST, ROW, SPARE, BatchAnswerer
from headwater.dnslist.answers.batch_zones import AgeZone
from headwater.dnslist.answers.dal import DalZone
from headwater.dnslist.answers.proxies import PROXY_ROWS, ProxiesZone, ProxyTable
from headwater.dnslist.answers.quick import QuickAnswerer
from headwater.dnslist.answers.single import Answerer
from headwater.dnslist.answers.young import YoungZone
from headwater.dnslist.answers.zone import Apex, Moment, Zone, make_apex
from headwater.records.errors import Misconfigured

MOST = 64


class Both:
    """The exact path and the batch, over the same zones."""

    def __init__(self, ages: Sequence[DalZone | YoungZone], others: Sequence[Zone]) -> None:
        self.wanted: list[bytes] = []
        self.single = Answerer([*ages, *others], self.wanted.append)
        self.block = np.zeros(MOST * ROW + SPARE, np.uint8)
        self.batch = BatchAnswerer(
            self.block, [AgeZone(zone) for zone in ages], [zone.apex for zone in others]
        )
        self.quick = QuickAnswerer(
            self.batch.zones, [zone.apex for zone in others], self.wanted.append
        )

    def in_batch(self, messages: Sequence[bytes], now: Moment) -> list[bytes | None]:
        """The batch's answers; None where it leaves the message to the exact path."""
        rows = self.batch.block
        rows[:] = 0xAA  # what an earlier datagram left behind
        for row, message in enumerate(messages):
            rows[row, : len(message)] = np.frombuffer(message, np.uint8)
        sizes = np.array([len(message) for message in messages], np.int64)
        done = self.batch.answer(len(messages), sizes, now)
        answers: list[bytes | None] = [None] * len(messages)
        tails = self.batch.tails.octets
        for at, row in enumerate(done.rows.tolist()):
            tail = tails[done.tails.offsets[at] :][: done.tails.sizes[at]].tobytes()
            answers[row] = rows[row, : done.heads[at]].tobytes() + tail
        assert sorted([*done.rows.tolist(), *done.others.tolist()]) == list(
            range(len(messages))
        )
        return answers


@pytest.fixture(scope="module")
def both(dal: DalZone, young: YoungZone, apex: Callable[[str], Apex]) -> Both:
    table = ProxyTable(pa.Table.from_pylist([], PROXY_ROWS), 1)
    below = YoungZone(apex("very.young.example.org"), dal.snapshot, days=3)
    return Both([dal, young, below], [ProxiesZone(apex("proxies.dal.example.org"), table)])


def make(name: str, kind: str = "A", **options: Any) -> bytes:
    return dns.message.make_query(name, kind, **options).to_wire()


def told(both: Both, name: str, kind: str, now: Moment, **options: Any) -> dns.message.Message:
    answer = both.single.answer(make(name, kind, **options), now)
    assert answer is not None
    return dns.message.from_wire(answer)


def records(message: dns.message.Message) -> list[str]:
    return [f"{r.ttl} {dns.rdatatype.to_text(r.rdtype)} {d}" for r in message.answer for d in r]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("fresh.example.dal.example.org", "A", ["43200 A 127.0.2.2"]),
        ("fresh.example.dal.example.org", "TXT", ['43200 TXT "20260308"']),
        ("fresh.example.dal.example.org", "ANY", ["43200 A 127.0.2.2"]),
        ("fresh.example.young.example.org", "A", ["43200 A 127.0.0.2"]),
        ("2.0.0." + "127.proxies.dal.example.org", "A", ["900 A 127.0.0.2"]),
        ("dal.example.org", "NS", ["43200 NS ns.example.org."]),
    ],
)
def test_answers(both: Both, world: Any, name: str, kind: str, expected: list[str]) -> None:
    reply = told(both, name, kind, world.now)
    assert records(reply) == expected
    assert (reply.rcode(), bool(reply.flags & dns.flags.AA)) == (dns.rcode.NOERROR, True)


@pytest.mark.parametrize(
    ("name", "kind", "code", "ttl"),
    [
        ("fresh.example.dal.example.org", "AAAA", dns.rcode.NOERROR, 43200),
        ("fresh.example.dal.example.org", "MX", dns.rcode.NOERROR, 43200),
        ("never-seen.example.dal.example.org", "A", dns.rcode.NOERROR, 60),
        ("gone.example.dal.example.org", "A", dns.rcode.NXDOMAIN, 3600),
        ("old.example.young.example.org", "A", dns.rcode.NXDOMAIN, 3600),
        ("dal.example.org", "A", dns.rcode.NOERROR, 3600),
    ],
)
def test_negative_answers_carry_the_soa(
    both: Both, world: Any, name: str, kind: str, code: dns.rcode.Rcode, ttl: int
) -> None:
    reply = told(both, name, kind, world.now)
    assert (reply.rcode(), reply.answer, reply.authority[0].ttl) == (code, [], ttl)
    assert reply.authority[0].rdtype == dns.rdatatype.SOA


@pytest.mark.parametrize(
    ("name", "kind", "options", "code"),
    [
        ("example.net", "A", {}, dns.rcode.REFUSED),
        ("example.org", "A", {}, dns.rcode.REFUSED),
        (".", "NS", {}, dns.rcode.REFUSED),
        ("version.bind", "TXT", {"rdclass": "CH"}, dns.rcode.REFUSED),
        ("fresh.example.dal.example.org", "A", {"rdclass": "CH"}, dns.rcode.REFUSED),
        ("dal.example.org", "AXFR", {}, dns.rcode.REFUSED),
        ("fresh.example.dal.example.org", "A", {"use_edns": 1}, dns.rcode.BADVERS),
    ],
)
def test_refused_queries_never_read_as_listed(
    both: Both, world: Any, name: str, kind: str, options: dict[str, Any], code: dns.rcode.Rcode
) -> None:
    reply = told(both, name, kind, world.now, **options)
    assert (reply.rcode(), reply.answer) == (code, [])


def test_the_soa_is_the_snapshots(both: Both, world: Any) -> None:
    text = records(told(both, "dal.example.org", "SOA", world.now))[0]
    assert text.startswith(
        "43200 SOA ns.example.org. host\\.master.example.org. 1773000000 3600 600 604800 3600"
    )


def test_those_who_may_not_ask_are_refused_and_the_hasty_sent_to_tcp(both: Both) -> None:
    message = make("fresh.example.dal.example.org", use_edns=0)
    refused, again = both.single.refuse(message), both.single.truncate(message)
    assert refused is not None
    assert again is not None
    assert dns.message.from_wire(refused).rcode() == dns.rcode.REFUSED
    assert dns.message.from_wire(again).flags & dns.flags.TC
    assert len(again) <= len(message)
    assert both.single.refuse(refused) is None
    assert both.single.truncate(message[:13]) is None


LABELS = st.sampled_from([
    "fresh", "FRESH", "old", "www", "gone",
    "example", "org", "co", "jp", "kobe", "city", "ck", "a",
    "b", "test", "7", "invalid", "young", "dal", "proxies", "very", "x" * 44, "x" * 45,
    "x" * 63,
])  # fmt: skip
APEXES = st.sampled_from([
    "dal.example.org", "Young.Example.Org", "very.young.example.org", "proxies.dal.example.org",
    "example.org", "xdal.example.org",
])  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> bytes:
    labels = draw(st.lists(LABELS, max_size=8))
    kind = draw(st.sampled_from(["A", "A", "A", "AAAA", "TXT", "ANY", "SOA", "MX"]))
    options: dict[str, Any] = draw(
        st.sampled_from(
            [{}, {"use_edns": 0}, {"use_edns": 0, "want_dnssec": True}, {"use_edns": 1}]
        )
    )
    name = ".".join([*labels, draw(APEXES)])
    if len(name) > 253:
        name = name[-200:].lstrip(".")
    message = bytearray(make(name, kind, **options))
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 3]))):  # and some of them spoilt
        at = draw(st.integers(0, len(message) - 1))
        message[at] = draw(st.integers(0, 255))
    cut = draw(st.sampled_from([None, None, None, -1, 30, 12, 5]))
    return bytes(message[:cut])


@settings(max_examples=150)
@given(st.lists(questions(), min_size=1, max_size=12))
def test_a_batch_says_what_the_exact_path_says(both: Both, messages: list[bytes]) -> None:
    now = Moment(1_773_144_000)
    for message, answer in zip(messages, both.in_batch(messages, now), strict=True):
        if answer is not None:
            assert answer == both.single.answer(message, now)


@settings(max_examples=300)
@given(questions())
def test_the_quick_path_says_what_the_exact_path_says(both: Both, message: bytes) -> None:
    now = Moment(1_773_144_000)
    both.wanted.clear()
    quick = both.quick.answer(message, now)
    wanted = both.wanted.copy()
    both.wanted.clear()
    if quick is not None:
        assert quick.message == both.single.answer(message, now)
        assert wanted == both.wanted


@given(st.lists(st.binary(max_size=LONGEST), min_size=1, max_size=8))
def test_any_bytes_give_an_answer_or_silence(both: Both, messages: list[bytes]) -> None:
    now = Moment(5)
    both.in_batch(messages, now)
    for message in messages:
        both.quick.answer(message, now)
        answer = both.single.answer(message, now)
        if answer is not None:
            assert dns.message.from_wire(answer).id == int.from_bytes(message[:2])
        both.single.refuse(message)
        both.single.truncate(message)


def test_ordinary_questions_do_take_the_fast_path(both: Both, world: Any) -> None:
    names = [f"www.{name}.dal.example.org" for name, *_ in world.rows]
    messages = [make(name, use_edns=0) for name in names]
    answers = both.in_batch(messages, world.now)
    assert None not in answers
    quick = [both.quick.answer(message, world.now) for message in messages]
    assert [one and one.message for one in quick] == answers
    assert answers == [both.single.answer(message, world.now) for message in messages]


def test_a_batch_names_what_nobody_knows(both: Both, world: Any) -> None:
    messages = [
        make(f"{n}.dal.example.org") for n in ("w.new.example", "old.example", "a.b.c.kobe.jp")
    ]
    rows = both.batch.block
    for row, message in enumerate(messages):
        rows[row, : len(message)] = np.frombuffer(message, np.uint8)
    sizes = np.array([len(message) for message in messages])
    assert both.batch.answer(3, sizes, world.now).wanted == [b"new.example", b"b.c.kobe.jp"]
    for row, message in enumerate(messages):
        rows[row, : len(message)] = np.frombuffer(message, np.uint8)
    assert both.batch.answer(3, sizes, world.now, most_wanted=1).wanted == [b"new.example"]


def test_servers_with_endless_names_are_refused(dal: DalZone) -> None:
    long = ".".join(["n" * 63] * 3)
    apex = make_apex("dal.example.org", servers=(long,), mailbox=f"a@{long}")
    with pytest.raises(Misconfigured):
        BatchAnswerer(np.zeros(ROW + SPARE, np.uint8), [AgeZone(DalZone(apex, dal.snapshot))])
