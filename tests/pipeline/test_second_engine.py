"""Every question of a hunt has the same answer on both engines, over one busy scene."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest
from tests.scene import SYN, Scene, outside, outsiders, own

from headwater.detectors import (
    dark_scan,
    dial_back,
    direct_sender,
    farm,
    fed,
    hand_over,
    handed_in,
    hijacked,
    master,
    origin,
    own_scan,
    relay,
    same_errands,
    shared_visitor,
    tunnel,
    tunneller,
    upstream,
    volume,
)
from headwater.lake.duck import DuckEngine
from headwater.lake.engine import NO_TABLES, NO_VIEWS
from headwater.lake.spark import SparkEngine
from headwater.pipeline.hunt import DRIVERS, Run, answer, hunt
from headwater.pipeline.known import known
from headwater.pipeline.questions import question
from headwater.pipeline.side_by_side import side_by_side
from headwater.records.settings import parse_settings
from headwater.records.window import Window

DETECTORS = {
    module.DETECTOR.name: module.DETECTOR
    for module in (
        relay, tunnel, dial_back, volume, farm, origin, hand_over, handed_in,
        shared_visitor, tunneller, direct_sender, fed, upstream, master, hijacked, dark_scan,
        own_scan, same_errands,
    )
} | {relay.ONWARD.name: relay.ONWARD}  # fmt: skip
# That are asked about sampled records here.
SAMPLED = [
    "farm", "fed", "hand_over", "origin", "same_errands", "shared_visitor", "tunneller",
]  # fmt: skip
COUNTED = [name for name in DETECTORS if name not in SAMPLED]
LASTING = "lasting"  # of sampled records alone
BESIDE = (
    "counts",
    "lit",
    "facts",
    "popular",
    LASTING,
    "sessions_each",
    "sessions_of",
)  # questions of the pipeline
DRIVER, TESTER, HOME, GATEWAY = outside(1), outside(2), outside(3), outside(4)
SETTINGS = {
    "own_networks": ["192.0.2.0/24", "2001:db8:ffff::/64"],
    "mail_servers": [own(64)],
    "lawful_proxies": [own(61)],
}
DRIVES = {
    "client": GATEWAY, "confidence": 0.9, "sick": 5, "share": 0.8, "unshown": 0.7,
}  # fmt: skip
GIVEN = {"fed": {"drivers": pa.Table.from_pylist([DRIVES], schema=DRIVERS)}}
PROXIES = [own(number) for number in range(10, 14)]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Something for every step of every question to find, and something to leave out."""
    scene = Scene(tmp_path_factory.mktemp("scene"), hours=2)
    _proxies(scene)
    scene.talk(90, TESTER, PROXIES[0], 1080)
    scene.poll(own(20), HOME, 8443, 900)
    for number in (60, 65):
        scene.tunnel(own(number), GATEWAY, 7000, outsiders(10, 150 + 2 * number))
    scene.tunnel(
        own(67), outside(15), 39_000, outsiders(9, 180), client_port=52_000, older=True
    )
    scene.tunnel(own(61), outside(5), 1194, outsiders(10, 160), dials_out=False, errand_port=25)
    for number, at_s in enumerate(scene.times(12)):
        size = scene.size()
        scene.talk(at_s, own(62), outside(6), 5000, up=900, down=size)
        scene.talk(at_s + 0.4, own(62), outside(170 + number), 80, up=size, down=900)
    scene.mail(own(63), outsiders(25, 180), scene.times(60), cut=0.5)
    scene.talk(800, own(63), outside(205), 587)
    scene.talk(820, own(63), outside(206), 25, up=900, down=4000)
    scene.talk(850, outside(14), own(63), 2222, up=9_000_000)
    scene.serve(own(64), 25, outsiders(8, 210), scene.times(40))
    scene.mail(own(64), outsiders(9, 220), scene.times(30))
    scene.talk(860, outside(14), own(64), 443, down=60_000)
    held = sorted(at_s + again for at_s in scene.times(24, end_s=6600) for again in range(4))
    visitors = outsiders(3, 230)
    scene.relay(own(66), 9000, visitors, outsiders(60, 340), times=held, delay_s=300)
    scene.tunnel(own(66), outside(12), 7000, outsiders(5, 240), pieces=6)
    scene.talk(500, own(30), own(31), 8080)
    for number, at_s in enumerate(scene.times(20)):  # driven through one own host and the next
        up, down = scene.size(), scene.size()
        scene.talk(at_s, DRIVER, own(31), 8080, up=up, down=down)
        scene.talk(at_s + 0.2, own(31), own(32), 3128, up=up, down=down)
        scene.talk(at_s + 0.4, own(32), outside(20 + number), 443, up=up, down=down)
    # A conversation across the hour, answered all along and not at all.
    scene.talk(3500, own(40), outside(7), 443, lasts_s=300)
    scene.talk(3550, own(41), outside(8), 443, down=0, lasts_s=200)
    _scans(scene)
    said = {"seen_at": scene.at(0), "kind": "listed", "means": "spam", "source": "list.example"}
    named = [(own(63), "address"), ("192.0.2.8/29", "network")]
    malware = {"kind": "indicator", "means": "other", "subject_kind": "address"}
    scene.write(
        "sightings",
        [
            *({**said, "subject": subject, "subject_kind": kind} for subject, kind in named),
            {**said, **malware, "subject": outside(102)},
        ],
    )
    scene.settle()
    return scene


