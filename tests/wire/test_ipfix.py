from contextlib import suppress
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import (
    NOW_S,
    VARIABLE,
    Flow,
    Spec,
    Value,
    address,
    at,
    decode,
    field,
    ipfix_message,
    make_set,
    options_template,
    record,
    template,
    withdrawal,
)

from headwater.records.errors import MalformedInput
from headwater.records.intake import SequenceUnit
from headwater.wire import ipfix
from headwater.wire.information_elements import Element

SPECS: list[Spec] = [
    field("flowStartMilliseconds", 8),
    field("flowEndMilliseconds", 8),
    field("octetDeltaCount", 8),
    field("packetDeltaCount", 8),
    field("sourceIPv6Address", 16),
    field("destinationIPv6Address", 16),
    field("protocolIdentifier", 1),
    field("sourceTransportPort", 2),
    field("destinationTransportPort", 2),
    field("tcpControlBits", 2),
]

# A message written out by hand from RFC 7011 section 3: header, one template, one record.
SAMPLE = bytes.fromhex(
    "000a 0065 6955b900 0000002a 00000001"  # version, length, time, number, domain
    "0002 0030 0100 0009"  # set 2, template 256 with nine fields, one of an enterprise
    "0008 0004 000c 0004 0004 0001 0007 0002 000b 0002 0002 0004 0001 0004"
    "8001 0002 00007ed9 0006 0002"  # enterprise 32473 is for examples (RFC 5612)
    "0100 0025"  # set 256
    "c0000201 c6336402 06 9c40 01bb 0000000a 00000fa0 beef 001b"
    "00000000000000 00"
)


def test_layout_matches_the_published_sizes() -> None:
    assert ipfix.HEADER.size == 16
    assert (ipfix.FIELD.size, ipfix.ENTERPRISE_NUMBER.size) == (4, 4)


def test_a_message_written_by_hand() -> None:
    answer = decode(SAMPLE)
    assert (answer.refused, answer.gaps) == ([], [])
    assert answer.rows == [
        {
            "started_at": at(0),  # no time was exported: that of the message
            "ended_at": at(0),
            "src": "192.0.2.1",
            "dst": "198.51.100.2",
            "src_port": 40_000,
            "dst_port": 443,
            "protocol": 6,
            "tcp_flags": 0x1B,
            "packets": 10,
            "bytes": 4_000,
            "exporter": "192.0.2.254",
            "sampling": 1,
            "initiator": None,
            "src_as": None,
            "dst_as": None,
            "input_if": None,
            "output_if": None,
        }
    ]


@pytest.mark.parametrize("size", range(2, len(SAMPLE)))
def test_every_truncation_is_refused(size: int) -> None:
    answer = decode(SAMPLE[:size])
    assert answer.rows == []
    assert answer.refused


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_version_are_read_or_refused(data: bytes) -> None:
    answer = decode(b"\x00\x0a" + data)
    assert all(refused.position == "packet 1" for refused in answer.refused)


@given(st.sampled_from([2, 3]), st.binary(max_size=100))
def test_any_set_gives_definitions_or_malformed_input(set_id: int, body: bytes) -> None:
    with suppress(MalformedInput):
        assert all(d.template >= 256 or not d.fields for d in ipfix.definitions(set_id, body))


@given(st.integers(2, len(SAMPLE) - 1), st.binary(min_size=1, max_size=4))
def test_any_damage_is_read_or_refused(place: int, damage: bytes) -> None:
    damaged = SAMPLE[:place] + damage + SAMPLE[place + len(damage) :]
    assert len(decode(damaged).rows) <= len(SAMPLE)


def values(flow: Flow) -> list[Value]:
    start, end = (NOW_S * 1_000 + round(t * 1_000) for t in (flow.start_s, flow.end_s))
    return [
        start, end, flow.octets, flow.packets, address(flow.src), address(flow.dst),
        flow.protocol, flow.src_port, flow.dst_port, flow.tcp_flags,
    ]  # fmt: skip


TEMPLATE = template(300, SPECS)
SIX = Flow(src="2001:db8::1", dst="2001:db8::2")


def data(*flows: Flow, template_id: int = 300) -> bytes:
    return make_set(template_id, b"".join(record(SPECS, values(flow)) for flow in flows))


flows = st.builds(
    Flow,
    src=st.integers(0, 2**64 - 1).map(lambda n: f"2001:db8:{n & 0xFFFF:x}::{n >> 48:x}"),
    dst=st.integers(0, 0xFFFF).map(lambda n: f"2001:db8::{n:x}"),
    src_port=st.integers(0, 0xFFFF),
    dst_port=st.integers(0, 0xFFFF),
    protocol=st.sampled_from([6, 17]),
    tcp_flags=st.integers(0, 0xFFFF),
    packets=st.integers(0, 2**63 - 1),
    octets=st.integers(0, 2**63 - 1),
    start_s=st.integers(-2_000_000_000, -1000).map(lambda ms: ms / 1_000),
    end_s=st.integers(-1000, 0).map(lambda ms: ms / 1_000),
)


