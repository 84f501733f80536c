"""Evidence belongs to the subscriber: it adds up over addresses, and no heir inherits it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from tests.engines import ENGINES
from tests.pipeline.moving import (
    DRIVER,
    HELD_IN_TURN,
    LONG_AFTER_S,
    LONG_AGO_S,
    NOW,
    SETTINGS,
    THIRD_S,
    bystanders,
    hunted,
    in_turn,
    lease,
    relay_in_turn,
)
from tests.scene import Scene, outside, outsiders, own

from headwater.lake.engine import LakeEngine
from headwater.pipeline.hunt_lake import answer_of, hunt_lake
from headwater.pipeline.known import known
from headwater.pipeline.runs import latest
from headwater.pipeline.subjects import Subjects, by_subject, subjects_in, subjects_of
from headwater.pipeline.tenures import Tenure
from headwater.records.answer import to_json
from headwater.records.settings import parse_settings


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path)
    bystanders(scene)
    return scene


def test_evidence_adds_up_over_the_addresses_of_a_subscriber(scene: Scene) -> None:
    relay_in_turn(scene)
    assert hunted(scene).proxies == ()
    (proxy,) = hunted(scene, *in_turn(scene, "alice", HELD_IN_TURN)).proxies
    assert (proxy.address, proxy.subscriber, proxy.port) == (own(13), "alice", 4145)
    assert proxy.confidence > 0.9
    told = [(one.address, one.since, one.until) for one in proxy.addresses]
    assert [address for address, _, _ in told] == HELD_IN_TURN
    assert (told[0][1], told[2][2]) == (scene.window.start, scene.window.end)
    assert all(one[2] < after[1] for one, after in pairwise(told))
    published = to_json(proxy)["addresses"]
    assert [set(one) for one in published] == [{"address", "since", "until"}] * 3


def test_mail_adds_up_too(scene: Scene) -> None:
    for number, host in enumerate(HELD_IN_TURN):
        start = number * THIRD_S + 100
        servers = outsiders(6, 20 + 6 * number)
        scene.mail(host, servers, scene.times(9, start, start + 2000), cut=0.5)
        scene.browse(host, outsiders(15, 100), scene.times(15, start, start + 2000))
    assert hunted(scene).proxies == ()
    (proxy,) = hunted(scene, *in_turn(scene, "alice", HELD_IN_TURN)).proxies
    assert (proxy.kind, proxy.mail_sessions, proxy.subscriber) == ("direct-sender", 27, "alice")


def test_who_gets_the_address_next_inherits_nothing(scene: Scene) -> None:
    """Alice relays and goes; Bob gets her address, and Carol the one that Alice had before."""
    relay_in_turn(scene)
    scene.browse(own(12), outsiders(5, 200), scene.times(30, 2 * THIRD_S + 100))
    scene.browse(own(11), outsiders(5, 200), scene.times(30, THIRD_S + 100))
    (proxy,) = hunted(
        scene,
        *in_turn(scene, "alice", HELD_IN_TURN),
        lease(scene, own(12), "bob", 2 * THIRD_S + 60, LONG_AFTER_S),
        lease(scene, own(11), "carol", THIRD_S + 60, LONG_AFTER_S),
    ).proxies
    assert proxy.subscriber == "alice"


def test_of_two_who_held_one_address_the_right_one_is_named(scene: Scene) -> None:
    """The relay stopped when the address changed hands: its heir only browses."""
    times = scene.times(30, 100, 2 * THIRD_S - 100)
    scene.relay(own(11), 4145, [DRIVER], outsiders(12, 20), times=times)
    scene.browse(own(11), outsiders(20, 100), scene.times(30, 2 * THIRD_S + 100))
    (proxy,) = hunted(
        scene,
        lease(scene, own(11), "alice", LONG_AGO_S, 2 * THIRD_S),
        lease(scene, own(11), "bob", 2 * THIRD_S, LONG_AFTER_S),
    ).proxies
    assert (proxy.address, proxy.subscriber) == (own(11), "alice")
    assert proxy.last_seen < proxy.addresses[-1].until < scene.window.end


def test_strangers_who_share_an_address_make_no_evidence_together(scene: Scene) -> None:
    """Three subscribers in turn, each with too little to tell: nobody is named."""
    for number in range(3):
        start = number * THIRD_S + 100
        times = scene.times(2, start, start + 2000)
        scene.relay(own(11), 4145, [DRIVER], outsiders(12, 20), times=times)
    assert [proxy.address for proxy in hunted(scene).proxies] == [own(11)]
    leases = [
        lease(scene, own(11), name, n * THIRD_S, (n + 1) * THIRD_S)
        for n, name in enumerate(("alice", "bob", "carol"))
    ]
    assert hunted(scene, *leases).proxies == ()


def test_addresses_held_side_by_side_stay_apart(scene: Scene) -> None:
    relay_in_turn(scene)
    leases = [lease(scene, host, "company", LONG_AGO_S, LONG_AFTER_S) for host in HELD_IN_TURN]
    assert hunted(scene, *leases).proxies == ()
    assert subjects_of(scene.lake, SETTINGS, scene.engine, scene.window) == Subjects()


def test_what_nobody_surely_held_is_nobodys(scene: Scene) -> None:
    """Two sources name two subscribers for the second address: it counts for neither."""
    relay_in_turn(scene)
    hunted(
        scene,
        *in_turn(scene, "alice", HELD_IN_TURN),
        lease(scene, own(12), "bob", LONG_AGO_S, LONG_AFTER_S),
    )
    subjects = subjects_of(scene.lake, SETTINGS, scene.engine, scene.window)
    (alice,) = [held for held in subjects.tenures.values() if held[-1].address == own(13)]
    assert [one.address for one in alice] == [own(11), own(13)]


def test_a_delegated_prefix_that_changes(tmp_path: Path) -> None:
    """The machine keeps its part of the address; its neighbour in the house is another."""
    scene = Scene(tmp_path)
    prefixes = ["2001:db8:100:100::/56", "2001:db8:100:200::/56", "2001:db8:100:300::/56"]
    scene.settle()
    machines = [prefix.replace("::/56", f"::{n}") for prefix in prefixes for n in (5, 6)]
    rows = [
        {
            "conversation": number, "opened_at": scene.at(100), "started_at": scene.at(100),
            "closed_at": scene.at(100), "client": machine, "server": outside(2), "port": 443,
            "client_port": 4000, "protocol": 6, "client_packets": 1, "client_bytes": 100,
            "server_packets": 1, "server_bytes": 100, "established": True,
            "inside": "client", "oriented_by": "flags", "sampling": 1,
        }
        for number, machine in enumerate(machines)
    ]  # fmt: skip
    scene.write("sessions", rows)
    scene.write("leases", in_turn(scene, "alice", prefixes))
    found = subjects_of(scene.lake, SETTINGS, scene.engine, scene.window).tenures
    chains = sorted([one.address for one in held] for held in found.values())
    assert chains == [machines[0::2], machines[1::2]]


def test_the_kept_run_says_the_same_and_forgets_with_the_leases(scene: Scene) -> None:
    relay_in_turn(scene)
    found = hunted(scene, *in_turn(scene, "alice", HELD_IN_TURN))
    run = latest(scene.lake)
    assert run
    assert answer_of(scene.lake, SETTINGS, run) == found
    assert "alice" not in repr(run.findings)
    with scene.lake.replace("leases", None, "none"):
        pass
    (proxy,) = answer_of(scene.lake, SETTINGS, run).proxies
    assert proxy == replace(found.proxies[0], subscriber=None)


def test_everything_else_names_the_address_held_last(scene: Scene) -> None:
    relay_in_turn(scene)
    for number in range(20, 24):
        scene.relay(own(number), 4145, [DRIVER], outsiders(12, 60), times=scene.times(20))
    answer = hunted(scene, *in_turn(scene, "alice", HELD_IN_TURN))
    drivers = {one.address: one.proxies for one in answer.upstreams}
    proxies = {own(13), *(own(n) for n in range(20, 24))}
    assert set(drivers[DRIVER]) == {one.address for one in answer.proxies} == proxies
    assert set(answer.operations[0].proxies) == proxies


def test_the_settings_hold_for_every_address(scene: Scene) -> None:
    relay_in_turn(scene)
    leases = in_turn(scene, "alice", HELD_IN_TURN)
    assert hunted(scene, *leases).proxies
    for key in ("lawful_proxies", "never_accuse"):
        raw = {"own_networks": ["192.0.2.0/24"], key: [own(12)]}
        told = hunt_lake(
            scene.lake, parse_settings(raw), scene.engine, scene.window, NOW
        ).proxies
        assert told == ()


def test_a_list_accuses_who_held_the_address_when_it_was_seen(scene: Scene) -> None:
    scene.settle()
    listed = {
        "seen_at": scene.at(THIRD_S / 2), "subject": own(11), "subject_kind": "address",
        "kind": "listed", "means": "spam", "source": "list.example",
    }  # fmt: skip
    scene.write("sightings", [listed])
    scene.write(
        "leases",
        [
            lease(scene, own(11), "alice", LONG_AGO_S, THIRD_S),
            lease(scene, own(11), "bob", THIRD_S, LONG_AFTER_S),
        ],
    )
    subjects = subjects_of(scene.lake, SETTINGS, scene.engine, scene.window)
    alice, bob = sorted(subjects.tenures, key=lambda name: subjects.of(name)[0].since_us)
    beside = known(scene.lake, SETTINGS, scene.window, subjects)
    assert beside.listings([alice, bob, own(50)]).to_pylist() == [
        {"host": alice, "lists": '["list.example"]'}
    ]


def test_names_say_which_address_since_when(scene: Scene) -> None:
    relay_in_turn(scene)
    hunted(scene, *in_turn(scene, "alice", HELD_IN_TURN))
    run = latest(scene.lake)
    assert run
    (name,) = subjects_in(run.findings).tenures
    margin_s = SETTINGS.leases.margin_s
    since = scene.window.start.timestamp() + 2 * THIRD_S + margin_s
    assert name == f"{own(13)}@{datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert {f.subject for f in run.findings if f.detector == "hijacked"} >= {name}


MOVED = Subjects(
    tenures={
        "alice": (
            Tenure(address=own(11), since_us=0, until_us=500),
            Tenure(address=own(12), since_us=500, until_us=900),
        )
    }
)
ASKED = """
-- step: answer
select client, server, count(*) as sessions from sessions group by client, server
"""


@pytest.mark.parametrize("engine_of", ENGINES)
@pytest.mark.filterwarnings("ignore")
def test_every_engine_shows_sessions_by_subject(
    tmp_path: Path, engine_of: Callable[[Scene], LakeEngine]
) -> None:
    scene = Scene(tmp_path)
    for at_s, host in ((10, own(11)), (50, own(11)), (60, own(12)), (70, own(13))):
        scene.talk(at_s, host, DRIVER, 443)
    scene.settle()
    held = MOVED.tenures["alice"]
    moved = Subjects(
        tenures={
            "alice": (
                replace(held[0], since_us=scene.at(0), until_us=scene.at(40)),
                replace(held[1], since_us=scene.at(40), until_us=scene.at(100)),
            )
        }
    )
    found = by_subject(engine_of(scene), moved).ask(ASKED, scene.window)
    rows: pa.Table = found.sort_by("client")
    assert rows["client"].to_pylist() == [own(11), own(13), "alice"]
    assert rows["sessions"].to_pylist() == [1, 1, 2]
