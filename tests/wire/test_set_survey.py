"""Data sets of plain packets are found where they stand; all other packets are odd."""

import numpy as np
import pytest
from tests.wire.export_writer import (
    NOW_S,
    NOW_US,
    field,
    ipfix_message,
    make_set,
    netflow9_packet,
    template,
)
from tests.wire.run_writer import packets_of, run_of

from headwater.wire.export_packets import EARLY_US, LATE_US, dated
from headwater.wire.set_survey import IPFIX_HEAD, MOST_SETS, NETFLOW9_HEAD, believable, survey

DATA = make_set(300, b"abcdef")


def test_sets_of_plain_packets() -> None:
    sent = [
        (ipfix_message(DATA, make_set(301, b"xy", padding=2), domain=7, sequence=9), False),
        (ipfix_message(DATA), True),
    ]
    run = run_of(packets_of(sent))
    found = survey(run, IPFIX_HEAD)
    assert found.plain.all()
    assert found.packet.tolist() == [0, 0, 1]
    ends = found.starts + found.sizes
    records = [run.octets[a:b] for a, b in zip(found.starts, ends, strict=True)]
    assert records == [b"abcdef", b"xy\0\0", b"abcdef"]
    asked = [(found.streams[stream], number) for stream, number in found.kinds]
    assert [asked[kind] for kind in found.kind.tolist()] == [
        (("192.0.2.254", 7), 300), (("192.0.2.254", 7), 301), (("192.0.2.253", 1), 300),
    ]  # fmt: skip
    assert found.sequence.tolist() == [9, 0]
    assert found.uptime_ms.tolist() == [-1, -1]


def test_a_head_with_uptime() -> None:
    packet = netflow9_packet(DATA, uptime_ms=77, source_id=2**32 - 1)
    found = survey(run_of(packets_of([(packet, False)])), NETFLOW9_HEAD)
    assert found.uptime_ms.tolist() == [77]
    assert found.streams == [("192.0.2.254", 2**32 - 1)]
    assert found.exported_us.tolist() == [NOW_US]


@pytest.mark.parametrize(
    "odd",
    [
        ipfix_message(template(300, [field("octetDeltaCount", 4)])),
        ipfix_message(DATA, template(300, [field("octetDeltaCount", 4)])),
        ipfix_message(DATA) + ipfix_message(DATA),
        ipfix_message(DATA)[:-1],
        ipfix_message(DATA, b"\0\0"),
        ipfix_message(make_set(300, b"")),
        ipfix_message(*[DATA] * (MOST_SETS + 1)),
        ipfix_message(DATA, exported_s=NOW_S - 40 * 86_400),
        ipfix_message(),
        b"\x00\x0a",
    ],
    ids=[
        "template", "template behind data", "two messages", "cut", "trailing", "empty set",
        "too many sets", "old", "no sets", "no head",
    ],
)  # fmt: skip
def test_odd_packets(odd: bytes) -> None:
    found = survey(run_of(packets_of([(odd, False), (ipfix_message(DATA), False)])), IPFIX_HEAD)
    assert found.plain.tolist() == [False, True]
    assert found.packet.tolist() == [1]


def test_times_are_believed_as_of_a_single_packet() -> None:
    said = [NOW_US + late for late in (0, EARLY_US, EARLY_US + 1, -LATE_US, -LATE_US - 1)]
    pairs = [(us, NOW_US) for us in (*said, 0)] + [(0, 0), (5, 0), (5, -7)]
    exported, believed = believable(
        *(np.array(side, np.int64) for side in zip(*pairs, strict=True))
    )
    alone = [dated(*pair) for pair in pairs]
    assert exported.tolist() == [time for time, _ in alone]
    assert believed.tolist() == [not fault for _, fault in alone]