@given(st.lists(flows, max_size=20))
def test_there_and_back(written: list[Flow]) -> None:
    answer = decode(ipfix_message(TEMPLATE, data(*written)))
    assert answer.refused == []
    assert [
        (address(r["src"]), address(r["dst"]), r["src_port"], r["packets"], r["bytes"])
        for r in answer.rows
    ] == [(address(f.src), address(f.dst), f.src_port, f.packets, f.octets) for f in written]
    assert [(r["started_at"], r["ended_at"]) for r in answer.rows] == [
        (at(f.start_s), at(f.end_s)) for f in written
    ]


def test_counters_beyond_63_bits_are_refused() -> None:
    answer = decode(ipfix_message(TEMPLATE, data(SIX, Flow(src="::", dst="::", octets=2**63))))
    assert [row["src"] for row in answer.rows] == ["2001:db8::1"]
    assert answer.reasons == {"counter too large": 1}


@pytest.mark.parametrize("start_s", [-NOW_S, 4_102_444_800 - NOW_S])
def test_flows_of_1970_and_2100_are_refused(start_s: int) -> None:
    wrong = Flow(src="::", dst="::", start_s=start_s, end_s=start_s)
    answer = decode(ipfix_message(TEMPLATE, data(SIX, wrong)))
    assert len(answer.rows) == 1
    assert answer.reasons in (
        {"clock too far in the past": 1},
        {"clock in the future": 1},
    )


def test_several_messages_in_one_datagram() -> None:
    whole = ipfix_message(TEMPLATE) + ipfix_message(data(SIX)) + ipfix_message(data(SIX, SIX))
    assert len(decode(whole).rows) == 3


def test_a_withdrawn_template_is_unknown() -> None:
    answer = decode(ipfix_message(TEMPLATE, withdrawal(300), data(SIX)))
    assert (answer.rows, answer.reasons) == ([], {"no template": 1})


def test_all_templates_are_withdrawn_by_the_number_of_their_set() -> None:
    answer = decode(ipfix_message(TEMPLATE, withdrawal(2), data(SIX)))
    assert answer.reasons == {"no template": 1}
    kept = decode(ipfix_message(TEMPLATE, withdrawal(3, options=True), data(SIX)))
    assert len(kept.rows) == 1


def test_records_are_counted_by_the_sequence() -> None:
    messages = [
        ipfix_message(TEMPLATE, data(SIX, SIX), sequence=2**32 - 1),
        ipfix_message(data(SIX), sequence=1),
        ipfix_message(data(SIX), sequence=7),
    ]
    (gap,) = decode(*messages).gaps
    assert (gap.missing, gap.unit, gap.domain) == (5, SequenceUnit.RECORDS, 1)


def test_unread_records_leave_the_sequence_open() -> None:
    messages = [
        ipfix_message(data(SIX, SIX, template_id=999), sequence=10),
        ipfix_message(TEMPLATE, sequence=12),
    ]
    assert decode(*messages).gaps == []


def test_sampling_of_a_selector() -> None:
    # RFC 5477: one packet counted, 99 left out.
    scope = [field("selectorId", 8)]
    said = [field("samplingPacketInterval", 4), field("samplingPacketSpace", 4)]
    specs = [*SPECS, field("selectorId", 8)]
    answer = decode(
        ipfix_message(
            options_template(400, scope, said),
            make_set(400, record([*scope, *said], [5, 1, 99])),
            template(300, specs),
            make_set(300, record(specs, [*values(SIX), 5])),
        )
    )
    assert [row["sampling"] for row in answer.rows] == [100]


def test_uptimes_count_from_the_start_told_in_options() -> None:
    scope = [field("ingressInterface", 4)]
    said = [field("systemInitTimeMilliseconds", 8)]
    specs = [
        field("flowStartSysUpTime", 4), field("flowEndSysUpTime", 4), *SPECS[2:]
    ]  # fmt: skip
    boot_ms = (NOW_S - 600) * 1_000
    flow = make_set(300, record(specs, [540_000, 599_000, *values(SIX)[2:]]))
    told = make_set(400, record([*scope, *said], [0, boot_ms]))
    told_first = ipfix_message(
        options_template(400, scope, said), told, template(300, specs), flow
    )
    (row,) = decode(told_first).rows
    assert (row["started_at"], row["ended_at"]) == (at(-60), at(-1))
    # Nobody says when the uptime began: the duration stands, back from the export.
    (row,) = decode(ipfix_message(template(300, specs), flow)).rows
    assert (row["started_at"], row["ended_at"]) == (at(-59), at(0))


def test_a_template_of_65535_fields_is_refused() -> None:
    claims = make_set(2, pack("!HH", 300, 0xFFFF) + bytes(100))
    assert decode(ipfix_message(claims)).reasons == {"template overruns its set": 1}


def test_variable_length_fields_stand_between_the_others() -> None:
    name = (Element(32_473, 1), VARIABLE)  # an enterprise for examples (RFC 5612)
    specs = [*SPECS[:3], name, *SPECS[3:], name]
    short, long = b"host.example", b"x" * 300
    rows = [
        record(specs, [*values(SIX)[:3], short, *values(SIX)[3:], long]),
        record(specs, [*values(SIX)[:3], b"", *values(SIX)[3:], short]),
    ]
    answer = decode(
        ipfix_message(template(300, specs), make_set(300, b"".join(rows), padding=3))
    )
    assert answer.refused == []
    assert answer.rows == decode(ipfix_message(TEMPLATE, data(SIX, SIX))).rows
