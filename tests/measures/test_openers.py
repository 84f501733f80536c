from typing import Any

import numpy as np
import pytest

from headwater.measures.endpoints import endpoints
from headwater.measures.openers import (
    DOUBLINGS,
    EXPORTERS_APART,
    GREETING,
    HEARTBEAT_US,
    HOW,
    LEAST_TRIED,
    NEVER,
    NOTHING_SAID,
    OF_TWO,
    WARM_UP_US,
    WELL_KNOWN,
    Meetings,
    calls,
    clocks,
    established,
    exchanged,
    met,
    often,
    opened,
)

SYN, RST_ACK, SYN_ACK, ACK, ALL = 0x02, 0x14, 0x12, 0x10, 0x1B
TYPES = {
    "low_exporter": np.int32,
    "high_exporter": np.int32,
    "again": np.bool_,
    "low_once": np.bool_,
    "high_once": np.bool_,
}
START = 10_000_000_000
ENDS = ("address", "port", "start")
BELIEVED = np.ones(OF_TWO + 1, np.bool_)


def meeting(**changed: Any) -> dict[str, Any]:
    """Two TCP endpoints, 192.0.2.1 port 1000 to 2000, at one instant; nothing tells."""
    row = {
        "protocol": 6, "low_port": 40_000, "high_port": 50_000,
        "low_start": START, "high_start": START, "ended": START + 5,
        "low_packets": 5, "high_packets": 5, "low_bytes": 500, "high_bytes": 500,
        "low_flags": ALL, "high_flags": ALL, "low_once": False, "high_once": False,
        "said": NOTHING_SAID, "sampling": 1, "again": False,
        "low_exporter": 0, "high_exporter": 0,
        "low_address": 1, "high_address": 2,
    } | changed  # fmt: skip
    row.setdefault("low_first", row["low_flags"])
    row.setdefault("high_first", row["high_flags"])
    return row


def table(rows: list[dict[str, Any]]) -> Meetings:
    columns: dict[str, Any] = {
        name: np.array([row[name] for row in rows], TYPES.get(name, np.int64))
        for name in rows[0]
    }
    protocol = columns.pop("protocol")
    for side in ("low", "high"):
        address, port = columns.pop(f"{side}_address"), columns.pop(f"{side}_port")
        columns[f"{side}_end"] = endpoints(protocol, address, port)
    return Meetings(**columns)


def told(begun_us: int = 0, believed: bool = True, **changed: Any) -> tuple[bool, str]:
    """Is the low endpoint the client, and how is that known?"""
    one = table([meeting(**changed)])
    found = opened(one, met([one], begun_us)[0], BELIEVED & believed, begun_us)
    return bool(found.client_is_low[0]), HOW[found.how[0]]


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"said": 1}, (True, "record")),
        ({"said": 0, "low_flags": SYN, "high_flags": RST_ACK}, (False, "record")),
        ({"low_flags": SYN, "high_flags": RST_ACK}, (True, "flags")),
        ({"low_flags": RST_ACK, "high_flags": SYN}, (False, "flags")),
        ({"low_flags": SYN, "high_flags": SYN}, (False, "guess")),
        ({"high_flags": SYN_ACK, "high_once": True}, (True, "flags")),
        ({"low_flags": SYN_ACK, "low_once": True}, (False, "flags")),
        ({"high_flags": SYN_ACK}, (False, "guess")),
        (
            {
                "low_flags": SYN_ACK,
                "low_once": True,
                "high_flags": SYN_ACK,
                "high_once": True,
            },
            (False, "guess"),
        ),
        ({"protocol": 17, "low_flags": SYN, "high_flags": RST_ACK}, (False, "guess")),
        ({"high_start": START + 2000}, (True, "guess")),
        ({"high_start": START + 2001}, (True, "time")),
        ({"high_start": START - 2001}, (False, "time")),
        ({"high_start": START + 2001, "sampling": 2}, (False, "guess")),
        ({"high_start": START + 2001, "believed": False}, (True, "guess")),
        ({"high_start": START + 2001, "low_flags": ACK, "high_flags": ACK}, (True, "guess")),
        (
            {"high_start": START + 2001, "low_flags": NOTHING_SAID, "high_flags": ACK},
            (True, "time"),
        ),
        ({"high_start": NEVER}, (False, "guess")),
        ({"low_port": 1023, "high_port": 1024}, (False, "port")),
        ({"low_port": 32_768, "high_port": 32_767}, (True, "port")),
        ({"low_port": 80, "high_port": 25}, (True, "guess")),
        ({"low_port": 80, "high_port": 80}, (True, "guess")),
        ({"low_port": 80, "high_port": 80, "low_start": NEVER}, (False, "guess")),
    ],
)
def test_the_first_evidence_that_speaks(
    changed: dict[str, Any], answer: tuple[bool, str]
) -> None:
    assert told(**changed) == answer


