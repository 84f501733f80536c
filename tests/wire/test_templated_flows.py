from typing import Any

import pytest
from tests.wire.export_writer import (
    VARIABLE,
    Readings,
    Spec,
    Value,
    address,
    decode,
    field,
    ipfix_message,
    make_set,
    record,
    template,
)

from headwater.wire.information_elements import (
    IANA,
    INITIAL_TCP_FLAGS,
    REVERSE_DELAY_MILLISECONDS,
    UNION_TCP_FLAGS,
    Element,
    element,
    reverse,
)
from headwater.wire.templated_flows import why_no_flow
from headwater.wire.templates import Field, compile_template

KEY: list[Spec] = [
    field("sourceIPv4Address", 4),
    field("destinationIPv4Address", 4),
    field("protocolIdentifier", 1),
    field("sourceTransportPort", 2),
    field("destinationTransportPort", 2),
]
KEY_VALUES: list[Value] = [address("192.0.2.1"), address("198.51.100.2"), 6, 40_000, 443]
COUNTERS: list[Spec] = [field("octetDeltaCount", 4), field("packetDeltaCount", 4)]
PORTS = {"src_port": 40_000, "dst_port": 443}


def read(specs: list[Spec], *rows: list[Value]) -> Readings:
    body = b"".join(record(specs, row) for row in rows)
    return decode(ipfix_message(template(300, specs), make_set(300, body)))


def one(specs: list[Spec], values: list[Value]) -> dict[str, Any]:
    answer = read([*KEY, *specs], [*KEY_VALUES, *values])
    assert answer.refused == []
    (row,) = answer.rows
    return row


def back(which: Spec) -> Spec:
    return reverse(which[0]), which[1]


def test_a_biflow_is_two_flows() -> None:
    specs = [*KEY, *COUNTERS, *map(back, COUNTERS), field("tcpControlBits", 1)]
    specs += [(reverse(element("tcpControlBits")), 1)]
    specs += [field("ingressInterface", 4), field("egressInterface", 4)]
    forth, and_back = read(specs, [*KEY_VALUES, 4_000, 10, 90_000, 70, 0x1B, 0x12, 7, 8]).rows
    assert (forth["src"], forth["dst"], forth["src_port"], forth["dst_port"]) == (
        "192.0.2.1", "198.51.100.2", 40_000, 443,
    )  # fmt: skip
    assert (and_back["src"], and_back["dst"], and_back["src_port"], and_back["dst_port"]) == (
        "198.51.100.2", "192.0.2.1", 443, 40_000,
    )  # fmt: skip
    assert (forth["bytes"], forth["packets"], forth["tcp_flags"]) == (4_000, 10, 0x1B)
    assert (and_back["bytes"], and_back["packets"], and_back["tcp_flags"]) == (90_000, 70, 0x12)
    assert (forth["initiator"], and_back["initiator"]) == (None, None)  # nobody said it
    assert (and_back["input_if"], and_back["output_if"]) == (8, 7)


def test_a_biflow_that_was_not_answered_is_one_flow() -> None:
    specs = [*KEY, *COUNTERS, *map(back, COUNTERS)]
    answer = read(specs, [*KEY_VALUES, 40, 1, 0, 0], [*KEY_VALUES, 40, 1, 60, 1])
    assert [row["src_port"] for row in answer.rows] == [40_000, 40_000, 443]


def test_whose_answer_is_timed_began_a_biflow() -> None:
    specs = [*KEY, *COUNTERS, *map(back, COUNTERS), (REVERSE_DELAY_MILLISECONDS, 4)]
    forth, and_back = read(specs, [*KEY_VALUES, 40, 1, 60, 1, 12]).rows
    assert (forth["initiator"], and_back["initiator"]) == (True, False)


@pytest.mark.parametrize(
    ("direction", "initiators"), [(0, [None] * 2), (1, [True, False]), (2, [False, True])]
)
def test_a_biflow_that_says_who_began(direction: int, initiators: list[bool | None]) -> None:
    specs = [*KEY, *COUNTERS, *map(back, COUNTERS), field("biflowDirection", 1)]
    answer = read(specs, [*KEY_VALUES, 40, 1, 60, 1, direction])
    assert [row["initiator"] for row in answer.rows] == initiators


def test_one_direction_that_says_who_began() -> None:
    said = [one([*COUNTERS, field("biflowDirection", 1)], [40, 1, n]) for n in (0, 1, 2, 3)]
    assert [row["initiator"] for row in said] == [None, True, False, None]


def test_a_connection_with_initiator_and_responder_is_two_flows() -> None:
    specs = [
        *KEY, field("initiatorOctets", 4), field("responderOctets", 4),
        field("initiatorPackets", 4), field("responderPackets", 4),
    ]  # fmt: skip
    forth, and_back = read(specs, [*KEY_VALUES, 500, 9_000, 5, 8]).rows
    assert (forth["bytes"], forth["packets"], forth["initiator"]) == (500, 5, True)
    assert (and_back["bytes"], and_back["packets"], and_back["initiator"]) == (9_000, 8, False)
    assert and_back["src"] == "198.51.100.2"


