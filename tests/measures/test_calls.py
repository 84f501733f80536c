"""Calls read from the question's answer."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from headwater.measures.calls import SUSPECT, calls_in
from headwater.measures.own_calls import MOST

FIXED = {
    "bytes": 900, "down_bytes": 400, "down_packets": 2, "mailed": 500, "followed": 0,
    "covered_us": 0, "since_us": 0, "tunnel": 0, "relays": 0, "sampling": 1,
    "gateway": 0, "indicated": 0, "met": 1, "hosts": 9, "suspects": 1, "expected": 1.0,
    "met_in_all": 9, "places": 3, "calls_in_all": 4, "mailers": 1,
    "sick_at_80": 0, "sick_at_443": 0, "well_at_80": 0, "well_at_443": 0, "opened": 9,
    "carried": 0,
}  # fmt: skip


def answer(*rows: tuple[str, str, int, str, int, float]) -> pa.Table:
    names = ("server", "part", "port", "host", "opened_at", "confidence")
    return pa.Table.from_pylist(
        [{**dict(zip(names, row, strict=True)), **FIXED, "apart": row[-1]} for row in rows]
    )


def test_a_port_is_a_place_of_its_own_where_it_is_asked_about_apart() -> None:
    calls = calls_in(
        answer(
            ("203.0.113.1", "whole", 80, "192.0.2.1", 5, 0.9),
            ("203.0.113.1", "port", 8443, "192.0.2.1", 6, 0.9),
            ("203.0.113.1", "whole", 8443, "192.0.2.1", 6, 0.9),
            ("203.0.113.1", "port", 8444, "192.0.2.1", 7, 0.9),
        )
    )
    assert calls.place.tolist() == [0, 0, 1, 2]
    assert calls.port.tolist() == [80, 8443, 8443, 8444]
    assert [calls.parts[part] for part in calls.part] == ["whole", "whole", "port", "port"]


def test_suspects_and_others_are_kept_apart() -> None:
    sick, well = SUSPECT, SUSPECT - 0.01
    calls = calls_in(
        answer(
            *(("203.0.113.1", "whole", 443, "192.0.2.1", at, sick) for at in (3, 9)),
            ("203.0.113.1", "whole", 443, "192.0.2.2", 4, well),
        )
    )
    rows = slice(0, 3)
    assert [calls.hosts[host] for host in calls.sick(rows)] == ["192.0.2.1"]
    assert [each.tolist() for each in calls.series(rows)] == [[3, 9]]
    assert [each.tolist() for each in calls.series(rows, sick=False)] == [[4]]
    assert calls.vote[0] > calls.vote[2]


def test_how_many_of_the_callers_go_to_one_port() -> None:
    def share(*ports: int) -> float:
        rows = [
            ("203.0.113.1", "whole", p, f"192.0.2.{n}", 1, 0.0) for n, p in enumerate(ports)
        ]
        again = [("203.0.113.1", "whole", ports[0], "192.0.2.0", at, 0.0) for at in range(2, 9)]
        return calls_in(answer(*rows, *again)).at_one_port(slice(0, len(rows) + len(again)))

    assert share(8443, 8443, 8443) == 1.0
    assert share(41001, 8443, 8443, 41002) == 0.5  # however often one calls
    assert share(80, 443, 8443) == 2 / 3


def test_who_passes_on_what_no_visit_announces_is_counted_of_the_sick() -> None:
    rows = [
        ("203.0.113.1", "whole", 443, f"192.0.2.{number}", number, confidence)
        for number, confidence in enumerate((SUSPECT, SUSPECT, SUSPECT, 0.0))
    ]
    calls = calls_in(answer(*rows))
    tunnels, gateways = [True, True, False, True], [False, True, False, False]
    calls = replace(calls, tunnel=np.array(tunnels), gateway=np.array(gateways))
    assert calls.unannounced(slice(0, 4)) == pytest.approx(1 / 3)
    assert calls.unannounced(slice(3, 4)) == 0.0


def test_short_calls_are_no_errands_however_many() -> None:
    rows = [("203.0.113.1", "whole", 443, f"192.0.2.{host}", 1, 0.9) for host in (1, 1, 1, 2)]
    calls = replace(calls_in(answer(*rows)), bytes=np.array([90, 91, 500, 90]))
    callers, octets = calls.errands(slice(0, 4), 90)
    assert [calls.hosts[host] for host in callers] == ["192.0.2.1", "192.0.2.2"]
    assert octets.tolist() == [591.0, 0.0]


def test_who_comes_to_the_door_of_the_sick_is_their_fellow() -> None:
    said = (8443, SUSPECT), (8443, SUSPECT), (443, SUSPECT), (8443, 0.0), (80, 0.0), (25, 0.0)

    def fellows(part: str) -> list[float]:
        rows = [
            ("203.0.113.1", part, port, f"192.0.2.{number}", 1, sick)
            for number, (port, sick) in enumerate(said)
        ]
        told: list[float] = calls_in(answer(*rows)).fellows(slice(0, len(rows))).same.tolist()
        return told

    assert fellows("whole") == pytest.approx([1 / 2, 1 / 2, 0, 2 / 3, 1 / 3, 0])
    calls = calls_in(answer(("203.0.113.1", "poll", 443, "192.0.2.1", 1, SUSPECT)))
    assert calls.fellows(slice(0, 1)).same.tolist() == [0.0]
    alone = calls_in(answer(("203.0.113.1", "whole", 443, "192.0.2.1", 1, 0.0)))
    assert alone.fellows(slice(0, 1)).same.tolist() == [0.0]
    assert alone.fellows(slice(0, 1), feeds=True).same.tolist() == [1.0]
    known = replace(alone, indicated=np.array([1]))
    assert known.fellows(slice(0, 1)).same.tolist() == [1.0]


def test_who_mails_does_as_the_suspects_do() -> None:
    place = ("203.0.113.1", "whole", 443)
    asked = answer(
        *((*place, f"192.0.2.{host}", 5, SUSPECT) for host in (1, 2, 3, 4)),
        *((*place, f"192.0.2.{host}", 5, 0.0) for host in (5, 6)),
    )
    at = asked.column_names.index("mailed")
    mailed = [500, 500, 500, 0, 500, 0]
    calls = calls_in(asked.set_column(at, "mailed", pa.array(mailed)))
    told = calls.mails_too(slice(0, 6)).tolist()
    # Of nine hosts one mails, of the suspects three of four: of three others two, or three.
    usual = 1 / 9
    assert told[0] == pytest.approx(np.log((2 + 1) / (3 + 2) / usual), abs=0.01)
    assert told[4] == pytest.approx(np.log((3 + 1) / (4 + 2) / usual), abs=0.01)
    assert (told[3], told[5]) == (0.0, 0.0)  # who does not mail waits
    common = replace(calls, all_mailing=9)  # everybody does
    assert not common.mails_too(slice(0, 6)).any()


def test_fellows_count_as_far_as_they_are_suspected() -> None:
    """Whether one is just taken for a suspect or just not makes no odds to the others."""

    def fellows(sure: float) -> list[float]:
        rows = [("203.0.113.1", "whole", 443, "192.0.2.9", 1, sure)]
        rows += [("203.0.113.1", "whole", 443, f"192.0.2.{n}", 1, 0.4) for n in range(4)]
        rows += [("203.0.113.1", "whole", 8443, f"192.0.2.{n}", 1, 0.4) for n in range(4, 7)]
        found = calls_in(answer(*rows)).fellows(slice(0, len(rows)))
        return [*found.same[:-1].tolist(), *found.sick[:-1].tolist()]

    assert fellows(SUSPECT) == pytest.approx(fellows(SUSPECT - 0.01), abs=0.02)


def excess(*hosts: tuple[int, int, bool, bool]) -> float:
    """Of suspects: calls, how many follow visits, whether any visit shows, by tunnel or not."""
    rows = []
    for number, (times, followed, visited, tunnel) in enumerate(hosts):
        host = answer(
            *(
                ("203.0.113.1", "whole", 443, f"192.0.2.{number}", at, 0.9)
                for at in range(times)
            )
        ).to_pylist()
        for at, row in enumerate(host):
            row |= {"followed": int(at < followed), "covered_us": 10 * visited}
            row["tunnel"] = int(tunnel)
        rows += host
    calls = calls_in(pa.Table.from_pylist(rows))
    return calls.relayed_excess(slice(0, len(rows)), 100)[0]


def test_who_calls_most_does_not_drown_that_all_others_call_for_visitors() -> None:
    relays = [(2, 2, True, False)] * 4
    assert excess(*relays) == pytest.approx(0.9)
    assert excess(*relays, (200, 0, True, False)) == pytest.approx((4 * 0.9 - 0.1) / 5)


def test_whose_visits_do_not_show_has_no_say_on_what_follows_them() -> None:
    relays = [(2, 2, True, False)] * 4
    assert excess(*relays, *[(5, 0, False, False)] * 4) == pytest.approx(0.9)
    assert excess(*relays, *[(5, 0, True, True)] * 4) == pytest.approx(0.9)
    # A few of many could well be the only ones who go there for others.
    assert excess(*relays, *[(5, 0, False, False)] * 12) == pytest.approx(0.45)
    assert excess(*[(5, 0, False, False)] * 3) == 0.0


@pytest.mark.parametrize(("change", "told"), [
    ({}, MOST),
    ({"sampling": 1}, 0.0),  # where every packet is seen that is asked otherwise
    ({"gateway": 1}, 0.0),  # which is dialled to be used
    ({"tunnel": 1}, 0.0),  # by which errands come that no visit announces
])  # fmt: skip
def test_calls_that_no_visit_announces_are_their_hosts_own(
    change: dict[str, int], told: float
) -> None:
    carrying = {"sampling": 10, "opened": 100, "carried": 90, **change}
    rows = [
        ("203.0.113.1", "whole", 443, f"192.0.2.{host}", at, 0.9)
        for host in (1, 2)
        for at in range(5)
    ]
    table = pa.Table.from_pylist([{**row, **carrying} for row in answer(*rows).to_pylist()])
    assert calls_in(table).own(slice(0, 10), 10) == told


def test_who_is_a_suspect_for_more_than_a_call_is_counted_as_shown() -> None:
    rows = [
        ("203.0.113.1", "whole", 443, f"192.0.2.{host}", 1, sure)
        for host, sure in ((1, SUSPECT), (1, SUSPECT), (2, SUSPECT - 0.01), (3, 0.0))
    ]
    assert calls_in(answer(*rows)).shown(slice(0, 4)) == (1, 3)
