"""The flow picture: who is drawn, under which name, in which order."""

from dataclasses import replace

from headwater.outputs.report.sankey import MOST_PROXIES, _columns, _largest, _summed, sankey
from headwater.records.report import Report, Tie


def test_the_largest_keep_their_names() -> None:
    weights = {"a": 5, "b": 9, "c": 1, "d": 1}
    assert _largest(weights, 4, "nets") == {name: name for name in "abcd"}
    assert _largest(weights, 3, "nets") == {
        "b": "b", "a": "a", "c": "2 more nets", "d": "2 more nets",
    }  # fmt: skip


def test_bands_between_the_same_two_are_one_and_empty_ones_none() -> None:
    bands = [("a", "b", 5), ("a", "c", 0), ("a", "b", 2)]
    assert _summed(bands) == [("a", "b", 7)]


def test_nodes_lie_where_their_bands_lead() -> None:
    """The larger first, where nothing would cross; else beside those they talk to."""
    left = [("up-1", "host-1", 90), ("up-2", "host-2", 60), ("up-2", "host-1", 1)]
    right = [("host-1", "net-1", 10), ("host-2", "net-2", 50)]
    upstreams, proxies, networks = _columns(left, right)
    assert [node.name for node in upstreams] == ["up-1", "up-2"]
    assert [node.name for node in proxies] == ["host-1", "host-2"]
    assert [node.name for node in networks] == ["net-1", "net-2"]


def crowd(report: Report, proxies: int) -> Report:
    driver = report.answer.upstreams[0].address
    ties = tuple(
        Tie(upstream=driver, proxy=f"2001:db8::{number:x}", sessions=1, bytes=100 + number)
        for number in range(1, proxies + 1)
    )
    some = replace(report.answer.operations[0], proxies=("2001:db8::1",))
    answer = replace(report.answer, operations=(some,))
    return replace(report, answer=answer, ties=ties, deliveries=())


def test_where_there_is_room_each_proxy_has_its_name(report: Report) -> None:
    full = str(sankey(crowd(report, MOST_PROXIES)))
    assert all(f">2001:db8::{number:x}<" in full for number in range(1, MOST_PROXIES + 1))
    more = str(sankey(crowd(report, MOST_PROXIES + 1)))
    assert ">in no operation<" in more