@pytest.mark.parametrize(
    ("begun_us", "again", "how"),
    [
        (START - WARM_UP_US, False, "time"),
        (START - WARM_UP_US + 1, False, "guess"),
        (0, True, "guess"),
    ],
)
def test_the_first_datagram_may_have_come_before_the_records(
    begun_us: int, again: bool, how: str
) -> None:
    late: dict[str, Any] = {"high_start": START + 2001, "again": again}
    assert told(begun_us, protocol=17, **late)[1] == how
    assert told(begun_us, protocol=6, **late)[1] == "time"


@pytest.mark.parametrize(("count", "how"), [(2, "guess"), (3, "service")])
def test_an_endpoint_met_by_many_is_a_service(count: int, how: str) -> None:
    for low, high in ((40_000, 50_000), (50_000, 40_000)):
        rows = [meeting(low_address=n, high_address=99) for n in range(count)]
        part = table([row | {"low_port": low, "high_port": high} for row in rows])
        found = opened(part, met([part], 0)[0], BELIEVED, 0)
        assert {HOW[code] for code in found.how} == {how}
        assert found.client_is_low.tolist() == [how == "service" or high < low] * count


def test_meetings_are_counted_together() -> None:
    parts = [table([meeting(high_address=n)]) for n in (7, 8, 9, 9)]
    counted = met(parts, 0)
    assert [part.low.tolist() for part in counted] == [[4]] * 4
    assert [part.high.tolist() for part in counted] == [[1]] * 4  # two say nothing
    assert met([], 0) == []


def asked(count: int, lies: int, **changed: Any) -> list[dict[str, Any]]:
    """Conversations with one server, of some of which the answer is stamped first."""
    changed = {"high_address": 99, "high_port": 443} | changed
    return [
        meeting(low_address=n, high_start=START + (-5000 if n < lies else 5000), **changed)
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "lies", "believed"),
    [
        (LEAST_TRIED - 1, LEAST_TRIED - 1, True),
        (LEAST_TRIED, LEAST_TRIED, False),
        (20, 2, True),
        (20, 3, False),
    ],
)
def test_clocks_are_tried_where_the_service_is_beyond_doubt(
    count: int, lies: int, believed: bool
) -> None:
    rows = asked(count, lies)
    swapped = {"low": "high", "high": "low"}
    turned = [
        row | {f"{swapped[side]}_{of}": row[f"{side}_{of}"] for side in swapped for of in ENDS}
        for row in rows
    ]
    for part in (table(rows), table(turned)):
        truthful = clocks([part], met([part], 0), 2).truthful
        assert truthful[OF_TWO:].tolist() == [believed, True]


@pytest.mark.parametrize(
    "changed",
    [
        {"high_port": WELL_KNOWN},  # who shares files calls many from the port it is called at
        {"low_port": WELL_KNOWN - 1},
        {"low_flags": NOTHING_SAID, "high_flags": NOTHING_SAID, "again": True},
        {"protocol": 17, "again": True},
        {"low_flags": ACK, "high_flags": ACK},
        {"sampling": 2},
    ],
)
def test_clocks_are_not_tried_where_another_began_or_it_began_earlier(
    changed: dict[str, Any],
) -> None:
    for also, tried in ((changed, 0), ({}, 30), ({"again": True}, 30)):
        part = table(asked(30, 30, **also))
        assert clocks([part], met([part], 0), 2).tried.sum() == tried


SILENT: dict[str, Any] = {"low_flags": NOTHING_SAID, "high_flags": NOTHING_SAID}


def led(calls: int, called: int, begun_us: int = 0, **changed: Any) -> set[str]:
    """How conversations are told in which the end that many met speaks first, or second."""
    changed = SILENT | changed
    rows = [
        meeting(low_address=n, high_address=99, high_start=START + lag_us, **changed)
        for n, lag_us in enumerate([-5000] * calls + [5000] * called)
    ]
    part = table(rows)
    (its,) = met([part], begun_us)
    found = opened(part, its, BELIEVED, begun_us)
    assert found.client_is_low[calls:].all()
    hows = {HOW[how] for how in found.how[:calls]}
    assert found.client_is_low[:calls].tolist() == [hows == {"service"}] * calls
    return hows


@pytest.mark.parametrize(
    ("calls", "called", "how"),
    [(1, 3, "service"), (1, 2, "time"), (3, 0, "time"), (5, 15, "service"), (5, 14, "time")],
)
def test_who_is_called_by_many_did_not_call_though_it_spoke_first(
    calls: int, called: int, how: str
) -> None:
    assert led(calls, called) == {how}
    assert led(calls, called, low_flags=SYN | ACK) == {"time"}
    assert led(calls, called, protocol=17) == {"time"}


@pytest.mark.parametrize(
    ("calls", "called", "how"), [(3, 0, "time"), (3, 1, "service"), (4, 1, "time")]
)
def test_until_all_that_went_on_was_heard_of_being_called_says_more(
    calls: int, called: int, how: str
) -> None:
    assert led(calls, called, START - HEARTBEAT_US + 1) == {how}
    assert led(calls, called, START - HEARTBEAT_US) == {"time"}


