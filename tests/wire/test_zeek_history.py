"""What the letters of a history tell, and what they leave open."""

import pyarrow as pa
import pytest

from headwater.wire.columns.words import protocols
from headwater.wire.zeek_history import read_histories


@pytest.mark.parametrize(
    ("history", "protocol", "known", "originator", "responder"),
    [
        ("ShADadFf", "tcp", True, 0x13, 0x13),
        ("S", "tcp", True, 0x02, None),
        ("Sr", "tcp", True, 0x02, 0x04),
        ("ShADadR", "tcp", True, 0x16, 0x12),
        ("h", "tcp", True, None, 0x12),
        ("^hADafF", "tcp", True, 0x11, 0x13),
        ("DadA", "tcp", False, 0x10, 0x10),
        ("^dfADFr", "tcp", False, 0x11, 0x15),
        ("F", "tcp", False, 0x01, None),
        ("CI", "tcp", False, None, None),
        (None, "tcp", False, None, None),
        ("Dd", "udp", True, None, None),
        ("^Dd", "udp", False, None, None),
        (None, "icmp", True, None, None),
    ],
)
def test_histories(
    history: str | None,
    protocol: str,
    known: bool,
    originator: int | None,
    responder: int | None,
) -> None:
    found = read_histories(pa.array([history], pa.string()), protocols(pa.array([protocol])))
    flags = [
        None if side.missing[0] else int(side.numbers[0])
        for side in (found.originator_flags, found.responder_flags)
    ]
    assert bool(found.opener_known[0]) is known
    assert flags == [originator, responder]
