"""About which sessions the question asks, and what it tells of their hosts."""

from pathlib import Path
from typing import Any

import pytest
from tests.scene import Scene, outside, own

from headwater.detectors.tunneller import DETECTOR

DRIVER, OTHER, SITE = outside(1), outside(2), outside(20)
HOST, NEIGHBOUR = own(10), own(11)
FIVE_MINUTES = 300


@pytest.fixture
def seen(tmp_path: Path) -> Scene:
    return Scene(tmp_path, hours=1, sampling=20)


def sent(
    scene: Scene, src: str, dst: str, ports: tuple[int, int] = (50_000, 7000), **said: Any
) -> None:
    """A flow as it was exported, of two sampled packets."""
    at_s, lasts_s = float(said.pop("at_s", 600)), float(said.pop("lasts_s", FIVE_MINUTES))
    row = {
        "started_at": scene.at(at_s), "ended_at": scene.at(at_s + lasts_s), "src": src,
        "dst": dst, "src_port": ports[0], "dst_port": ports[1], "protocol": 6,
        "tcp_flags": 0x18, "packets": 40, "bytes": 4000, "sampling": 20, "initiator": True,
    }  # fmt: skip
    scene.rows.append(row | said)


def answered(scene: Scene) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = scene.ask(DETECTOR).to_pylist()
    return rows


def asked(scene: Scene) -> set[tuple[str, str]]:
    return {(row["host"], row["peer"]) for row in answered(scene) if row["asked"]}


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ({}, {(HOST, DRIVER)}),
        ({"lasts_s": FIVE_MINUTES - 1}, set()),
        ({"packets": 20}, set()),  # one packet, of sampled ones
        ({"protocol": 17}, set()),
        *[({"ports": (50_000, port)}, set()) for port in (25, 53, 465, 587, 853)],
    ],
)
def test_asked_is_about_outsiders_sessions_that_last(
    seen: Scene, said: dict[str, Any], whom: set[tuple[str, str]]
) -> None:
    sent(seen, DRIVER, HOST, **said)
    assert asked(seen) == whom


def test_pieces_of_a_session_last_as_long_as_the_whole(seen: Scene) -> None:
    for at_s in (600, 840):
        sent(seen, DRIVER, HOST, at_s=at_s, lasts_s=60, packets=20)
    assert asked(seen) == {(HOST, DRIVER)}


def test_what_else_lasts_makes_no_short_session_a_long_one(seen: Scene) -> None:
    """Calls and mail last too; who dials in beside them for a moment works through nothing."""
    sent(seen, DRIVER, HOST, (50_001, 1194), protocol=17)
    sent(seen, DRIVER, HOST, (50_002, 25))
    sent(seen, DRIVER, HOST, (50_003, 7000), lasts_s=9)
    assert asked(seen) == set()


def test_own_hosts_hold_sessions_into_each_other(seen: Scene) -> None:
    sent(seen, NEIGHBOUR, HOST)
    sent(seen, HOST, DRIVER)
    assert asked(seen) == set()


def test_it_tells_how_many_hold_sessions_into_a_host(seen: Scene) -> None:
    sent(seen, DRIVER, HOST)
    sent(seen, OTHER, HOST)
    sent(seen, outside(3), HOST, lasts_s=9)
    sent(seen, DRIVER, NEIGHBOUR)
    crowds = {(row["host"], row["asked"]) for row in answered(seen) if row["asked"]}
    assert crowds == {(HOST, 2), (NEIGHBOUR, 1)}


def test_what_the_hosts_call_is_told_too(seen: Scene) -> None:
    sent(seen, DRIVER, HOST)
    sent(seen, DRIVER, HOST, (50_001, 25))
    sent(seen, OTHER, HOST, (50_002, 7000), lasts_s=9)  # holds nothing
    sent(seen, HOST, SITE, (50_003, 443))
    sent(seen, HOST, SITE, (50_004, 25))
    unheard = [
        (HOST, SITE, (50_005, 53), 6),
        (HOST, SITE, (50_006, 853), 6),
        (HOST, SITE, (50_007, 3074), 17),
        (HOST, NEIGHBOUR, (50_008, 443), 6),
        (DRIVER, HOST, (50_009, 1194), 17),
        (NEIGHBOUR, SITE, (50_010, 443), 6),
    ]
    for src, dst, ports, protocol in unheard:
        sent(seen, src, dst, ports, protocol=protocol)
    told = {
        (row["host"], row["leg"], row["peer"], row["port"], row["asked"])
        for row in answered(seen)
    }
    assert told == {
        (HOST, "in", DRIVER, 7000, 1),
        (HOST, "to", SITE, 443, 0),
        (HOST, "to", SITE, 25, 0),
    }


def test_what_a_host_sends_and_gets_piece_by_piece(seen: Scene) -> None:
    """Packets of a session are spread as its octets are: that is all one knows of them."""
    for at_s, octets in ((600, 3000), (1000, 1000)):
        sent(seen, DRIVER, HOST, at_s=at_s, bytes=octets)
        sent(
            seen, HOST, DRIVER, (7000, 50_000), at_s=at_s, bytes=2 * octets, packets=80,
            initiator=False,
        )  # fmt: skip
    sent(seen, HOST, SITE, (50_003, 443), lasts_s=9, bytes=500)
    sent(seen, SITE, HOST, (443, 50_003), lasts_s=9, bytes=90, packets=20, initiator=False)
    told = [
        [row[name] for name in ("began_at", "sent", "got", "sent_packets", "got_packets")]
        for row in answered(seen)
    ]
    assert told == [
        [seen.at(600), 6000, 3000, 120, 60],
        [seen.at(1000), 2000, 1000, 40, 20],
        [seen.at(600), 500, 90, 40, 20],
    ]


def test_pieces_of_a_session_of_two_hours_are_told_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hours=2, sampling=20)
    for at_s in (3400, 3500, 3650, 3750):
        sent(scene, DRIVER, HOST, at_s=at_s, lasts_s=60)
    began = [row["began_at"] for row in answered(scene)]
    assert began == [scene.at(at_s) for at_s in (3400, 3500, 3650, 3750)]
