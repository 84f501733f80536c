from datetime import UTC

from tests.wire.leases.samples import BLOCKS, brief

from headwater.wire.leases.cgn_blocks import read_cgn_blocks


def test_blocks_of_ports() -> None:
    assert brief(read_cgn_blocks(BLOCKS.splitlines(), "f", UTC)) == [
        "192.0.2.1 1024-2047 09:00:00|10:00:00|10:00:00|10:00:00 alice",
        "192.0.2.1 2048-3071 09:00:00|09:00:00||09:00:00 bob, b",
    ]


def test_a_row_without_ports_would_name_one_for_all() -> None:
    told = read_cgn_blocks([BLOCKS.splitlines()[0], "192.0.2.1,,,2026-03-01,,a"], "f", UTC)
    assert brief(told) == ["line 2: no block of ports"]
