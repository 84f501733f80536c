"""Packets in runs say what they say one by one, whatever stands between the plain ones."""

from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.export_writer import (
    NOW_S,
    NOW_US,
    Flow,
    Value,
    address,
    field,
    ipfix_message,
    make_set,
    netflow9_packet,
    options_template,
    record,
    template,
)
from tests.wire.run_writer import said_alike

from headwater.wire.information_elements import Element

FIELDS = [
    field("sourceIPv4Address", 4), field("destinationIPv4Address", 4),
    field("sourceTransportPort", 2), field("destinationTransportPort", 2),
    field("protocolIdentifier", 1), field("octetDeltaCount", 4), field("packetDeltaCount", 4),
]  # fmt: skip
NARROW = FIELDS[:-1]
SAMPLING = [field("samplingInterval", 4)]
SCOPE = [(Element(0, 149), 4)]  # observation domain


def body(count: int, number: int = 0, *, narrow: bool = False) -> bytes:
    flow = Flow(octets=1000 + number)
    values: list[Value] = [
        address(flow.src), address(flow.dst), flow.src_port, flow.dst_port, flow.protocol,
        flow.octets, 3,
    ]  # fmt: skip
    specs = NARROW if narrow else FIELDS
    return record(specs, values[: len(specs)]) * count


def message(ipfix: bool, *sets: bytes, sequence: int, domain: int, late_s: int = 0) -> bytes:
    exported = NOW_S - late_s
    if ipfix:
        return ipfix_message(*sets, sequence=sequence, domain=domain, exported_s=exported)
    return netflow9_packet(*sets, sequence=sequence, source_id=domain, exported_s=exported)


@pytest.mark.parametrize("ipfix", [True, False], ids=["IPFIX", "v9"])
def test_plain_packets_of_several_domains(ipfix: bool) -> None:
    described = template(300, FIELDS, ipfix=ipfix)
    sent = [message(ipfix, described, sequence=0, domain=domain) for domain in (1, 2)]
    for number in range(50):
        sequence = 3 * number if ipfix else number + 1
        for domain in (1, 2):
            data = make_set(300, body(3, number), padding=number % 4)
            sent.append(message(ipfix, data, sequence=sequence, domain=domain))
    found = said_alike([(payload, False) for payload in sent])
    assert len(found.rows) == 300
    assert not found.refused
    assert not found.gaps


@pytest.mark.parametrize("ipfix", [True, False], ids=["IPFIX", "v9"])
def test_lost_packets_are_missed_where_they_were(ipfix: bool) -> None:
    sent = [message(ipfix, template(300, FIELDS, ipfix=ipfix), sequence=0, domain=1)]
    sent += [
        message(ipfix, make_set(300, body(2)), sequence=2 * n if ipfix else n + 1, domain=1)
        for n in range(100)
        if n != 30
    ]
    (gap,) = said_alike([(payload, False) for payload in sent]).gaps
    assert gap.missing == (2 if ipfix else 1)


def test_a_template_that_changes_holds_from_there() -> None:
    wide, narrow = (template(300, specs) for specs in (FIELDS, NARROW))
    sent = [message(True, wide, sequence=0, domain=1)]
    sent += [message(True, make_set(300, body(2)), sequence=0, domain=1)] * 20
    sent += [message(True, narrow, sequence=0, domain=1)]
    sent += [message(True, make_set(300, body(2, narrow=True)), sequence=0, domain=1)] * 20
    rows = said_alike([(payload, False) for payload in sent]).rows
    assert [row["packets"] for row in rows] == [3] * 40 + [1] * 40


def test_sampling_holds_from_where_it_was_said() -> None:
    said = make_set(400, pack("!II", 1, 100))
    sent = [message(True, template(300, FIELDS), sequence=0, domain=1)]
    sent += [message(True, make_set(300, body(1)), sequence=0, domain=1)] * 20
    sent += [message(True, options_template(400, SCOPE, SAMPLING), said, sequence=0, domain=1)]
    sent += [message(True, make_set(300, body(1)), sequence=0, domain=1)] * 20
    rows = said_alike([(payload, False) for payload in sent]).rows
    assert [row["sampling"] for row in rows] == [1] * 20 + [100] * 20


def test_more_templates_than_are_kept_in_view_are_read_all_the_same() -> None:
    sets = [template(300 + number, FIELDS) for number in range(300)]
    sets += [make_set(300 + number, body(1)) for number in range(300)]
    sent = [message(True, one, sequence=0, domain=at % 300) for at, one in enumerate(sets)]
    assert len(said_alike([(p, False) for p in sent], cut=300).rows) == 300


def test_a_packet_with_very_many_sets_is_read_to_its_end() -> None:
    sent = [message(True, template(300, FIELDS), sequence=0, domain=1)]
    many = [make_set(300, body(1)) for _ in range(40)]
    sent += [message(True, *many, sequence=0, domain=1)] * 12
    assert len(said_alike([(payload, False) for payload in sent]).rows) == 480


SETS = st.one_of(
    st.builds(
        lambda n, pad: make_set(300, body(n), padding=pad), st.integers(0, 3), st.integers(0, 9)
    ),
    st.builds(lambda n: make_set(300, body(n, narrow=True)), st.integers(1, 3)),
    st.builds(lambda n: make_set(301, body(n)), st.integers(1, 3)),
    st.sampled_from(
        [
            template(300, FIELDS), template(300, NARROW), template(301, FIELDS),
            make_set(77, b"?"), make_set(300, b"\x01" * 7), b"\x01\x2c\xff\xff", b"\x00\x00",
            options_template(400, SCOPE, SAMPLING), make_set(400, pack("!II", 1, 7)),
        ]
    ),
)  # fmt: skip
PLAIN = st.builds(lambda n: [make_set(300, body(2, n))], st.integers(0, 5))
MESSAGES = st.builds(
    lambda sets, sequence, domain, late: message(
        True, *sets, sequence=sequence, domain=domain, late_s=late
    ),
    st.one_of(PLAIN, PLAIN, st.lists(SETS, max_size=3)),
    st.integers(0, 40),
    st.integers(1, 2),
    st.sampled_from([0, 0, 0, 0, 40 * 86_400]),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(MESSAGES, st.booleans(), st.integers(0, 3)), max_size=40),
    st.integers(0, 30),
)
def test_any_messages_say_the_same_in_runs(
    sent: list[tuple[bytes, bool, int]], cut: int
) -> None:
    opening = [(message(True, template(300, FIELDS), sequence=0, domain=1), False)]
    many = [(p[: len(p) - (short == 3)], other) for p, other, short in sent for _ in range(3)]
    said_alike(opening + many, cut=cut)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=40), st.booleans()), min_size=9, max_size=40))
def test_any_bytes_say_the_same_in_runs(sent: list[tuple[bytes, bool]]) -> None:
    heads = (b"\x00\x0a", b"\x00\x09", b"\x00\x05", b"")
    said_alike([(heads[len(p) % 4] + p, other) for p, other in sent], received_us=NOW_US)
