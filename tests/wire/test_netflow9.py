from contextlib import suppress
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import (
    NOW_S,
    UPTIME_MS,
    Flow,
    Spec,
    Value,
    address,
    at,
    decode,
    field,
    make_set,
    netflow9_packet,
    options_template,
    record,
    template,
)

from headwater.records.errors import MalformedInput
from headwater.records.intake import SequenceUnit
from headwater.wire import netflow9
from headwater.wire.information_elements import Element

SPECS: list[Spec] = [
    field("flowStartSysUpTime", 4),
    field("flowEndSysUpTime", 4),
    field("octetDeltaCount", 4),
    field("packetDeltaCount", 4),
    field("ingressInterface", 2),
    field("sourceIPv4Address", 4),
    field("destinationIPv4Address", 4),
    field("protocolIdentifier", 1),
    field("sourceTransportPort", 2),
    field("destinationTransportPort", 2),
    field("tcpControlBits", 1),
    field("samplerId", 1),
]

# A packet written out by hand from RFC 3954 section 5: header, one template, two records.
SAMPLE = bytes.fromhex(
    "0009 0003 000927c0 6955b900 0000002a 00000001"  # version, count, uptime, time, number
    "0000 0024 0100 0007"  # flow set 0, template 256 with seven fields
    "0008 0004 000c 0004 0004 0001 0002 0004 0001 0004 0016 0004 0015 0004"
    "0100 0038"  # flow set 256
    "c0000201 c6336402 06 0000000a 00000fa0 00083d60 000923d8"
    "cb007107 c0000202 11 00000001 0000004c 000923d8 000923d8"
    "0000"  # padding
)


def test_layout_matches_the_published_sizes() -> None:
    assert netflow9.HEADER.size == 20
    assert netflow9.FIELD.size == 4


def test_a_packet_written_by_hand() -> None:
    answer = decode(SAMPLE)
    assert (answer.refused, answer.gaps) == ([], [])
    first, second = answer.rows
    assert first == {
        "started_at": at(-60),
        "ended_at": at(-1),
        "src": "192.0.2.1",
        "dst": "198.51.100.2",
        "src_port": 0,
        "dst_port": 0,
        "protocol": 6,
        "tcp_flags": None,
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
    assert (second["src"], second["protocol"], second["bytes"]) == ("203.0.113.7", 17, 76)


@pytest.mark.parametrize("size", range(2, len(SAMPLE) - 2))
def test_every_truncation_is_refused(size: int) -> None:
    answer = decode(SAMPLE[:size])
    assert answer.rows == []
    # Cut between two sets, or where zeros look like padding, the packet is whole.
    assert bool(answer.refused) == (size not in (20, 21, 22, 23, 56))


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_version_are_read_or_refused(data: bytes) -> None:
    answer = decode(b"\x00\x09" + data)
    assert all(refused.position == "packet 1" for refused in answer.refused)


@given(st.sampled_from([0, 1]), st.binary(max_size=100))
def test_any_set_gives_definitions_or_malformed_input(set_id: int, body: bytes) -> None:
    with suppress(MalformedInput):
        assert all(d.template >= 256 for d in netflow9.definitions(set_id, body))


@given(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=1, max_size=4))
def test_any_damage_is_read_or_refused(place: int, damage: bytes) -> None:
    damaged = SAMPLE[:place] + damage + SAMPLE[place + len(damage) :]
    answer = decode(damaged)
    assert len(answer.rows) <= len(SAMPLE)


def values(flow: Flow, sampler: int = 0) -> list[Value]:
    first, last = ((UPTIME_MS + round(t * 1_000)) % 2**32 for t in (flow.start_s, flow.end_s))
    return [
        first, last, flow.octets, flow.packets, 7, address(flow.src), address(flow.dst),
        flow.protocol, flow.src_port, flow.dst_port, flow.tcp_flags, sampler,
    ]  # fmt: skip


def data(*flows: Flow, sampler: int = 0, padding: int = 0) -> bytes:
    body = b"".join(record(SPECS, values(flow, sampler)) for flow in flows)
    return make_set(300, body, padding=padding)


TEMPLATE = template(300, SPECS, ipfix=False)

flows = st.builds(
    Flow,
    src=st.ip_addresses(v=4).map(str),
    dst=st.ip_addresses(v=4).map(str),
    src_port=st.integers(0, 0xFFFF),
    dst_port=st.integers(0, 0xFFFF),
    protocol=st.sampled_from([6, 17]),
    tcp_flags=st.integers(0, 0xFF),
    packets=st.integers(0, 2**32 - 1),
    octets=st.integers(0, 2**32 - 1),
    start_s=st.integers(-2_000_000_000, -1000).map(lambda ms: ms / 1_000),
    end_s=st.integers(-1000, 0).map(lambda ms: ms / 1_000),
)


