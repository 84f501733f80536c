"""Orient on a real lake: who opened what, decided by each kind of evidence in turn."""

import hashlib
import json
import random
from pathlib import Path

import pytest
from tests.pipeline.house import (
    ALL,
    HOST,
    OTHER,
    RST_ACK,
    SERVER,
    SYN,
    SYN_ACK,
    House,
    Row,
    both,
    flow,
    is_own,
    table,
)

from headwater.lake.layout import HOUR_US
from headwater.pipeline.carried import CARRIED_COLUMNS, carried
from headwater.pipeline.hour_records import FLOW_COLUMNS, hour_records
from headwater.pipeline.meetings import paired
from headwater.pipeline.orient import METHOD, Oriented
from headwater.pipeline.session_rows import session_rows
from headwater.records.tables import SESSIONS, SLICES

SPOKEN: list[Row] = [
    {},
    {"tcp_flags": None},
    {"tcp_flags": 0},
    {"tcp_flags": SYN},
    {"tcp_flags": SYN, "back": {"tcp_flags": SYN_ACK}},
    {"protocol": 17, "tcp_flags": None},
]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_two_directions_become_one_session(house: House) -> None:
    (session,) = house.sessions(
        both(10, HOST, SERVER, (40_000, 443), bytes=900, back={"bytes": 70_000, "packets": 50})
    )
    assert (session["client"], session["server"], session["port"]) == (HOST, SERVER, 443)
    assert (session["client_bytes"], session["server_bytes"]) == (900, 70_000)
    assert (session["client_packets"], session["server_packets"]) == (10, 50)
    assert session["inside"] == "client"
    assert session["established"]


@pytest.mark.parametrize(
    ("rows", "client", "how"),
    [
        pytest.param(
            both(10, HOST, SERVER, (443, 40_000), initiator=True, back={"initiator": False}),
            HOST,
            "record",
            id="the record says so, against the ports",
        ),
        pytest.param(
            both(10, HOST, SERVER, (443, 40_000), tcp_flags=SYN, back={"tcp_flags": RST_ACK}),
            HOST,
            "flags",
            id="a SYN without ACK",
        ),
        pytest.param(
            [flow(10, SERVER, HOST, (40_000, 50_000), tcp_flags=SYN_ACK, packets=1)],
            HOST,
            "flags",
            id="one packet, SYN and ACK: the server's",
        ),
        pytest.param(
            both(10, HOST, SERVER, (443, 40_000)), HOST, "time", id="the earlier first packet"
        ),
        pytest.param(
            both(10, SERVER, HOST, (443, 40_000), lag_s=0), HOST, "port", id="equal clocks"
        ),
        pytest.param(
            both(10, SERVER, HOST, (443, 40_000), lag_s=0.002),
            HOST,
            "port",
            id="one clock tick",
        ),
        pytest.param(
            both(10, SERVER, HOST, (443, 40_000), lag_s=0.003),
            SERVER,
            "time",
            id="one step past the tick",
        ),
        pytest.param(
            both(10, SERVER, HOST, (443, 40_000), tcp_flags=0x18),
            HOST,
            "port",
            id="no SYN seen: the first packet is not the first",
        ),
        pytest.param(
            both(10, SERVER, HOST, (443, 40_000), sampling=100),
            HOST,
            "port",
            id="sampled: the first packet seen is any packet",
        ),
        pytest.param(
            both(10, SERVER, HOST, (40_001, 40_000), lag_s=0),
            SERVER,
            "guess",
            id="nothing at all",
        ),
    ],
)
def test_each_kind_of_evidence(house: House, rows: list[Row], client: str, how: str) -> None:
    (session,) = house.sessions(rows)
    assert (session["client"], session["oriented_by"]) == (client, how)


def test_an_endpoint_that_many_met_is_the_server(house: House) -> None:
    rows = [
        row
        for number in range(3)
        for row in both(
            10 + number, SERVER, HOST, (30_000 + number, 61_000), lag_s=0, tcp_flags=0x18
        )
    ]
    assert {(s["server"], s["oriented_by"]) for s in house.sessions(rows)} == {
        (HOST, "service")
    }


def test_without_flags_a_service_that_speaks_first_still_is_called(house: House) -> None:
    rows = [
        row
        for number in range(6)
        # Once its word is the first that is heard: it was called before the records began.
        for row in both(
            10 + number,
            *(HOST, SERVER, (50_000 + number, 5223)),
            lag_s=-0.03 if number == 0 else 0.03,
            tcp_flags=None,
        )
    ]
    later = both(3605, SERVER, HOST, (5223, 50_000), tcp_flags=None)  # it goes on
    first, *others = house.sessions(rows + later)
    assert (first["client"], first["oriented_by"]) == (HOST, "service")
    assert {(s["client"], s["oriented_by"]) for s in others[:5]} == {(HOST, "service")}
    assert (others[5]["client"], others[5]["conversation"]) == (HOST, first["conversation"])


