from contextlib import suppress
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import address, at, datagrams, decode, sorted_out

from headwater.records.errors import MalformedInput
from headwater.records.intake import SequenceUnit
from headwater.wire import sflow
from headwater.wire.cursor import Cursor
from headwater.wire.flow_export import FlowDecoder

TCP_PACKET = bytes.fromhex(
    "45000034 00000000 40060000 c0000201 c6336402"  # IPv4, 52 octets, TCP
    "9c40 01bb 00000000 00000000 80 12 0000 0000 0000"  # ports, SYN and ACK
)
ETHERNET = bytes(12) + b"\x08\x00"


def header(
    *samples: bytes, sequence: int = 1, version: int = 5, count: int | None = None
) -> bytes:
    agent = address("192.0.2.250")
    number = len(samples) if count is None else count
    return (
        pack("!II", version, 1) + agent + pack("!IIII", 0, sequence, 1_000, number)
        + b"".join(samples)
    )  # fmt: skip


def tagged(form: int, body: bytes) -> bytes:
    return pack("!II", form, len(body)) + body


def raw(octets: bytes, *, protocol: int = 1, frame: int = 70, stripped: int = 4) -> bytes:
    padding = bytes(-len(octets) % 4)
    return tagged(1, pack("!IIII", protocol, frame, stripped, len(octets)) + octets + padding)


def flow_sample(*records: bytes, rate: int = 100, came: int = 3, went: int = 4) -> bytes:
    fields = pack("!IIIIIIII", 1, 3, rate, 5, 0, came, went, len(records))
    return tagged(1, fields + b"".join(records))


def expanded_sample(*records: bytes, rate: int = 100) -> bytes:
    fields = pack("!IIIIIIIIIII", 1, 0, 3, rate, 5, 0, 0, 70_000, 0, 70_001, len(records))
    return tagged(3, fields + b"".join(records))


def counter_sample() -> bytes:
    return tagged(2, pack("!III", 1, 3, 0))


SAMPLE = header(flow_sample(raw(ETHERNET + TCP_PACKET)))


def test_layouts_match_the_published_sizes() -> None:
    assert (sflow.HEADER.size, sflow.FLOW_SAMPLE.size, sflow.EXPANDED_SAMPLE.size) == (
        16,
        32,
        44,
    )
    assert sflow.RAW_HEADER.size == 16


def test_a_sampled_frame_is_a_flow_of_one_packet() -> None:
    answer = decode(SAMPLE)
    assert (answer.refused, answer.gaps) == ([], [])
    assert answer.rows == [
        {
            "started_at": at(0),
            "ended_at": at(0),
            "src": "192.0.2.1",
            "dst": "198.51.100.2",
            "src_port": 40_000,
            "dst_port": 443,
            "protocol": 6,
            "tcp_flags": 0x12,
            "packets": 1,
            "bytes": 52,
            "exporter": "192.0.2.254",
            "sampling": 100,
            "initiator": None,
            "src_as": None,
            "dst_as": None,
            "input_if": 3,
            "output_if": 4,
        }
    ]


@pytest.mark.parametrize("size", range(2, len(SAMPLE)))
def test_every_truncation_is_refused(size: int) -> None:
    answer = decode(SAMPLE[:size])
    assert answer.rows == []
    assert answer.refused


@given(st.binary(max_size=200))
def test_any_bytes_give_a_header_or_malformed_input(data: bytes) -> None:
    with suppress(MalformedInput):
        assert sflow.decode_header(Cursor(data)).samples >= 0


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_version_are_read_or_refused(data: bytes) -> None:
    answer = decode(b"\x00\x00\x00\x05" + data)
    assert all(refused.position == "packet 1" for refused in answer.refused)