def test_what_goes_on_does_not_tell_who_calls() -> None:
    assert led(3, 1, again=True) == {"service"}  # nobody is heard of


@pytest.mark.parametrize(
    ("count", "lies", "believed"),
    [(0, 0, False), (19, 0, False), (20, 0, True), (40, 1, True), (40, 2, False)],
)
def test_two_exporters_must_be_seen_to_agree(count: int, lies: int, believed: bool) -> None:
    rows = asked(count, lies, high_exporter=1)
    rows.append(meeting(low_address=7, low_start=NEVER, low_exporter=NOTHING_SAID))
    part = table(rows)
    truthful = clocks([part], met([part], 0), 2).truthful
    # Who comes first by 5 ms: by one doubling of a tick, not by two.
    assert truthful[DOUBLINGS:][:3].tolist() == [False, believed, False]
    assert not truthful[EXPORTERS_APART * DOUBLINGS :][:DOUBLINGS].any()
    assert truthful[OF_TWO:].tolist() == [True, True]
    parted = table([meeting(high_start=START + 5000, low_exporter=0, high_exporter=1)])
    late = table([meeting(high_start=START + 9000, low_exporter=0, high_exporter=1)])
    assert HOW[opened(late, met([late], 0)[0], truthful, 0).how[0]] == "guess"
    how = opened(parted, met([parted], 0)[0], truthful, 0).how
    assert HOW[how[0]] == ("time" if believed else "guess")


def test_parts_know_together_what_the_whole_knows() -> None:
    rows = asked(30, 4, low_flags=NOTHING_SAID, high_flags=NOTHING_SAID)
    whole, (one, other) = table(rows), (table(rows[:11]), table(rows[11:]))
    ends = np.concatenate([whole.low_end, whole.high_end])
    odd = ends % 2 == 1
    votes = np.concatenate(calls(whole, START))
    many = often([(ends[odd], votes[odd]), (ends[~odd], votes[~odd])])
    known = [many.met(part) for part in (one, other)]
    (its,) = met([whole], START)
    assert [c for part in known for c in part.high] == its.high.tolist()
    assert [c for part in known for c in part.low] == its.low.tolist()
    assert [c for part in known for c in part.high_calls] == its.high_calls.tolist()
    assert set(its.high_calls) == {4 - 3 * 26}
    halves = [clocks([part], [told], 1) for part, told in zip((one, other), known, strict=True)]
    assert (halves[0] + halves[1]).tried.tolist() == clocks([whole], [its], 1).tried.tolist()
    assert often([]).met(one).low.tolist() == [1] * 11


# Of an exporter that keeps the first packet's flags alone.
FIRST = {"low_flags": SYN, "high_flags": SYN_ACK, "high_packets": 9}


@pytest.mark.parametrize(
    ("changed", "client_is_low", "data"),
    [
        ({"low_flags": SYN, "high_flags": RST_ACK}, True, False),
        ({"low_flags": SYN | ACK, "high_flags": 0}, True, True),
        (FIRST | {"low_packets": GREETING + 1}, True, True),
        (FIRST | {"low_packets": GREETING}, True, False),
        (FIRST | {"low_packets": GREETING + 1, "high_flags": RST_ACK}, True, False),
        (FIRST | {"low_packets": 2 * GREETING, "sampling": 2}, True, False),
        ({"low_flags": NOTHING_SAID, "high_flags": 0x18}, True, True),
        ({"low_flags": NOTHING_SAID, "high_flags": ACK}, True, False),
        ({"low_flags": NOTHING_SAID, "high_flags": ACK}, False, True),
        ({"low_flags": NOTHING_SAID, "high_flags": NOTHING_SAID}, True, True),
        (
            {"low_flags": NOTHING_SAID, "high_flags": NOTHING_SAID, "low_packets": 1},
            True,
            False,
        ),
        ({"protocol": 17, "low_packets": 1, "high_packets": 1}, True, True),
        ({"protocol": 17, "low_packets": 1, "high_packets": 0}, True, False),
        ({"protocol": 17, "low_packets": 0, "high_packets": 100, "sampling": 100}, True, True),
    ],
)
def test_established_is_more_than_a_knock(
    changed: dict[str, Any], client_is_low: bool, data: bool
) -> None:
    one = table([meeting(**changed)])
    assert established(one, np.array([client_is_low])).tolist() == [data]


def test_what_is_turned_stands_in_the_others_place() -> None:
    one, other = np.array([1, NEVER, -NEVER]), np.array([NOTHING_SAID, 5, NEVER])
    left, right = exchanged(one, other, np.array([True, False, True]))
    assert left.tolist() == [NOTHING_SAID, NEVER, NEVER]
    assert right.tolist() == [1, 5, -NEVER]