def test_octets_without_packets_came_in_one_at_least() -> None:
    specs = [*KEY, field("initiatorOctets", 4), field("responderOctets", 4)]
    forth, and_back = read(specs, [*KEY_VALUES, 500, 9_000]).rows
    assert (forth["packets"], and_back["packets"]) == (1, 1)
    assert one([field("octetTotalCount", 4)], [0])["packets"] == 0


def test_deltas_go_before_totals_and_totals_before_what_was_sent_on() -> None:
    names = ["octetDeltaCount", "octetTotalCount", "postOctetDeltaCount"]
    specs = [field(name, 4) for name in names]
    values: list[Value] = [100, 200, 300]
    assert [one(specs[n:], values[n:])["bytes"] for n in range(3)] == [100, 200, 300]


def test_one_vendors_use_of_a_number_does_not_split_flows() -> None:
    # Huawei sends element 232 with an octet count of the usual kind beside it.
    row = one([*COUNTERS, field("responderOctets", 2)], [40, 1, 9])
    assert (row["bytes"], row["initiator"]) == (40, None)


def test_tcp_flags_in_two_pieces() -> None:
    row = one([*COUNTERS, (INITIAL_TCP_FLAGS, 1), (UNION_TCP_FLAGS, 1)], [40, 1, 0x02, 0x18])
    assert row["tcp_flags"] == 0x1A


def test_ports_under_the_names_of_their_protocol() -> None:
    for kind in ("udp", "tcp"):
        specs = [*KEY[:3], field(f"{kind}SourcePort", 2), field(f"{kind}DestinationPort", 2)]
        (row,) = read([*specs, *COUNTERS], [*KEY_VALUES, 40, 1]).rows
        assert {name: row[name] for name in PORTS} == PORTS


def test_addresses_behind_a_translation_are_not_the_flow_s() -> None:
    row = one([*COUNTERS, (Element(0, 225), 4), (Element(0, 226), 4)], [40, 1, 1, 2])
    assert (row["src"], row["dst"]) == ("192.0.2.1", "198.51.100.2")


BOTH: list[Spec] = [
    *KEY,
    field("sourceIPv6Address", 16),
    field("destinationIPv6Address", 16),
    *COUNTERS,
]


def test_a_template_with_addresses_of_both_kinds() -> None:
    no_four: list[Value] = [bytes(4), bytes(4), 6, 40_000, 443]
    six: list[Value] = [address("2001:db8::1"), address("2001:db8::2")]
    answer = read(
        BOTH, [*no_four, *six, 40, 1], [*KEY_VALUES, bytes(16), bytes(16), 40, 1]
    )  # fmt: skip
    assert [(row["src"], row["dst"]) for row in answer.rows] == [
        ("2001:db8::1", "2001:db8::2"),
        ("192.0.2.1", "198.51.100.2"),
    ]


def test_the_version_decides_where_both_addresses_are_filled() -> None:
    six: list[Value] = [address("2001:db8::1"), address("2001:db8::2")]
    specs = [*BOTH, field("ipVersion", 1)]
    answer = read(specs, [*KEY_VALUES, *six, 40, 1, 4], [*KEY_VALUES, *six, 40, 1, 6])
    assert [row["src"] for row in answer.rows] == ["192.0.2.1", "2001:db8::1"]


def test_fields_in_more_octets_than_they_need() -> None:
    specs = [*KEY[:2], field("protocolIdentifier", 2), field("sourceTransportPort", 8)]
    specs += [KEY[4], *COUNTERS]
    good: list[Value] = [*KEY_VALUES[:2], 6, 40_000, 443, 40, 1]
    bad: list[Value] = [*KEY_VALUES[:2], 256, 40_000, 443, 40, 1]
    worse: list[Value] = [*KEY_VALUES[:2], 6, 2**63, 443, 40, 1]
    answer = read(specs, good, bad, worse)
    assert [row["src_port"] for row in answer.rows] == [40_000]
    assert answer.reasons == {"protocol impossible": 1, "src_port impossible": 1}


@pytest.mark.parametrize("length", [128, VARIABLE])
@pytest.mark.parametrize("section", [313, 315])
def test_sampled_packets_are_no_flows_and_the_way_out_is_told(
    section: int, length: int
) -> None:
    """As softflowd -v psamp sends them, and routers that sample for sFlow's sake."""
    specs = [field("flowStartMilliseconds", 8), (Element(IANA, section), length)]
    values: list[Value] = [0, bytes(128)]
    (refused,) = read(specs, values).refused
    assert refused.reason.startswith("not a flow record: a sampled packet itself: have ")


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ("sourceIPv4Address", "no source and destination address"),
        ("protocolIdentifier", "no protocol"),
        ("octetDeltaCount", "no octet counter"),
    ],
)
def test_records_that_are_no_flows(lacking: str, reason: str) -> None:
    specs = [spec for spec in (*KEY, *COUNTERS) if spec[0] != element(lacking)]
    layout = compile_template(tuple(Field(*spec) for spec in specs))
    assert why_no_flow(layout) == reason
    body = bytes(layout.least * 3)
    answer = decode(ipfix_message(template(300, specs), make_set(300, body)))
    assert answer.rows == []
    assert [(r.reason, r.records) for r in answer.refused] == [
        (f"not a flow record: {reason}", 3)
    ]