@given(st.integers(4, len(SAMPLE) - 1), st.binary(min_size=1, max_size=4))
def test_any_damage_is_read_or_refused(place: int, damage: bytes) -> None:
    damaged = SAMPLE[:place] + damage + SAMPLE[place + len(damage) :]
    assert len(decode(damaged).rows) <= 1


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(1, 2**31 - 1))
def test_there_and_back(src_port: int, dst_port: int, rate: int) -> None:
    packet = TCP_PACKET[:20] + pack("!HH", src_port, dst_port) + TCP_PACKET[24:]
    (row,) = decode(header(flow_sample(raw(ETHERNET + packet), rate=rate))).rows
    assert (row["src_port"], row["dst_port"], row["sampling"]) == (src_port, dst_port, rate)


def test_an_expanded_sample_has_wide_interface_numbers() -> None:
    (row,) = decode(header(expanded_sample(raw(ETHERNET + TCP_PACKET)))).rows
    assert (row["input_if"], row["output_if"]) == (70_000, 70_001)


def test_interfaces_that_are_none() -> None:
    sample = flow_sample(raw(ETHERNET + TCP_PACKET), came=0x3FFFFFFF, went=0x80000002)
    (row,) = decode(header(sample)).rows
    assert (row["input_if"], row["output_if"]) == (0, 0)


def test_what_the_agent_read_itself_stands_in_for_a_raw_header() -> None:
    four = tagged(
        3,
        pack("!II", 1_500, 17) + address("192.0.2.1") + address("198.51.100.2")
        + pack("!IIII", 53, 40_000, 0, 0),
    )  # fmt: skip
    six = tagged(
        4,
        pack("!II", 1_280, 6) + address("2001:db8::1") + address("2001:db8::2")
        + pack("!IIII", 25, 40_000, 0x18, 0),
    )  # fmt: skip
    first, second = decode(header(flow_sample(four), flow_sample(six))).rows
    assert (first["src"], first["bytes"], first["src_port"]) == ("192.0.2.1", 1_500, 53)
    assert (second["src"], second["bytes"], second["tcp_flags"]) == ("2001:db8::1", 1_280, 0x18)
    # The raw header is the packet itself and comes first.
    (row,) = decode(header(flow_sample(four, raw(ETHERNET + TCP_PACKET)))).rows
    assert row["bytes"] == 52


def test_counter_samples_are_skipped_and_counted() -> None:
    decoder = FlowDecoder()
    sent = datagrams([header(counter_sample(), flow_sample(), tagged(5, bytes(32)))])
    answer = sorted_out([*decoder.feed(sent), *decoder.finish()])
    assert (answer.rows, answer.refused) == ([], [])
    assert decoder.skipped == {
        "counter samples": 1, "flow samples without a packet": 1, "samples 5": 1
    }  # fmt: skip


def test_a_broken_sample_costs_no_other() -> None:
    broken = tagged(1, bytes(12))
    answer = decode(header(broken, flow_sample(raw(ETHERNET + TCP_PACKET))))
    assert (len(answer.rows), answer.reasons) == (1, {"sample cut short": 1})


def test_a_frame_that_is_not_ip_is_refused() -> None:
    arp = bytes(12) + b"\x08\x06" + bytes(46)
    answer = decode(header(flow_sample(raw(arp))))
    assert (answer.rows, answer.reasons) == ([], {"not an IP packet": 1})


def test_a_count_of_samples_that_lies() -> None:
    answer = decode(header(flow_sample(raw(ETHERNET + TCP_PACKET)), count=2**32 - 1))
    assert (len(answer.rows), answer.reasons) == (1, {"sample cut short": 1})


def test_datagrams_are_counted_by_the_sequence() -> None:
    (gap,) = decode(*(header(sequence=n) for n in (2**32 - 1, 0, 3))).gaps
    assert (gap.missing, gap.unit, gap.domain) == (2, SequenceUnit.PACKETS, 0)


def test_other_versions_are_refused_by_name() -> None:
    answer = decode(header(version=4))
    assert [r.reason for r in answer.refused] == ["unsupported version: sFlow 4"]
