"""A whole window tells who dials in, where no hour by itself could."""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from tests.engines import ENGINES
from tests.scene import GOING_ON, Scene, outside, own

from headwater.lake.engine import LakeEngine
from headwater.pipeline.hunt import Run
from headwater.pipeline.report import Asked, report
from headwater.pipeline.runs import KeptRun, keep, latest
from headwater.pipeline.subject import subject
from headwater.pipeline.subjects import Subjects, by_subject
from headwater.pipeline.tenures import Tenure
from headwater.pipeline.turned import put_right
from headwater.records.answer import Counts
from headwater.records.finding import Finding
from headwater.records.settings import parse_settings

CALLER, DOOR = outside(1), 58_752
SIDES = """-- step: answer
select client, server, port, client_port, inside, established, oriented_by,
       sum(client_packets) as up, sum(server_packets) as down
from sessions
group by client, server, port, client_port, inside, established, oriented_by
order by client_port"""
PIECES = """-- step: answer
select sum(slices.client_bytes) as up, sum(slices.server_bytes) as down
from slices join sessions on sessions.conversation = slices.conversation
where sessions.port = 58752"""


def dials(
    scene: Scene,
    times: int,
    *,
    door: Callable[[int], int] = lambda _: DOOR,
    port: Callable[[int], int] = lambda n: 20_000 + n,
    apart_s: int = 1,
    **said: Any,
) -> None:
    """Packets of one meeting after the other, of each host two; most is brought."""
    for n in range(times):
        host = own(1 + n // 2)
        for at_s, src, dst, ports, packets in (
            (n * apart_s, CALLER, host, (port(n), door(n)), 60),
            (n * apart_s + 40, host, CALLER, (door(n), port(n)), 20),
        ):
            row = {
                "started_at": scene.at(at_s), "ended_at": scene.at(at_s), "src": src,
                "dst": dst, "src_port": ports[0], "dst_port": ports[1], "protocol": 6,
                "tcp_flags": GOING_ON, "packets": packets, "bytes": packets * 1000,
                "exporter": "203.0.113.254", "sampling": 10,
            }  # fmt: skip
            scene.rows.append(row | said)
    scene.settle()


def sides(scene: Scene) -> list[dict[str, Any]]:
    engine = put_right(scene.engine, scene.window)
    return engine.ask(SIDES, scene.window).to_pylist()


@pytest.mark.parametrize("engine_of", ENGINES)
@pytest.mark.filterwarnings("ignore")
def test_who_comes_by_a_port_of_its_own_each_time_is_the_client(
    tmp_path: Path, engine_of: Callable[[Scene], LakeEngine]
) -> None:
    scene = Scene(tmp_path)
    dials(scene, 6)
    engine = engine_of(scene)
    before = engine.ask(SIDES, scene.window).to_pylist()
    assert {row["server"] for row in before} == {CALLER}  # by the lower number
    rows = put_right(engine, scene.window).ask(SIDES, scene.window).to_pylist()
    assert [row["client_port"] for row in rows] == [20_000 + n for n in range(6)]
    told = {(row["client"], row["port"], row["inside"], row["up"], row["down"]) for row in rows}
    assert told == {(CALLER, DOOR, "server", 60, 20)}
    assert {row["server"] for row in rows} == {own(1), own(2), own(3)}
    assert all(row["established"] for row in rows)
    (pieces,) = put_right(engine, scene.window).ask(PIECES, scene.window).to_pylist()
    assert (pieces["up"], pieces["down"]) == (360_000, 120_000)


def test_what_is_no_more_than_headers_may_be_a_knock(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    dials(scene, 6, bytes=60)
    assert {(row["client"], row["established"]) for row in sides(scene)} == {(CALLER, False)}


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (5, {}),  # by chance
        (6, {"door": lambda n: 58_700 + n}),  # handed over, between two fresh ports
        (12, {"port": lambda _: 20_000, "apart_s": 1800}),  # a service, met twice an hour
        (6, {"port": lambda n: 100 + n}),
        (6, {"sampling": 1}),
        (6, {"protocol": 17, "tcp_flags": None}),
    ],
)
def test_others_stay_as_they_are(tmp_path: Path, times: int, said: dict[str, Any]) -> None:
    scene = Scene(tmp_path, hours=7)
    dials(scene, times, **said)
    assert put_right(scene.engine, scene.window) is scene.engine


def test_subjects_are_shown_over_what_was_put_right(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    dials(scene, 6)
    tenure = Tenure(address=own(1), since_us=0, until_us=scene.at(3600))
    moved = Subjects(tenures={"alice": (tenure,)})
    shown = by_subject(put_right(scene.engine, scene.window), moved)
    once = shown.ask(SIDES, scene.window).to_pylist()
    assert {row["server"] for row in once} == {"alice", own(2), own(3)}
    with shown.holding("sessions", scene.window) as near:
        assert near.ask(SIDES, scene.window).to_pylist() == once
        (pieces,) = near.ask(PIECES, scene.window).to_pylist()
    assert (pieces["up"], pieces["down"]) == (360_000, 120_000)


SETTINGS = parse_settings({"own_networks": ["192.0.2.0/24"]})


def told(scene: Scene) -> KeptRun:
    """A run that says of a host that it serves outsiders at its door."""
    seen = {"first_seen_us": scene.at(0), "last_seen_us": scene.at(60)}
    relays = {"leg": "in", "port": DOOR, "lasting": True, "passed_for": {CALLER: 1.0}} | seen
    hijacked = {"kinds": {"synthetic-open": 1.0}, "port": DOOR, "mail_sessions": 0}
    findings = [
        Finding(
            detector=detector, subject=own(1), kind=kind, confidence=0.9,
            window=scene.window, summary="because", proof=proof,
        )
        for detector, kind, proof in (
            ("volume", "carries", relays),
            ("hijacked", "synthetic-open", hijacked | seen | {"reasons": [], "weights": []}),
        )
    ]  # fmt: skip
    now = scene.window.end
    run = Run(name="one", found_at=now, window=scene.window, engine=scene.engine)
    keep(
        scene.lake,
        run,
        Counts(flows=12, sessions=6, own_hosts=3, both_directions=1.0),
        findings,
    )
    kept = latest(scene.lake)
    assert kept
    return kept


def test_a_host_is_shown_and_reported_as_the_hunt_saw_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    dials(scene, 6)
    run = told(scene)
    about = subject(scene.lake, SETTINGS, scene.engine, run, own(1))
    (met,) = (each for each in about.contacts if each.peer)
    assert (met.part, met.peer, met.port, met.sessions) == ("offers", CALLER, DOOR, 2)
    asked = Asked(run=run, zone=UTC, zone_name="UTC", written_at=scene.window.end)
    made = report(scene.lake, SETTINGS, scene.engine, asked)
    assert made.evidence[0].tunnel
    (piece,) = made.evidence[0].tunnel.pieces
    assert (piece.came_in, piece.went_back) == (120_000, 40_000)
