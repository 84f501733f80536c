"""The same packets to two decoders: in runs to the one, one by one to the other."""

from collections.abc import Sequence
from dataclasses import astuple

from tests.wire.export_writer import EXPORTER, NOW_US, Readings, sorted_out

from headwater.records.intake import Datagram
from headwater.wire.datagram_runs import DatagramRun
from headwater.wire.flow_export import FlowDecoder

OTHER = "192.0.2.253"
Sent = tuple[bytes, bool]  # a payload, and whether another exporter sent it


def run_of(packets: Sequence[Datagram]) -> DatagramRun:
    return DatagramRun(
        payloads=[packet.payload for packet in packets],
        exporters=[packet.exporter for packet in packets],
        received_us=[packet.received_us for packet in packets],
        positions=[packet.position for packet in packets],
    )


def packets_of(sent: Sequence[Sent], received_us: int = NOW_US) -> list[Datagram]:
    return [
        Datagram(
            payload=payload,
            exporter=OTHER if other else EXPORTER,
            received_us=received_us,
            position=position,
        )
        for position, (payload, other) in enumerate(sent, 1)
    ]


def said_alike(sent: Sequence[Sent], received_us: int = NOW_US, cut: int = 0) -> Readings:
    """What both say, after checking that it is the same; the first run ends at ``cut``."""
    packets = packets_of(sent, received_us)
    together, singly = FlowDecoder("a"), FlowDecoder("a")
    parts = [part for part in (packets[:cut], packets[cut:]) if part]
    runs = sorted_out(
        [r for part in parts for r in together.feed(run_of(part))] + [*together.finish()]
    )
    ones = sorted_out([r for part in parts for r in singly.feed(part)] + [*singly.finish()])
    assert runs.rows == ones.rows
    assert sorted(map(astuple, runs.refused)) == sorted(map(astuple, ones.refused))
    assert sorted(map(astuple, runs.gaps)) == sorted(map(astuple, ones.gaps))
    return runs