def _proxies(scene: Scene) -> None:
    """Hosts that relay and call home, and those who browse beside them."""
    for number, host in enumerate(PROXIES):
        targets = outsiders(12, 20 + number)
        scene.relay(host, 1080 + min(number, 2), [DRIVER], targets, times=scene.times(20))
        scene.relay(
            host,
            1080 + min(number, 2),
            [DRIVER],
            [outside(9)],
            times=scene.times(4),
            onward_port=443,
        )
        scene.poll(host, HOME, 8443, 600)
        for door in (80, 443):
            scene.talk(700 + door, host, HOME, door)
        scene.browse(host, outsiders(15, 100), scene.times(20))
    for number in range(20, 50):
        scene.browse(own(number), outsiders(20, 100 + number), scene.times(10))
        scene.knock(50 + number, TESTER, own(number), 1080)
        scene.talk(900 + number, own(number), outside(13), 443)  # where everybody goes
    for number in range(100, 120):
        scene.browse(own(number), outsiders(5, 100 + number), scene.times(5))
    for door in (80, 443):
        scene.talk(740 + door, own(100), outside(102), door)


def _scans(scene: Scene) -> None:
    """An outsider that knocks on dark addresses, and own hosts that knock outside."""
    silent: dict[str, Any] = {"up": 0, "down": 0, "lasts_s": 0, "flags": SYN}
    for number in range(200, 212):
        scene.talk(300 + number, outside(10), own(number), 2323, **silent)
    scene.browse(own(70), outsiders(9, 100), scene.times(9, end_s=900))
    scene.talk(1500, outside(10), own(70), 2323)
    scene.talk(4000, own(70), outside(180), 25)
    for number, target in enumerate(outsiders(25, 300)):
        flags = None if number == 0 else SYN
        scene.talk(100 + number, own(71), target, 5555, **silent | {"flags": flags})
    for number, target in enumerate(outsiders(3, 330)):
        scene.talk(200 + number, own(71), target, 5555 + number)
    for port in range(2000, 2055):
        scene.talk(port, own(71), outside(11), port, **silent)
    scene.talk(5000, own(71), outside(11), 1999)


@dataclass(slots=True)
class Listening:
    """DuckDB's engine, with an ear for what is asked."""

    engine: DuckEngine
    name: str = "duckdb"
    asked: dict[str, Mapping[str, pa.Table]] = field(default_factory=dict)

    def ask(
        self,
        question: str,
        window: Window,
        extra: Mapping[str, pa.Table] = NO_TABLES,
        views: Mapping[str, str] = NO_VIEWS,
    ) -> pa.Table:
        self.asked[question] = extra
        return self.engine.ask(question, window, extra, views=views)

    def prepare(
        self,
        question: str,
        window: Window,
        brought: Collection[str],
        extra: Mapping[str, pa.Table] = NO_TABLES,
    ) -> None:
        self.engine.prepare(question, window, brought, extra)


