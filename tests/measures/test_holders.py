from ipaddress import ip_address, ip_network
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.measures.columns import Ints
from headwater.measures.holders import (
    ALL_PORTS,
    ANY_PORT,
    NOBODY,
    Holders,
    Keys,
    Questions,
    Verdict,
    masked,
    words_of,
)
from headwater.measures.intervals import Holdings
from headwater.wire.address_text import read_addresses

ALICE, BOB = 1, 2


class Stretch(NamedTuple):
    """Some stretch of time, written plainly."""

    held: str
    ports: tuple[int, int]
    starts: int
    ends: int
    subscriber: int
    certain: bool = True
    more: int = 0  # of its clock's margin


def holders(stretches: list[Stretch], margin: int = 0) -> Holders:
    kinds = sorted({(s.held, s.ports) for s in stretches})
    rows = sorted((kinds.index((s.held, s.ports)), s.starts, s) for s in stretches)
    networks = [ip_network(held) for held, _ in kinds]
    high, low = words_of(read_addresses(pa.array([str(n[0]) for n in networks], pa.string())))
    keys = Keys(
        family=ints([n.version for n in networks]),
        length=ints([n.prefixlen for n in networks]),
        high=high,
        low=low,
        port_from=ints([ports[0] for _, ports in kinds]),
        port_to=ints([ports[1] for _, ports in kinds]),
    )
    held = Holdings(
        holding=ints([row[0] for row in rows]),
        starts=ints([row[1] for row in rows]),
        ends=ints([row[2].ends for row in rows]),
        subscriber=ints([row[2].subscriber for row in rows]),
        certain=np.array([row[2].certain for row in rows], bool),
        margin=ints([margin + row[2].more for row in rows]),
    )
    return Holders(keys, held)


def ints(values: list[int]) -> Ints:
    return np.array(values, np.int64)


def ask(index: Holders, address: str, at: int, port: int = ANY_PORT) -> tuple[Verdict, int]:
    asked = Questions(
        addresses=read_addresses(pa.array([address])), port=ints([port]), at_us=ints([at])
    )
    answers = index.answer(asked)
    return Verdict(answers.verdict[0]), int(answers.subscriber[0])


CANNOT = (Verdict.CANNOT_SAY, NOBODY)
NO_LEASE = (Verdict.NO_LEASE, NOBODY)


def test_the_limits_of_a_lease_and_its_margin() -> None:
    index = holders([Stretch("192.0.2.1", ALL_PORTS, 100, 200, ALICE)], margin=10)
    seen = {at: ask(index, "192.0.2.1", at) for at in (89, 90, 109, 110, 189, 190, 209, 210)}
    assert seen == {
        89: NO_LEASE,
        90: CANNOT,
        109: CANNOT,
        110: (Verdict.NAMED, ALICE),
        189: (Verdict.NAMED, ALICE),
        190: CANNOT,
        209: CANNOT,
        210: NO_LEASE,
    }


def test_overlaps_and_open_ends_are_not_decided() -> None:
    index = holders(
        [
            Stretch("192.0.2.1", ALL_PORTS, 0, 20, ALICE),
            Stretch("192.0.2.1", ALL_PORTS, 10, 30, BOB),
            Stretch("192.0.2.1", ALL_PORTS, 30, 90, BOB, certain=False),
        ]
    )
    assert ask(index, "192.0.2.1", 5) == (Verdict.NAMED, ALICE)
    assert ask(index, "192.0.2.1", 15) == CANNOT
    assert ask(index, "192.0.2.1", 25) == (Verdict.NAMED, BOB)
    assert ask(index, "192.0.2.1", 40) == CANNOT


