import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.export_writer import (
    Flow,
    datagrams,
    decode,
    field,
    ipfix_message,
    make_set,
    netflow5_packet,
    netflow9_packet,
    record,
    sorted_out,
    template,
)

from headwater.records.intake import FlowBatch
from headwater.wire import flow_export
from headwater.wire.flow_export import FlowDecoder

SPECS = [
    field("sourceIPv4Address", 4), field("destinationIPv4Address", 4),
    field("protocolIdentifier", 1), field("octetDeltaCount", 4), field("packetDeltaCount", 4),
]  # fmt: skip
DATA = make_set(300, record(SPECS, [b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02", 6, 400, 4]))


def test_versions_are_told_apart_packet_by_packet() -> None:
    answer = decode(
        netflow5_packet([Flow()]),
        netflow9_packet(template(300, SPECS, ipfix=False), DATA),
        ipfix_message(template(300, SPECS), DATA),
    )
    assert (len(answer.rows), answer.refused) == (3, [])


@given(st.lists(st.binary(max_size=80), max_size=5))
def test_any_packets_are_read_or_refused(payloads: list[bytes]) -> None:
    answer = decode(*payloads)
    assert {r.position for r in answer.refused} <= {
        f"packet {position}" for position, _ in enumerate(payloads, 1)
    }


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "header cut short: 0 octets"),
        (b"\x00", "header cut short: 1 octets"),
        (b"\x00\x07rest", "unsupported version: NetFlow v7"),
        (b"GET / HTTP", "not an export packet: it begins with 47455420"),
    ],
)
def test_what_is_no_export_packet(payload: bytes, reason: str) -> None:
    assert [refused.reason for refused in decode(payload).refused] == [reason]


def test_refusals_name_the_source_and_the_packet() -> None:
    decoder = FlowDecoder("first.pcap")
    (refused,) = decoder.feed(datagrams([b"x"]))
    assert (refused.source, refused.position) == ("first.pcap", "packet 1")  # type: ignore[union-attr]
    (refused,) = decoder.feed(datagrams([b"x"]), source="second.pcap")
    assert refused.source == "second.pcap"  # type: ignore[union-attr]


def test_long_feeds_come_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_export, "ROWS_PER_BATCH", 10)
    packets = datagrams(netflow5_packet([Flow()] * 4, sequence=4 * n) for n in range(6))
    readings = list(FlowDecoder().feed(packets))
    sizes = [r.flows.num_rows for r in readings if isinstance(r, FlowBatch)]
    assert sizes == [12, 12]
    assert len(sorted_out(readings).rows) == 24


def test_the_decoder_can_be_fed_nothing() -> None:
    decoder = FlowDecoder()
    assert [*decoder.feed([]), *decoder.finish()] == []
    assert decoder.skipped == {}