def test_clocks_are_not_tried_by_who_calls_many_from_one_port(house: House) -> None:
    """Sharers of files do."""
    rows = [
        row
        for number in range(40)
        for row in both(10 + number, HOST, SERVER, (6881, 40_000 + number), tcp_flags=None)
    ]
    assert {(s["client"], s["oriented_by"]) for s in house.sessions(rows)} == {(HOST, "time")}


def test_clocks_that_lie_are_not_believed(house: House) -> None:
    lag = (0.5, -0.5, 0.5)
    rows = [
        row
        for number in range(30)
        # Every third answer is stamped before the question: by a clock that goes to and fro.
        for row in both(10 + number, HOST, SERVER, (40_000 + number, 25), lag_s=lag[number % 3])
    ]
    assert {(s["client"], s["oriented_by"]) for s in house.sessions(rows)} == {
        (HOST, "service")
    }


def test_clocks_of_two_exporters_are_not_believed_where_they_differ(house: House) -> None:
    other, lag = "203.0.113.2", (0.011, -0.011, 0.011)
    alone = [
        row | ({"exporter": other} if number % 2 else {})
        for number in range(800)
        for row in both(10 + number, HOST, OTHER, (40_000 + number, 443))
    ]
    parted = [
        row | ({"exporter": other} if row["src"] == SERVER else {})
        for number in range(30)
        # The way back is stamped by the other exporter, whose clock is now and then slow.
        for row in both(10 + number, HOST, SERVER, (40_000 + number, 25), lag_s=lag[number % 3])
    ]
    told = house.sessions([*alone, *parted])
    assert {(s["client"], s["server"], s["oriented_by"]) for s in told} == {
        (HOST, OTHER, "time"),
        (HOST, SERVER, "service"),
    }


def test_slices_of_the_active_timeout_are_one_session_across_the_hour(house: House) -> None:
    rows = [
        row
        for number in range(20)
        for row in both(
            3000 + 60 * number,
            HOST,
            SERVER,
            (50_000, 8443),
            lasts_s=59,
            tcp_flags=ALL - 1 if number == 0 else 0x18,
        )
    ]
    first, second = house.sessions(rows)
    assert first["conversation"] == second["conversation"]
    assert first["opened_at"] == second["opened_at"] == first["started_at"]
    assert first["client_bytes"] + second["client_bytes"] == 20 * 4000
    slices = house.lake.read("slices").to_pylist()
    assert sum(piece["client_bytes"] for piece in slices) == 20 * 4000
    assert {piece["conversation"] for piece in slices} == {first["conversation"]}


def test_a_port_used_again_is_another_session(house: House) -> None:
    again = both(10, HOST, SERVER, (41_000, 443)) + both(100, HOST, SERVER, (41_000, 443))
    assert len({s["conversation"] for s in house.sessions(again)}) == 2


def test_a_port_used_again_goes_on_as_the_later_session(house: House) -> None:
    ports = (41_000, 443)
    rows = both(3000, HOST, SERVER, ports, tcp_flags=0x1A)
    rows += both(3300, HOST, SERVER, ports, tcp_flags=0x1A, lasts_s=280)
    rows += both(3605, HOST, SERVER, ports, tcp_flags=0x18)
    first, again, later = house.sessions(rows)
    assert first["conversation"] != again["conversation"] == later["conversation"]


@pytest.mark.parametrize(("silence_s", "sessions"), [(120, 1), (121, 2)])
def test_udp_conversations_end_with_the_nats_patience(
    house: House, silence_s: int, sessions: int
) -> None:
    rows = [
        *both(10, HOST, SERVER, (41_000, 123), protocol=17, tcp_flags=None, lasts_s=0, lag_s=0),
        *both(
            10 + silence_s,
            HOST,
            SERVER,
            (41_000, 123),
            protocol=17,
            tcp_flags=None,
            lasts_s=0,
            lag_s=0,
        ),
    ]
    assert len(house.sessions(rows)) == sessions


def test_one_direction_alone_is_one_sided(house: House) -> None:
    (session,) = house.sessions([flow(10, SERVER, HOST, (443, 40_000))])
    assert (session["client"], session["client_packets"]) == (HOST, 0)


@pytest.mark.parametrize(
    ("rows", "established"),
    [
        (
            both(10, SERVER, HOST, (40_000, 1080), tcp_flags=SYN, back={"tcp_flags": RST_ACK}),
            False,
        ),
        ([flow(10, SERVER, HOST, (40_000, 1080), tcp_flags=SYN)], False),
        (
            both(10, SERVER, HOST, (40_000, 1080), tcp_flags=0x06, back={"tcp_flags": SYN_ACK}),
            False,
        ),
        (both(10, SERVER, HOST, (40_000, 1080)), True),
        ([flow(10, HOST, SERVER, (1080, 40_000), tcp_flags=0x1A)], True),
        (both(10, SERVER, HOST, (40_000, 53), protocol=17, tcp_flags=None), True),
        ([flow(10, SERVER, HOST, (40_000, 53), protocol=17, tcp_flags=None)], False),
    ],
    ids=[
        "refused",
        "knock",
        "half open",
        "both ways",
        "only the answer",
        "udp",
        "udp unanswered",
    ],
)
def test_established_is_more_than_a_knock(
    house: House, rows: list[Row], established: bool
) -> None:
    (session,) = house.sessions(rows)
    assert session["established"] is established


