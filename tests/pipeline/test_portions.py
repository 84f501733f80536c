"""Sessions of hosts worth a look, some hosts at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scene import Scene, outside, outsiders, own

from headwater.measures.columns import texts
from headwater.pipeline.hunt import BY_HOST
from headwater.pipeline.portions import begins, days, portions, strongest
from headwater.pipeline.questions import question
from headwater.records.finding import Finding
from headwater.records.window import Window, from_us, to_us

RELAYS = [own(number) for number in range(10, 16)]
LAWFUL = own(40)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Six relays, of which two serve each other, and a host at which nobody need look."""
    scene = Scene(tmp_path_factory.mktemp("scene"))
    for number, host in enumerate(RELAYS):
        targets = outsiders(12, 20 * (number + 1))
        times = scene.times(20 * (number + 1))
        scene.relay(host, 1080, [outside(1)], targets, times=times)
    scene.relay(RELAYS[0], 1081, [RELAYS[5]], outsiders(9, 300), times=scene.times(30))
    scene.browse(LAWFUL, outsiders(15, 200), scene.times(30))
    scene.settle()
    return scene


def judged(scene: Scene, parts: Iterator[pa.Table]) -> list[Finding]:
    return [
        finding
        for sessions in parts
        for detector in BY_HOST
        for finding in detector.weigh(
            scene.engine.ask(
                question("detectors", detector.question),
                scene.window,
                {"sessions": sessions, "popular": pa.table({"server": pa.array([], "string")})},
            ),
            scene.window,
        )
    ]


def test_portions_tell_of_every_host_what_all_at_once_tell(scene: Scene) -> None:
    whole = list(portions(scene.engine, scene.window))
    parts = list(portions(scene.engine, scene.window, most=60))
    assert len(whole) == 1
    assert len(parts) > 2
    found = judged(scene, iter(parts))
    assert {each.subject for each in found} == set(RELAYS)
    assert sorted(map(repr, found)) == sorted(map(repr, judged(scene, iter(whole))))


def test_every_session_of_a_host_is_in_its_portion_and_no_others(scene: Scene) -> None:
    for sessions in portions(scene.engine, scene.window, most=1):
        ends = zip(texts(sessions, "client"), texts(sessions, "server"), strict=True)
        shared = set.intersection(*({*pair} for pair in ends))
        assert len(shared & {*RELAYS}) == 1


def test_what_goes_on_between_two_of_a_portion_is_there_once(scene: Scene) -> None:
    (sessions,) = portions(scene.engine, scene.window)
    ends = list(zip(texts(sessions, "client"), texts(sessions, "server"), strict=True))
    assert ends.count((RELAYS[5], RELAYS[0])) == 30
    rows = sessions.select(["conversation", "started_at"]).to_pylist()
    assert len({tuple(row.values()) for row in rows}) == sessions.num_rows


def test_a_window_without_anything_is_one_empty_portion(scene: Scene) -> None:
    nowhere = Window(scene.window.end, scene.window.end + timedelta(hours=1))
    (sessions,) = portions(scene.engine, nowhere)
    assert sessions.num_rows == 0
    assert "opened_at" in sessions.column_names


@given(st.lists(st.integers(1, 50), min_size=1), st.integers(1, 60))
def test_portions_hold_no_more_than_they_may_but_for_one_host(
    sizes: list[int], most: int
) -> None:
    edges = [*begins(np.array(sizes), most).tolist(), len(sizes)]
    parts = [sizes[start:end] for start, end in pairwise(edges)]
    assert [size for part in parts for size in part] == sizes
    assert all(part and sum(part[:-1]) <= most for part in parts)
    assert len(parts) <= sum(sizes) // most + 1


@pytest.mark.parametrize(
    ("hours", "parts"),
    [(0.0, [0.0]), (0.3, [0.3]), (24, [24]), (36, [18, 18]), (49, [16, 16, 17])],
)
def test_a_long_window_is_cut_into_days_at_full_hours(hours: float, parts: list[float]) -> None:
    start = datetime(2026, 1, 1, 7, tzinfo=UTC)
    cut = days(Window(start, start + timedelta(hours=hours)))
    assert [(each.end - each.start) / timedelta(hours=1) for each in cut] == parts
    assert all(one.end == other.start for one, other in pairwise(cut))
    assert (cut[0].start, cut[-1].end) == (start, start + timedelta(hours=hours))


@given(st.integers(0, 10**12), st.integers(0, 10**13))
def test_days_are_the_whole_window(start_us: int, length_us: int) -> None:
    window = Window(from_us(start_us), from_us(start_us + length_us))
    cut = days(window)
    assert (cut[0].start, cut[-1].end) == (window.start, window.end)
    assert all(one.end == other.start for one, other in pairwise(cut))
    assert all(each.start <= each.end for each in cut)
    assert all(each.end - each.start <= timedelta(hours=25) for each in cut)


def test_of_several_days_the_surest_tells_of_a_host_since_the_first() -> None:
    def told(host: str, confidence: float, day: int, detector: str = "tunneller") -> Finding:
        noon = datetime(2026, 1, day, 12, tzinfo=UTC)
        seen = to_us(noon)
        return Finding(
            detector=detector,
            subject=host,
            kind="carries",
            confidence=confidence,
            window=Window(noon, noon + timedelta(hours=1)),
            summary="",
            proof={"first_seen_us": seen, "last_seen_us": seen + 1},
        )

    relays = [told(RELAYS[0], 0.9, day, "relay") for day in (1, 2)]
    mine = [told(RELAYS[0], 0.6, 1), told(RELAYS[1], 0.7, 1), told(RELAYS[0], 0.8, 3)]
    found = list(strongest([*relays, *mine], "tunneller"))
    assert found[:2] == relays
    one, other = found[2:]
    assert other == mine[1]
    assert (one.confidence, one.window) == (0.8, mine[2].window)
    assert one.proof["first_seen_us"] == mine[0].proof["first_seen_us"]
    assert one.proof["last_seen_us"] == mine[2].proof["last_seen_us"]
