"""Version 5 packets in runs say what they say one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.export_writer import NOW_S, Flow, netflow5_packet
from tests.wire.run_writer import packets_of, run_of, said_alike

from headwater.wire.flow_export import FlowDecoder
from headwater.wire.netflow5 import NetFlow5Packets
from headwater.wire.netflow5_runs import read_run


def packet(number: int, count: int = 4, **header: int) -> bytes:
    flows = [Flow(octets=100 + at) for at in range(count)]
    return netflow5_packet(flows, sequence=4 * number, **header)


def test_plain_packets() -> None:
    found = said_alike([(packet(n, sampling=10), n % 2 > 0) for n in range(60)])
    assert len(found.rows) == 240
    assert {row["sampling"] for row in found.rows} == {10}
    assert not found.refused


def test_a_lost_packet_is_missed() -> None:
    (gap,) = said_alike([(packet(n), False) for n in range(90) if n != 20]).gaps
    assert gap.missing == 4


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (packet(20, count=9), "record cut short"),
        (packet(20) + b"\x01", "trailing octets"),
        (packet(20)[:11], "header cut short"),
        (packet(20, exported_s=NOW_S - 40 * 86_400), "exporter's clock is wrong"),
    ],
)
def test_an_odd_packet_among_plain_ones(odd: bytes, reason: str) -> None:
    if reason == "record cut short":
        odd = odd[:-48]
    sent = [packet(n) for n in range(20)] + [odd] + [packet(n) for n in range(21, 40)]
    found = said_alike([(payload, False) for payload in sent])
    assert list(found.reasons) == [reason]


def test_rows_leave_as_soon_as_they_are_enough() -> None:
    packets, run = (
        NetFlow5Packets(),
        run_of(packets_of([(packet(n), False) for n in range(50)])),
    )
    batches = [batch.flows.num_rows for batch in read_run(packets, run, "a", 30)]  # type: ignore[union-attr]
    assert batches == [32] * 6
    assert packets.rows == 8


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 30), st.integers(0, 5), st.booleans(), st.sampled_from([0, 0, 0, 3])
        ),
        max_size=40,
    ),
    st.integers(0, 20),
)
def test_any_packets_say_the_same_in_runs(
    made: list[tuple[int, int, bool, int]], cut: int
) -> None:
    sent = [
        (packet(number, count)[: (-short or None)], other)
        for number, count, other, short in made
        for _ in range(3)
    ]
    said_alike(sent, cut=cut)


def test_a_decoder_takes_runs_of_several_versions() -> None:
    sent = [(packet(0), False), (b"\x00\x07", False), (b"", False)]
    readings = list(FlowDecoder().feed(run_of(packets_of(sent))))
    assert len(readings) == 3
