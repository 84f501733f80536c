"""Hours that do not fit into memory come to the same as those that do."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import GOING_ON, Scene, is_own, outsiders, own, table

from headwater.lake import coded
from headwater.lake.tables import Lake
from headwater.pipeline.orient import orient

Row = dict[str, Any]
LITTLE = 400_000  # octets: for a hundred flows at a time
HOURS = 3


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Short talks and long ones, some of which cross the hours, datagrams, and own guests."""
    scene = Scene(tmp_path_factory.mktemp("scene"), hours=HOURS)
    scene.relay(own(10), 1080, outsiders(3), outsiders(20, 20), times=scene.times(60))
    scene.tunnel(own(12), outsiders(1)[0], 7000, outsiders(20, 100), pieces=120)
    scene.serve(own(13), 443, [*outsiders(40, 120), own(14), own(15)], scene.times(200))
    for at_s in scene.times(40):
        scene.talk(at_s, own(16), outsiders(1, 9)[0], 53, protocol=17, flags=None)
        scene.talk(at_s, own(17), outsiders(1, 9)[0], 443, lasts_s=3000, client_port=50_001)
    for row in scene.rows:
        if (row["src_port"] + row["dst_port"]) % 7 == 0:  # either way alike
            row["exporter"] = None
    ask_at_odd_ports(scene)
    push_without_flags(scene)
    ask_past_a_router_of_two_clocks(scene)
    ask_past_a_router_whose_way_out_is_fast(scene)
    scene.settle()
    return scene


def ask_at_odd_ports(scene: Scene) -> None:
    """Where only that many call, or when the records began, tells clients from servers."""
    for number in range(6):
        odd = {"flags": GOING_ON, "client_port": 30_000 + number}
        scene.talk(500 + number, outsiders(6, 60)[number], own(18), 61_000, **odd)
        scene.talk(3500 + number, own(10 + number), outsiders(1, 70)[0], 61_001, **odd)
    for number, at_s in enumerate((30, 200, 3630, 3800)):
        datagram: dict[str, Any] = {"protocol": 17, "flags": None, "client_port": 1194}
        scene.talk(at_s, own(40 + number), outsiders(1, 80)[0], 50_000, **datagram)


def push_without_flags(scene: Scene) -> None:
    """Some of what is pushed belongs to calls that came before the records."""
    for number in range(12):
        calls = own(60 + number), outsiders(1, 95)[0]
        ports = 50_100 + number, 5223
        ends = (*calls, *ports) if number % 3 else (*calls[::-1], *ports[::-1])
        scene.talk(900 + number, *ends[:2], ends[3], client_port=ends[2], flags=None)


def ask_past_a_router_of_two_clocks(scene: Scene) -> None:
    """It stamps answers before what they answer."""
    known = len(scene.rows)
    for number in range(40):
        scene.talk(700 + 60 * number, own(50 + number), outsiders(1, 90)[0], 25)
    for row in scene.rows[known:]:
        row["exporter"] = "203.0.113.250"
        if row["src_port"] == 25:
            row["started_at"] -= 500_000


def ask_past_a_router_whose_way_out_is_fast(scene: Scene) -> None:
    """So the first of all its records is stamped later than others."""
    known = len(scene.rows)
    for number in range(40):
        site = outsiders(1, 90)[0]
        scene.talk(3 + 80 * number, own(50 + number), site, 443, lasts_s=0.5)
        scene.talk(4 + 80 * number, site, own(50 + number), 25, lasts_s=0.5)
    for row in scene.rows[known:]:
        row["exporter"] = "203.0.113.251"
        if row["src"] != site:
            for at in ("started_at", "ended_at"):
                row[at] += 3_000_000
    # Heard so long after the first record, put right, that it may be the first datagram.
    datagram: dict[str, Any] = {"protocol": 17, "flags": None, "client_port": 1194}
    scene.talk(3 + 120 + 0.01, own(49), outsiders(1, 81)[0], 50_000, **datagram)


@pytest.fixture(autouse=True)
def few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of hours of millions."""
    monkeypatch.setattr(coded, "STEP_ROWS", 1)


def in_parts(scene: Scene, folder: Path) -> Lake:
    """Imported in three turns, so that no hour is read at once."""
    lake = Lake(folder / "lake")
    rows = sorted(scene.rows, key=lambda row: row["started_at"])
    for turn in range(3):
        with lake.append("flows", f"scene {turn}") as change:
            change.write(table("flows", rows[turn::3]))
    orient(lake, is_own, "own", memory=LITTLE)
    return lake


def rows(lake: Lake, name: str) -> list[Row]:
    found = lake.read(name).to_pylist()
    return sorted(found, key=lambda row: repr([row[each] for each in sorted(row)]))


def nameless(lake: Lake, name: str) -> list[Row]:
    """With the name of a conversation as what is known of it: its ends and its beginning."""
    known: dict[int, set[str]] = {}
    for row in lake.read("sessions").to_pylist():
        ends = ("client", "client_port", "server", "port", "protocol", "opened_at")
        known.setdefault(row["conversation"], set()).add(repr([row[each] for each in ends]))
    assert all(len(told) == 1 for told in known.values())
    assert len(set.union(*known.values())) == len(known)
    found = [row | {"conversation": known[row["conversation"]]} for row in rows(lake, name)]
    return sorted(found, key=repr)


def test_parts_come_to_the_sessions_of_the_whole(scene: Scene, tmp_path: Path) -> None:
    lake = in_parts(scene, tmp_path)
    for name in ("sessions", "slices"):
        assert nameless(lake, name) == nameless(scene.lake, name)


def test_facts_of_parts_add_up_to_those_of_the_whole(scene: Scene, tmp_path: Path) -> None:
    def added_up(lake: Lake) -> dict[str, tuple[int, int, float]]:
        sums: dict[str, tuple[int, int, float]] = {}
        for row in rows(lake, "facts"):
            of = [row[each] for each in ("counted_at", "kind", "host", "peer", "port")]
            tries, hits, by_chance = sums.get(repr(of), (0, 0, 0.0))
            sums[repr(of)] = (
                tries + row["tries"],
                hits + row["hits"],
                round(by_chance + row["by_chance"], 9),
            )
        return sums

    assert added_up(in_parts(scene, tmp_path)) == added_up(scene.lake)


def test_hours_that_fit_follow_those_that_do_not(scene: Scene, tmp_path: Path) -> None:
    lake = in_parts(scene, tmp_path)
    last = max(lake.hours("flows"))
    before = nameless(lake, "sessions")
    with lake.replace("sessions", [last], "gone"):
        pass
    assert orient(lake, is_own, "own").hours == 1
    assert nameless(lake, "sessions") == before


def test_nothing_is_left_on_the_disk(scene: Scene, tmp_path: Path) -> None:
    lake = in_parts(scene, tmp_path)
    assert not list(lake.root.rglob("*.arrows"))
    assert isinstance(lake.read("sessions"), pa.Table)