def test_a_flow_seen_by_two_exporters_counts_once_and_the_larger_wins(house: House) -> None:
    here = both(10, HOST, SERVER, (40_000, 443))
    there = both(
        10.001, HOST, SERVER, (40_000, 443), exporter="203.0.113.2", packets=9, bytes=3600
    )
    (session,) = house.sessions([*here, *there])
    assert (session["client_packets"], session["client_bytes"]) == (10, 4000)


def test_in_and_out_by_different_routers_are_joined(house: House) -> None:
    there, back = both(10, HOST, SERVER, (40_000, 443))
    (session,) = house.sessions([there, back | {"exporter": "203.0.113.2"}])
    assert (session["client_packets"], session["server_packets"]) == (10, 10)


def test_orienting_twice_does_nothing(house: House) -> None:
    before = house.sessions(both(10, HOST, SERVER, (40_000, 443)))
    assert house.orient() == Oriented(hours=0, sessions=0, skipped_hours=1)
    assert house.sessions() == before


def test_hour_by_hour_is_the_same_as_all_at_once(tmp_path: Path) -> None:
    rows = [
        row
        for number in range(200)
        for row in both(
            number * 50, HOST, SERVER, (40_000 + number % 7, 443), lasts_s=70, tcp_flags=0x18
        )
    ]
    at_once, by_hour = House(tmp_path / "a"), House(tmp_path / "b")
    at_once.sessions(rows)
    hours = sorted({row["started_at"] // HOUR_US for row in rows})
    for hour in hours:
        by_hour.sessions(row for row in rows if row["started_at"] // HOUR_US == hour)
    assert by_hour.sessions() == at_once.sessions()
    assert len(hours) == 3


def test_late_records_make_their_hour_and_the_next_stale(house: House) -> None:
    house.sessions(both(10, HOST, SERVER, (40_000, 443)) + both(3700, HOST, SERVER, (1, 2)))
    house.add(both(20, OTHER, SERVER, (40_001, 443)))
    assert house.orient().hours == 2
    assert len(house.sessions()) == 3


def test_other_own_networks_make_everything_stale(house: House) -> None:
    house.sessions(both(10, HOST, SERVER, (40_000, 443)))
    assert house.orient("another").hours == 1


@pytest.mark.parametrize(
    ("start_s", "client", "how"), [(130, SERVER, "port"), (131, HOST, "time")]
)
def test_datagrams_seen_as_the_records_begin_are_not_the_first(
    house: House, start_s: int, client: str, how: str
) -> None:
    spoken = {"protocol": 17, "tcp_flags": None}
    rows = [
        *both(11, OTHER, SERVER, (40_000, 53), **spoken),  # the records begin at 11 s
        *both(start_s, HOST, SERVER, (1194, 50_000), **spoken),
    ]
    found = next(s for s in house.sessions(rows) if HOST in (s["client"], s["server"]))
    assert (found["client"], found["oriented_by"]) == (client, how)


def test_the_method_has_another_number_when_its_results_change(house: House) -> None:
    rng = random.Random(7)
    rows = []
    for _ in range(3000):
        ends = [rng.choice([HOST, OTHER]), f"198.51.100.{rng.randrange(8)}"]
        rng.shuffle(ends)
        spoken: Row = rng.choice(SPOKEN)
        rows += both(
            rng.randrange(9000) + 0.5,
            ends[0],
            ends[1],
            (rng.choice([443, 25, 40_000]), rng.randrange(50_000, 50_060)),
            lasts_s=rng.choice([0, 2, 80]),
            lag_s=rng.choice([0.001, 0.04, 1.5]),
            sampling=rng.choice([1, 1, 100]),
            **spoken,
        )
    for number in range(40):
        back = {"exporter": "203.0.113.2"}
        rows += both(number, HOST, SERVER, (40_000 + number, 443), lag_s=1.52, back=back)
    house.add(rows)
    house.orient()
    kept = "\n".join(
        sorted(
            json.dumps(row, default=str)
            for name in ("sessions", "slices")
            for row in house.lake.read(name).to_pylist()
        )
    )
    assert (METHOD, hashlib.sha256(kept.encode()).hexdigest()[:16]) == (
        "10",
        "190174a778784e36",
    )


def test_an_hour_without_records_has_no_sessions() -> None:
    flows = table([]).select(FLOW_COLUMNS)
    read = hour_records(490_000, flows)
    before = carried([SESSIONS.empty_table().select(CARRIED_COLUMNS)], 490_000, read.directory)
    sessions, slices = session_rows(
        read, paired(read.records), before, 0, is_own(read.directory.names)
    )
    assert (sessions, slices) == (SESSIONS.empty_table(), SLICES.empty_table())