def test_a_shared_address_needs_a_port() -> None:
    index = holders(
        [
            Stretch("192.0.2.1", (1024, 2047), 0, 20, ALICE),
            Stretch("192.0.2.1", (2048, 3071), 0, 20, BOB),
        ]
    )
    assert ask(index, "192.0.2.1", 5) == CANNOT
    assert ask(index, "192.0.2.1", 5, 2047) == (Verdict.NAMED, ALICE)
    assert ask(index, "192.0.2.1", 5, 2048) == (Verdict.NAMED, BOB)
    assert ask(index, "192.0.2.1", 5, 4000) == NO_LEASE
    assert ask(index, "192.0.2.1", 25, 2048) == NO_LEASE


def test_prefixes_hold_their_addresses() -> None:
    index = holders(
        [
            Stretch("2001:db8:1::/56", ALL_PORTS, 0, 20, ALICE),
            Stretch("2001:db8:1:100::/64", ALL_PORTS, 0, 20, BOB),
        ]
    )
    assert ask(index, "2001:db8:1:ff::1", 5) == (Verdict.NAMED, ALICE)
    assert ask(index, "2001:db8:1:100::ffff", 5) == (Verdict.NAMED, BOB)
    assert ask(index, "2001:db8:1:101::", 5) == NO_LEASE
    assert ask(index, "192.0.2.1", 5) == NO_LEASE
    assert ask(index, "not an address", 5) == NO_LEASE


@pytest.mark.parametrize(
    "network", ["192.0.2.0/24", "2001:db8::/33", "2001:db8::1/128", "::/0"]
)
def test_masks(network: str) -> None:
    whole = ip_network(network)
    high, low = words_of(read_addresses(pa.array([str(whole[-1])])))
    cut = masked(high, low, whole.version, whole.prefixlen)
    assert (int(cut[0][0]) << 64) + int(cut[1][0]) == int(whole[0])


HELD = ("192.0.2.1", "192.0.2.2", "192.0.2.0/30", "2001:db8::1", "2001:db8::/126")
ASKED = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.9", "2001:db8::1", "2001:db8::2")


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    first = draw(st.integers(0, 6))
    ports = draw(st.sampled_from([ALL_PORTS, (first, first + draw(st.integers(0, 4)))]))
    starts = draw(st.integers(0, 20))
    ends = starts + draw(st.integers(1, 20))
    who, certain = draw(st.integers(0, 2)), draw(st.booleans())
    more = draw(st.integers(0, 3))
    return Stretch(draw(st.sampled_from(HELD)), ports, starts, ends, who, certain, more)


def slowly(
    all_stretches: list[Stretch], address: str, at: int, port: int, margin: int
) -> tuple[Verdict, int]:
    sure, possible = set(), set()
    for one in all_stretches:
        inside = ip_address(address) in ip_network(one.held)
        fits = port == ANY_PORT or one.ports[0] <= port <= one.ports[1]
        near = margin + one.more
        if inside and fits and one.starts <= at + near and one.ends > at - near:
            possible.add(one.subscriber)
            clear = one.starts <= at - near and at + near < one.ends
            if one.certain and clear and (port != ANY_PORT or one.ports == ALL_PORTS):
                sure.add(one.subscriber)
    if not possible:
        return NO_LEASE
    return (Verdict.NAMED, sure.pop()) if len(possible) == 1 == len(sure) else CANNOT


@given(
    st.lists(stretches(), max_size=10),
    st.lists(
        st.tuples(
            st.sampled_from(ASKED), st.integers(0, 45), st.sampled_from([ANY_PORT, *range(12)])
        ),
        min_size=1,
        max_size=20,
    ),
    st.integers(0, 4),
)
def test_many_questions_are_answered_as_one_would_slowly(
    held: list[Stretch], asked: list[tuple[str, int, int]], margin: int
) -> None:
    questions = Questions(
        addresses=read_addresses(pa.array([a for a, _, _ in asked])),
        port=ints([p for _, _, p in asked]),
        at_us=ints([t for _, t, _ in asked]),
    )
    answers = holders(held, margin).answer(questions)
    found = list(zip(answers.verdict.tolist(), answers.subscriber.tolist(), strict=True))
    assert found == [slowly(held, a, t, p, margin) for a, t, p in asked]