@pytest.fixture(scope="module")
def asked(scene: Scene) -> Mapping[str, Mapping[str, pa.Table]]:
    """Every question of a whole hunt, and the small tables of the last time it was asked."""
    listening = Listening(scene.engine)
    run = Run(name="run", found_at=scene.window.end, window=scene.window, engine=listening)
    facts = known(scene.lake, parse_settings(SETTINGS), scene.window)
    answer(run, facts, hunt(run, facts), flows=len(scene.rows))
    return listening.asked


@pytest.fixture(scope="module")
def spark(scene: Scene) -> SparkEngine:
    pytest.importorskip("pyspark", reason="needs the spark extra")
    return SparkEngine(scene.lake)


def _text(name: str) -> str:
    if name in BESIDE:
        return question("pipeline", f"{name}.sql")
    return question("detectors", DETECTORS[name].question)


def test_a_hunt_asks_nothing_else(asked: Mapping[str, Mapping[str, pa.Table]]) -> None:
    assert set(asked) == {_text(name) for name in (*DETECTORS, *BESIDE)}


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*COUNTED, *(each for each in BESIDE if each != LASTING)])
def test_both_engines_answer_alike(
    scene: Scene, asked: Mapping[str, Mapping[str, pa.Table]], spark: SparkEngine, name: str
) -> None:
    extra = asked[_text(name)]
    ours = scene.engine.ask(_text(name), scene.window, extra)
    theirs = spark.ask(_text(name), scene.window, extra)
    assert ours.num_rows
    assert theirs.schema.names == ours.schema.names
    assert theirs.schema.types == ours.schema.types
    for mine, other in zip(_sorted(ours), _sorted(theirs), strict=True):
        assert other == pytest.approx(mine, nan_ok=True)


def test_rows_at_hand_answer_alike(
    scene: Scene, asked: Mapping[str, Mapping[str, pa.Table]]
) -> None:
    """Addresses are numbers there: no question may take them for text, or mix the two."""
    with scene.engine.holding("sessions", scene.window) as near:
        for text, extra in asked.items():
            plain = _sorted(scene.engine.ask(text, scene.window, extra))
            for mine, other in zip(
                _sorted(near.ask(text, scene.window, extra)), plain, strict=True
            ):
                assert mine == pytest.approx(other, nan_ok=True)


@pytest.mark.parametrize("name", COUNTED)
def test_the_scene_has_something_for_every_column(
    scene: Scene, asked: Mapping[str, Mapping[str, pa.Table]], name: str
) -> None:
    """Or the engines could differ in what they were never shown."""
    found = scene.ask(DETECTORS[name], asked[_text(name)])
    assert list(DETECTORS[name].weigh(found, scene.window))
    values = {column: set(found.column(column).to_pylist()) for column in found.column_names}
    assert [column for column in values if not values[column] - {0, None}] == []


def _hands_over(scene: Scene, at_s: float, host: str, server: str) -> None:
    scene.talk(at_s, host, server, 443, up=900_000, client_port=46_000)


