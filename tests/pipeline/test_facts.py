"""Facts add up: what hours told one by one is what the whole window tells."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tests.scene import BASE_US, Scene, is_own, outside, outsiders, own, table

from headwater.detectors import dial_back, relay, tunnel
from headwater.lake.duck import DuckEngine
from headwater.lake.layout import HOUR_US
from headwater.lake.tables import Lake
from headwater.pipeline.facts import facts_of, worth_a_look
from headwater.pipeline.hunt import BY_HOST, Run, hunt
from headwater.pipeline.known import known
from headwater.pipeline.orient import orient
from headwater.pipeline.questions import question
from headwater.pipeline.subjects import Subjects, by_subject
from headwater.pipeline.tenures import Tenure
from headwater.records.finding import Finding
from headwater.records.settings import parse_settings
from headwater.records.tables import SESSIONS, SLICES

HOURS = 4
DRIVER, GATEWAY, FAR = outside(1), outside(2), outside(3)
RELAY, DIALLER, TUNNEL, BUSY, SHARER = (own(number) for number in range(10, 15))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Of each kind of host that is worth a look one, among those that are not."""
    scene = Scene(tmp_path_factory.mktemp("scene"), hours=HOURS)
    # A handful of visits in each hour: no hour alone would convict.
    scene.relay(RELAY, 1080, [DRIVER], outsiders(20, 20), times=scene.times(16))
    scene.browse(RELAY, outsiders(10, 200), scene.times(40))
    for number, at_s in enumerate(scene.times(40)):
        size = scene.size()
        scene.talk(at_s, DIALLER, GATEWAY, 5000, up=900, down=size)
        scene.talk(at_s + 0.4, DIALLER, outside(60 + number), 80, up=size, down=900)
    scene.tunnel(TUNNEL, FAR, 7000, outsiders(20, 100), pieces=180)
    scene.serve(BUSY, 443, outsiders(40, 120), scene.times(400))
    scene.browse(BUSY, outsiders(20, 160), scene.times(300))
    scene.serve(SHARER, 6881, outsiders(60, 300), scene.times(200))
    for number in range(20, 60):
        scene.browse(own(number), outsiders(15, 200 + number), scene.times(30))
    scene.settle()
    return scene


def hunted(scene: Scene, engine: DuckEngine, lake: Lake) -> list[Finding]:
    run = Run(
        name="run",
        found_at=datetime(2026, 1, 1, tzinfo=UTC),
        window=scene.window,
        engine=engine,
    )
    settings = parse_settings({"own_networks": ["192.0.2.0/24"]})
    return hunt(run, known(lake, settings, scene.window))


def sums(scene: Scene) -> pa.Table:
    return scene.engine.ask(question("pipeline", "facts.sql"), scene.window)


def total(scene: Scene, kind: str, host: str) -> tuple[int, int]:
    rows = [r for r in sums(scene).to_pylist() if (r["kind"], r["host"]) == (kind, host)]
    (row,) = sorted(rows, key=lambda r: -int(r["hits"]))[:1]
    return row["tries"], row["hits"]


def test_hours_count_what_the_whole_window_shows(scene: Scene) -> None:
    (passed,) = scene.findings(relay.DETECTOR)
    assert passed.subject == RELAY
    assert total(scene, "balanced", RELAY) == (
        passed.proof["visits"],
        passed.proof["passed_on"],
    )
    (dialled,) = scene.findings(dial_back.DETECTOR)
    assert dialled.subject == DIALLER
    assert total(scene, "dialled", DIALLER) == (
        dialled.proof["calls"],
        dialled.proof["passed_on"],
    )
    found = next(f for f in scene.findings(tunnel.DETECTOR) if f.subject == TUNNEL)
    pieces, balanced = total(scene, "tunnelled", TUNNEL)
    assert pieces == found.proof["pieces"]
    # The better way of each hour; of pieces that cross an edge one each hour may be missing.
    assert balanced >= int(found.proof["balanced_there"]) - HOURS


