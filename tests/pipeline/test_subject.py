"""All about one subscriber: over every address it held, each for its time."""

import pytest
from tests.pipeline.moving import (
    DRIVER,
    HELD_IN_TURN,
    LONG_AFTER_S,
    SETTINGS,
    THIRD_S,
    bystanders,
    hunted,
    in_turn,
    lease,
    relay_in_turn,
)
from tests.scene import Row, Scene, own

from headwater.pipeline.runs import KeptRun, latest
from headwater.pipeline.subject import Subject, subject, subscriber
from headwater.records.settings import parse_settings


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Alice relays from three addresses; Bob gets her second one, and browses."""
    scene = Scene(tmp_path_factory.mktemp("scene"))
    bystanders(scene)
    relay_in_turn(scene)
    scene.talk(2 * THIRD_S + 500, own(12), "198.51.100.200", 443)
    hunted(
        scene,
        *in_turn(scene, "alice", HELD_IN_TURN),
        lease(scene, own(12), "bob", 2 * THIRD_S + 60, LONG_AFTER_S),
        lease(scene, own(60), "dora", -100, LONG_AFTER_S),
    )
    scene.write("sightings", [
        report(scene, own(11), 50, "in her time"),
        report(scene, own(11), 2 * THIRD_S, "long after"),
        report(scene, "192.0.2.0/24", 60, "the whole network") | {"subject_kind": "network"},
    ])  # fmt: skip
    return scene


def report(scene: Scene, address: str, at_s: float, detail: str) -> Row:
    return {
        "seen_at": scene.at(at_s), "subject": address, "subject_kind": "address",
        "kind": "reported", "means": "other", "source": "report example.org", "detail": detail,
    }  # fmt: skip


def run_of(scene: Scene) -> KeptRun:
    run = latest(scene.lake)
    assert run
    return run


def about(scene: Scene, name: str) -> Subject:
    return subscriber(scene.lake, SETTINGS, scene.engine, run_of(scene), name)


def about_address(scene: Scene, address: str) -> Subject:
    return subject(scene.lake, SETTINGS, scene.engine, run_of(scene), address)


def test_what_a_subscriber_did_under_all_its_addresses(scene: Scene) -> None:
    alice = about(scene, "alice")
    assert (alice.subscriber, alice.address) == ("alice", own(13))
    assert alice.proxy
    assert alice.proxy.subscriber == "alice"
    assert [one.held for one in alice.holdings] == HELD_IN_TURN
    assert alice.findings[0].detector == "hijacked"
    offered = next(c for c in alice.contacts if c.part == "offers" and c.peer is None)
    assert (offered.port, offered.sessions) == (4145, 6)


def test_only_what_was_said_in_its_time(scene: Scene) -> None:
    said = [each.detail for each in about(scene, "alice").listings]
    assert said == ["the whole network", "in her time"]


def test_the_heir_of_an_address_has_nothing_of_it(scene: Scene) -> None:
    bob = about(scene, "bob")
    assert (bob.proxy, bob.findings) == (None, ())
    assert {(c.part, c.port, c.sessions) for c in bob.contacts} == {("calls", 443, 1)}
    assert [each.detail for each in bob.listings] == ["the whole network"]


def test_a_subscriber_who_never_moved(scene: Scene) -> None:
    dora = about(scene, "dora")
    assert (dora.address, dora.proxy) == (own(60), None)
    assert sum(c.sessions for c in dora.contacts if c.peer is None) == 10


def test_a_name_that_no_lease_has(scene: Scene) -> None:
    nobody = about(scene, "nobody")
    assert not nobody.known
    assert (nobody.address, nobody.holdings) == (None, ())


def test_an_address_tells_who_held_it_and_which_of_them_is_accused(scene: Scene) -> None:
    second = about_address(scene, own(12))
    assert [one.subscriber for one in second.holdings] == ["alice", "bob"]
    assert second.proxy
    assert second.proxy.subscriber == "alice"
    assert {f.subject.partition("@")[0] for f in second.findings} == {own(13)}
    assert about_address(scene, DRIVER).holdings == ()


def test_never_accuse_holds_for_the_subscriber(scene: Scene) -> None:
    spared = parse_settings({"own_networks": ["192.0.2.0/24"], "never_accuse": [own(11)]})
    found = subscriber(scene.lake, spared, scene.engine, run_of(scene), "alice")
    assert (found.proxy, found.findings, found.named_by) == (None, (), ())
    assert "never_accuse" in found.settings