@pytest.fixture(scope="module")
def thinned(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Sampled records of hosts that hand to one gateway what they fetch, and of a visitor."""
    scene = Scene(tmp_path_factory.mktemp("thinned"), hours=4, sampling=20)
    for number in range(6):
        for time, at_s in enumerate(scene.times(40)):
            host, size = own(10 + number), scene.size()
            scene.talk(at_s, host, GATEWAY, 7000, up=size, down=900, lasts_s=90)
            scene.talk(at_s + 0.3, host, outside(20 + time % 9), 443, up=900, down=size)
        scene.tunnel(own(10 + number), GATEWAY, 7000, outsiders(9, 60))
        for at_s in (400, 2000):  # one session
            _hands_over(scene, at_s, own(10 + number), outside(300 + number))
        _worked_through(scene, own(30 + number), 45_000 + number)
        _visited_by_one(scene, own(40 + number), 7200 + number)
        _dials_back(scene, own(60 + number))
        scene.mail(own(10 + number), outsiders(5, 80), scene.times(9))
        scene.serve(own(10 + number), 80, outsiders(5, 90), scene.times(9))
        _shows(scene, own(50 + number))
    for at_s in scene.times(20):
        scene.talk(at_s, GATEWAY, own(10), 25, up=40_000)
    scene.talk(900, own(10), outside(16), 443, down=90_000_000, lasts_s=1800)
    scene.settle()
    return scene


@pytest.mark.parametrize("name", SAMPLED)
def test_sampled_records_have_something_for_every_column(thinned: Scene, name: str) -> None:
    found = thinned.ask(DETECTORS[name], GIVEN.get(name, {}))
    assert list(DETECTORS[name].weigh(found, thinned.window))
    values = {column: set(found.column(column).to_pylist()) for column in found.column_names}
    assert [column for column in values if not values[column] - {0, None}] == []


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SAMPLED)
def test_both_engines_answer_alike_of_sampled_records(thinned: Scene, name: str) -> None:
    pytest.importorskip("pyspark", reason="needs the spark extra")
    given = GIVEN.get(name, {})
    ours = thinned.ask(DETECTORS[name], given)
    popular = {"popular": thinned.engine.ask(_text("popular"), thinned.window)}
    beside = {"side_by_side": side_by_side(thinned.engine, thinned.window)}
    known = popular | beside | given
    theirs = SparkEngine(thinned.lake).ask(_text(name), thinned.window, known)
    assert theirs.schema.types == ours.schema.types
    for mine, other in zip(_sorted(ours), _sorted(theirs), strict=True):
        assert other == pytest.approx(mine, nan_ok=True)


def _worked_through(scene: Scene, host: str, client_port: int) -> None:
    """A session into the host, whose bursts go on to others."""
    for at_s in scene.times(12, end_s=6000):
        answer = 40 * scene.size()
        scene.talk(
            at_s, DRIVER, host, 7100, up=900, down=answer, lasts_s=60, flags=0x18,
            client_port=client_port,
        )  # fmt: skip
        for part in range(4):
            site = outside(280 + part)
            scene.talk(at_s + 2 * part, host, site, 443, up=200, down=answer // 4)


def _visited_by_one(scene: Scene, host: str, port: int) -> None:
    """A host that goes out whenever one comes, who comes to others as well."""
    large = {"up": 400_000, "down": 400_000}
    for number, at_s in enumerate(scene.times(12)):
        scene.talk(at_s, outside(14), host, port, **large)
        scene.talk(at_s + 0.5, host, outside(150 + number), 443, **large)


def _dials_back(scene: Scene, host: str) -> None:
    """Whenever it calls one outsider, it fetches as much from another; or it mails as much."""
    for number, at_s in enumerate(scene.times(12)):
        page = 5 * scene.size()
        scene.talk(at_s, host, outside(17), 7300, up=page, down=900)
        scene.talk(at_s + 0.2, host, outside(450 + number), 443, up=900, down=page)
        scene.talk(at_s + 9.0, host, outside(18), 7301, up=900, down=page)
        scene.talk(at_s + 9.2, host, outside(470 + number), 25, up=page, down=900)


def _shows(scene: Scene, host: str) -> None:
    """A front: what it shows it fetches from one place, as others do."""
    scene.serve(host, 80, outsiders(9, 100), scene.times(40))
    for at_s in scene.times(40):
        scene.talk(at_s, host, outside(15), 8443, up=900, down=scene.size())


def _sorted(answer: pa.Table) -> list[dict[str, object]]:
    return sorted(answer.to_pylist(), key=lambda row: [_place(value) for value in row.values()])


def _place(value: object) -> tuple[bool, str]:
    """The last digits of a floating point number must not decide the order."""
    return value is None, f"{value:.6g}" if isinstance(value, float) else str(value)


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
def test_both_engines_tell_alike_to_whom_sampled_sessions_last(thinned: Scene) -> None:
    pytest.importorskip("pyspark", reason="needs the spark extra")
    ours = thinned.engine.ask(_text(LASTING), thinned.window)
    theirs = SparkEngine(thinned.lake).ask(_text(LASTING), thinned.window)
    assert ours.num_rows
    assert theirs.to_pylist() == ours.to_pylist()