def test_only_hosts_whose_sums_tell_are_worth_a_look(scene: Scene) -> None:
    assert worth_a_look(sums(scene)) == [RELAY, DIALLER, TUNNEL]


@pytest.mark.parametrize(("calls", "worth"), [(3, True), (2, False)])
def test_so_are_calls_whose_contents_are_wrapped(
    tmp_path: Path, calls: int, worth: bool
) -> None:
    """Each hour that shows three of them tells; the others, whatever they are, do not."""
    scene = Scene(tmp_path, hours=HOURS)
    for hour in range(HOURS):
        for number, at_s in enumerate(scene.times(calls, 3600.0 * hour, 3600.0 * (hour + 1))):
            size, far = scene.size(), outside(60 + 9 * hour + number)
            scene.talk(at_s, DIALLER, GATEWAY, 5000, up=2_000, down=size + 6_000)
            scene.talk(at_s + 0.4, DIALLER, far, 80, up=size, down=900)
    scene.browse(own(20), outsiders(15, 200), scene.times(30))
    scene.settle()
    assert worth_a_look(sums(scene)) == [DIALLER] * worth
    (dialled,) = scene.findings(dial_back.DETECTOR)
    assert dialled.proof["passed_on"] == HOURS * calls


@pytest.mark.parametrize(("calls", "worth"), [(3, True), (2, False)])
def test_so_are_calls_that_several_errands_share(
    tmp_path: Path, calls: int, worth: bool
) -> None:
    scene = Scene(tmp_path, hours=HOURS)
    for hour in range(HOURS):
        for at_s in scene.times(calls, 3600.0 * hour, 3600.0 * hour + 3500):
            sizes = [scene.size() for _ in range(3)]
            scene.talk(at_s, DIALLER, GATEWAY, 5000, up=sum(sizes), down=2_700, lasts_s=40)
            for turn, size in enumerate(sizes):
                far = outside(60 + 9 * hour + turn)
                scene.talk(at_s + 0.4 + 10 * turn, DIALLER, far, 80, up=900, down=size)
    scene.browse(own(20), outsiders(15, 200), scene.times(30))
    scene.settle()
    assert worth_a_look(sums(scene)) == [DIALLER] * worth
    (dialled,) = scene.findings(dial_back.DETECTOR)
    assert dialled.proof["in_turn"]


@pytest.mark.parametrize(("dialling", "found"), [(21, True), (23, False)])
def test_so_is_who_dials_behind_addresses_that_households_share(
    tmp_path: Path, dialling: int, found: bool
) -> None:
    """Every other address shows a gateway that nobody but its farm calls; no farm has more."""
    scene, hosts = Scene(tmp_path), [own(number) for number in range(10, 10 + 44)]
    gateway, sites = outside(2), outsiders(15, 200)
    for host in hosts[:dialling]:
        for number, at_s in enumerate(scene.times(12)):
            size = scene.size()
            scene.talk(at_s, host, gateway, 5000, up=900, down=size)
            scene.talk(at_s + 0.4, host, outside(60 + number), 80, up=size, down=900)
    for host in hosts:
        scene.browse(host, sites, scene.times(30))
    scene.settle()
    assert worth_a_look(sums(scene)) == hosts[:dialling]
    claimed = {each.subject for each in scene.findings(dial_back.DETECTOR)}
    assert claimed == (set(hosts[:dialling]) if found else set())


def test_looking_at_those_alone_finds_what_looking_at_all_finds(scene: Scene) -> None:
    chosen = hunted(scene, scene.engine, scene.lake)
    by_host = {detector.name for detector in BY_HOST}
    popular = scene.engine.ask(question("pipeline", "popular.sql"), scene.window)
    for detector in BY_HOST:
        text = question("detectors", detector.question)
        told = scene.engine.ask(text, scene.window, {"popular": popular})
        found = list(detector.weigh(told, scene.window))
        assert found == [each for each in chosen if each.detector == detector.name]
    assert {f.subject for f in chosen if f.detector in by_host} == {RELAY, DIALLER, TUNNEL}


