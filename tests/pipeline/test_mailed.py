"""For whom relays pass mail on."""

from tests.pipeline.test_answer import dials
from tests.scene import outside, own, window

from headwater.pipeline.mailed import MAILED, as_mailed
from headwater.records.finding import Finding


def relay(host: int, port: int, *visitors: int) -> Finding:
    return Finding(
        detector="relay", subject=own(host), kind="relay", confidence=0.9, window=window(),
        summary="", proof={"port": port, "mailed_for": {outside(n): 9.0 for n in visitors}},
    )  # fmt: skip


def test_each_visitor_of_each_door_is_told_once() -> None:
    claims = [
        relay(10, 1080, 1, 2),
        relay(10, 1080, 2),
        relay(11, 25, 2),
        dials(10, outside(3)),
    ]
    told = as_mailed([*claims, relay(12, 1080)])
    assert told.schema == MAILED
    assert [tuple(row.values()) for row in told.to_pylist()] == [
        (outside(1), own(10), 1080),
        (outside(2), own(10), 1080),
        (outside(2), own(11), 25),
    ]
