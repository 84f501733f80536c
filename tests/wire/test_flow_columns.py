from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.wire.export_writer import NOW_US, Readings, at, sorted_out

from headwater.wire.flow_columns import (
    LARGEST_COUNTER,
    LARGEST_SAMPLING,
    LATEST_END_US,
    OLDEST_START_US,
    ROUNDING_US,
    Columns,
    Origin,
    settle,
)

ORIGINS = [Origin("192.0.2.254", NOW_US, -1, 7), Origin("2001:db8::fe", NOW_US, -1, 9)]


def columns(**changed: Any) -> Columns:
    """Two flows, of two packets."""
    usual = Columns(
        packet=np.array([0, 1]),
        started_us=np.array([NOW_US - 2, NOW_US - 1]),
        ended_us=np.array([NOW_US, NOW_US]),
        src=np.array([0xC0000201, 0xC0000202], dtype=np.uint32),
        dst=np.array([0xC6336401, 0xC6336401], dtype=np.uint32),
        src_port=np.array([40_000, 40_001], dtype=np.uint16),
        dst_port=np.array([443, 53], dtype=np.uint16),
        protocol=np.array([6, 17], dtype=np.uint8),
        packets=np.array([1, 2], dtype=np.uint64),
        octets=np.array([100, 200], dtype=np.uint64),
        sampling=np.array([1, 100]),
    )
    return replace(usual, **changed)


def settled(**changed: Any) -> Readings:
    return sorted_out(settle(columns(**changed), ORIGINS, "capture"))


def test_rows_keep_the_exporter_that_sent_them() -> None:
    answer = settled()
    assert [row["exporter"] for row in answer.rows] == ["192.0.2.254", "2001:db8::fe"]
    assert [row["sampling"] for row in answer.rows] == [1, 100]
    assert answer.rows[0]["tcp_flags"] is None
    assert answer.refused == []


def test_counters_stay_as_exported() -> None:
    assert [(row["packets"], row["bytes"]) for row in settled().rows] == [(1, 100), (2, 200)]


@pytest.mark.parametrize(
    ("name", "last_good", "reason"),
    [
        ("packets", np.uint64(LARGEST_COUNTER), "counter too large"),
        ("octets", np.uint64(LARGEST_COUNTER), "counter too large"),
        ("ended_us", NOW_US + LATEST_END_US, "clock in the future"),
        ("sampling", LARGEST_SAMPLING, "sampling impossible"),
        ("src_port", np.uint64(0xFFFF), "src_port impossible"),
        ("protocol", np.uint64(0xFF), "protocol impossible"),
        ("src_as", np.uint64(0xFFFF_FFFF), "src_as impossible"),
        ("tcp_flags", np.uint64(0xFFFF), "tcp_flags impossible"),
    ],
)
def test_the_largest_that_can_be_true(name: str, last_good: Any, reason: str) -> None:
    kind = np.int64 if isinstance(last_good, int) else np.uint64
    usual = getattr(columns(), name)
    first = usual[0] if usual is not None else 1
    good = settled(**{name: np.array([first, last_good], dtype=kind)})
    assert (len(good.rows), good.reasons) == (2, {})
    one = last_good + (1 if isinstance(last_good, int) else np.uint64(1))
    bad = settled(**{name: np.array([first, one], dtype=kind)})
    assert ([row["src"] for row in bad.rows], bad.reasons) == (["192.0.2.1"], {reason: 1})


def test_the_oldest_start() -> None:
    oldest = NOW_US - OLDEST_START_US
    assert len(settled(started_us=np.array([oldest, oldest])).rows) == 2
    answer = settled(started_us=np.array([oldest, oldest - 1]))
    assert (len(answer.rows), answer.reasons) == (1, {"clock too far in the past": 1})
    assert answer.refused[0].source == "capture"
    assert answer.refused[0].position == "packet 9"
    assert "2025-11-30T23:59:59Z" in answer.refused[0].reason


def test_an_end_before_the_start() -> None:
    start = columns().started_us
    rounded = settled(ended_us=start - ROUNDING_US)
    assert [row["ended_at"] for row in rounded.rows] == [
        row["started_at"] for row in rounded.rows
    ]
    answer = settled(ended_us=start - ROUNDING_US - 1)
    assert (answer.rows, answer.reasons) == ([], {"flow ends before it starts": 2})


def test_no_sampling_rate_below_one() -> None:
    assert settled(sampling=np.array([0, 1])).reasons == {"sampling impossible": 1}


def test_a_row_is_refused_for_one_reason_and_counted_by_packet() -> None:
    answer = settled(
        packet=np.array([1, 1]),
        packets=np.array([2**63, 2**63], dtype=np.uint64),
        sampling=np.array([0, 0]),
    )
    (refused,) = answer.refused
    assert (refused.position, refused.records) == ("packet 9", 2)
    assert refused.reason.startswith("counter too large: ")


def test_only_protocols_with_ports_have_ports() -> None:
    ports = {
        number: settled(protocol=np.array([number, 6], dtype=np.uint8)).rows[0]["dst_port"]
        for number in (0, 1, 6, 17, 33, 47, 50, 58, 132, 136, 255)
    }
    assert {number for number, port in ports.items() if port} == {6, 17, 33, 132, 136}


def test_initiators_are_said_unknown_or_not_said() -> None:
    said = np.array([True, False])
    assert [r["initiator"] for r in settled(initiator=said).rows] == [True, False]
    some = settled(initiator=said, initiator_known=np.array([True, False]))
    assert [row["initiator"] for row in some.rows] == [True, None]
    assert [row["initiator"] for row in settled().rows] == [None, None]


def test_times_are_kept_to_the_microsecond() -> None:
    assert settled().rows[0]["started_at"] == at(-0.000002)


def test_no_rows_make_no_batch() -> None:
    empty = {name: getattr(columns(), name) for name in Columns.__slots__}
    cut: dict[str, Any] = {k: None if v is None else v[:0] for k, v in empty.items()}
    assert list(settle(Columns(**cut), ORIGINS, "capture")) == []