@given(st.lists(flows, max_size=30))
def test_there_and_back(written: list[Flow]) -> None:
    answer = decode(netflow9_packet(TEMPLATE, data(*written)))
    assert answer.refused == []
    assert [
        (r["src"], r["dst"], r["src_port"], r["dst_port"], r["packets"], r["bytes"])
        for r in answer.rows
    ] == [(f.src, f.dst, f.src_port, f.dst_port, f.packets, f.octets) for f in written]
    assert [(r["started_at"], r["ended_at"]) for r in answer.rows] == [
        (at(f.start_s), at(f.end_s)) for f in written
    ]


def test_the_count_in_the_header_may_lie() -> None:
    for count in (0, 1, 0xFFFF):
        answer = decode(netflow9_packet(TEMPLATE, data(Flow()), count=count))
        assert (len(answer.rows), answer.refused) == (1, [])


def test_zeros_up_to_the_end_of_a_large_packet_are_padding() -> None:
    answer = decode(netflow9_packet(TEMPLATE, data(Flow(), padding=3), bytes(1_000)))
    assert (len(answer.rows), answer.refused) == (1, [])


def test_sampling_of_the_whole_device() -> None:
    # RFC 3954 section 6.1: scope type 1 is the system; its value may be empty.
    system = [(Element(0, 1), 0)]
    said = [field("samplingInterval", 4)]
    announced = make_set(400, record(said, [1_000]))
    answer = decode(
        netflow9_packet(
            TEMPLATE, options_template(400, system, said, ipfix=False), announced, data(Flow())
        )
    )
    assert [row["sampling"] for row in answer.rows] == [1_000]


def test_sampling_of_one_interface() -> None:
    interface = [(Element(0, netflow9.SCOPE_INTERFACE), 4)]
    said = [field("samplingInterval", 4)]
    body = record([*interface, *said], [7, 50]) + record([*interface, *said], [8, 60])
    answer = decode(
        netflow9_packet(
            TEMPLATE,
            options_template(400, interface, said, ipfix=False),
            make_set(400, body),
            data(Flow()),
        )
    )
    assert [row["sampling"] for row in answer.rows] == [50]


def test_sampling_of_one_sampler() -> None:
    system = [(Element(0, 1), 4)]
    said = [field("samplerId", 1), field("samplerRandomInterval", 4)]
    specs = [*system, *said]
    body = record(specs, [0, 1, 10]) + record(specs, [0, 2, 20])
    answer = decode(
        netflow9_packet(
            options_template(400, system, said, ipfix=False),
            make_set(400, body),
            TEMPLATE,
            data(Flow(), sampler=2),
            data(Flow(), sampler=1),
            data(Flow(), sampler=9),
        )
    )
    # Sampler 9 was never announced, and two different rates leave nothing to choose.
    assert [row["sampling"] for row in answer.rows] == [20, 10, 1]


def test_packets_are_counted_by_the_sequence() -> None:
    packets = [netflow9_packet(TEMPLATE, sequence=n) for n in (2**32 - 1, 0, 4)]
    (gap,) = decode(*packets).gaps
    assert (gap.missing, gap.unit, gap.domain) == (3, SequenceUnit.PACKETS, 1)


def test_a_template_of_65535_fields_is_refused() -> None:
    claims = make_set(0, pack("!HH", 300, 0xFFFF) + bytes(100))
    assert decode(netflow9_packet(claims)).reasons == {"template overruns its set": 1}


def test_a_template_of_nothing_makes_no_records() -> None:
    nothing = make_set(0, pack("!HHHH", 300, 1, 8, 0))
    answer = decode(netflow9_packet(nothing, make_set(300, bytes(1_000))))
    assert answer.reasons == {"no template": 1, "template makes empty records": 1}


def test_flows_of_another_century_are_refused_one_by_one() -> None:
    answer = decode(netflow9_packet(TEMPLATE, data(Flow(), Flow(start_s=1e6, end_s=1e6))))
    assert len(answer.rows) == 1
    assert answer.reasons == {"clock in the future": 1}
    wrong = decode(netflow9_packet(TEMPLATE, data(Flow(), Flow()), exported_s=NOW_S - 10**8))
    assert (wrong.rows, wrong.reasons) == ([], {"exporter's clock is wrong": 2})
