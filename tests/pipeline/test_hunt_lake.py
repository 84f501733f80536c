from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import Scene, outside, outsiders, own

from headwater.lake.duck import DuckEngine
from headwater.lake.tables import Lake
from headwater.pipeline.hunt_lake import STEPS, answer_of, flows_in, hunt_lake
from headwater.pipeline.runs import latest
from headwater.pipeline.subject import subject
from headwater.pipeline.up_to_date import bring_up_to_date, held
from headwater.records.settings import Settings, parse_settings
from headwater.records.window import Window

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOST, PAGE, KNOCKER = "192.0.2.1", "198.51.100.1", "203.0.113.9"
SETTINGS = parse_settings({"own_networks": ["192.0.2.0/24"]})


def flow(second: int, src: str, dst: str, ports: tuple[int, int], flags: int) -> dict[str, Any]:
    start = NOON + timedelta(seconds=second)
    return {
        "started_at": start,
        "ended_at": start + timedelta(seconds=1),
        "src": src,
        "dst": dst,
        "src_port": ports[0],
        "dst_port": ports[1],
        "protocol": 6,
        "tcp_flags": flags,
        "packets": 5,
        "bytes": 500,
        "sampling": 1,
    }


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """One host reads three pages and is knocked on once."""
    lake = Lake(tmp_path / "lake")
    rows = [flow(n, HOST, PAGE, (40000 + n, 443), 0x1B) for n in range(3)]
    rows += [flow(n, PAGE, HOST, (443, 40000 + n), 0x1B) for n in range(3)]
    rows += [flow(9, KNOCKER, HOST, (50000, 22), 0x02)]
    with lake.append("flows", "digest") as change:
        change.write(pa.Table.from_pylist(rows))
    return lake


@pytest.fixture
def engine(lake: Lake, tmp_path: Path) -> DuckEngine:
    return DuckEngine(lake, spill_dir=tmp_path / "spill")


def hunted(lake: Lake, engine: DuckEngine, settings: Settings = SETTINGS) -> list[int]:
    """Hunts everything; how far it was, each time it said so."""
    bring_up_to_date(lake, settings)
    window, steps = held(lake), []
    assert window
    hunt_lake(lake, settings, engine, window, NOON, lambda done, _total: steps.append(done))
    return steps


def test_what_the_lake_holds(lake: Lake, tmp_path: Path) -> None:
    last = NOON + timedelta(seconds=9, microseconds=1)
    assert held(lake) == Window(NOON, last)
    assert held(Lake(tmp_path / "empty")) is None


def test_progress_grows_to_its_end(lake: Lake, engine: DuckEngine) -> None:
    steps = hunted(lake, engine)
    assert steps == sorted(steps)
    assert steps[-1] == STEPS


def test_counts_are_of_the_window(lake: Lake, engine: DuckEngine) -> None:
    hunted(lake, engine)
    run = latest(lake)
    assert run
    assert (run.counts.flows, run.counts.sessions, run.counts.own_hosts) == (7, 4, 1)
    assert run.counts.both_directions == 0.75
    assert answer_of(lake, SETTINGS, run).counts == run.counts


@pytest.mark.parametrize(("first_s", "last_s", "flows"), [(0, 10, 7), (1, 10, 5), (60, 70, 0)])
def test_flows_are_counted_whether_or_not_a_window_cuts_files(
    lake: Lake, engine: DuckEngine, first_s: int, last_s: int, flows: int
) -> None:
    window = Window(NOON + timedelta(seconds=first_s), NOON + timedelta(seconds=last_s))
    assert flows_in(lake, engine, window) == flows


def test_a_window_without_flows_is_no_run(lake: Lake, engine: DuckEngine) -> None:
    bring_up_to_date(lake, SETTINGS)
    later = Window(NOON + timedelta(days=1), NOON + timedelta(days=2))
    answer = hunt_lake(lake, SETTINGS, engine, later, NOON)
    assert answer.counts.flows == 0
    assert latest(lake) is None