@pytest.mark.slow
def test_hour_by_hour_is_the_same_as_all_at_once_and_costs_the_new_hour_alone(
    scene: Scene, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake")
    engine = DuckEngine(lake, spill_dir=tmp_path / "spill", threads=1)
    by_hour: dict[int, list[dict[str, object]]] = {}
    for row in scene.rows:
        by_hour.setdefault((int(row["started_at"]) - BASE_US) // HOUR_US, []).append(row)
    for hour, rows in sorted(by_hour.items()):
        with lake.append("flows", f"hour {hour}") as change:
            change.write(table("flows", rows))
        before = dict(lake.hours("facts"))
        done = orient(lake, is_own, "own")
        assert (done.hours, done.skipped_hours) == (1, hour)
        after = lake.hours("facts")
        assert {each: after[each] for each in before} == before
        found = hunted(scene, engine, lake)
    assert _sorted(lake.read("facts")) == _sorted(scene.lake.read("facts"))
    assert found == hunted(scene, scene.engine, scene.lake)
    assert {f.subject for f in found if f.detector == "relay"} == {RELAY}


def test_facts_follow_a_subscriber_to_another_address(scene: Scene) -> None:
    half = scene.at(HOURS * 1800)
    moved = Subjects(
        tenures={
            "alice": (
                Tenure(address=own(99), since_us=0, until_us=half),
                Tenure(address=RELAY, since_us=half, until_us=scene.at(HOURS * 3600)),
            )
        }
    )
    shown = by_subject(scene.engine, moved)
    rows = shown.ask(question("pipeline", "facts.sql"), scene.window).to_pylist()
    hits = {r["host"]: r["hits"] for r in rows if r["kind"] == "balanced"}
    assert 0 < hits["alice"] < total(scene, "balanced", RELAY)[1]
    assert hits["alice"] + hits[RELAY] == total(scene, "balanced", RELAY)[1]
    with shown.holding("sessions", scene.window) as near:
        again = near.ask(question("pipeline", "facts.sql"), scene.window).to_pylist()
    assert again == rows


def test_a_tunnel_that_is_long_only_in_the_next_hour_counts_from_its_first_piece(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path)
    scene.tunnel(TUNNEL, FAR, 7000, outsiders(20, 100), pieces=8, start_s=3600 - 4 * 60)
    scene.settle()
    rows = scene.lake.read("facts").to_pylist()
    assert [r["hits"] for r in rows if r["kind"] == "tunnelled"] == [4, 4]


def test_an_hour_without_anything_has_no_facts() -> None:
    empty = facts_of(490_000, SESSIONS.empty_table(), SLICES.empty_table())
    assert empty.num_rows == 0


@pytest.mark.parametrize(
    ("kind", "tries", "hits", "by_chance", "worth"),
    [
        ("followed", 20, 18, 1.0, True),
        ("followed", 20, 2, 1.5, False),
        ("balanced", 6, 3, 0.0, True),
        ("followed-sampled", 400, 14, 4.0, True),  # a small share is all that sampling shows
        ("followed", 400, 14, 4.0, False),
        ("dialled", 30, 20, 1.0, True),
        ("dialled", 30, 20, 15.0, False),  # a host that calls without pause
        ("tunnelled", 60, 3, 0.0, True),
        ("tunnelled", 60, 2, 0.0, False),
        ("unheard of", 60, 60, 0.0, False),
    ],
)
def test_what_is_worth_a_look(
    kind: str, tries: int, hits: int, by_chance: float, worth: bool
) -> None:
    rows = pa.table(
        {
            "kind": [kind],
            "host": [RELAY],
            "tries": [tries],
            "hits": [hits],
            "by_chance": [by_chance],
        }
    )
    assert worth_a_look(rows) == ([RELAY] if worth else [])


def _sorted(rows: pa.Table) -> list[dict[str, object]]:
    return sorted(rows.to_pylist(), key=lambda row: tuple(map(str, row.values())))
