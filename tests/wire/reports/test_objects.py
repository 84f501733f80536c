from typing import Any

from headwater.wire.reports.objects import DEEPEST, records


def test_inner_names_carry_the_outer_ones() -> None:
    value = {"source": {"ip": "192.0.2.7", "port": 1}, "at": "x", "yes": True}
    assert list(records(value)) == [
        [("source ip", "192.0.2.7"), ("source port", "1"), ("at", "x")]
    ]


def test_each_object_of_a_list_is_a_record() -> None:
    assert list(records({"events": [{"ip": "a"}, {"ip": "b"}]})) == [
        [("ip", "a")],
        [("ip", "b")],
    ]


def test_depth_is_bounded() -> None:
    value: Any = {"ip": "192.0.2.7"}
    for _ in range(DEEPEST * 3):
        value = [value]
    assert list(records(value)) == []