def test_sessions_follow_the_own_networks(lake: Lake) -> None:
    def insides() -> set[str]:
        return set(lake.read("sessions", columns=["inside"])["inside"].to_pylist())

    assert bring_up_to_date(lake, SETTINGS).hours == 1
    assert insides() == {"client", "server"}
    assert bring_up_to_date(lake, SETTINGS).hours == 0
    others = parse_settings({"own_networks": ["203.0.113.0/24"]})
    assert bring_up_to_date(lake, others).hours == 1
    assert insides() == {"client", "neither"}


def test_all_about_a_host(lake: Lake, engine: DuckEngine) -> None:
    hunted(lake, engine)
    run = latest(lake)
    assert run
    found = subject(lake, SETTINGS, engine, run, HOST)
    assert found.settings == ("own_networks",)
    assert found.known
    assert (found.proxy, found.upstream, found.master) == (None, None, None)
    contacts = {
        (c.part, c.peer, c.port): (c.peers, c.sessions, c.answered) for c in found.contacts
    }
    assert contacts == {
        ("calls", None, 443): (1, 3, 3),
        ("calls", PAGE, 443): (1, 3, 3),
        ("offers", None, 22): (1, 1, 0),
        ("offers", KNOCKER, 22): (1, 1, 0),
    }
    calls = next(c for c in found.contacts if c.part == "calls")
    assert (calls.bytes_in, calls.bytes_out, calls.first_seen) == (1500, 1500, NOON)


def test_nothing_is_known_of_a_stranger(lake: Lake, engine: DuckEngine) -> None:
    hunted(lake, engine)
    run = latest(lake)
    assert run
    assert not subject(lake, SETTINGS, engine, run, "2001:db8::1").known


def test_a_listed_stranger_is_known(lake: Lake, engine: DuckEngine) -> None:
    listed = {
        "seen_at": NOON, "subject": "203.0.113.0/24", "subject_kind": "network",
        "kind": "listed", "means": "policy", "source": "a-list",
    }  # fmt: skip
    with lake.append("sightings", "list") as change:
        change.write(pa.Table.from_pylist([listed]))
    hunted(lake, engine)
    run = latest(lake)
    assert run
    found = subject(lake, SETTINGS, engine, run, "203.0.113.200")
    assert [(each.subject, each.source) for each in found.listings] == [
        ("203.0.113.0/24", "a-list")
    ]
    assert found.known


def test_an_operation_keeps_its_name_in_the_next_run(tmp_path: Path) -> None:
    """Its name was made of its master, which the second run may not speak of."""
    scene, farm = Scene(tmp_path, hours=2), [own(number) for number in range(10, 14)]
    driver, home = outside(1), outside(2)
    for number, host in enumerate(farm):
        targets = outsiders(20, 20 + number)
        scene.relay(host, 4000 + number, [driver], targets, times=scene.times(60))
        scene.poll(host, home, 8443, 600)
    for number in range(40, 90):
        scene.browse(own(number), outsiders(3, 100 + number), scene.times(6))
    scene.settle()
    said: list[tuple[str, tuple[str, ...]]] = []
    for hour, spared in enumerate(([], [home])):
        names = {"own_networks": ["192.0.2.0/24"], "never_accuse": spared}
        settings, at = parse_settings(names), NOON + timedelta(hours=hour)
        answer = hunt_lake(scene.lake, settings, scene.engine, scene.window, at)
        run = latest(scene.lake)
        assert run is not None
        assert answer_of(scene.lake, settings, run).operations == answer.operations
        assert [(f.kind, f.subject) for f in run.operations] == [
            ("operation", one.name) for one in answer.operations
        ]
        assert not {f.subject for f in run.findings} & {f.subject for f in run.operations}
        said += [(one.name, one.masters) for one in answer.operations]
    (first, masters), (second, fewer) = said
    assert (first, masters, fewer) == (second, (home,), ())
