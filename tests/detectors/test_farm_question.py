"""Of which outsiders the question asks, and what it tells of their hosts."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, outside, own

from headwater.detectors.farm import DETECTOR

GATEWAY, SITE = outside(1), outside(20)
HOSTS = [own(10 + number) for number in range(3)]
SAMPLING = 20
NOBODY = {"popular": pa.table({"server": pa.array([], pa.string())})}


@pytest.fixture
def sampled(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=1, sampling=SAMPLING)


def sent(
    scene: Scene, src: str, dst: str, ports: tuple[int, int] = (50_000, 7000), **said: Any
) -> None:
    """A flow as it was exported, of so many sampled packets."""
    seen = int(said.pop("seen", 8))
    at_s, lasts_s = float(said.pop("at_s", 600)), float(said.pop("lasts_s", 10))
    row = {
        "started_at": scene.at(at_s), "ended_at": scene.at(at_s + lasts_s), "src": src,
        "dst": dst, "src_port": ports[0], "dst_port": ports[1], "protocol": 6,
        "tcp_flags": 0x18, "packets": seen * SAMPLING, "bytes": seen * SAMPLING * 1000,
        "sampling": SAMPLING, "initiator": True,
    }  # fmt: skip
    scene.rows.append(row | said)


def call(scene: Scene, count: int = 3, **said: Any) -> None:
    for host in HOSTS[:count]:
        sent(scene, host, GATEWAY, **said)


def answered(scene: Scene, extra: dict[str, pa.Table] | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = scene.ask(DETECTOR, extra or NOBODY).to_pylist()
    return rows


def asked(scene: Scene, extra: dict[str, pa.Table] | None = None) -> set[tuple[str, str]]:
    return {(row["host"], row["peer"]) for row in answered(scene, extra) if row["asked"]}


ALL = {(host, GATEWAY) for host in HOSTS}


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ({}, ALL),
        ({"count": 2, "seen": 99}, set()),
        ({"protocol": 17}, set()),
        ({"sampling": 1}, set()),
        *[({"ports": (50_000, port)}, set()) for port in (25, 53, 465, 587, 853)],
        ({"seen": 7}, ALL),
        ({"seen": 6}, set()),  # eighteen packets are no series
    ],
)
def test_asked_is_about_whom_three_hosts_call(
    sampled: Scene, said: dict[str, Any], whom: set[tuple[str, str]]
) -> None:
    call(sampled, **said)
    assert asked(sampled) == whom


@pytest.mark.parametrize(("seen", "whom"), [(2, ALL), (1, set())])
def test_who_shows_a_single_packet_does_not_count(
    sampled: Scene, seen: int, whom: set[tuple[str, str]]
) -> None:
    call(sampled, 2, seen=40)
    sent(sampled, HOSTS[2], GATEWAY, seen=seen)
    assert asked(sampled) == whom


def test_datagrams_do_not_count_towards_what_makes_a_series(sampled: Scene) -> None:
    call(sampled, seen=2)
    call(sampled, seen=99, protocol=17)
    assert asked(sampled) == set()


def test_a_place_that_a_crowd_calls_is_left_out(sampled: Scene) -> None:
    call(sampled)
    crowded = {"popular": pa.table({"server": [GATEWAY]})}
    assert asked(sampled, crowded) == set()


@pytest.mark.parametrize(
    ("said", "back", "whom"),
    [
        ({"seen": 20, "lasts_s": 300}, 0, ALL),
        ({"seen": 19, "lasts_s": 300}, 0, set()),
        ({"seen": 20, "lasts_s": 299}, 0, set()),
        ({"seen": 20, "lasts_s": 300}, 20, set()),  # to read, as the crowd does
    ],
)
def test_who_gives_a_crowds_place_much_for_minutes_is_asked_about(
    sampled: Scene, said: dict[str, Any], back: int, whom: set[tuple[str, str]]
) -> None:
    """Behind such places gateways hide, and hardly anybody else is given anything."""
    call(sampled, **said)
    for host in HOSTS if back else ():
        sent(sampled, GATEWAY, host, (7000, 50_000), seen=back, lasts_s=200, initiator=False)
    crowded = {"popular": pa.table({"server": [GATEWAY]})}
    assert asked(sampled, crowded) == whom


@pytest.mark.parametrize(
    ("port", "inward", "octets", "whom"),
    [
        (25, False, 4_000_000, ALL),  # as much is mailed
        (587, False, 4_000_000, ALL),
        (443, False, 4_000_000, set()),  # sent to pages: nobody is served
        (443, True, 4_000_000, ALL),  # as much is shown to visitors
        (80, True, 4_000_000, ALL),
        (22, True, 4_000_000, set()),
        (25, False, 1_990_000, set()),  # less than half
    ],
)
def test_who_gives_most_is_asked_about_where_as_much_is_mailed_or_shown(
    sampled: Scene, port: int, inward: bool, octets: int, whom: set[tuple[str, str]]
) -> None:
    for number, host in enumerate(HOSTS):
        sent(sampled, host, GATEWAY, bytes=100)
        sent(sampled, GATEWAY, host, (7000, 50_000), bytes=4_000_000, initiator=False)
        if inward:
            sent(sampled, SITE, host, (50_001, port), bytes=100)
            sent(sampled, host, SITE, (port, 50_001), bytes=octets, initiator=False)
        elif number < 2:  # of three two are most
            sent(sampled, host, SITE, (50_001, port), bytes=octets)
    assert asked(sampled) == whom


def test_what_else_the_hosts_exchange_is_told_too(sampled: Scene) -> None:
    call(sampled)
    host = HOSTS[0]
    sent(sampled, host, SITE, (50_001, 443))
    sent(sampled, host, SITE, (50_002, 25))
    sent(sampled, SITE, host, (50_003, 443))
    sent(sampled, own(99), host, (50_004, 8080))
    unheard = [
        (host, SITE, (50_005, 53), 6),  # names and clocks tie nothing
        (host, SITE, (50_006, 853), 6),
        (host, SITE, (50_007, 3074), 17),  # games
        (SITE, host, (50_008, 25), 6),  # mail is brought to everyone
        (SITE, host, (50_009, 3074), 17),
        (own(98), SITE, (50_010, 443), 6),  # calls nobody who is asked about
    ]
    for src, dst, ports, protocol in unheard:
        sent(sampled, src, dst, ports, protocol=protocol)
    told = {
        (row["leg"], row["peer"], row["port"], row["outside"], row["asked"])
        for row in answered(sampled)
        if row["host"] not in HOSTS[1:]
    }
    assert told == {
        ("to", GATEWAY, 7000, 1, 1),
        ("to", SITE, 443, 1, 0),
        ("to", SITE, 25, 1, 0),
        ("in", SITE, 443, 1, 0),
        ("in", own(99), 8080, 0, 0),
    }


def test_what_a_host_sends_and_gets_on_either_leg(sampled: Scene) -> None:
    call(sampled, bytes=5000, seen=9)
    sent(sampled, GATEWAY, HOSTS[0], (7000, 50_000), bytes=700, seen=8, initiator=False)
    sent(sampled, SITE, HOSTS[0], (50_003, 443), bytes=90, seen=7)
    sent(sampled, HOSTS[0], SITE, (443, 50_003), bytes=3000, seen=6, initiator=False)
    amounts = {
        row["leg"]: [row[name] for name in ("sent", "got", "sent_packets", "got_packets")]
        for row in answered(sampled)
        if row["host"] == HOSTS[0]
    }
    assert amounts == {"to": [5000, 700, 180, 160], "in": [3000, 90, 120, 140]}


def test_a_long_session_is_told_piece_by_piece_and_once(sampled: Scene) -> None:
    """Its packets are spread as its octets are: that is all that one knows of them."""
    call(sampled)
    for at_s, octets in ((1000, 3000), (1060, 1000)):
        sent(sampled, HOSTS[0], SITE, (50_001, 443), at_s=at_s, lasts_s=50, bytes=octets)
        sent(
            sampled, SITE, HOSTS[0], (443, 50_001), at_s=at_s, lasts_s=50, bytes=2 * octets,
            seen=4, initiator=False,
        )  # fmt: skip
    told = [
        [row[name] for name in ("began_at", "sent", "got", "sent_packets", "got_packets")]
        for row in answered(sampled)
        if row["peer"] == SITE
    ]
    assert told == [
        [sampled.at(1000), 3000, 6000, 240, 120],
        [sampled.at(1060), 1000, 2000, 80, 40],
    ]


def test_pieces_of_a_session_of_two_hours_are_told_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=2, sampling=SAMPLING)
    for host in HOSTS:
        for at_s in (3400, 3500, 3650, 3750):
            sent(scene, host, GATEWAY, at_s=at_s, lasts_s=60)
    began = [row["began_at"] for row in answered(scene) if row["host"] == HOSTS[0]]
    assert began == [scene.at(at_s) for at_s in (3400, 3500, 3650, 3750)]
