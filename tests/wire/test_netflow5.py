from contextlib import suppress
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import NOW_S, Flow, at, decode, netflow5_packet

from headwater.records.errors import MalformedInput
from headwater.records.intake import SequenceUnit
from headwater.wire import netflow5

# A whole packet written out by hand from tables B-3 and B-4.
SAMPLE = bytes.fromhex(
    "0005 0001 000927c0 6955b900 00000000 00000007 00 01 4064"  # header, 1 in 100
    "c0000201 c6336402 00000000 0001 0002 00000003 00000fa0"  # who, via, how much
    "00083d60 000923d8 9c40 0016 00 02 06 00 fbf4 fbf5 18 18 0000"  # when, ports, flags
)


def test_layout_matches_the_published_sizes() -> None:
    assert (netflow5.HEADER.size, netflow5.RECORD.itemsize) == (24, 48)


def test_a_packet_written_by_hand() -> None:
    answer = decode(SAMPLE)
    assert answer.refused == []
    assert answer.gaps == []
    assert answer.rows == [
        {
            "started_at": at(-60),
            "ended_at": at(-1),
            "src": "192.0.2.1",
            "dst": "198.51.100.2",
            "src_port": 40_000,
            "dst_port": 22,
            "protocol": 6,
            "tcp_flags": 2,
            "packets": 3,
            "bytes": 4_000,
            "exporter": "192.0.2.254",
            "sampling": 100,
            "initiator": None,
            "src_as": 64_500,
            "dst_as": 64_501,
            "input_if": 1,
            "output_if": 2,
        }
    ]


@pytest.mark.parametrize("size", range(2, len(SAMPLE)))
def test_every_truncation_is_refused(size: int) -> None:
    answer = decode(SAMPLE[:size])
    assert answer.rows == []
    (reason,) = answer.reasons
    assert reason in ("header cut short", "record cut short")


@given(st.binary(max_size=200))
def test_any_bytes_give_a_packet_or_malformed_input(data: bytes) -> None:
    with suppress(MalformedInput):
        netflow5.decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_version_are_read_or_refused(data: bytes) -> None:
    answer = decode(b"\x00\x05" + data)
    assert all(refused.source == "capture" for refused in answer.refused)
    assert all(refused.position == "packet 1" for refused in answer.refused)


def test_whole_records_of_a_cut_packet_are_kept() -> None:
    packet = netflow5_packet([Flow(), Flow(src="192.0.2.2")])
    answer = decode(packet[:-1])
    assert [row["src"] for row in answer.rows] == ["192.0.2.1"]
    assert answer.reasons == {"record cut short": 1}


def test_a_count_that_promises_too_much_or_too_little() -> None:
    assert decode(netflow5_packet([Flow()], count=30)).reasons == {"record cut short": 29}
    fewer = decode(netflow5_packet([Flow(), Flow()], count=1))
    assert (len(fewer.rows), fewer.reasons) == (1, {"trailing octets": 1})


def test_a_count_that_no_packet_can_hold_is_no_promise() -> None:
    most = netflow5.MOST_RECORDS
    assert decode(netflow5_packet([], count=most)).reasons == {"record cut short": most}
    assert decode(netflow5_packet([], count=most + 1)).reasons == {"not an export packet": 1}


def test_a_wrong_clock_costs_the_records_that_are_there() -> None:
    assert decode(netflow5_packet([], count=1, exported_s=1)).reasons == {"record cut short": 1}


def test_a_silent_sampler_means_every_packet_was_counted() -> None:
    (row,) = decode(netflow5_packet([Flow()], sampling=0)).rows
    assert row["sampling"] == 1


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
    start_s=st.integers(-86_400_000, -1000).map(lambda ms: ms / 1_000),
    end_s=st.integers(-1000, 0).map(lambda ms: ms / 1_000),
)


@given(st.lists(flows, max_size=30), st.integers(0, 2**32 - 1))
def test_there_and_back(written: list[Flow], uptime_ms: int) -> None:
    answer = decode(netflow5_packet(written, uptime_ms=uptime_ms))
    assert answer.refused == []
    assert [
        (r["src"], r["dst"], r["src_port"], r["dst_port"], r["packets"], r["bytes"])
        for r in answer.rows
    ] == [(f.src, f.dst, f.src_port, f.dst_port, f.packets, f.octets) for f in written]
    assert [(r["started_at"], r["ended_at"]) for r in answer.rows] == [
        (at(f.start_s), at(f.end_s)) for f in written
    ]


def test_a_flow_that_began_before_the_uptime_clock_wrapped() -> None:
    (row,) = decode(netflow5_packet([Flow(start_s=-10, end_s=-1)], uptime_ms=5_000)).rows
    assert (row["started_at"], row["ended_at"]) == (at(-10), at(-1))


def test_ports_of_protocols_without_ports_are_zero() -> None:
    (row,) = decode(netflow5_packet([Flow(protocol=1, src_port=0, dst_port=0x0800)])).rows
    assert (row["src_port"], row["dst_port"]) == (0, 0)


@pytest.mark.parametrize("year_s", [0, 86_400, 4_102_444_800])
def test_an_exporter_that_lives_in_another_year(year_s: int) -> None:
    answer = decode(netflow5_packet([Flow()], exported_s=year_s or 1))
    assert (answer.rows, answer.reasons) == ([], {"exporter's clock is wrong": 1})


def test_an_exporter_without_a_clock_is_dated_by_arrival() -> None:
    (row,) = decode(netflow5_packet([Flow()], exported_s=0)).rows
    assert row["ended_at"] == at(-1)


def test_without_a_time_of_arrival_the_header_is_believed() -> None:
    answer = decode(netflow5_packet([Flow()], exported_s=86_400), received_us=0)
    assert answer.rows[0]["ended_at"].year == 1970


def test_flows_are_counted_by_the_sequence() -> None:
    packets = [netflow5_packet([Flow()] * 2, sequence=n) for n in (2**32 - 2, 0, 2, 9)]
    (gap,) = decode(*packets).gaps
    assert (gap.missing, gap.unit, gap.domain) == (5, SequenceUnit.FLOWS, 1)


@pytest.mark.parametrize(("version", "name"), [(1, "NetFlow v1"), (7, "NetFlow v7")])
def test_older_versions_are_refused_by_name(version: int, name: str) -> None:
    answer = decode(pack("!HHII", version, 1, 0, NOW_S))
    assert [r.reason for r in answer.refused] == [f"unsupported version: {name}"]
